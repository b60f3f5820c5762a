//! Forms that were sent when their session had ended.

use domain::PersonId;
use jiff::Timestamp;

use crate::{StoreError, Tx};

/// A form that was sent when its session had ended. Nothing of it was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsentForm {
    /// Whose session it was: nobody else is shown it.
    pub person: PersonId,
    /// Where it was filled in.
    pub page: String,
    /// Where it was sent.
    pub url: String,
    /// What it held, as the pages write it.
    pub fields: String,
    /// It is shown until then.
    pub kept_until: Timestamp,
}

impl Tx {
    /// Whose session it was, by the hash of its cookie if the session can still be found, else by the browser's: who signed in
    /// with it last.
    pub fn whose_session(
        &mut self,
        session: Option<&[u8; 32]>,
        browser: Option<&[u8; 32]>,
    ) -> Result<Option<PersonId>, StoreError> {
        if let Some(session) = session {
            let sql = "SELECT person_id FROM session WHERE token_hash = $1";
            if let Some(person) = self.one(sql, &[session.as_slice().into()], |row| row.get(0))? {
                return Ok(Some(person));
            }
        }
        let Some(browser) = browser else { return Ok(None) };
        let sql = "SELECT person_id FROM known_browser WHERE token_hash = $1 ORDER BY used_at DESC, person_id LIMIT 1";
        self.one(sql, &[browser.as_slice().into()], |row| row.get(0))
    }

    /// Keeps a form for the browser with this cookie, and forgets those that nobody came back for. Of one person's the `most`
    /// that were kept last stay.
    pub fn keep_unsent(
        &mut self,
        token_hash: &[u8; 32],
        form: &UnsentForm,
        now: Timestamp,
        most: i64,
    ) -> Result<(), StoreError> {
        self.exec("DELETE FROM unsent_form WHERE kept_until <= $1", &[now.into()])?;
        self.exec_one(
            "INSERT INTO unsent_form (token_hash, person_id, page, url, fields, kept_until) VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                token_hash.as_slice().into(),
                form.person.into(),
                (&form.page).into(),
                (&form.url).into(),
                (&form.fields).into(),
                form.kept_until.into(),
            ],
        )?;
        self.exec(
            "DELETE FROM unsent_form WHERE person_id = $1 AND token_hash NOT IN \
             (SELECT token_hash FROM unsent_form WHERE person_id = $1 ORDER BY kept_until DESC, token_hash LIMIT $2)",
            &[form.person.into(), most.into()],
        )?;
        Ok(())
    }

    /// What is kept for a person in the browser with this cookie.
    pub fn unsent(
        &mut self,
        token_hash: &[u8; 32],
        person: PersonId,
        now: Timestamp,
    ) -> Result<Option<UnsentForm>, StoreError> {
        self.one(
            "SELECT page, url, fields, kept_until FROM unsent_form \
             WHERE token_hash = $1 AND person_id = $2 AND kept_until > $3",
            &[token_hash.as_slice().into(), person.into(), now.into()],
            |row| {
                Ok(UnsentForm {
                    person,
                    page: row.get(0)?,
                    url: row.get(1)?,
                    fields: row.get(2)?,
                    kept_until: row.get(3)?,
                })
            },
        )
    }

    /// Forgets what is kept for a person in the browser with this cookie.
    pub fn forget_unsent(&mut self, token_hash: &[u8; 32], person: PersonId) -> Result<(), StoreError> {
        self.exec(
            "DELETE FROM unsent_form WHERE token_hash = $1 AND person_id = $2",
            &[token_hash.as_slice().into(), person.into()],
        )?;
        Ok(())
    }
}
