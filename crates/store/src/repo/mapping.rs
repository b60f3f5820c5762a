//! Which Procore project a project of ours is.

use domain::{CorId, PersonId, ProcoreId, ProjectId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{CompanyTx, Row, StoreError};

/// The Procore project that a company's project is mapped to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mapping {
    #[serde(skip)]
    pub project: ProjectId,
    /// The Procore account.
    #[serde(rename = "account_id", with = "domain::ids::as_procore_id")]
    #[schema(value_type = ProcoreId)]
    pub procore_company_id: i64,
    #[serde(with = "domain::ids::as_procore_id")]
    #[schema(value_type = ProcoreId)]
    pub procore_project_id: i64,
    /// The Procore project's name as it was when it was chosen.
    #[serde(rename = "name")]
    pub procore_project: String,
    /// Its number as people know it; may be empty.
    #[serde(rename = "number")]
    pub procore_number: String,
    #[serde(skip)]
    pub mapped_by: PersonId,
    #[serde(rename = "mapped_by")]
    pub mapped_by_name: String,
    pub mapped_at: Timestamp,
}

/// Whether a link `l` has a change event, or a push that may be making one.
const LINKED: &str = "(l.event_id IS NOT NULL OR l.state IN ('in_progress', 'waiting_for_sign_in', 'stopped', 'paused', \
     'checking'))";

pub(super) const MAPPING: &str = "SELECT m.project_id, m.procore_company_id, m.procore_project_id, m.procore_project, \
     m.procore_number, m.mapped_by, p.name, m.mapped_at FROM mapping m JOIN person p ON p.id = m.mapped_by \
     WHERE m.company_id = $1";

pub(super) fn mapping(row: &Row) -> Result<Mapping, StoreError> {
    Ok(Mapping {
        project: row.get(0)?,
        procore_company_id: row.get(1)?,
        procore_project_id: row.get(2)?,
        procore_project: row.get(3)?,
        procore_number: row.get(4)?,
        mapped_by: row.get(5)?,
        mapped_by_name: row.get(6)?,
        mapped_at: row.get(7)?,
    })
}

impl CompanyTx<'_> {
    /// The mapping of a project for this company.
    pub fn mapping(&mut self, project: ProjectId) -> Result<Option<Mapping>, StoreError> {
        self.tx.one(&format!("{MAPPING} AND m.project_id = $2"), &[self.company.into(), project.into()], mapping)
    }

    /// Maps a project, or maps it anew. [`StoreError::Expected1Row`] if the company is not on the project.
    ///
    /// What was read of the former Procore project is forgotten, unless it is the same one.
    pub fn set_mapping(&mut self, new: &Mapping) -> Result<(), StoreError> {
        let same = self.mapping(new.project)?.is_some_and(|m| {
            (m.procore_company_id, m.procore_project_id) == (new.procore_company_id, new.procore_project_id)
        });
        if !same {
            self.forget_what_was_read(new.project)?;
        }
        self.tx.exec_one(
            "INSERT INTO mapping (project_id, company_id, procore_company_id, procore_project_id, procore_project, \
             procore_number, mapped_by, mapped_at) SELECT pc.project_id, pc.company_id, $3, $4, $5, $6, $7, $8 \
             FROM project_company pc WHERE pc.company_id = $1 AND pc.project_id = $2 \
             ON CONFLICT (project_id, company_id) DO UPDATE SET procore_company_id = excluded.procore_company_id, \
             procore_project_id = excluded.procore_project_id, procore_project = excluded.procore_project, \
             procore_number = excluded.procore_number, mapped_by = excluded.mapped_by, mapped_at = excluded.mapped_at",
            &[
                self.company.into(),
                new.project.into(),
                new.procore_company_id.into(),
                new.procore_project_id.into(),
                (&new.procore_project).into(),
                (&new.procore_number).into(),
                new.mapped_by.into(),
                new.mapped_at.into(),
            ],
        )
    }

    /// Removes a mapping. The links of its CORs stay, and so does what was read of the project: the log goes on
    /// showing it.
    pub fn remove_mapping(&mut self, project: ProjectId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM mapping WHERE company_id = $1 AND project_id = $2";
        Ok(self.tx.exec(sql, &[self.company.into(), project.into()])? == 1)
    }

    /// How many of the company's CORs in a project are linked to change events, or about to be.
    pub fn links_in_project(&mut self, project: ProjectId) -> Result<i64, StoreError> {
        let count = self.tx.one(
            &format!("SELECT count(*) FROM link l WHERE l.company_id = $1 AND l.project_id = $2 AND {LINKED}"),
            &[self.company.into(), project.into()],
            |row| row.get(0),
        )?;
        Ok(count.unwrap_or(0))
    }

    /// Those CORs.
    pub fn linked_cors(&mut self, project: ProjectId) -> Result<Vec<CorId>, StoreError> {
        self.tx.query(
            &format!(
                "SELECT l.cor_id FROM link l WHERE l.company_id = $1 AND l.project_id = $2 AND {LINKED} ORDER BY l.cor_id"
            ),
            &[self.company.into(), project.into()],
            |row| row.get(0),
        )
    }

    /// How many pushes of a project are not at rest yet.
    pub fn pushes_under_way(&mut self, project: ProjectId) -> Result<i64, StoreError> {
        let count = self.tx.one(
            "SELECT count(*) FROM push p JOIN outbox o ON o.push_id = p.id \
             WHERE p.company_id = $1 AND p.project_id = $2",
            &[self.company.into(), project.into()],
            |row| row.get(0),
        )?;
        Ok(count.unwrap_or(0))
    }

    /// Whether linked CORs of a project were pushed into another Procore project than this one: their change events are
    /// there, and a mapping to this one would look for them in vain.
    pub fn linked_elsewhere(
        &mut self,
        project: ProjectId,
        procore_company: i64,
        procore_project: i64,
    ) -> Result<bool, StoreError> {
        let found = self.tx.query(
            &format!(
                "SELECT 1 FROM link l JOIN push_cor c ON c.link_id = l.id JOIN push p ON p.id = c.push_id \
                 WHERE l.company_id = $1 AND l.project_id = $2 AND {LINKED} \
                 AND (p.procore_company_id <> $3 OR p.procore_project_id <> $4) LIMIT 1"
            ),
            &[self.company.into(), project.into(), procore_company.into(), procore_project.into()],
            |_| Ok(()),
        )?;
        Ok(!found.is_empty())
    }

    fn forget_what_was_read(&mut self, project: ProjectId) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM procore_reference WHERE company_id = $1 AND project_id = $2",
            "DELETE FROM change_event WHERE company_id = $1 AND project_id = $2",
            "DELETE FROM procore_currency WHERE company_id = $1 AND project_id = $2",
        ] {
            self.tx.exec(sql, &[self.company.into(), project.into()])?;
        }
        Ok(())
    }
}
