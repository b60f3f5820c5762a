//! An office's connection to a Procore account, and what hangs on it.

use domain::{OfficeId, PersonId, ProcoreId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{CompanyTx, Row, StoreError};

/// The Procore account an office works with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProcoreAccount)]
pub struct Integration {
    #[serde(skip)]
    pub office: OfficeId,
    #[serde(rename = "id", with = "domain::ids::as_procore_id")]
    #[schema(value_type = ProcoreId)]
    pub procore_company_id: i64,
    /// The account's name as it was when it was chosen.
    #[serde(rename = "name")]
    pub procore_company: String,
    #[serde(skip)]
    pub connected_by: PersonId,
    #[serde(rename = "connected_by")]
    pub connected_by_name: String,
    pub connected_at: Timestamp,
}

/// What hangs on an office's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OfficeFacts {
    /// Its projects.
    pub projects: i64,
    /// Those that are mapped to the account: they cannot go with the office to another.
    pub mapped: i64,
    /// CORs of its projects that are linked to change events.
    pub links: i64,
    /// Pushes to the account that are not at rest.
    pub waiting: i64,
}

pub(super) const INTEGRATION: &str = "SELECT i.office_id, i.procore_company_id, i.procore_company, i.connected_by, p.name, \
     i.connected_at FROM office_integration i JOIN person p ON p.id = i.connected_by";

pub(super) fn integration(row: &Row) -> Result<Integration, StoreError> {
    Ok(Integration {
        office: row.get(0)?,
        procore_company_id: row.get(1)?,
        procore_company: row.get(2)?,
        connected_by: row.get(3)?,
        connected_by_name: row.get(4)?,
        connected_at: row.get(5)?,
    })
}

impl CompanyTx<'_> {
    /// The connection of an office.
    pub fn integration(&mut self, office: OfficeId) -> Result<Option<Integration>, StoreError> {
        let sql = format!("{INTEGRATION} WHERE i.company_id = $1 AND i.office_id = $2");
        self.tx.one(&sql, &[self.company.into(), office.into()], integration)
    }

    /// The connections of all offices.
    pub fn integrations(&mut self) -> Result<Vec<Integration>, StoreError> {
        let sql = format!("{INTEGRATION} WHERE i.company_id = $1 ORDER BY i.office_id");
        self.tx.readable(&sql, &[self.company.into()], integration)
    }

    /// Connects an office, or changes its account. [`StoreError::Expected1Row`] if the office is not the company's.
    pub fn set_integration(&mut self, new: &Integration) -> Result<(), StoreError> {
        self.tx.exec_one(
            "INSERT INTO office_integration (office_id, company_id, procore_company_id, procore_company, connected_by, \
             connected_at) SELECT o.id, o.company_id, $3, $4, $5, $6 FROM office o \
             WHERE o.company_id = $1 AND o.id = $2 \
             ON CONFLICT (office_id) DO UPDATE SET procore_company_id = excluded.procore_company_id, \
             procore_company = excluded.procore_company, connected_by = excluded.connected_by, \
             connected_at = excluded.connected_at",
            &[
                self.company.into(),
                new.office.into(),
                new.procore_company_id.into(),
                (&new.procore_company).into(),
                new.connected_by.into(),
                new.connected_at.into(),
            ],
        )
    }

    /// Disconnects an office. Mappings and links stay; see [`CompanyTx::park_office_queue`].
    pub fn remove_integration(&mut self, office: OfficeId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM office_integration WHERE company_id = $1 AND office_id = $2";
        Ok(self.tx.exec(sql, &[self.company.into(), office.into()])? == 1)
    }

    /// Holds back the pushes of an office's projects to an account that a worker could begin or go on with. Answers how many.
    pub fn park_office_queue(&mut self, office: OfficeId, procore_company: i64) -> Result<u64, StoreError> {
        self.set_parked(office, procore_company, true)
    }

    /// Lets the pushes that [`CompanyTx::park_office_queue`] held back go on. Those that wait for a person
    /// go on waiting.
    pub fn unpark_office_queue(&mut self, office: OfficeId, procore_company: i64) -> Result<u64, StoreError> {
        self.set_parked(office, procore_company, false)
    }

    fn set_parked(&mut self, office: OfficeId, procore_company: i64, parked: bool) -> Result<u64, StoreError> {
        self.tx.exec(
            "UPDATE outbox SET parked = $4 WHERE push_id IN (SELECT p.id FROM push p \
             JOIN project_company pc ON pc.project_id = p.project_id AND pc.company_id = p.company_id \
             WHERE p.company_id = $1 AND pc.office_id = $2 AND p.procore_company_id = $3 \
             AND p.state NOT IN ('parked', 'stopped', 'paused'))",
            &[self.company.into(), office.into(), procore_company.into(), parked.into()],
        )
    }

    /// What hangs on an office's connection to an account.
    pub fn office_facts(&mut self, office: OfficeId, procore_company: i64) -> Result<OfficeFacts, StoreError> {
        let facts = self.tx.one(
            "SELECT (SELECT count(*) FROM project_company pc WHERE pc.company_id = $1 AND pc.office_id = $2), \
             (SELECT count(*) FROM mapping m JOIN project_company pc ON pc.project_id = m.project_id \
                AND pc.company_id = m.company_id \
                WHERE m.company_id = $1 AND pc.office_id = $2 AND m.procore_company_id = $3), \
             (SELECT count(*) FROM link l JOIN project_company pc ON pc.project_id = l.project_id \
                AND pc.company_id = l.company_id \
                WHERE l.company_id = $1 AND pc.office_id = $2 AND l.event_id IS NOT NULL), \
             (SELECT count(*) FROM outbox o JOIN push p ON p.id = o.push_id \
                JOIN project_company pc ON pc.project_id = p.project_id AND pc.company_id = p.company_id \
                WHERE p.company_id = $1 AND pc.office_id = $2 AND p.procore_company_id = $3)",
            &[self.company.into(), office.into(), procore_company.into()],
            |row| {
                Ok(OfficeFacts { projects: row.get(0)?, mapped: row.get(1)?, links: row.get(2)?, waiting: row.get(3)? })
            },
        )?;
        Ok(facts.unwrap_or_default())
    }
}
