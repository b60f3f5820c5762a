//! The audit record of pushes: checked, read and exported.

pub(crate) mod api;
pub mod cor_record;
pub mod decision;
pub mod export;
pub(crate) mod pages;
pub(crate) mod samples;

use domain::{
    CompanyId,
    audit::chain::{ChainCheck, ChainHead, Flaw, Hash},
    role::Actor,
};
use store::Store;

pub(crate) use self::decision::Decision;
pub use self::{
    cor_record::{CorEntry, CorRecord, of_cor},
    export::{CSV_HEADINGS, ExportCursor, RecordEntry, RecordFormat, RecordPage, export, may_export, page},
};
use crate::{App, Error};

/// Entries read at a time.
const PAGE: u32 = 1000;

/// A company's record, checked from its beginning.
#[derive(Debug, Clone)]
pub struct Verified {
    /// Whose.
    pub company: CompanyId,
    /// Their name.
    pub name: String,
    /// How many entries it has.
    pub entries: u64,
    /// Its last entry. Save its hash elsewhere: only that proves later that the record was not cut off or rewritten.
    pub head: ChainHead,
    /// Its errors.
    pub flaws: Vec<Flaw>,
}

/// Checks every company's record, page by page; others may add entries meanwhile.
pub async fn verify(store: &Store) -> Result<Vec<Verified>, Error> {
    let mut all = Vec::new();
    for (company, name) in store.read(store::Tx::audited).await? {
        all.push(verify_one(store, company, name).await?);
    }
    Ok(all)
}

async fn verify_one(store: &Store, company: CompanyId, name: String) -> Result<Verified, Error> {
    let (mut check, mut after, mut entries, mut flaws) = (ChainCheck::new(company), i64::MIN, 0, Vec::new());
    loop {
        // Page and head come from one snapshot, so both or neither see a new entry.
        let (page, head) = store
            .read_snapshot(move |tx| {
                let mut us = tx.of(company);
                Ok::<_, Error>((us.audit_after(after, PAGE)?, us.audit_head()?))
            })
            .await?;
        for entry in &page {
            flaws.extend(check.next(entry));
            (after, entries) = (entry.seq, entries + 1);
        }
        if page.len() < PAGE as usize {
            let (head, flaw) = check.end(head);
            flaws.extend(flaw);
            return Ok(Verified { company, name, entries, head, flaws });
        }
    }
}

/// Finds the entry with this hash: its company and number.
pub async fn entry_with(store: &Store, hash: Hash) -> Result<Option<(CompanyId, i64)>, Error> {
    Ok(store
        .read(move |tx| {
            for (company, _) in tx.audited()? {
                if let Some(seq) = tx.of(company).audit_entry_with(hash)? {
                    return Ok(Some((company, seq)));
                }
            }
            Ok::<_, store::StoreError>(None)
        })
        .await?)
}

/// The last entry of the actor's company's record.
pub async fn head(app: &App, actor: &Actor) -> Result<ChainHead, Error> {
    let company = actor.company;
    Ok(app.store.read(move |tx| tx.of(company).audit_head()).await?)
}
