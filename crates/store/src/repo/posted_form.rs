//! Forms that made something, so that the same form posted again makes nothing more.

use domain::PersonId;
use jiff::Timestamp;

use crate::{CompanyTx, StoreError};

/// What a form was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormAnswer {
    /// The path that it led to.
    pub location: String,
    /// The notice there.
    pub notice: String,
}

impl CompanyTx<'_> {
    /// Claims a form for its first posting. Answers what it was answered if it was posted before. Whoever posts the same form
    /// meanwhile waits until this unit is stored or undone.
    pub fn claim_form(
        &mut self,
        person: PersonId,
        form: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<FormAnswer>, StoreError> {
        let claimed = self.tx.exec(
            "INSERT INTO posted_form (company_id, person_id, form, at, location, notice) \
             SELECT p.company_id, p.id, $3, $4, '', '' FROM person p WHERE p.company_id = $1 AND p.id = $2 \
             ON CONFLICT (company_id, person_id, form) DO NOTHING",
            &[self.company.into(), person.into(), form.as_slice().into(), now.into()],
        )?;
        if claimed == 1 {
            return Ok(None);
        }
        self.tx.one(
            "SELECT location, notice FROM posted_form WHERE company_id = $1 AND person_id = $2 AND form = $3",
            &[self.company.into(), person.into(), form.as_slice().into()],
            |row| Ok(FormAnswer { location: row.get(0)?, notice: row.get(1)? }),
        )
    }

    /// Keeps the answer of the form that was claimed in the same transaction.
    pub fn keep_form(&mut self, person: PersonId, form: &[u8; 32], answer: &FormAnswer) -> Result<(), StoreError> {
        self.tx.exec_one(
            "UPDATE posted_form SET location = $4, notice = $5 WHERE company_id = $1 AND person_id = $2 AND form = $3",
            &[
                self.company.into(),
                person.into(),
                form.as_slice().into(),
                (&answer.location).into(),
                (&answer.notice).into(),
            ],
        )
    }

    /// Forgets the company's forms that were posted before `since`.
    pub fn sweep_forms(&mut self, since: Timestamp) -> Result<(), StoreError> {
        self.tx
            .exec("DELETE FROM posted_form WHERE company_id = $1 AND at < $2", &[self.company.into(), since.into()])?;
        Ok(())
    }
}
