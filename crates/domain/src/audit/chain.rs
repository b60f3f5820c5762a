//! Each entry carries the hash of the one before it. So nobody can change, remove, insert or move an entry, or take one from
//! another company, without leaving a trace.
//!
//! The hash is SHA-256 over lines of text ending in a line feed: `ledgerboard audit 1`, then the company, the number, the
//! time in microseconds since 1970 UTC, the kind, the project, the push or `-`, the COR or `-`, the hash of the entry
//! before, the SHA-256 of the part that both companies may read and of the part that one may. Hashes are written in
//! lower-case hexadecimal. Before the first entry stands the SHA-256 of `ledgerboard audit 1` and the company, a line each.
//!
//! The two parts go in by their own hashes, so a reader of only one part can still check the entry.

use std::fmt;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{AuditEvent, Fact};
use crate::ids::{CompanyId, CorId, ProjectId, PushId};

/// Which rules these are.
const RULES: &str = "ledgerboard audit 1";

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Of a text.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// What stands before the first entry of a company.
    pub fn before(company: CompanyId) -> Self {
        Self::of(&format!("{RULES}\n{company}\n"))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Not 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a hash has 64 hexadecimal digits")]
pub struct NoHash;

impl std::str::FromStr for Hash {
    type Err = NoHash;

    fn from_str(text: &str) -> Result<Self, NoHash> {
        let text = text.trim();
        if text.len() != 64 || !text.is_ascii() {
            return Err(NoHash);
        }
        let mut bytes = [0; 32];
        for (n, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * n..2 * n + 2], 16).map_err(|_| NoHash)?;
        }
        Ok(Self(bytes))
    }
}

/// Where a company's record ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChainHead {
    /// The number of its last entry; 0 before the first.
    pub seq: i64,
    /// Its hash.
    pub hash: Hash,
}

impl ChainHead {
    /// Of a record without entries.
    pub fn before(company: CompanyId) -> Self {
        Self { seq: 0, hash: Hash::before(company) }
    }
}

/// An entry as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedEntry {
    /// Whose record.
    pub company: CompanyId,
    /// Counts the entries of the company from 1.
    pub seq: i64,
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
    /// What, as a word.
    pub kind: String,
    /// In which project.
    pub project: ProjectId,
    /// In which push.
    pub push: Option<PushId>,
    /// About which COR.
    pub cor: Option<CorId>,
    /// What both companies of the COR may read, as JSON.
    pub told: String,
    /// What only `company` may read, as JSON.
    pub kept: String,
    /// The hash of the entry before.
    pub prev: Hash,
    /// Of this entry.
    pub hash: Hash,
}

impl SealedEntry {
    /// The entry that follows `head`.
    pub fn after(head: ChainHead, company: CompanyId, fact: &Fact) -> Result<Self, serde_json::Error> {
        let (told, kept) = fact.event.parts()?;
        let mut sealed = Self {
            company,
            seq: head.seq + 1,
            at: fact.at.as_microsecond(),
            kind: fact.event.code().to_owned(),
            project: fact.project,
            push: fact.push,
            cor: fact.event.cor(),
            told,
            kept,
            prev: head.hash,
            hash: head.hash,
        };
        sealed.hash = sealed.reckoned();
        Ok(sealed)
    }

    /// The hash that belongs to the content.
    pub fn reckoned(&self) -> Hash {
        let or_dash = |id: Option<String>| id.unwrap_or_else(|| "-".to_owned());
        let (push, cor) = (or_dash(self.push.map(|id| id.to_string())), or_dash(self.cor.map(|id| id.to_string())));
        Hash::of(&format!(
            "{RULES}\n{}\n{}\n{}\n{}\n{}\n{push}\n{cor}\n{}\n{}\n{}\n",
            self.company,
            self.seq,
            self.at,
            self.kind,
            self.project,
            self.prev,
            Hash::of(&self.told),
            Hash::of(&self.kept),
        ))
    }

    /// The head of a record that ends here.
    pub fn head(&self) -> ChainHead {
        ChainHead { seq: self.seq, hash: self.hash }
    }

    /// When.
    pub fn time(&self) -> Timestamp {
        Timestamp::from_microsecond(self.at).unwrap_or_default()
    }

    /// What it says.
    pub fn event(&self) -> Result<AuditEvent, serde_json::Error> {
        AuditEvent::read(self.cor, &self.told, &self.kept)
    }
}

/// What is wrong with a record.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Flaw {
    /// The hash does not belong to the content.
    #[error("entry {seq} was changed after it was written")]
    Changed {
        /// Which entry.
        seq: i64,
    },
    /// The entry before is not the one this was sealed to.
    #[error("entry {seq} does not follow the one before it: that one was changed, put in, or moved")]
    Unlinked {
        /// Which entry.
        seq: i64,
    },
    /// Entries are missing.
    #[error("entries {from} to {to} are missing")]
    Missing {
        /// The first of them.
        from: i64,
        /// The last of them.
        to: i64,
    },
    /// An entry whose number doesn't count up.
    #[error("entry {seq} is out of place")]
    OutOfPlace {
        /// Which entry.
        seq: i64,
    },
    /// The record does not end where it says.
    #[error(
        "the record ends with entry {found}, but its head was written with entry {head}: entries were removed or added at its end"
    )]
    End {
        /// The last entry that is there.
        found: i64,
        /// The entry of the head.
        head: i64,
    },
}

/// Goes through a company's record from its beginning and says what is wrong.
#[derive(Clone, Debug)]
pub struct ChainCheck {
    company: CompanyId,
    head: ChainHead,
}

impl ChainCheck {
    /// Before the first entry.
    pub fn new(company: CompanyId) -> Self {
        Self { company, head: ChainHead::before(company) }
    }

    /// The next entry, in the order of their numbers.
    pub fn next(&mut self, entry: &SealedEntry) -> Vec<Flaw> {
        let (seq, mut flaws) = (entry.seq, Vec::new());
        if seq <= self.head.seq {
            flaws.push(Flaw::OutOfPlace { seq });
        } else if seq > self.head.seq + 1 {
            flaws.push(Flaw::Missing { from: self.head.seq + 1, to: seq - 1 });
        } else if entry.prev != self.head.hash {
            flaws.push(Flaw::Unlinked { seq });
        }
        if entry.company != self.company || entry.reckoned() != entry.hash {
            flaws.push(Flaw::Changed { seq });
        }
        self.head = entry.head();
        flaws
    }

    /// After the last entry: where the record ends, and whether that is where it should.
    pub fn end(self, head: ChainHead) -> (ChainHead, Option<Flaw>) {
        let flaw = (self.head != head).then_some(Flaw::End { found: self.head.seq, head: head.seq });
        (self.head, flaw)
    }
}
