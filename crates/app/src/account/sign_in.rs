//! Signing in and out. What slows guesses down is in [`super::throttle`].

use domain::{Entropy, PersonId, security::SecurityEventKind, text::fold};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use store::{
    Store, StoreError,
    repo::session::{NewSession, SessionRecord, SignInCredentials},
};

use super::{
    password::{self, Asker},
    secret,
    throttle::{self, Count, Origin},
};
use crate::{
    App, Error, FieldErrors,
    error::Storage,
    security::{SecurityNote, copy},
};

/// Why a browser that was signed in has to sign in again.
pub const SESSION_ENDED: &str = "Your session ended. Sign in again.";
/// The same, where the page that it was on follows.
pub const SESSION_ENDED_AND_BACK: &str = "Your session ended. Sign in again, and you come back to where you were.";

/// The same, where what was sent is kept.
pub const SESSION_ENDED_AND_KEPT: &str =
    "Your session ended. Sign in again, and you come back to where you were, with what you typed.";

/// Somebody signed out.
pub const SIGNED_OUT: &str = "You are signed out.";
/// The same, where the database could not be written.
pub const SIGNED_OUT_HERE: &str = "You are signed out in this browser. The server could not store that, so your session there \
    ends by itself after 12 hours. Tell your administrator that the server can't save anything.";

/// A session unused for so long is over.
const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// A session is over after this time in any case.
const LONGEST: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The use of a session is stored this often, because storing it with every page would cost a write.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// Sessions of one person at once; beyond that the one unused for longest ends.
const MOST_SESSIONS: i64 = 50;
/// Known browsers of one person; beyond that the one unused for longest is forgotten.
const MOST_BROWSERS: i64 = 20;
/// A browser is forgotten when nobody signed in with it for so long.
const BROWSER_KNOWN_FOR: SignedDuration = SignedDuration::from_hours(180 * 24);
/// Failed sign-ins of one person that are told in an hour: a guesser must not fill the list.
const MOST_TOLD: i64 = 20;
const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);
/// The longest possible e-mail and the longest password that may be chosen, in bytes. Anything longer is wrong.
const LONGEST_EMAIL: usize = 254;
const LONGEST_PASSWORD: usize = 4 * password::LONGEST;

/// The answer to a wrong pair. It does not say which of the two was wrong.
const WRONG: &str = "E-mail or password is wrong.";

/// A new password that is the old one.
pub const SAME_PASSWORD: &str = "Choose a password other than your current one.";

/// An attempt to sign in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// As typed.
    pub email: String,
    /// As typed.
    pub password: SecretString,
    /// Where the request comes from.
    pub origin: Origin,
    /// The browser's cookie, if it signed in before.
    pub browser: Option<String>,
}

/// A successful sign-in.
#[derive(Debug, Clone)]
pub struct Entered {
    /// The session's token, for its cookie. Made here and nowhere else, so a token from before the sign-in is of no use
    /// after it.
    pub session: String,
    /// The browser's token, for its cookie.
    pub browser: String,
    /// Wrong passwords that were tried for the e-mail before.
    pub wrong: u32,
}

/// Checks e-mail and password and begins a session. Somebody who guesses waits for their turn.
pub async fn sign_in(app: &App, input: SignIn) -> Result<Entered, Error> {
    let now = app.now();
    let is_email = input.email.len() <= LONGEST_EMAIL && !input.email.trim().contains(char::is_control);
    if !is_email || input.password.expose_secret().len() > LONGEST_PASSWORD {
        return Err(Error::invalid("", WRONG));
    }
    let email = fold(&input.email);
    let former = input.browser.as_deref().map(secret::hash);
    let (credentials, known) = {
        let email = email.clone();
        app.store
            .read(move |tx| {
                let credentials = tx.credentials(&email)?;
                let known = match (&credentials, &former) {
                    (Some(credentials), Some(cookie)) => {
                        tx.knows_browser(cookie, credentials.person, now - BROWSER_KNOWN_FOR)?
                            && throttle::is_trusted(tx, &email, cookie, now)?
                    }
                    _ => false,
                };
                Ok::<_, StoreError>((credentials, known))
            })
            .await?
    };
    let (line, counts) = match (&credentials, &former) {
        (Some(credentials), Some(cookie)) if known => {
            (Asker::Known(credentials.person), throttle::of_known(&email, cookie))
        }
        _ => (Asker::Strangers(input.origin.network), throttle::of_stranger(&email, input.origin)),
    };
    let concerned = credentials.clone();
    let credentials = match proved(app, line, counts.clone(), credentials, input.password).await {
        Ok(credentials) => credentials,
        Err(error) => return Err(tell_failure(app, concerned, error).await),
    };
    let note = SecurityNote::of_person(app, credentials.person, &credentials.name, SecurityEventKind::SignedIn);
    let (session, browser) = (secret::fresh(app.entropy.as_ref()), secret::fresh(app.entropy.as_ref()));
    let now = app.now();
    let (new, known_as) = (new_session(&session, credentials.person, now), secret::hash(&browser));
    let wrong = app
        .store
        .write(move |tx| {
            tx.begin_session(&new, MOST_SESSIONS)?;
            tx.sweep_browsers(now - BROWSER_KNOWN_FOR)?;
            tx.remember_browser(former.as_ref(), &known_as, credentials.person, now, MOST_BROWSERS)?;
            note.keep(&mut tx.of(credentials.company), "")?;
            throttle::came_in(tx, &email, &counts, now)
        })
        .await?;
    Ok(Entered { session, browser, wrong })
}

