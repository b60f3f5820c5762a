//! Answers to calls that made something, kept for calls sent again with the same `Idempotency-Key`.

use domain::ApiTokenId;
use jiff::Timestamp;

use crate::{StoreError, Tx};

/// A call as its token and key name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedCall {
    /// Whose key it is.
    pub token: ApiTokenId,
    /// As the program sent it.
    pub key: String,
    /// SHA-256 of what it asks.
    pub digest: [u8; 32],
}

/// What a call was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// HTTP's status.
    pub status: u16,
    /// Where what was made is.
    pub location: Option<String>,
    /// JSON.
    pub body: Vec<u8>,
}

/// Whether a call may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyClaim {
    /// The key is new: this call has it now.
    Claimed,
    /// The same call was answered before.
    Answered(KeptAnswer),
    /// Another call has this key.
    Taken,
}

impl Tx {
    /// Claims a key for a call. Whoever claims the same key meanwhile waits until this unit is stored or undone.
    pub fn claim_key(&mut self, call: &KeyedCall, now: Timestamp) -> Result<KeyClaim, StoreError> {
        let claimed = self.exec(
            "INSERT INTO kept_answer (token_id, idempotency_key, digest, at, status, location, body) \
             VALUES ($1, $2, $3, $4, 0, NULL, $5) ON CONFLICT (token_id, idempotency_key) DO NOTHING",
            &[
                call.token.into(),
                (&call.key).into(),
                call.digest.as_slice().into(),
                now.into(),
                Vec::<u8>::new().into(),
            ],
        )?;
        if claimed == 1 {
            return Ok(KeyClaim::Claimed);
        }
        let kept = self.one(
            "SELECT digest, status, location, body FROM kept_answer WHERE token_id = $1 AND idempotency_key = $2",
            &[call.token.into(), (&call.key).into()],
            |row| {
                let status = u16::try_from(row.get::<i64>(1)?)
                    .map_err(|_| StoreError::Corrupt("kept_answer.status is not a status".to_owned()))?;
                Ok((row.get::<Vec<u8>>(0)?, KeptAnswer { status, location: row.get(2)?, body: row.get(3)? }))
            },
        )?;
        let (digest, answer) = kept.ok_or(StoreError::Expected1Row { changed: 0 })?;
        Ok(if digest == call.digest { KeyClaim::Answered(answer) } else { KeyClaim::Taken })
    }

    /// Keeps the answer of the call that claimed its key in the same transaction.
    pub fn keep_answer(&mut self, call: &KeyedCall, answer: &KeptAnswer) -> Result<(), StoreError> {
        self.exec_one(
            "UPDATE kept_answer SET status = $3, location = $4, body = $5 \
             WHERE token_id = $1 AND idempotency_key = $2 AND status = 0",
            &[
                call.token.into(),
                (&call.key).into(),
                i64::from(answer.status).into(),
                answer.location.as_deref().into(),
                answer.body.clone().into(),
            ],
        )
    }

    /// Forgets the answers given before `since`.
    pub fn sweep_answers(&mut self, since: Timestamp) -> Result<(), StoreError> {
        self.exec("DELETE FROM kept_answer WHERE at < $1", &[since.into()])?;
        Ok(())
    }
}
