//! The activity feed.

use domain::{
    ActivityId, CorId,
    activity::{Audience, Entry, EntryKind},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{CompanyTx, Row, StoreError, Tx, many};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Activity)]
pub struct FeedEntry {
    /// Its id; entries sort by it.
    #[serde(skip)]
    pub id: ActivityId,
    /// Who did it, by the name they had; empty for Ledgerboard itself.
    pub person: String,
    /// Their company's name; empty for Ledgerboard itself.
    pub company: String,
    /// When.
    pub at: Timestamp,
    /// What, for filters.
    pub kind: EntryKind,
    /// What, as a sentence without the person's name.
    pub text: String,
    /// Whether only the reader's company sees it.
    #[serde(skip)]
    pub private: bool,
}

pub(super) const FEED: &str = "SELECT a.id, a.person_name, co.name, a.at, a.kind, a.text, a.company_id FROM activity a \
     JOIN cor c ON c.id = a.cor_id LEFT JOIN person p ON p.id = a.person_id LEFT JOIN company co ON co.id = p.company_id \
     WHERE (c.sender_id = $1 OR (c.receiver_id = $1 AND c.status <> 'draft')) \
     AND (a.company_id IS NULL OR a.company_id = $1)";

pub(super) fn entry(row: &Row) -> Result<FeedEntry, StoreError> {
    Ok(FeedEntry {
        id: row.get(0)?,
        person: row.get(1)?,
        company: row.get::<Option<String>>(2)?.unwrap_or_default(),
        at: row.get(3)?,
        kind: row.get(4)?,
        text: row.get(5)?,
        private: row.get::<Option<uuid::Uuid>>(6)?.is_some(),
    })
}

impl Tx {
    /// Tells what happened. Call it in the unit that makes it happen.
    pub fn record(&mut self, entry: &Entry) -> Result<(), StoreError> {
        self.record_all(std::slice::from_ref(entry))
    }

    /// Tells several things, in their order.
    pub fn record_all(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        let rows = entries.iter().map(|entry| {
            let only = match entry.audience {
                Audience::Both => None,
                Audience::Only(company) => Some(company),
            };
            [
                entry.id.into(),
                entry.project.into(),
                entry.cor.into(),
                only.into(),
                entry.actor.into(),
                (&entry.actor_name).into(),
                entry.at.into(),
                entry.kind.into(),
                (&entry.text).into(),
            ]
        });
        let head =
            "INSERT INTO activity (id, project_id, cor_id, company_id, person_id, person_name, at, kind, text) VALUES";
        many::insert(self, head, rows, "")?;
        Ok(())
    }
}

impl CompanyTx<'_> {
    /// Tells what happened; see [`Tx::record`].
    pub fn record(&mut self, entry: &Entry) -> Result<(), StoreError> {
        self.tx.record(entry)
    }

    /// Tells several things; see [`Tx::record_all`].
    pub fn record_all(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        self.tx.record_all(entries)
    }

    /// What the company may read of a COR's story and can be read, the newest first.
    pub fn feed(&mut self, cor: CorId) -> Result<Vec<FeedEntry>, StoreError> {
        let sql = format!("{FEED} AND a.cor_id = $2 ORDER BY a.id DESC");
        self.tx.readable(&sql, &[self.company.into(), cor.into()], entry)
    }
}