/// Ends the `former` session of a browser, and reads the one it has `entered`.
pub async fn replace(app: &App, former: Option<&str>, entered: &Entered) -> Result<SessionRecord, Error> {
    if let Some(former) = former
        && let Err(error) = sign_out(app, former).await
    {
        tracing::warn!(%error, "a former session could not be ended");
    }
    match session_of(app, &entered.session).await {
        Ok(session) => session.ok_or(Error::NotFound),
        Err(error) => {
            // Without a readable session the cookie would be useless.
            sign_out(app, &entered.session).await?;
            Err(error)
        }
    }
}

/// What happens to a person's API tokens when they change their password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tokens {
    /// They work on.
    Keep,
    /// They are revoked.
    Revoke,
}

/// A person changes their own password; the session of `token` goes on, all others end. Wrong guesses at the old one wait
/// for their turn as at a sign-in.
pub async fn change_password(
    app: &App,
    email: &str,
    token: &str,
    old: SecretString,
    new: SecretString,
    tokens: Tokens,
) -> Result<(), Error> {
    if old.expose_secret().len() > LONGEST_PASSWORD {
        return Err(not_the_present_one());
    }
    let email = email.to_owned();
    let credentials = {
        let email = email.clone();
        app.store.read(move |tx| tx.credentials(&email)).await?.ok_or(Error::NotFound)?
    };
    let mut errors = FieldErrors::default();
    password::check(&mut errors, "password", &new, &[&credentials.company_name, &credentials.name, &email]);
    if old.expose_secret() == new.expose_secret() {
        errors.add("password", SAME_PASSWORD);
    }
    errors.check()?;
    let session = secret::hash(token);
    let (line, counts) = (Asker::Known(credentials.person), throttle::of_known(&email, &session));
    let concerned = Some(credentials.clone());
    let credentials = match proved(app, line, counts.clone(), Some(credentials), old).await {
        Ok(credentials) => credentials,
        Err(error) => {
            return Err(match tell_failure(app, concerned, error).await {
                Error::Invalid(_) => not_the_present_one(),
                other => other,
            });
        }
    };
    let note = SecurityNote::of_person(app, credentials.person, &credentials.name, SecurityEventKind::PasswordChanged);
    let (hash, now) = (password::hash(app.entropy.as_ref(), new).await?, app.now());
    app.store
        .write(move |tx| {
            throttle::came_in(tx, &email, &counts, now)?;
            if tokens == Tokens::Revoke {
                tx.revoke_api_tokens_of(credentials.person, now)?;
            }
            note.keep(&mut tx.of(credentials.company), if tokens == Tokens::Revoke { copy::AND_TOKENS } else { "" })?;
            tx.set_own_password(credentials.person, &hash, &session)
        })
        .await?;
    Ok(())
}

fn not_the_present_one() -> Error {
    Error::invalid("old_password", "This is not your current password.")
}

/// The credentials, if the password is right. Waits for the turn of the attempt first.
async fn proved(
    app: &App,
    line: Asker,
    counts: Vec<Count>,
    credentials: Option<SignInCredentials>,
    password: SecretString,
) -> Result<SignInCredentials, Error> {
    let now = app.now();
    let counted = counts.clone();
    let turn = app.store.write(move |tx| throttle::take_turn(tx, &counted, now)).await?;
    let turn = turn.map_err(|until| too_fast(until, now))?;
    if let Ok(wait) = turn.at.duration_since(now).try_into() {
        tokio::time::sleep(wait).await;
    }
    let usable = credentials.filter(|credentials| credentials.enabled);
    let hash = usable.as_ref().map(|credentials| credentials.password_hash.clone());
    match password::verify(line, hash, password).await {
        Ok(right) => usable.filter(|_| right).ok_or_else(|| wrong(turn.next)),
        Err(error) => {
            app.store.write(move |tx| throttle::take_back(tx, &counts)).await?;
            Err(error)
        }
    }
}

