//! Projects as one company sees them.

use domain::{
    Currency, OfficeId, PersonId, ProjectId, Zone,
    role::{Actor, Role, Standing},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::company::{Company, Office};
use crate::{CompanyTx, Row, StoreError, Val};

/// A project of the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Project {
    pub id: ProjectId,
    /// Its name, shared by all companies on it.
    pub name: String,
    /// Where it stands.
    pub address: String,
    /// What its CORs are priced in.
    pub currency: Currency,
    /// Where its days begin and end.
    pub time_zone: Zone,
    /// The office the company runs it from.
    pub office: Office,
    /// The company's own number for it; may be empty.
    pub job_number: String,
    /// Whether the reader is assigned to it.
    pub assigned: bool,
}

impl Project {
    /// How the reader stands to it.
    pub fn standing(&self) -> Standing {
        Standing { office: self.office.id, assigned: self.assigned }
    }
}

/// A project in the list, with what is counted in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProjectSummary {
    #[serde(flatten)]
    pub project: Project,
    /// Contracts that the company is a party of.
    #[serde(rename = "contract_count")]
    pub contracts: i64,
    /// CORs the company sent, and drafts of such.
    pub sent: i64,
    /// CORs the company received.
    pub received: i64,
    /// The Procore project it is mapped to.
    pub procore: Option<ProcoreName>,
}

/// What a Procore project is called there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProcoreName {
    /// May be empty.
    pub number: String,
    pub name: String,
}

/// What a company says of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectDetails {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub address: String,
    /// What its CORs are priced in; not changed afterwards.
    pub currency: Currency,
    /// Where its days begin and end.
    pub time_zone: Zone,
    /// The office the company runs it from.
    pub office: OfficeId,
    /// The company's own number for it.
    pub job_number: String,
}

pub(super) const PROJECT: &str = "SELECT p.id, p.name, p.address, p.currency, pc.office_id, o.name, pc.job_number, \
    EXISTS (SELECT 1 FROM project_person a WHERE a.project_id = p.id AND a.person_id = $2), p.time_zone";
pub(super) const OF_COMPANY: &str = "FROM project_company pc JOIN project p ON p.id = pc.project_id \
    JOIN office o ON o.id = pc.office_id";

pub(super) fn project(row: &Row) -> Result<Project, StoreError> {
    Ok(Project {
        id: row.get(0)?,
        name: row.get(1)?,
        address: row.get(2)?,
        currency: row.get(3)?,
        office: Office { id: row.get(4)?, name: row.get(5)? },
        job_number: row.get(6)?,
        assigned: row.get(7)?,
        time_zone: row.get(8)?,
    })
}

impl CompanyTx<'_> {
    /// The projects that `actor` sees, by name, as far as they can be read. Who sees what is [`Actor::sees_project`], said here in SQL.
    pub fn projects(&mut self, actor: &Actor) -> Result<Vec<ProjectSummary>, StoreError> {
        let sql = format!(
            "{PROJECT}, \
             (SELECT COUNT(*) FROM contract k WHERE k.project_id = p.id AND (k.customer_id = $1 OR k.contractor_id = $1)), \
             (SELECT CAST(COALESCE(SUM(t.cors), 0) AS BIGINT) FROM log l JOIN log_total t ON t.log_id = l.id \
              WHERE l.project_id = p.id AND l.company_id = $1 AND l.side = 'sent'), \
             (SELECT CAST(COALESCE(SUM(t.cors), 0) AS BIGINT) FROM log l JOIN log_total t ON t.log_id = l.id \
              WHERE l.project_id = p.id AND l.company_id = $1 AND l.side = 'received'), \
             m.procore_number, m.procore_project \
             {OF_COMPANY} LEFT JOIN mapping m ON m.project_id = p.id AND m.company_id = $1 \
             WHERE pc.company_id = $1 AND (CAST($3 AS BIGINT) = 1 OR pc.office_id = $4 \
             OR EXISTS (SELECT 1 FROM project_person a WHERE a.project_id = p.id AND a.person_id = $2)) \
             ORDER BY p.name, p.id"
        );
        let all = i64::from(actor.role == Role::AccountOwner);
        let office = if actor.role == Role::Admin { actor.office } else { None };
        let params: [Val; 4] = [self.company.into(), actor.person.into(), all.into(), office.into()];
        let (readable, _) = self.tx.query_readable(&sql, &params, |row| {
            let (number, name): (Option<String>, Option<String>) = (row.get(12)?, row.get(13)?);
            Ok(ProjectSummary {
                project: project(row)?,
                contracts: row.get(9)?,
                sent: row.get(10)?,
                received: row.get(11)?,
                procore: number.zip(name).map(|(number, name)| ProcoreName { number, name }),
            })
        })?;
        Ok(readable)
    }

    /// One project of the company, as `person` stands to it. Whether they see it is for the caller to decide.
    pub fn project(&mut self, id: ProjectId, person: PersonId) -> Result<Option<Project>, StoreError> {
        self.tx.one(
            &format!("{PROJECT} {OF_COMPANY} WHERE pc.company_id = $1 AND p.id = $3"),
            &[self.company.into(), person.into(), id.into()],
            project,
        )
    }

    /// Adds a project that the company runs.
    pub fn add_project(&mut self, id: ProjectId, new: &ProjectDetails, now: Timestamp) -> Result<(), StoreError> {
        self.tx.exec_one(
            "INSERT INTO project (id, name, address, currency, time_zone, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                id.into(),
                (&new.name).into(),
                (&new.address).into(),
                new.currency.into(),
                (&new.time_zone).into(),
                now.into(),
            ],
        )?;
        self.join_project(id, new.office, &new.job_number, now)
    }

    /// Puts the company on a project, run from one of its offices; it stays as it is when it is there already.
    pub(super) fn join_project(
        &mut self,
        id: ProjectId,
        office: OfficeId,
        job_number: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx.exec(
            "INSERT INTO project_company (project_id, company_id, office_id, job_number, created_at) \
             VALUES ($2, $1, (SELECT id FROM office WHERE company_id = $1 AND id = $3), $4, $5) \
             ON CONFLICT (project_id, company_id) DO NOTHING",
            &[self.company.into(), id.into(), office.into(), job_number.into(), now.into()],
        )?;
        Ok(())
    }

    /// Changes what the company says of a project. The currency stays.
    pub fn change_project(&mut self, id: ProjectId, details: &ProjectDetails) -> Result<(), StoreError> {
        self.tx.exec_one(
            "UPDATE project_company SET office_id = $3, job_number = $4 WHERE company_id = $1 AND project_id = $2",
            &[self.company.into(), id.into(), details.office.into(), (&details.job_number).into()],
        )?;
        self.tx.exec_one(
            "UPDATE project SET name = $2, address = $3, time_zone = $4 WHERE id = $1",
            &[id.into(), (&details.name).into(), (&details.address).into(), (&details.time_zone).into()],
        )
    }

    /// The companies that a contract of this project names besides this one, by name.
    pub fn companies_on(&mut self, project: ProjectId) -> Result<Vec<Company>, StoreError> {
        self.tx.readable(
            "SELECT DISTINCT c.id, c.name, c.claimed, c.name_key FROM contract k \
             JOIN company c ON c.id = CASE WHEN k.customer_id = $1 THEN k.contractor_id ELSE k.customer_id END \
             WHERE k.project_id = $2 AND (k.customer_id = $1 OR k.contractor_id = $1) ORDER BY c.name_key, c.id",
            &[self.company.into(), project.into()],
            |row| Ok(Company { id: row.get(0)?, name: row.get(1)?, claimed: row.get(2)? }),
        )
    }
}
