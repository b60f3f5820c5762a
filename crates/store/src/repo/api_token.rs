//! Bearer tokens of the JSON API.

use domain::{ApiTokenId, PersonId, role::Actor};
use jiff::Timestamp;

use super::session::actor;
use crate::{CompanyTx, StoreError, Tx};

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
}

/// Who a bearer token speaks for.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// The token.
    pub id: ApiTokenId,
    /// The person whose rights it has.
    pub actor: Actor,
    /// When it was last used, as noted.
    pub used_at: Option<Timestamp>,
}

impl Tx {
    /// Who a token speaks for, unless it was revoked or its person may no longer sign in.
    pub fn bearer(&mut self, token_hash: &[u8; 32]) -> Result<Option<Bearer>, StoreError> {
        self.one(
            "SELECT p.id, p.company_id, p.role, p.office_id, p.name, t.id, t.used_at \
             FROM api_token t JOIN person p ON p.id = t.person_id \
             WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND p.disabled_at IS NULL",
            &[token_hash.as_slice().into()],
            |row| Ok(Bearer { actor: actor(row)?, id: row.get(5)?, used_at: row.get(6)? }),
        )
    }
}

impl CompanyTx<'_> {
    /// The company's tokens, the newest first, revoked ones last.
    pub fn api_tokens(&mut self) -> Result<Vec<ApiToken>, StoreError> {
        self.tx.query(
            "SELECT t.id, t.person_id, p.name, t.name, t.created_at, t.used_at, t.revoked_at \
             FROM api_token t JOIN person p ON p.id = t.person_id WHERE t.company_id = $1 \
             ORDER BY CASE WHEN t.revoked_at IS NULL THEN 0 ELSE 1 END, t.id DESC",
            &[self.company.into()],
            |row| {
                Ok(ApiToken {
                    id: row.get(0)?,
                    person: row.get(1)?,
                    person_name: row.get(2)?,
                    name: row.get(3)?,
                    created_at: row.get(4)?,
                    used_at: row.get(5)?,
                    revoked_at: row.get(6)?,
                })
            },
        )
    }

    /// Stores a new token by its SHA-256.
    pub fn add_api_token(
        &mut self,
        id: ApiTokenId,
        person: PersonId,
        name: &str,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx.exec_one(
            "INSERT INTO api_token (id, company_id, person_id, name, token_hash, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            &[id.into(), self.company.into(), person.into(), name.into(), token_hash.as_slice().into(), now.into()],
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
