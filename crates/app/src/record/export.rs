//! Exports the record. Anybody who has an entry can compute its hash.

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
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::{Store, repo::audit};
use utoipa::ToSchema;

use super::{PAGE, head};
use crate::{App, Error};

/// An entry of the record. `docs/audit.md` says how to compute its hash.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecordEntry {
    /// The company whose record it is from.
    pub company_id: CompanyId,
    /// Its number there, from 1.
    pub seq: i64,
    pub time: Timestamp,
    /// The same in microseconds since 1970 UTC, as it was hashed.
    pub at: i64,
    /// What happened, as a code.
    pub kind: String,
    pub project_id: ProjectId,
    /// The push it happened in.
    pub push_id: Option<PushId>,
    /// The COR it is about; null for a whole push.
    pub cor_id: Option<CorId>,
    /// What both companies of the COR may read: JSON as text, exactly as hashed.
    pub told: String,
    /// What only its own company may read, likewise; null in entries of another company.
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

    /// What it says, as far as the reader may see it.
    pub fn event(&self) -> Result<AuditEvent, serde_json::Error> {
        match (&self.kept, self.cor_id) {
            (None, Some(cor)) => {
                Ok(AuditEvent::Cor { cor, told: serde_json::from_str(&self.told)?, kept: PrivateEntry::default() })
            }
            (kept, cor) => AuditEvent::read(cor, &self.told, kept.as_deref().unwrap_or_default()),
        }
    }
}

/// How a file holds entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum RecordFormat {
    /// Comma-separated values, with headings.
    Csv,
    /// One JSON object a line.
    #[default]
    #[serde(other)]
    Jsonl,
}

impl RecordFormat {
    /// Entries as text, with the headings where they are the `first` of a file.
    pub fn text<'a>(self, entries: impl IntoIterator<Item = &'a RecordEntry>, first: bool) -> Result<String, Error> {
        // Excel takes a file without the byte order mark for one in its own old encoding.
        let mut text = if first && self == Self::Csv { format!("\u{FEFF}{CSV_HEADINGS}") } else { String::new() };
        for entry in entries {
            text += &match self {
                Self::Csv => entry.csv(),
                Self::Jsonl => entry.json()?,
            };
        }
        Ok(text)
    }
}

/// The headings of [`RecordEntry::csv`].
pub const CSV_HEADINGS: &str = "company,seq,time,at,kind,project,push,cor,told,kept,kept_hash,prev,hash\r\n";

impl RecordEntry {
    /// As a line of JSON, with `told` and `kept` as objects. Nothing else needs escaping: ids, hashes, numbers and our own
    /// words.
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

    /// As a line of comma-separated values (RFC 4180). No field can start a spreadsheet formula: they are ids, hashes, numbers,
    /// our own words and JSON objects.
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

/// The position of an export.
#[derive(Debug, Clone, Copy)]
pub struct ExportCursor {
    ours: Option<i64>,
    pub(crate) theirs: (CompanyId, i64),
}

impl ExportCursor {
    /// Before the first entry.
    pub fn start() -> Self {
        Self { ours: Some(0), theirs: (CompanyId(uuid::Uuid::nil()), 0) }
    }
}

impl fmt::Display for ExportCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.ours, self.theirs) {
            (Some(seq), _) => write!(f, "{seq}"),
            (None, (company, seq)) => write!(f, "{company}.{seq}"),
        }
    }
}

impl FromStr for ExportCursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let number = |text: &str| text.parse().map_err(|_| NotACursor);
        match text.split_once('.') {
            None => Ok(Self { ours: Some(number(text)?), ..Self::start() }),
            Some((company, seq)) => {
                let company = CompanyId(company.parse().map_err(|_| NotACursor)?);
                Ok(Self { ours: None, theirs: (company, number(seq)?) })
            }
        }
    }
}

/// Text that is not an [`ExportCursor`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of the record")]
pub struct NotACursor;

/// The next page of a company's export: its whole record, then what other companies' records say about CORs that it sent or
/// received, without their private parts. An empty page is the end.
pub async fn export(
    store: &Store,
    company: CompanyId,
    from: ExportCursor,
) -> Result<(Vec<RecordEntry>, ExportCursor), Error> {
    store
        .read(move |tx| {
            let mut us = tx.of(company);
            if let Some(after) = from.ours {
                let page = us.audit_after(after, PAGE)?;
                if let Some(last) = page.last() {
                    let next = ExportCursor { ours: Some(last.seq), ..from };
                    return Ok((page.into_iter().map(RecordEntry::own).collect(), next));
                }
            }
            let page = us.audit_told_to_us(None, from.theirs, PAGE)?;
            let last = page.last().map_or(from.theirs, |told| (told.entry.company, told.entry.seq));
            Ok((page.into_iter().map(RecordEntry::told).collect(), ExportCursor { ours: None, theirs: last }))
        })
        .await
}

/// A page of a company's record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecordPage {
    /// The company's own entries, then what other companies' records say about CORs that it sent or received.
    pub entries: Vec<RecordEntry>,
    /// The number of the last entry in the company's own record; 0 if there is none.
    pub head_seq: i64,
    /// Its hash. Save it elsewhere to prove later that the record was not cut off or rewritten.
    pub head_hash: String,
    /// `cursor` of the next page; null on the last.
    pub next: Option<String>,
}

/// A page of the whole record of the actor's company.
pub async fn page(app: &App, actor: &Actor, from: ExportCursor) -> Result<RecordPage, Error> {
    may_export(actor)?;
    let (entries, next) = export(&app.store, actor.company, from).await?;
    let head = head(app, actor).await?;
    Ok(RecordPage {
        next: (!entries.is_empty()).then(|| next.to_string()),
        entries,
        head_seq: head.seq,
        head_hash: head.hash.to_string(),
    })
}

/// Only the Account Owner may export a company's record.
pub fn may_export(actor: &Actor) -> Result<(), Error> {
    Ok(actor.may_change_company()?)
}
