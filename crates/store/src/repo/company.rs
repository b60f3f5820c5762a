//! Companies and their offices.

use domain::{CompanyId, OfficeId, PersonId, text::fold};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{log::keep, person::NewPerson};
use crate::{CompanyTx, StoreError, Tx};

/// A company as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// Its name.
    pub name: String,
    /// Whether its own people sign in; `false` while it is known only because a counterparty entered it.
    pub claimed: bool,
}

/// An office of the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Office {
    /// Its id.
    pub id: OfficeId,
    /// Its name, unique in the company.
    pub name: String,
}

/// An office with what is counted in it, for the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeSummary {
    /// The office.
    pub office: Office,
    /// People who belong to it and may sign in.
    pub people: i64,
    /// Projects run from it.
    pub projects: i64,
    /// The Procore account it is connected to.
    pub procore: Option<String>,
}

/// A company that begins: itself, its first office and its Account Owner.
#[derive(Debug, Clone)]
pub struct NewCompany {
    /// Its id.
    pub id: CompanyId,
    /// Its name.
    pub name: String,
    /// The office's id.
    pub office: OfficeId,
    /// The office's name.
    pub office_name: String,
    /// The Account Owner, who belongs to that office.
    pub owner: NewPerson,
    /// When.
    pub now: Timestamp,
}

impl Tx {
    /// Whether nobody can sign in yet, so that the first-run page may be shown.
    pub fn is_empty(&mut self) -> Result<bool, StoreError> {
        Ok(self.query("SELECT 1 FROM person LIMIT 1", &[], |_| Ok(()))?.is_empty())
    }

    /// All companies and their names, for the operator.
    pub fn companies(&mut self) -> Result<Vec<(CompanyId, String)>, StoreError> {
        self.query("SELECT id, name FROM company ORDER BY name, id", &[], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Makes a company with its first office and its Account Owner.
    pub fn found_company(&mut self, new: &NewCompany) -> Result<(), StoreError> {
        self.exec_one(
            "INSERT INTO company (id, name, name_key, claimed, created_at) VALUES ($1, $2, $3, 1, $4)",
            &[new.id.into(), (&new.name).into(), fold(&new.name).into(), new.now.into()],
        )?;
        self.furnish(new)
    }

    /// Gives a placeholder company its own name, office and Account Owner. Its contracts and CORs stay as they are.
    /// [`StoreError::Expected1Row`] when it was claimed already.
    pub(super) fn claim_company(&mut self, new: &NewCompany) -> Result<(), StoreError> {
        self.exec_one(
            "UPDATE company SET name = $2, name_key = $3, claimed = 1 WHERE id = $1 AND claimed = 0",
            &[new.id.into(), (&new.name).into(), fold(&new.name).into()],
        )?;
        self.furnish(new)
    }

    fn furnish(&mut self, new: &NewCompany) -> Result<(), StoreError> {
        let mut company = self.of(new.id);
        company.add_office(&Office { id: new.office, name: new.office_name.clone() }, new.now)?;
        company.add_person(&new.owner)
    }
}

impl CompanyTx<'_> {
    /// The company itself.
    pub fn itself(&mut self) -> Result<Company, StoreError> {
        self.tx
            .one("SELECT id, name, claimed FROM company WHERE id = $1", &[self.company.into()], |row| {
                Ok(Company { id: row.get(0)?, name: row.get(1)?, claimed: row.get(2)? })
            })?
            .ok_or_else(|| StoreError::Corrupt("a unit of work runs for a company that does not exist".to_owned()))
    }

    /// Gives the company another name, which the logs of the companies it works with show and are searched by.
    pub fn rename(&mut self, name: &str) -> Result<(), StoreError> {
        self.tx.exec_one(
            "UPDATE company SET name = $2, name_key = $3 WHERE id = $1",
            &[self.company.into(), name.into(), fold(name).into()],
        )?;
        keep::rename(self.tx, self.company, name)
    }

    /// The offices by name.
    pub fn offices(&mut self) -> Result<Vec<Office>, StoreError> {
        self.tx.readable(
            "SELECT id, name FROM office WHERE company_id = $1 ORDER BY name",
            &[self.company.into()],
            |row| Ok(Office { id: row.get(0)?, name: row.get(1)? }),
        )
    }

    /// One office.
    pub fn office(&mut self, id: OfficeId) -> Result<Option<Office>, StoreError> {
        self.tx.one(
            "SELECT id, name FROM office WHERE company_id = $1 AND id = $2",
            &[self.company.into(), id.into()],
            |row| Ok(Office { id: row.get(0)?, name: row.get(1)? }),
        )
    }

    /// The offices by name, with counts.
    pub fn office_summaries(&mut self) -> Result<Vec<OfficeSummary>, StoreError> {
        self.tx.readable(
            "SELECT o.id, o.name, \
             (SELECT COUNT(*) FROM person p WHERE p.office_id = o.id AND p.disabled_at IS NULL), \
             (SELECT COUNT(*) FROM project_company pc WHERE pc.company_id = o.company_id AND pc.office_id = o.id), \
             i.procore_company \
             FROM office o LEFT JOIN office_integration i ON i.office_id = o.id \
             WHERE o.company_id = $1 ORDER BY o.name",
            &[self.company.into()],
            |row| {
                Ok(OfficeSummary {
                    office: Office { id: row.get(0)?, name: row.get(1)? },
                    people: row.get(2)?,
                    projects: row.get(3)?,
                    procore: row.get(4)?,
                })
            },
        )
    }

    /// Adds an office. [`StoreError::Conflict`] when the company has one of that name.
    pub fn add_office(&mut self, office: &Office, now: Timestamp) -> Result<(), StoreError> {
        self.tx.exec_one(
            "INSERT INTO office (id, company_id, name, created_at) VALUES ($1, $2, $3, $4)",
            &[office.id.into(), self.company.into(), (&office.name).into(), now.into()],
        )
    }

    /// Gives an office another name. [`StoreError::Conflict`] when the company has one of that name.
    pub fn rename_office(&mut self, id: OfficeId, name: &str) -> Result<(), StoreError> {
        self.tx.exec_one(
            "UPDATE office SET name = $3 WHERE company_id = $1 AND id = $2",
            &[self.company.into(), id.into(), name.into()],
        )
    }

    /// Whether a person of this company is an Account Owner who may sign in, other than `but`.
    pub fn has_another_owner(&mut self, but: PersonId) -> Result<bool, StoreError> {
        let others = self.tx.query(
            "SELECT 1 FROM person WHERE company_id = $1 AND id <> $2 AND role = 'account_owner' AND disabled_at IS NULL LIMIT 1",
            &[self.company.into(), but.into()],
            |_| Ok(()),
        )?;
        Ok(!others.is_empty())
    }
}
