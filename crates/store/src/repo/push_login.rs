//! As whom in Procore pushes were confirmed. A login may end while they wait; whom they were confirmed as stays.

use domain::PersonId;

use crate::{CompanyTx, StoreError};

/// Pushes of one person that are not over, confirmed as the same Procore user and for the same account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmedAs {
    /// Procore's id of the user and their login name; `None` where the person was not signed in.
    pub user: Option<(i64, String)>,
    /// Procore's id of the account that they go to.
    pub procore_company: i64,
    /// The account's name, while an office is connected to it.
    pub account: Option<String>,
    /// How many.
    pub pushes: i64,
}

impl CompanyTx<'_> {
    /// As whom a person's pushes that are not over were confirmed, and where they go.
    pub fn pushes_confirmed_by(&mut self, person: PersonId) -> Result<Vec<ConfirmedAs>, StoreError> {
        self.tx.query(
            "SELECT p.procore_user_id, MAX(p.procore_user), p.procore_company_id, \
             (SELECT MAX(i.procore_company) FROM office_integration i \
               WHERE i.company_id = $1 AND i.procore_company_id = p.procore_company_id), COUNT(*) \
             FROM push p JOIN outbox o ON o.push_id = p.id WHERE p.company_id = $1 AND p.person_id = $2 \
             GROUP BY p.procore_user_id, p.procore_company_id ORDER BY p.procore_user_id, p.procore_company_id",
            &[self.company.into(), person.into()],
            |row| {
                let (id, name): (Option<i64>, Option<String>) = (row.get(0)?, row.get(1)?);
                Ok(ConfirmedAs {
                    user: id.map(|id| (id, name.unwrap_or_default())),
                    procore_company: row.get(2)?,
                    account: row.get(3)?,
                    pushes: row.get(4)?,
                })
            },
        )
    }

    /// Pushes that were confirmed while their person was not signed in are that login's from now on.
    pub fn claim_pushes_of(&mut self, person: PersonId) -> Result<(), StoreError> {
        self.tx.exec(
            "UPDATE push SET \
             procore_user_id = (SELECT l.procore_user_id FROM procore_login l WHERE l.person_id = push.person_id), \
             procore_user = (SELECT l.procore_user FROM procore_login l WHERE l.person_id = push.person_id) \
             WHERE company_id = $1 AND person_id = $2 AND finished_at IS NULL AND procore_user_id IS NULL",
            &[self.company.into(), person.into()],
        )?;
        Ok(())
    }
}
