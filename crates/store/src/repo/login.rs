//! People's sign-ins to Procore: the tokens, their single-use refresh, and the sign-in under way.

use domain::{LoginId, OfficeId, PersonId, ProjectId};
use jiff::Timestamp;

use crate::{CompanyTx, Row, StoreError};

/// A person's sign-in to Procore. The tokens are sealed for this row; see [`Login::id`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Changes with each new sign-in, so that a refresh of the one before cannot overwrite it.
    pub id: LoginId,
    /// Whose it is.
    pub person: PersonId,
    /// Their id in Procore.
    pub procore_user_id: i64,
    /// Their login name in Procore.
    pub procore_user: String,
    /// Sealed.
    pub access_token: Vec<u8>,
    /// Sealed. Good for one refresh.
    pub refresh_token: Vec<u8>,
    /// When the access token dies.
    pub expires_at: Timestamp,
    /// Counts token pairs.
    pub generation: i64,
    /// Set while a refresh is under way, and left over when one was cut off.
    pub refreshing_since: Option<Timestamp>,
    /// Set when only a new sign-in helps; says why.
    pub lost_because: Option<String>,
    /// When the person signed in.
    pub signed_in_at: Timestamp,
    /// When the present pair was stored.
    pub refreshed_at: Timestamp,
}

/// A token pair to be stored, sealed.
#[derive(Debug, Clone)]
pub struct SealedPair {
    /// The access token.
    pub access: Vec<u8>,
    /// The refresh token.
    pub refresh: Vec<u8>,
    /// When the access token dies.
    pub expires_at: Timestamp,
}

/// A sign-in that went off to Procore and is to come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingSignIn {
    /// SHA-256 of the `state` that Procore sends back.
    pub state_hash: Vec<u8>,
    /// Who began it; nobody else may end it.
    pub person: PersonId,
    /// The PKCE verifier, sealed.
    pub verifier: Vec<u8>,
    /// Where to go afterwards: a path of this instance.
    pub return_to: String,
    /// Whether it runs in a window of its own.
    pub popup: bool,
    /// Not to be answered after this.
    pub expires_at: Timestamp,
}

pub(super) const LOGIN: &str = "SELECT l.id, l.person_id, l.procore_user_id, l.procore_user, l.access_token, l.refresh_token, \
     l.expires_at, l.generation, l.refreshing_since, l.lost_because, l.signed_in_at, l.refreshed_at \
     FROM procore_login l";

pub(super) fn login(row: &Row) -> Result<Login, StoreError> {
    Ok(Login {
        id: row.get(0)?,
        person: row.get(1)?,
        procore_user_id: row.get(2)?,
        procore_user: row.get(3)?,
        access_token: row.get(4)?,
        refresh_token: row.get(5)?,
        expires_at: row.get(6)?,
        generation: row.get(7)?,
        refreshing_since: row.get(8)?,
        lost_because: row.get(9)?,
        signed_in_at: row.get(10)?,
        refreshed_at: row.get(11)?,
    })
}

/// What is said of a login that can't be read, whether its row or what is sealed in it.
pub const UNREADABLE: &str = "Your sign-in to Procore is stored and can't be read any more. Sign in to Procore again.";

/// A login that can't be read is lost: a new sign-in takes its place.
fn damaged(row: &Row) -> Result<Login, StoreError> {
    Ok(Login {
        id: row.get(0)?,
        person: row.get(1)?,
        procore_user_id: row.get(2).unwrap_or_default(),
        procore_user: row.get(3).unwrap_or_default(),
        access_token: Vec::new(),
        refresh_token: Vec::new(),
        expires_at: Timestamp::UNIX_EPOCH,
        generation: row.get(7).unwrap_or_default(),
        refreshing_since: None,
        lost_because: Some(UNREADABLE.to_owned()),
        signed_in_at: row.get(10).unwrap_or(Timestamp::UNIX_EPOCH),
        refreshed_at: Timestamp::UNIX_EPOCH,
    })
}

/// What ties the person `p` to an office: running it, belonging to it, having connected it, or being on its projects.
/// Whether a login may be revoked hangs on it.
fn tied_to(office: &str) -> String {
    format!(
        "(p.role = 'account_owner' OR p.office_id = {office} \
          OR EXISTS (SELECT 1 FROM office_integration c WHERE c.office_id = {office} AND c.connected_by = p.id) \
          OR EXISTS (SELECT 1 FROM project_person pp JOIN project_company pc ON pc.project_id = pp.project_id \
               WHERE pp.person_id = p.id AND pc.company_id = p.company_id AND pc.office_id = {office}))"
    )
}

