//! Bearer tokens of the JSON API.

use domain::{
    ApiTokenId, PersonId,
    role::{Actor, Rights},
};
use jiff::Timestamp;

use super::session::actor;
use crate::{CompanyTx, Row, StoreError, Tx};

/// A token as the settings list it. The token itself is shown once and never stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// Whose rights it has.
    pub person: PersonId,
    /// Their name.
    pub person_name: String,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the hour.
    pub used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// Whether it may look and nothing else.
    pub reads_only: bool,
}

/// A token to be stored.
#[derive(Debug, Clone)]
pub struct NewApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// What it is for.
    pub name: String,
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// When it is made.
    pub now: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it may look and nothing else.
    pub reads_only: bool,
}

/// Who a bearer token speaks for.
#[derive(Debug, Clone)]
pub struct TokenOwner {
    /// The token.
    pub id: ApiTokenId,
    /// The person whose rights it has.
    pub actor: Actor,
    /// When it was last used, as noted.
    pub used_at: Option<Timestamp>,
    /// When the token ends.
    pub expires_at: Timestamp,
}

pub(super) const TOKEN: &str = "SELECT t.id, t.person_id, p.name, t.name, t.created_at, t.used_at, t.revoked_at, \
     t.expires_at, t.reads_only FROM api_token t JOIN person p ON p.id = t.person_id WHERE t.company_id = $1";

pub(super) fn token(row: &Row) -> Result<ApiToken, StoreError> {
    Ok(ApiToken {
        id: row.get(0)?,
        person: row.get(1)?,
        person_name: row.get(2)?,
        name: row.get(3)?,
        created_at: row.get(4)?,
        used_at: row.get(5)?,
        revoked_at: row.get(6)?,
        expires_at: row.get(7)?,
        reads_only: row.get(8)?,
    })
}

impl Tx {
    /// Who a token speaks for, unless it was revoked or has ended, or its person may no longer sign in or has a password
    /// that somebody else made.
    pub fn bearer(&mut self, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<TokenOwner>, StoreError> {
        self.one(
            "SELECT p.id, p.company_id, p.role, p.office_id, p.name, t.id, t.used_at, t.expires_at, t.reads_only \
             FROM api_token t JOIN person p ON p.id = t.person_id \
             WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2 AND p.disabled_at IS NULL \
             AND p.password_temporary = 0",
            &[token_hash.as_slice().into(), now.into()],
            |row| {
                let rights = if row.get(8)? { Rights::Reading } else { Rights::All };
                let actor = Actor { rights, ..actor(row)? };
                Ok(TokenOwner { actor, id: row.get(5)?, used_at: row.get(6)?, expires_at: row.get(7)? })
            },
        )
    }

    /// Revokes all tokens of a person.
    pub fn revoke_api_tokens_of(&mut self, person: PersonId, now: Timestamp) -> Result<(), StoreError> {
        self.exec(
            "UPDATE api_token SET revoked_at = $2 WHERE person_id = $1 AND revoked_at IS NULL",
            &[person.into(), now.into()],
        )?;
        Ok(())
    }
}

impl CompanyTx<'_> {
    /// The company's tokens that can be read, the newest first, revoked ones last. What was over before `since` is left out.
    pub fn api_tokens(&mut self, since: Timestamp) -> Result<Vec<ApiToken>, StoreError> {
        let sql = format!(
            "{TOKEN} AND t.expires_at > $2 AND (t.revoked_at IS NULL OR t.revoked_at > $2) \
             ORDER BY CASE WHEN t.revoked_at IS NULL THEN 0 ELSE 1 END, t.id DESC"
        );
        self.tx.readable(&sql, &[self.company.into(), since.into()], token)
    }

    /// How many tokens of a person work at `now`.
    pub fn count_api_tokens(&mut self, person: PersonId, now: Timestamp) -> Result<i64, StoreError> {
        let live = self.tx.one(
            "SELECT COUNT(*) FROM api_token WHERE company_id = $1 AND person_id = $2 AND revoked_at IS NULL \
             AND expires_at > $3",
            &[self.company.into(), person.into(), now.into()],
            |row| row.get(0),
        )?;
        Ok(live.unwrap_or(0))
    }

    /// Stores a new token of a person.
    pub fn add_api_token(&mut self, person: PersonId, new: &NewApiToken) -> Result<(), StoreError> {
        self.tx.exec_one(
            "INSERT INTO api_token (id, company_id, person_id, name, token_hash, created_at, expires_at, reads_only) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                new.id.into(),
                self.company.into(),
                person.into(),
                (&new.name).into(),
                new.hash.as_slice().into(),
                new.now.into(),
                new.expires_at.into(),
                new.reads_only.into(),
            ],
        )
    }

    /// Revokes a token; [`StoreError::Expected1Row`] when there is none that is live.
    pub fn revoke_api_token(&mut self, id: ApiTokenId, now: Timestamp) -> Result<(), StoreError> {
        self.tx.exec_one(
            "UPDATE api_token SET revoked_at = $3 WHERE company_id = $1 AND id = $2 AND revoked_at IS NULL",
            &[self.company.into(), id.into(), now.into()],
        )
    }

    /// Notes that a token was used.
    pub fn touch_api_token(&mut self, id: ApiTokenId, now: Timestamp) -> Result<(), StoreError> {
        self.tx.exec(
            "UPDATE api_token SET used_at = $3 WHERE company_id = $1 AND id = $2",
            &[self.company.into(), id.into(), now.into()],
        )?;
        Ok(())
    }
}
