//! The numbers that new CORs of a company take.

use domain::{ProjectId, cor::CorNumber};

use crate::{db::StoreError, scope::CompanyTx};

impl CompanyTx<'_> {
    /// The number a new COR of this company would take; nothing when the company has no such project.
    pub fn next_cor_number(&mut self, project: ProjectId) -> Result<Option<CorNumber>, StoreError> {
        let Some(mut next) = self.sequence(project)? else { return Ok(None) };
        let taken = "SELECT 1 FROM cor WHERE project_id = $1 AND sender_id = $2 AND number_key = $3";
        loop {
            let number = CorNumber::from_sequence(next);
            let params = [project.into(), self.company.into(), number.key().into()];
            if self.tx.one(taken, &params, |row| row.get::<i64>(0))?.is_none() {
                return Ok(Some(number));
            }
            next += 1;
        }
    }

    fn sequence(&mut self, project: ProjectId) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT next_cor_number FROM project_company WHERE project_id = $1 AND company_id = $2";
        self.tx.one(sql, &[project.into(), self.company.into()], |row| row.get(0))
    }

    pub(super) fn advance_cor_number(&mut self, project: ProjectId, number: &CorNumber) -> Result<(), StoreError> {
        let Some(next) = self.sequence(project)? else { return Ok(()) };
        let advanced = number.advance(next);
        if advanced != next {
            let sql = "UPDATE project_company SET next_cor_number = $3 WHERE project_id = $1 AND company_id = $2";
            self.tx.exec_one(sql, &[project.into(), self.company.into(), advanced.into()])?;
        }
        Ok(())
    }
}