/// Tells the Account Owner of a wrong password. For an email that nobody signs in with, the same time passes. Answers the error.
async fn tell_failure(app: &App, whose: Option<SignInCredentials>, error: Error) -> Error {
    if !matches!(error, Error::Invalid(_)) {
        return error;
    }
    let now = app.now();
    let note = whose.map(|whose| {
        let note = SecurityNote::of_person(app, whose.person, &whose.name, SecurityEventKind::SignInFailed).refused();
        (note, whose)
    });
    let told = app
        .store
        .write(move |tx| {
            throttle::touch(tx, now)?;
            let Some((note, whose)) = &note else { return Ok(()) };
            let mut us = tx.of(whose.company);
            let told = us.failed_sign_ins(whose.person, now - AN_HOUR)?;
            if told < MOST_TOLD { note.keep(&mut us, "") } else { Ok(()) }
        })
        .await;
    if let Err::<(), StoreError>(failed) = told {
        tracing::warn!(error = %failed, "a failed sign-in could not be recorded");
    }
    error
}

fn wrong(next: SignedDuration) -> Error {
    match next.as_secs() {
        0 => Error::invalid("", WRONG),
        seconds => Error::invalid(
            "",
            format!("{WRONG} There were several wrong passwords, so the next try takes {}.", in_words(seconds)),
        ),
    }
}

fn too_fast(until: Timestamp, now: Timestamp) -> Error {
    let seconds = until.duration_since(now).as_secs() + 1;
    let sentence = format!(
        "Too many wrong passwords. Wait {}, then try again. In a browser that you have signed in with before, you don't \
         have to wait.",
        in_words(seconds)
    );
    Error::SlowDown { sentence, seconds }
}

fn in_words(seconds: i64) -> String {
    if seconds == 1 { "1 second".to_owned() } else { format!("{seconds} seconds") }
}

/// Begins a session for somebody who has just proved who they are by other means: they made the company or accepted an
/// invitation in this very request.
pub async fn begin_session(app: &App, person: PersonId) -> Result<String, Error> {
    Ok(enter(app, person, None).await?.session)
}

/// The same in a browser, which is known from then on.
pub async fn enter(app: &App, person: PersonId, browser: Option<&str>) -> Result<Entered, Error> {
    let now = app.now();
    let entered = Entered { session: secret::fresh(&*app.entropy), browser: secret::fresh(&*app.entropy), wrong: 0 };
    let (session, known_as) = (new_session(&entered.session, person, now), secret::hash(&entered.browser));
    let former = browser.map(secret::hash);
    let note = SecurityNote::of_person(app, person, "", SecurityEventKind::SignedIn);
    app.store
        .write(move |tx| {
            tx.begin_session(&session, MOST_SESSIONS)?;
            tx.remember_browser(former.as_ref(), &known_as, person, now, MOST_BROWSERS)?;
            let begun = tx.session(&session.token_hash, session.now, session.now - IDLE)?;
            begun.map_or(Ok(()), |begun| note.by(&begun.actor).keep(&mut tx.of(begun.actor.company), ""))
        })
        .await?;
    Ok(entered)
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

/// Ends the session of a cookie's token. On a full disk there may be room to end it, but not to tell of it.
pub async fn sign_out(app: &App, token: &str) -> Result<(), Error> {
    let (hash, now) = (secret::hash(token), app.now());
    let note = SecurityNote::of_person(app, PersonId(uuid::Uuid::nil()), "", SecurityEventKind::SignedOut);
    let ended = app
        .store
        .write(move |tx| {
            if let Some(SessionRecord { actor, .. }) = tx.session(&hash, now, now - IDLE)? {
                note.by(&actor).keep(&mut tx.of(actor.company), "")?;
            }
            tx.end_session(&hash)
        })
        .await;
    match ended.map_err(Error::from) {
        Err(Error::Storage(Storage::Full, _)) => Ok(app.store.write(move |tx| tx.end_session(&hash)).await?),
        ended => ended,
    }
}

/// Gives the person of an e-mail a new password, which ends their sessions and API tokens: `ledgerboard reset-password`.
pub async fn reset_password(
    store: &Store,
    entropy: &dyn Entropy,
    now: Timestamp,
    email: &str,
    new: SecretString,
) -> Result<(), Error> {
    let email = fold(email);
    let credentials = {
        let email = email.clone();
        store.read(move |tx| tx.credentials(&email)).await?.ok_or(Error::NotFound)?
    };
    let mut errors = FieldErrors::default();
    password::check(&mut errors, "password", &new, &[&credentials.company_name, &credentials.name, &email]);
    errors.check()?;
    let hash = password::hash(entropy, new).await?;
    let note = SecurityNote::of_operator(now, SecurityEventKind::PasswordReset);
    store
        .write(move |tx| {
            tx.reset_password(credentials.person, &hash, now)?;
            note.keep(&mut tx.of(credentials.company), &credentials.name)?;
            throttle::forget(tx, &email)
        })
        .await?;
    Ok(())
}

fn new_session(token: &str, person: PersonId, now: Timestamp) -> NewSession {
    NewSession { token_hash: secret::hash(token), person, now, expires_at: now + LONGEST }
}