impl CompanyTx<'_> {
    /// The people in whose name a project's change events may be read in the background: signed in to Procore, and
    /// running the project here. Whoever mapped it comes first.
    pub fn readers(&mut self, project: ProjectId) -> Result<Vec<PersonId>, StoreError> {
        self.tx.query(
            "SELECT p.id FROM procore_login l JOIN person p ON p.id = l.person_id \
             JOIN project_company pc ON pc.company_id = p.company_id AND pc.project_id = $2 \
             LEFT JOIN mapping m ON m.project_id = pc.project_id AND m.company_id = pc.company_id \
             WHERE l.company_id = $1 AND l.lost_because IS NULL AND p.disabled_at IS NULL \
             AND (p.role = 'account_owner' OR (p.role = 'admin' AND p.office_id = pc.office_id) \
               OR (p.role = 'project_manager' AND (p.office_id = pc.office_id OR EXISTS (SELECT 1 FROM project_person pp \
                   WHERE pp.project_id = pc.project_id AND pp.person_id = p.id)))) \
             ORDER BY CASE WHEN p.id = m.mapped_by THEN 0 WHEN p.role = 'project_manager' THEN 1 ELSE 2 END, p.id",
            &[self.company.into(), project.into()],
            |row| row.get(0),
        )
    }

    /// A person's login.
    pub fn login_of(&mut self, person: PersonId) -> Result<Option<Login>, StoreError> {
        let sql = format!("{LOGIN} WHERE l.company_id = $1 AND l.person_id = $2");
        let found = self.tx.query_or(&sql, &[self.company.into(), person.into()], login, damaged)?;
        Ok(found.into_iter().next())
    }

    /// Stores a new sign-in in place of the person's former one. Answers the former one's access token, sealed for its
    /// row, so that it can be revoked.
    pub fn replace_login(&mut self, new: &Login) -> Result<Option<Login>, StoreError> {
        let former = self.login_of(new.person)?;
        self.tx.exec(
            "DELETE FROM procore_login WHERE company_id = $1 AND person_id = $2",
            &[self.company.into(), new.person.into()],
        )?;
        self.tx.exec_one(
            "INSERT INTO procore_login (id, company_id, person_id, procore_user_id, procore_user, access_token, \
             refresh_token, expires_at, generation, refreshing_since, lost_because, signed_in_at, refreshed_at) \
             SELECT $3, p.company_id, p.id, $4, $5, $6, $7, $8, $9, NULL, NULL, $10, $10 \
             FROM person p WHERE p.company_id = $1 AND p.id = $2",
            &[
                self.company.into(),
                new.person.into(),
                new.id.into(),
                new.procore_user_id.into(),
                (&new.procore_user).into(),
                new.access_token.clone().into(),
                new.refresh_token.clone().into(),
                new.expires_at.into(),
                new.generation.into(),
                new.signed_in_at.into(),
            ],
        )?;
        Ok(former)
    }

    /// Forgets a login.
    pub fn delete_login(&mut self, id: LoginId) -> Result<(), StoreError> {
        self.tx
            .exec("DELETE FROM procore_login WHERE company_id = $1 AND id = $2", &[self.company.into(), id.into()])?;
        Ok(())
    }

    /// Claims the refresh of a token pair: `true` for exactly one caller, who may now send the refresh token once.
    pub fn begin_refresh(&mut self, id: LoginId, generation: i64, now: Timestamp) -> Result<bool, StoreError> {
        let changed = self.tx.exec(
            "UPDATE procore_login SET refreshing_since = $4 WHERE company_id = $1 AND id = $2 AND generation = $3 \
             AND refreshing_since IS NULL AND lost_because IS NULL",
            &[self.company.into(), id.into(), generation.into(), now.into()],
        )?;
        Ok(changed == 1)
    }

    /// Stores the pair that a refresh brought. `false` when the login is no longer the one that was refreshed (the
    /// person signed in again, or it was revoked): the pair must then not be used. A login given up in the meantime is
    /// alive again: its pair did come.
    pub fn finish_refresh(
        &mut self,
        id: LoginId,
        generation: i64,
        pair: &SealedPair,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self.tx.exec(
            "UPDATE procore_login SET access_token = $4, refresh_token = $5, expires_at = $6, refreshed_at = $7, \
             generation = generation + 1, refreshing_since = NULL, lost_because = NULL \
             WHERE company_id = $1 AND id = $2 AND generation = $3",
            &[
                self.company.into(),
                id.into(),
                generation.into(),
                pair.access.clone().into(),
                pair.refresh.clone().into(),
                pair.expires_at.into(),
                now.into(),
            ],
        )?;
        Ok(changed == 1)
    }

    /// Gives a claimed refresh back: the refresh token surely never left.
    pub fn abandon_refresh(&mut self, id: LoginId, generation: i64) -> Result<(), StoreError> {
        self.tx.exec(
            "UPDATE procore_login SET refreshing_since = NULL WHERE company_id = $1 AND id = $2 AND generation = $3",
            &[self.company.into(), id.into(), generation.into()],
        )?;
        Ok(())
    }

    /// Marks a token pair as lost: only a new sign-in helps. `why` is a sentence for the person; the first one stays.
    pub fn lose_login(&mut self, id: LoginId, generation: i64, why: &str) -> Result<(), StoreError> {
        self.tx.exec(
            "UPDATE procore_login SET lost_because = $4, refreshing_since = NULL \
             WHERE company_id = $1 AND id = $2 AND generation = $3 AND lost_because IS NULL",
            &[self.company.into(), id.into(), generation.into(), why.into()],
        )?;
        Ok(())
    }

    /// Marks the access token as expired, so that the next use refreshes it: Procore refused it before its time.
    pub fn expire_access(&mut self, id: LoginId, generation: i64, now: Timestamp) -> Result<(), StoreError> {
        self.tx.exec(
            "UPDATE procore_login SET expires_at = $4 \
             WHERE company_id = $1 AND id = $2 AND generation = $3 AND expires_at > $4",
            &[self.company.into(), id.into(), generation.into(), now.into()],
        )?;
        Ok(())
    }

    /// The logins of people who work for this office and for no other connected one: those to be revoked when it is
    /// disconnected.
    pub fn logins_only_for(&mut self, office: OfficeId) -> Result<Vec<Login>, StoreError> {
        let sql = format!(
            "{LOGIN} JOIN person p ON p.id = l.person_id WHERE l.company_id = $1 AND {} AND NOT EXISTS ( \
             SELECT 1 FROM office_integration i WHERE i.company_id = $1 AND i.office_id <> $2 AND {}) ORDER BY l.id",
            tied_to("$2"),
            tied_to("i.office_id"),
        );
        self.tx.readable(&sql, &[self.company.into(), office.into()], login)
    }

    /// Records that a person went off to sign in. Attempts that nobody came back from go on the way, and of theirs all but
    /// the `most` that were begun last.
    pub fn begin_procore_sign_in(
        &mut self,
        attempt: &PendingSignIn,
        now: Timestamp,
        most: i64,
    ) -> Result<(), StoreError> {
        self.tx.exec("DELETE FROM procore_sign_in WHERE expires_at < $1", &[now.into()])?;
        self.tx.exec_one(
            "INSERT INTO procore_sign_in (state_hash, person_id, verifier, return_to, popup, expires_at) \
             SELECT $3, p.id, $4, $5, $6, $7 FROM person p WHERE p.company_id = $1 AND p.id = $2",
            &[
                self.company.into(),
                attempt.person.into(),
                attempt.state_hash.clone().into(),
                attempt.verifier.clone().into(),
                (&attempt.return_to).into(),
                attempt.popup.into(),
                attempt.expires_at.into(),
            ],
        )?;
        self.tx.exec(
            "DELETE FROM procore_sign_in WHERE person_id = $1 AND state_hash <> $2 AND state_hash NOT IN \
             (SELECT state_hash FROM procore_sign_in WHERE person_id = $1 ORDER BY expires_at DESC, state_hash LIMIT $3)",
            &[attempt.person.into(), attempt.state_hash.clone().into(), most.into()],
        )?;
        Ok(())
    }

    /// Takes the sign-in that a `state` belongs to; a second time there is none. Nor is there one for another person,
    /// or when it is too late.
    pub fn take_procore_sign_in(
        &mut self,
        state_hash: &[u8],
        person: PersonId,
        now: Timestamp,
    ) -> Result<Option<PendingSignIn>, StoreError> {
        let key = [self.company.into(), person.into(), state_hash.into()];
        let found = self.tx.one(
            "SELECT s.state_hash, s.person_id, s.verifier, s.return_to, s.popup, s.expires_at FROM procore_sign_in s \
             JOIN person p ON p.id = s.person_id WHERE p.company_id = $1 AND s.person_id = $2 AND s.state_hash = $3",
            &key,
            |row| {
                Ok(PendingSignIn {
                    state_hash: row.get(0)?,
                    person: row.get(1)?,
                    verifier: row.get(2)?,
                    return_to: row.get(3)?,
                    popup: row.get(4)?,
                    expires_at: row.get(5)?,
                })
            },
        )?;
        if found.is_some() {
            self.tx.exec(
                "DELETE FROM procore_sign_in WHERE person_id = $1 AND state_hash = $2",
                &[person.into(), state_hash.into()],
            )?;
        }
        Ok(found.filter(|attempt| attempt.expires_at > now))
    }
}
