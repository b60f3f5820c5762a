//! What a reconciliation is made of, and those that were signed off.

use std::collections::BTreeMap;

use domain::{
    CorId, OfficeId, PersonId, ProjectId, ReconciliationId,
    procore::{Amount, Side, push_state::ProcoreState, reconciliation::CorRead},
};
use jiff::Timestamp;

use super::{
    log::{log_id, procore_of, status_of},
    observation::Seen,
};
use crate::{CompanyTx, Row, StoreError, Val};

/// What was reconciled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedScope {
    /// One project.
    Project(ProjectId),
    /// All projects of an office.
    Office(OfficeId),
}

/// A reconciliation that was signed off, without its figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Its id.
    pub id: ReconciliationId,
    /// Of what.
    pub scope: SignedScope,
    /// Who signed.
    pub person: PersonId,
    /// By the name they had.
    pub person_name: String,
    /// When.
    pub signed_at: Timestamp,
    /// What they wrote to it; may be empty.
    pub note: String,
    /// SHA-256 of the body, hexadecimal.
    pub sha256: String,
}

pub(super) const SIGNATURE: &str = "SELECT id, project_id, office_id, person_id, person_name, signed_at, note, sha256, body \
     FROM reconciliation WHERE company_id = $1";

pub(super) fn signature(row: &Row) -> Result<Signature, StoreError> {
    let scope = match (row.get::<Option<ProjectId>>(1)?, row.get::<Option<OfficeId>>(2)?) {
        (Some(project), None) => SignedScope::Project(project),
        (None, Some(office)) => SignedScope::Office(office),
        _ => return Err(StoreError::Corrupt("what a reconciliation is of".into())),
    };
    Ok(Signature {
        id: row.get(0)?,
        scope,
        person: row.get(3)?,
        person_name: row.get(4)?,
        signed_at: row.get(5)?,
        note: row.get(6)?,
        sha256: row.get(7)?,
    })
}

impl CompanyTx<'_> {
    /// All CORs of a log with what Procore holds of each: our lines as they were read since we last wrote, else as we
    /// left them. By counterparty and number.
    pub fn reconciliation_cors(&mut self, project: ProjectId, side: Side) -> Result<Vec<CorRead>, StoreError> {
        let Some(log) = log_id(self.tx, project, self.company, side)? else { return Ok(Vec::new()) };
        let mut left: BTreeMap<CorId, Amount> = BTreeMap::new();
        self.tx.query(
            "SELECT l.cor_id, n.amount FROM log_row r JOIN link l ON l.company_id = $2 AND l.cor_id = r.cor_id \
             JOIN link_line n ON n.link_id = l.id AND n.procore_line_id IS NOT NULL WHERE r.log_id = $1",
            &[log.into(), self.company.into()],
            |row| {
                // One line that can't be read leaves its COR alone without an amount.
                *left.entry(row.get(0)?).or_default() += row.get(1).unwrap_or(Amount::Unreadable);
                Ok(())
            },
        )?;
        // A reading that began before we wrote says nothing about what we wrote.
        self.tx.query(
            "SELECT r.cor_id, c.number, c.title, o.name, r.status_key, r.procore_key, r.total, l.event_id, \
             CASE WHEN b.seen_at >= b.baseline_at THEN b.seen END, l.pushed_amount \
             FROM log_row r JOIN cor c ON c.id = r.cor_id JOIN company o ON o.id = r.counterparty_id \
             LEFT JOIN link l ON l.company_id = $2 AND l.cor_id = r.cor_id \
             LEFT JOIN observation b ON b.company_id = $2 AND b.link_id = l.id \
             WHERE r.log_id = $1 ORDER BY r.counterparty_key, r.number_key, r.cor_id",
            &[log.into(), self.company.into()],
            |row| {
                let (cor, seen): (CorId, Option<String>) = (row.get(0)?, row.get(8)?);
                let there = match seen {
                    Some(seen) => held(&seen, || row.get(9).unwrap_or(Amount::Unreadable)),
                    None => left.get(&cor).copied().unwrap_or_default(),
                };
                let state: ProcoreState = procore_of(row.get(5)?)?;
                Ok(CorRead {
                    cor,
                    number: row.get(1)?,
                    title: row.get(2)?,
                    party: row.get(3)?,
                    status: status_of(row.get(4)?)?,
                    state,
                    ours: row.get(6)?,
                    there,
                    event: row.get(7)?,
                })
            },
        )
    }

    /// Keeps a reconciliation that was signed off. There is no statement that changes one.
    pub fn keep_reconciliation(&mut self, signature: &Signature, body: &str) -> Result<(), StoreError> {
        let (project, office) = match signature.scope {
            SignedScope::Project(project) => (Some(project), None),
            SignedScope::Office(office) => (None, Some(office)),
        };
        self.tx.exec_one(
            "INSERT INTO reconciliation (id, company_id, project_id, office_id, person_id, person_name, signed_at, note, \
             sha256, body) VALUES ($2, $1, $3, $4, $5, $6, $7, $8, $9, $10)",
            &[
                self.company.into(),
                signature.id.into(),
                project.into(),
                office.into(),
                signature.person.into(),
                (&signature.person_name).into(),
                signature.signed_at.into(),
                (&signature.note).into(),
                (&signature.sha256).into(),
                body.into(),
            ],
        )
    }

    /// Those that were signed off of a project or an office, the newest first.
    pub fn reconciliations(&mut self, scope: SignedScope) -> Result<Vec<Signature>, StoreError> {
        let (column, id): (_, Val) = match scope {
            SignedScope::Project(project) => ("project_id", project.into()),
            SignedScope::Office(office) => ("office_id", office.into()),
        };
        let sql = format!("{SIGNATURE} AND {column} = $2 ORDER BY signed_at DESC, id DESC");
        self.tx.readable(&sql, &[self.company.into(), id], signature)
    }

    /// One that was signed off, and its body as it was written.
    pub fn reconciliation(&mut self, id: ReconciliationId) -> Result<Option<(Signature, String)>, StoreError> {
        let sql = format!("{SIGNATURE} AND id = $2");
        self.tx.one(&sql, &[self.company.into(), id.into()], |row| Ok((signature(row)?, row.get(8)?)))
    }
}

/// What our live lines added up to when the event was read, copies included; no amount where what was read is damaged. In an
/// event that is deleted nothing counts; of one that is only not shown, what the link says is there.
fn held(seen: &str, link_says: impl Fn() -> Amount) -> Amount {
    let Ok(seen) = serde_json::from_str::<Seen>(seen) else { return Amount::Unreadable };
    if seen.event.gone {
        return if seen.event.hidden && !seen.event.is_void() { link_says() } else { Amount::ZERO };
    }
    seen.lines.iter().filter(|line| !line.deleted).map(|line| line.values.amount).sum()
}
