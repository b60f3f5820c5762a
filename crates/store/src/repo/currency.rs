//! What is known of the currency of the Procore project that a project is mapped to.

use domain::{Currency, PersonId, ProjectId, procore::currency::KnownCurrency};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{CompanyTx, StoreError};

/// What Procore's settings name, and what a person stated.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProcoreCurrency {
    /// ISO 4217, as the settings name it; empty when they don't.
    pub named: String,
    /// What a person stated.
    pub stated: Option<Stated>,
}

/// A person's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = StatedCurrency)]
pub struct Stated {
    pub currency: Currency,
    #[serde(skip)]
    pub by: PersonId,
    #[serde(rename = "by")]
    pub by_name: String,
    pub at: Timestamp,
}

impl CompanyTx<'_> {
    /// What settings and people say about the Procore project that a project is mapped to, or was last.
    pub fn procore_currency(&mut self, project: ProjectId) -> Result<ProcoreCurrency, StoreError> {
        let found = self.tx.one(
            "SELECT c.named, c.stated, c.stated_by, p.name, c.stated_at FROM procore_currency c \
             LEFT JOIN person p ON p.id = c.stated_by WHERE c.company_id = $1 AND c.project_id = $2",
            &[self.company.into(), project.into()],
            |row| {
                let stated: Option<String> = row.get(1)?;
                let (by, by_name, at) = (row.get(2)?, row.get(3)?, row.get(4)?);
                let stated = stated.as_deref().and_then(Currency::from_code).zip(by).zip(by_name).zip(at);
                let stated = stated.map(|(((currency, by), by_name), at)| Stated { currency, by, by_name, at });
                Ok(ProcoreCurrency { named: row.get(0)?, stated })
            },
        )?;
        Ok(found.unwrap_or_default())
    }

    /// The same, with what the project's change events name as they were last read.
    pub fn known_currency(&mut self, project: ProjectId) -> Result<KnownCurrency, StoreError> {
        let of_project = self.procore_currency(project)?;
        let of_events = self.currencies_of_events(project)?;
        let known = KnownCurrency { stated: of_project.stated.map(|stated| stated.currency), named: Vec::new() };
        Ok(known.naming([of_project.named.as_str()]).naming(of_events.iter().map(String::as_str)))
    }

    /// The currencies that a project's change events name as they were last read.
    pub fn currencies_of_events(&mut self, project: ProjectId) -> Result<Vec<String>, StoreError> {
        self.tx.query(
            "SELECT DISTINCT currency FROM change_event WHERE company_id = $1 AND project_id = $2 AND gone = 0 \
             AND currency <> '' ORDER BY currency",
            &[self.company.into(), project.into()],
            |row| row.get(0),
        )
    }

    /// Stores what the settings name; empty when they name none.
    pub fn set_named_currency(&mut self, project: ProjectId, named: &str) -> Result<(), StoreError> {
        self.tx.exec_one(
            "INSERT INTO procore_currency (project_id, company_id, named) SELECT pc.project_id, pc.company_id, $3 \
             FROM project_company pc WHERE pc.company_id = $1 AND pc.project_id = $2 \
             ON CONFLICT (project_id, company_id) DO UPDATE SET named = excluded.named",
            &[self.company.into(), project.into(), named.into()],
        )
    }

    /// Stores what a person states.
    pub fn set_stated_currency(
        &mut self,
        project: ProjectId,
        currency: Currency,
        by: PersonId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx.exec_one(
            "INSERT INTO procore_currency (project_id, company_id, named, stated, stated_by, stated_at) \
             SELECT pc.project_id, pc.company_id, '', $3, $4, $5 FROM project_company pc \
             WHERE pc.company_id = $1 AND pc.project_id = $2 \
             ON CONFLICT (project_id, company_id) DO UPDATE SET stated = excluded.stated, \
             stated_by = excluded.stated_by, stated_at = excluded.stated_at",
            &[self.company.into(), project.into(), currency.code().into(), by.into(), at.into()],
        )
    }
}
