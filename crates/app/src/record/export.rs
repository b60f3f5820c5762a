//! The record as it is handed out: whoever has an entry can reckon its hash.

#![allow(missing_docs, reason = "most fields say by their names what they are")]

use std::{fmt, str::FromStr};

use domain::{
    CompanyId, CorId, ProjectId, PushId,
    audit::{
        AuditEvent, PrivateEntry,
        chain::{Hash, SealedEntry},
    },
    role::Actor,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use store::{Store, repo::audit};
use utoipa::ToSchema;

use super::PAGE;
use crate::Error;

/// An entry of the record. Its hash can be reckoned from it; `docs/audit.md` says how.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecordEntry {
    /// Whose record it is from.
    pub company_id: CompanyId,
    /// Its number there, from 1.
    pub seq: i64,
    pub time: Timestamp,
    /// The same in microseconds since 1970 UTC, as it was hashed.
    pub at: i64,
    /// What happened, as a word.
    pub kind: String,
    pub project_id: ProjectId,
    /// The push it happened in.
    pub push_id: Option<PushId>,
    /// The COR it is about; null for a push as a whole.
    pub cor_id: Option<CorId>,
    /// What both companies of the COR may read: JSON as text, byte for byte as it was hashed.
    pub told: String,
    /// What its own company alone may read, likewise; null in entries of another company.
    pub kept: Option<String>,
    /// The SHA-256 of `kept`.
    pub kept_hash: String,
    /// The hash of the entry before.
    pub prev: String,
    /// Its own hash.
    pub hash: String,
}

impl RecordEntry {
    fn of(entry: SealedEntry, kept_hash: Hash, own: bool) -> Self {
        Self {
            company_id: entry.company,
            seq: entry.seq,
            time: entry.time(),
            at: entry.at,
            kind: entry.kind,
            project_id: entry.project,
            push_id: entry.push,
            cor_id: entry.cor,
            told: entry.told,
            kept: own.then_some(entry.kept),
            kept_hash: kept_hash.to_string(),
            prev: entry.prev.to_string(),
            hash: entry.hash.to_string(),
        }
    }

    /// One of the reader's own company.
    pub(crate) fn own(entry: SealedEntry) -> Self {
        let kept_hash = Hash::of(&entry.kept);
        Self::of(entry, kept_hash, true)
    }

    /// One of another company.
    pub(crate) fn told(told: audit::OtherCompanyEntry) -> Self {
        Self::of(told.entry, told.kept, false)
    }

    /// What it says, as far as the reader may know it.
    pub fn event(&self) -> Result<AuditEvent, serde_json::Error> {
        match (&self.kept, self.cor_id) {
            (None, Some(cor)) => {
                Ok(AuditEvent::Cor { cor, told: serde_json::from_str(&self.told)?, kept: PrivateEntry::default() })
            }
            (kept, cor) => AuditEvent::read(cor, &self.told, kept.as_deref().unwrap_or_default()),
        }
    }
}

/// The headings of [`RecordEntry::csv`].
pub const CSV_HEADINGS: &str = "company,seq,time,at,kind,project,push,cor,told,kept,kept_hash,prev,hash\r\n";

impl RecordEntry {
    /// As a line of JSON, in which `told` and `kept` are the objects that they are. Nothing else needs escaping: ids, hashes,
    /// numbers and words of ours.
    pub fn json(&self) -> Result<String, Error> {
        let Self { company_id, seq, time, at, kind, project_id, told, kept_hash, prev, hash, .. } = self;
        let or_null = |id: Option<String>| id.map_or_else(|| "null".to_owned(), |id| format!("\"{id}\""));
        let (push, cor) =
            (or_null(self.push_id.map(|id| id.to_string())), or_null(self.cor_id.map(|id| id.to_string())));
        let kept = self.kept.as_deref().unwrap_or("null");
        for part in [told, kept] {
            serde_json::from_str::<&RawValue>(part).map_err(Error::internal)?;
        }
        Ok(format!(
            "{{\"company\":\"{company_id}\",\"seq\":{seq},\"at\":{at},\"time\":\"{time}\",\"kind\":\"{kind}\",\
             \"project\":\"{project_id}\",\"push\":{push},\"cor\":{cor},\"told\":{told},\"kept\":{kept},\
             \"kept_hash\":\"{kept_hash}\",\"prev\":\"{prev}\",\"hash\":\"{hash}\"}}\n"
        ))
    }

    /// As a line of comma-separated values (RFC 4180). No field begins with a character that a spreadsheet takes for a
    /// formula: they are ids, hashes, numbers, words of ours and JSON objects.
    pub fn csv(&self) -> String {
        let or_empty = |id: Option<String>| id.unwrap_or_default();
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let fields = [
            self.company_id.to_string(),
            self.seq.to_string(),
            self.time.to_string(),
            self.at.to_string(),
            self.kind.clone(),
            self.project_id.to_string(),
            or_empty(self.push_id.map(|id| id.to_string())),
            or_empty(self.cor_id.map(|id| id.to_string())),
            quoted(&self.told),
            quoted(self.kept.as_deref().unwrap_or_default()),
            self.kept_hash.clone(),
            self.prev.clone(),
            self.hash.clone(),
        ];
        fields.join(",") + "\r\n"
    }
}

/// How far an export has come.
#[derive(Debug, Clone, Copy)]
pub struct Cursor {
    ours: Option<i64>,
    pub(crate) theirs: (CompanyId, i64),
}

impl Cursor {
    /// Before the first entry.
    pub fn start() -> Self {
        Self { ours: Some(0), theirs: (CompanyId(uuid::Uuid::nil()), 0) }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.ours, self.theirs) {
            (Some(seq), _) => write!(f, "{seq}"),
            (None, (company, seq)) => write!(f, "{company}.{seq}"),
        }
    }
}

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let number = |text: &str| text.parse().map_err(|_| NoCursor);
        match text.split_once('.') {
            None => Ok(Self { ours: Some(number(text)?), ..Self::start() }),
            Some((company, seq)) => {
                let company = CompanyId(company.parse().map_err(|_| NoCursor)?);
                Ok(Self { ours: None, theirs: (company, number(seq)?) })
            }
        }
    }
}

/// A text that is no [`Cursor`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of the record")]
pub struct NoCursor;

/// The next page of what a company may take with it: its own record whole, then what other companies' records say about
/// CORs it sent or received, without what is theirs alone. An empty page is the end.
pub async fn export(store: &Store, company: CompanyId, from: Cursor) -> Result<(Vec<RecordEntry>, Cursor), Error> {
    store
        .read(move |tx| {
            let mut us = tx.of(company);
            if let Some(after) = from.ours {
                let page = us.audit_after(after, PAGE)?;
                if let Some(last) = page.last() {
                    let next = Cursor { ours: Some(last.seq), ..from };
                    return Ok((page.into_iter().map(RecordEntry::own).collect(), next));
                }
            }
            let page = us.audit_told_to_us(None, from.theirs, PAGE)?;
            let last = page.last().map_or(from.theirs, |told| (told.entry.company, told.entry.seq));
            Ok((page.into_iter().map(RecordEntry::told).collect(), Cursor { ours: None, theirs: last }))
        })
        .await
}

/// The export of a whole company is its Account Owner's.
pub fn may_export(actor: &Actor) -> Result<(), Error> {
    Ok(actor.may_change_company()?)
}
