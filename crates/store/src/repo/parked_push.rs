//! Pushes that wait at an office, or for a person.

use domain::{OfficeId, PersonId, PushId};

use super::push::{PUSH, Push, push};
use crate::{CompanyTx, StoreError, Val};

impl CompanyTx<'_> {
    /// The pushes of a person that wait for them to sign in to Procore.
    pub fn parked_pushes_of(&mut self, person: PersonId) -> Result<Vec<Push>, StoreError> {
        let sql = format!("{PUSH} AND person_id = $2 AND state = 'parked' ORDER BY id");
        self.readable(&sql, &[self.company.into(), person.into()])
    }

    /// The pushes of an office's projects to an account that wait for a person, and may go on once the account is connected.
    pub fn parked_pushes_at(&mut self, office: OfficeId, procore_company: i64) -> Result<Vec<Push>, StoreError> {
        self.pushes_at(office, procore_company, "state IN ('parked', 'stopped')")
    }

    /// The pushes of an office's projects to an account that wait for a worker and have no request on its way.
    pub fn waiting_pushes_at(&mut self, office: OfficeId, procore_company: i64) -> Result<Vec<Push>, StoreError> {
        self.pushes_at(office, procore_company, "state IN ('queued', 'uncertain')")
    }

    fn pushes_at(&mut self, office: OfficeId, procore_company: i64, states: &str) -> Result<Vec<Push>, StoreError> {
        let sql = format!(
            "{PUSH} AND procore_company_id = $3 AND {states} AND project_id IN \
             (SELECT pc.project_id FROM project_company pc WHERE pc.company_id = $1 AND pc.office_id = $2) ORDER BY id"
        );
        self.readable(&sql, &[self.company.into(), office.into(), procore_company.into()])
    }

    /// The readable pushes of a query. An unreadable one is set aside, so that it doesn't fail the others.
    fn readable(&mut self, sql: &str, params: &[Val]) -> Result<Vec<Push>, StoreError> {
        let rows = self.tx.query(sql, params, |row| Ok((row.get::<PushId>(0)?, push(row))))?;
        let mut pushes = Vec::with_capacity(rows.len());
        for (id, read) in rows {
            match read {
                Ok(push) => pushes.push(push),
                Err(StoreError::Corrupt(because)) => self.tx.set_aside(id, &because)?,
                Err(other) => return Err(other),
            }
        }
        Ok(pushes)
    }
}
