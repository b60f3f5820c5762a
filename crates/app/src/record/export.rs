//! The record as it is handed out: whoever has an entry can reckon its hash.

use std::{fmt, str::FromStr};

use domain::{
    CompanyId, CorId,
    audit::chain::{Hash, Sealed},
    role::Actor,
};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{Store, repo::audit::Told};

use super::PAGE;
use crate::Error;

/// An entry as it is handed out. Whoever has it can reckon its hash by the rules of [`domain::audit::chain`].
#[derive(Debug, Serialize)]
pub struct Line {
    /// Whose record it is from.
    pub company: CompanyId,
    /// Its number there.
    pub seq: i64,
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
    /// When, to be read.
    pub time: jiff::Timestamp,
    /// What, as a word.
    pub kind: String,
    /// In which project.
    pub project: domain::ProjectId,
    /// In which push.
    pub push: Option<domain::PushId>,
    /// About which COR.
    pub cor: Option<CorId>,
    /// What both companies may read, byte for byte as it was hashed.
    pub told: Box<RawValue>,
    /// What the pushing company alone may read, byte for byte as it was hashed; nothing for anybody else.
    pub kept: Option<Box<RawValue>>,
    /// The SHA-256 of `kept`.
    pub kept_hash: String,
    /// The hash of the entry before.
    pub prev: String,
    /// Of this one.
    pub hash: String,
}

impl Line {
    fn of(entry: &Sealed, kept_hash: Hash, own: bool) -> Result<Self, Error> {
        let raw = |text: &str| RawValue::from_string(text.to_owned()).map_err(Error::internal);
        Ok(Self {
            company: entry.company,
            seq: entry.seq,
            at: entry.at,
            time: entry.time(),
            kind: entry.kind.clone(),
            project: entry.project,
            push: entry.push,
            cor: entry.cor,
            told: raw(&entry.told)?,
            kept: own.then(|| raw(&entry.kept)).transpose()?,
            kept_hash: kept_hash.to_string(),
            prev: entry.prev.to_string(),
            hash: entry.hash.to_string(),
        })
    }

    pub(crate) fn own(entry: &Sealed) -> Result<Self, Error> {
        Self::of(entry, Hash::of(&entry.kept), true)
    }

    pub(crate) fn told(told: &Told) -> Result<Self, Error> {
        Self::of(&told.entry, told.kept, false)
    }
}

/// The headings of [`Line::csv`].
pub const CSV_HEADINGS: &str = "company,seq,time,at,kind,project,push,cor,told,kept,kept_hash,prev,hash\r\n";

impl Line {
    /// As a line of JSON.
    pub fn json(&self) -> Result<String, Error> {
        Ok(serde_json::to_string(self).map_err(Error::internal)? + "\n")
    }

    /// As a line of comma-separated values (RFC 4180). No field begins with a character that a spreadsheet takes for a
    /// formula: they are ids, hashes, numbers, words of ours and JSON objects.
    pub fn csv(&self) -> String {
        let or_empty = |id: Option<String>| id.unwrap_or_default();
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let fields = [
            self.company.to_string(),
            self.seq.to_string(),
            self.time.to_string(),
            self.at.to_string(),
            self.kind.clone(),
            self.project.to_string(),
            or_empty(self.push.map(|id| id.to_string())),
            or_empty(self.cor.map(|id| id.to_string())),
            quoted(self.told.get()),
            quoted(self.kept.as_ref().map_or("", |kept| kept.get())),
            self.kept_hash.clone(),
            self.prev.clone(),
            self.hash.clone(),
        ];
        fields.join(",") + "\r\n"
    }
}

/// How far an export has come.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    ours: Option<i64>,
    pub(crate) theirs: (CompanyId, i64),
}

impl Place {
    /// Before the first entry.
    pub fn start() -> Self {
        Self { ours: Some(0), theirs: (CompanyId(uuid::Uuid::nil()), 0) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.ours, self.theirs) {
            (Some(seq), _) => write!(f, "{seq}"),
            (None, (company, seq)) => write!(f, "{company}.{seq}"),
        }
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let number = |text: &str| text.parse().map_err(|_| NoPlace);
        match text.split_once('.') {
            None => Ok(Self { ours: Some(number(text)?), ..Self::start() }),
            Some((company, seq)) => {
                let company = CompanyId(company.parse().map_err(|_| NoPlace)?);
                Ok(Self { ours: None, theirs: (company, number(seq)?) })
            }
        }
    }
}

/// A text that names no place in an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no place in the record")]
pub struct NoPlace;

/// The next page of what a company may take with it: its own record whole, then what other companies' records say about
/// CORs it sent or received, without what is theirs alone. An empty page is the end.
pub async fn export(store: &Store, company: CompanyId, from: Place) -> Result<(Vec<Line>, Place), Error> {
    store
        .read(move |tx| {
            let mut us = tx.of(company);
            if let Some(after) = from.ours {
                let page = us.audit_after(after, PAGE)?;
                if let Some(last) = page.last() {
                    let next = Place { ours: Some(last.seq), ..from };
                    return Ok((page.iter().map(Line::own).collect::<Result<_, _>>()?, next));
                }
            }
            let page = us.audit_told_to_us(None, from.theirs, PAGE)?;
            let last = page.last().map_or(from.theirs, |told| (told.entry.company, told.entry.seq));
            let next = Place { ours: None, theirs: last };
            Ok((page.iter().map(Line::told).collect::<Result<_, _>>()?, next))
        })
        .await
}

/// The export of a whole company is its Account Owner's.
pub fn may_export(actor: &Actor) -> Result<(), Error> {
    Ok(actor.may_change_company()?)
}
