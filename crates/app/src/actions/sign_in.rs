//! Signing in and out, and the throttle in front of it.

use domain::{Entropy, PersonId, text::fold};
use jiff::{SignedDuration, Timestamp, Unit};
use secrecy::SecretString;
use store::{
    Store, StoreError, Tx,
    repo::session::{Credentials, NewSession, SessionRecord},
};

use super::{password, secret};
use crate::{App, Error, FieldErrors};

/// A session unused for so long is over.
const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// And after this time in any case.
const LONGEST: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A session's use is noted this often, so that reading a page does not write.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// The window in which failures are counted.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Failures in a window after which an e-mail has to wait.
const PER_EMAIL: u32 = 8;
/// Failures in a window after which an address has to wait; an office may share one.
const PER_ADDRESS: u32 = 60;

/// What a wrong pair is told; which of the two was wrong is nobody's business.
const WRONG: &str = "E-mail or password is wrong.";

/// Who is at the door.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// As typed.
    pub email: String,
    /// As typed.
    pub password: SecretString,
    /// The network address it comes from; empty if unknown.
    pub address: String,
}

/// Checks e-mail and password and begins a session. The answer is its token, for the cookie.
///
/// A token is made here and nowhere else, so a token from before the sign-in is of no use after it.
pub async fn sign_in(app: &App, input: SignIn) -> Result<String, Error> {
    let (credentials, subjects) = proved(app, input).await?;
    let now = app.now();
    let token = secret::fresh(app.entropy.as_ref());
    let session = new_session(&token, credentials.person, now);
    app.store
        .write(move |tx| {
            // Only the e-mail's count: one right password must not open the door for guesses at others'.
            tx.forget_sign_in_failures(&subjects[0].0)?;
            tx.begin_session(&session)
        })
        .await?;
    Ok(token)
}

/// A person changes their own password; the session of `token` goes on, all others end. Wrong guesses at the old one are
/// counted as failed sign-ins.
pub async fn change_password(
    app: &App,
    email: &str,
    token: &str,
    old: SecretString,
    new: SecretString,
) -> Result<(), Error> {
    let mut errors = FieldErrors::default();
    password::check(&mut errors, "password", &new);
    errors.check()?;
    let input = SignIn { email: email.to_owned(), password: old, address: String::new() };
    let (credentials, subjects) = proved(app, input).await.map_err(|error| match error {
        Error::Invalid(errors) if errors.get("") == WRONG => {
            Error::invalid("old_password", "This is not your present password.")
        }
        other => other,
    })?;
    let (hash, session) = (password::hash(app.entropy.as_ref(), new).await?, secret::hash(token));
    app.store
        .write(move |tx| {
            tx.forget_sign_in_failures(&subjects[0].0)?;
            tx.set_own_password(credentials.person, &hash, &session)
        })
        .await?;
    Ok(())
}

/// Whoever knows e-mail and password, and what their failures would have been counted by.
async fn proved(app: &App, input: SignIn) -> Result<(Credentials, Vec<(String, u32)>), Error> {
    let email = fold(&input.email);
    let now = app.now();
    let subjects = subjects(&email, &input.address);
    let (wait, credentials) = {
        let (email, subjects) = (email.clone(), subjects.clone());
        app.store.read(move |tx| Ok::<_, StoreError>((throttled(tx, &subjects, now)?, tx.credentials(&email)?))).await?
    };
    if let Some(until) = wait {
        return Err(too_many(until));
    }
    let usable = credentials.filter(|credentials| credentials.enabled);
    let right = password::verify(usable.as_ref().map(|c| c.password_hash.clone()), input.password).await?;
    let Some(credentials) = usable.filter(|_| right) else {
        let (until, counted) = (now + WINDOW, subjects);
        let wait = app
            .store
            .write(move |tx| {
                for (subject, _) in &counted {
                    tx.count_sign_in_failure(subject, now, until)?;
                }
                throttled(tx, &counted, now)
            })
            .await?;
        return Err(wait.map_or_else(|| Error::invalid("", WRONG), too_many));
    };
    Ok((credentials, subjects))
}

/// Begins a session for somebody who has just proved who they are by other means: they made the company or accepted an
/// invitation in this very request.
pub async fn begin_session(app: &App, person: PersonId) -> Result<String, Error> {
    let token = secret::fresh(app.entropy.as_ref());
    let session = new_session(&token, person, app.now());
    app.store.write(move |tx| tx.begin_session(&session)).await?;
    Ok(token)
}

/// The live session of a cookie's token.
pub async fn session_of(app: &App, token: &str) -> Result<Option<SessionRecord>, Error> {
    let (hash, now) = (secret::hash(token), app.now());
    let session = app.store.read(move |tx| tx.session(&hash, now, now - IDLE)).await?;
    if session.as_ref().is_some_and(|session| now - NOTED_EVERY > session.seen_at) {
        // A database that can't be written can still be read.
        if let Err(error) = app.store.write(move |tx| tx.touch_session(&hash, now)).await {
            tracing::warn!(%error, "the use of a session could not be noted");
        }
    }
    Ok(session)
}

/// Ends the session of a cookie's token.
pub async fn sign_out(app: &App, token: &str) -> Result<(), Error> {
    let hash = secret::hash(token);
    Ok(app.store.write(move |tx| tx.end_session(&hash)).await?)
}

/// Gives the person of an e-mail a new password and ends their sessions: `ledgerboard reset-password`.
pub async fn reset_password(store: &Store, entropy: &dyn Entropy, email: &str, new: SecretString) -> Result<(), Error> {
    let mut errors = FieldErrors::default();
    password::check(&mut errors, "password", &new);
    errors.check()?;
    let hash = password::hash(entropy, new).await?;
    let email = fold(email);
    store
        .write(move |tx| {
            let person = tx.credentials(&email)?.ok_or(Error::NotFound)?.person;
            tx.set_password(person, &hash)?;
            tx.ask_for_own_password(person)?;
            tx.forget_sign_in_failures(&format!("email:{email}"))?;
            Ok(())
        })
        .await
}

fn new_session(token: &str, person: PersonId, now: Timestamp) -> NewSession {
    NewSession { token_hash: secret::hash(token), person, now, expires_at: now + LONGEST }
}

/// What failures are counted by, with the limit of each.
fn subjects(email: &str, address: &str) -> Vec<(String, u32)> {
    let mut subjects = vec![(format!("email:{email}"), PER_EMAIL)];
    if !address.is_empty() {
        subjects.push((format!("address:{address}"), PER_ADDRESS));
    }
    subjects
}

/// Until when a subject has to wait, if one has to.
fn throttled(tx: &mut Tx, subjects: &[(String, u32)], now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let mut wait = None;
    for (subject, limit) in subjects {
        let (failures, until) = tx.sign_in_failures(subject, now)?;
        if failures >= *limit {
            wait = wait.max(Some(until));
        }
    }
    Ok(wait)
}

fn too_many(until: Timestamp) -> Error {
    let minute = until.round(Unit::Minute).unwrap_or(until).max(until);
    Error::invalid("", format!("Too many attempts. Try again after {} UTC.", minute.strftime("%H:%M")))
}
