//! Who is signed in: sessions and passwords' hashes.

use domain::{
    CompanyId, OfficeId, PersonId,
    role::{Actor, Rights},
};
use jiff::Timestamp;

use crate::{Row, StoreError, Tx};

/// What a sign-in is checked against.
#[derive(Debug, Clone)]
pub struct SignInCredentials {
    /// Whose they are.
    pub person: PersonId,
    /// Their company.
    pub company: CompanyId,
    /// Argon2id as a PHC string.
    pub password_hash: String,
    /// Whether the person may still sign in.
    pub enabled: bool,
    /// Their name.
    pub name: String,
    /// Their company's name.
    pub company_name: String,
}

/// A live session and the person behind it.
#[derive(Debug, Clone)]
pub struct SessionRecord {
    /// The person as far as permissions need to know.
    pub actor: Actor,
    /// Their e-mail, folded.
    pub email: String,
    /// Their company's name.
    pub company_name: String,
    /// Their office's name; empty for none.
    pub office_name: String,
    /// Somebody else made their password, so they are asked for one of their own.
    pub password_temporary: bool,
    /// When the session was last known to be used; written once in a while only.
    pub seen_at: Timestamp,
}

/// A session to begin.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// SHA-256 of the cookie's token.
    pub token_hash: [u8; 32],
    /// Who signed in.
    pub person: PersonId,
    /// When.
    pub now: Timestamp,
    /// When it ends, however busy it is.
    pub expires_at: Timestamp,
}

pub(super) fn actor(row: &Row) -> Result<Actor, StoreError> {
    Ok(Actor {
        person: row.get(0)?,
        company: row.get(1)?,
        role: row.get(2)?,
        office: row.get::<Option<OfficeId>>(3)?,
        name: row.get(4)?,
        rights: Rights::All,
    })
}

impl Tx {
    /// The credentials of a folded e-mail.
    pub fn credentials(&mut self, email: &str) -> Result<Option<SignInCredentials>, StoreError> {
        self.one(
            "SELECT p.id, p.company_id, p.password_hash, p.disabled_at, p.name, c.name \
             FROM person p JOIN company c ON c.id = p.company_id WHERE p.email = $1",
            &[email.into()],
            |row| {
                Ok(SignInCredentials {
                    person: row.get(0)?,
                    company: row.get(1)?,
                    password_hash: row.get(2)?,
                    enabled: row.get::<Option<Timestamp>>(3)?.is_none(),
                    name: row.get(4)?,
                    company_name: row.get(5)?,
                })
            },
        )
    }

    /// Begins a session, and forgets all that have run out. Of one person's the `most` that were used last go on.
    pub fn begin_session(&mut self, session: &NewSession, most: i64) -> Result<(), StoreError> {
        self.exec("DELETE FROM session WHERE expires_at <= $1", &[session.now.into()])?;
        self.exec_one(
            "INSERT INTO session (token_hash, person_id, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $3, $4)",
            &[
                session.token_hash.as_slice().into(),
                session.person.into(),
                session.now.into(),
                session.expires_at.into(),
            ],
        )?;
        self.exec(
            "DELETE FROM session WHERE person_id = $1 AND token_hash NOT IN \
             (SELECT token_hash FROM session WHERE person_id = $1 ORDER BY seen_at DESC, token_hash LIMIT $2)",
            &[session.person.into(), most.into()],
        )?;
        Ok(())
    }

    /// The live session of a token: not expired at `now`, used since `idle_since`, and its person may still sign in.
    pub fn session(
        &mut self,
        token_hash: &[u8; 32],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<SessionRecord>, StoreError> {
        self.one(
            "SELECT p.id, p.company_id, p.role, p.office_id, p.name, p.email, c.name, o.name, s.seen_at, \
             p.password_temporary \
             FROM session s JOIN person p ON p.id = s.person_id JOIN company c ON c.id = p.company_id \
             LEFT JOIN office o ON o.id = p.office_id \
             WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.seen_at > $3 AND p.disabled_at IS NULL",
            &[token_hash.as_slice().into(), now.into(), idle_since.into()],
            |row| {
                Ok(SessionRecord {
                    actor: actor(row)?,
                    email: row.get(5)?,
                    company_name: row.get(6)?,
                    office_name: row.get::<Option<String>>(7)?.unwrap_or_default(),
                    seen_at: row.get(8)?,
                    // Whatever is there but nothing: the safe side.
                    password_temporary: row.get::<i64>(9)? != 0,
                })
            },
        )
    }

    /// Notes that a session was used.
    pub fn touch_session(&mut self, token_hash: &[u8; 32], now: Timestamp) -> Result<(), StoreError> {
        self.exec(
            "UPDATE session SET seen_at = $2 WHERE token_hash = $1",
            &[token_hash.as_slice().into(), now.into()],
        )?;
        Ok(())
    }

    /// Ends a session.
    pub fn end_session(&mut self, token_hash: &[u8; 32]) -> Result<(), StoreError> {
        self.exec("DELETE FROM session WHERE token_hash = $1", &[token_hash.as_slice().into()])?;
        Ok(())
    }

    /// Gives a person a new password that somebody else made: they are asked for one of their own when they sign in. It
    /// ends all their sessions and API tokens, and no browser is known any longer.
    pub fn reset_password(&mut self, person: PersonId, password_hash: &str, now: Timestamp) -> Result<(), StoreError> {
        self.store_password(person, password_hash)?;
        self.revoke_api_tokens_of(person, now)?;
        self.exec("DELETE FROM session WHERE person_id = $1", &[person.into()])?;
        self.forget_browsers(person)?;
        self.ask_for_own_password(person)
    }

    /// A person chose a new password: the session they did it in stays, all others end.
    pub fn set_own_password(
        &mut self,
        person: PersonId,
        password_hash: &str,
        session: &[u8; 32],
    ) -> Result<(), StoreError> {
        self.store_password(person, password_hash)?;
        self.exec(
            "DELETE FROM session WHERE person_id = $1 AND token_hash <> $2",
            &[person.into(), session.as_slice().into()],
        )?;
        Ok(())
    }

    fn store_password(&mut self, person: PersonId, password_hash: &str) -> Result<(), StoreError> {
        self.exec_one(
            "UPDATE person SET password_hash = $2, password_temporary = 0 WHERE id = $1",
            &[person.into(), password_hash.into()],
        )
    }

    /// The password was made by somebody else: its owner is asked for another when they sign in.
    pub fn ask_for_own_password(&mut self, person: PersonId) -> Result<(), StoreError> {
        self.exec_one("UPDATE person SET password_temporary = 1 WHERE id = $1", &[person.into()])
    }
}
