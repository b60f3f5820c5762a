//! Browsers that people signed in with before. To be known opens nothing: it only spares the wait that strangers' wrong
//! passwords cause.

use domain::PersonId;
use jiff::Timestamp;

use crate::{StoreError, Tx};

impl Tx {
    /// Whether a person signed in with the browser of a cookie since `since`.
    pub fn knows_browser(
        &mut self,
        token_hash: &[u8; 32],
        person: PersonId,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let found = self.one(
            "SELECT 1 FROM known_browser WHERE token_hash = $1 AND person_id = $2 AND used_at > $3",
            &[token_hash.as_slice().into(), person.into(), since.into()],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }

    /// Remembers that a person signed in with a browser. It gets another cookie each time, under which everybody who uses
    /// it is known from then on. Of one person's browsers the `most` that were used last are kept.
    pub fn remember_browser(
        &mut self,
        former: Option<&[u8; 32]>,
        token_hash: &[u8; 32],
        person: PersonId,
        now: Timestamp,
        most: i64,
    ) -> Result<(), StoreError> {
        if let Some(former) = former {
            self.exec(
                "UPDATE known_browser SET token_hash = $2 WHERE token_hash = $1",
                &[former.as_slice().into(), token_hash.as_slice().into()],
            )?;
        }
        self.exec(
            "INSERT INTO known_browser (token_hash, person_id, used_at) VALUES ($1, $2, $3) \
             ON CONFLICT (token_hash, person_id) DO UPDATE SET used_at = excluded.used_at",
            &[token_hash.as_slice().into(), person.into(), now.into()],
        )?;
        self.exec(
            "DELETE FROM known_browser WHERE person_id = $1 AND token_hash NOT IN \
             (SELECT token_hash FROM known_browser WHERE person_id = $1 ORDER BY used_at DESC, token_hash LIMIT $2)",
            &[person.into(), most.into()],
        )?;
        Ok(())
    }

    /// Forgets all browsers of a person.
    pub fn forget_browsers(&mut self, person: PersonId) -> Result<(), StoreError> {
        self.exec("DELETE FROM known_browser WHERE person_id = $1", &[person.into()])?;
        Ok(())
    }

    /// Forgets the browsers that nobody signed in with since `since`.
    pub fn sweep_browsers(&mut self, since: Timestamp) -> Result<(), StoreError> {
        self.exec("DELETE FROM known_browser WHERE used_at <= $1", &[since.into()])?;
        Ok(())
    }
}
