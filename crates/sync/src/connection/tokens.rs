//! A live access token for a person's sign-in to Procore.
//!
//! A refresh token works once, even when the answer to its use is lost. So one refresher at a time works on a login,
//! whichever process it runs in: it claims the refresh in the database before the token leaves, and the new pair is
//! stored before either half is used. A leftover claim shows that a refresh was cut off: the person must sign in, and the token
//! is not tried again.

use std::time::Duration;

use domain::{CompanyId, Entropy, LoginId, PersonId};
use jiff::{SignedDuration, Timestamp};
use procore::Tokens;
use secrecy::SecretString;
use store::repo::login::{Login, SealedPair, UNREADABLE};

use super::told;
use crate::{Context, Error};

/// A token that dies sooner than this is refreshed before it is used.
const REFRESH_BEFORE: SignedDuration = SignedDuration::from_mins(5);
/// One that lives shortly: where so many parts of its life are over that one is left.
const PARTS: i32 = 5;
/// Added to the client's timeout: how long storing the new pair may take before a refresh counts as cut off.
const STORING: SignedDuration = SignedDuration::from_secs(30);
/// How often, and after which pause, somebody else's refresh is looked at.
const LOOKS: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);
/// How often storing a new pair is tried: losing it loses the login.
const STORE_TRIES: u32 = 5;

const NONE: &str = "You are not signed in to Procore yet. Sign in to Procore first.";
/// Procore refused a token that should have lived.
pub const REFUSED: &str = "Procore no longer accepts your sign-in. Sign in to Procore again.";
const CUT_OFF: &str = "A refresh of your Procore sign-in was cut off before its answer was stored, and Procore accepts \
    each refresh only once. Sign in to Procore again.";
const NO_ANSWER: &str = "Procore's answer to a refresh of your sign-in never came, and Procore accepts each refresh only \
    once. Sign in to Procore again.";
const NOT_RENEWABLE: &str = "Procore gave no means to renew your sign-in, and it has ended. Sign in to Procore again.";

/// A token to act with.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// Sent with every call.
    pub token: SecretString,
    /// Whose.
    pub login: LoginId,
    /// Which pair of the login.
    pub generation: i64,
    /// The login's id in Procore.
    pub procore_user_id: i64,
    /// The login's name in Procore.
    pub procore_user: String,
}

/// How a person's sign-in stands, for pages. No request is made for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInHealth {
    /// Never signed in, or signed out.
    None,
    /// Works, and is renewed without the person.
    Live {
        /// The login's name in Procore.
        user: String,
        /// Since when.
        signed_in_at: Timestamp,
        /// When its tokens were last renewed.
        refreshed_at: Timestamp,
    },
    /// Only a new sign-in helps.
    Lost {
        /// The login's name in Procore.
        user: String,
        /// Why, as a sentence.
        why: String,
    },
}

impl SignInHealth {
    /// Whether the person can go on without signing in.
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Live { .. })
    }

    /// The login's name in Procore, if the person signed in.
    pub fn user(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Live { user, .. } | Self::Lost { user, .. } => Some(user),
        }
    }
}

/// What to do with a login before its access token can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TokenState {
    Live,
    Due,
    BeingRefreshed,
    CutOff,
    Lost,
}

fn stage(login: &Login, now: Timestamp, procore_timeout: Duration) -> TokenState {
    let cut_off_after = SignedDuration::try_from(procore_timeout).unwrap_or(SignedDuration::from_mins(1)) + STORING;
    match login.refreshing_since {
        _ if login.lost_because.is_some() => TokenState::Lost,
        // Begun after now: the clock was set back since.
        Some(since) if now.duration_since(since).abs() >= cut_off_after => TokenState::CutOff,
        Some(_) => TokenState::BeingRefreshed,
        None if login.expires_at.duration_since(now) > margin(login) => TokenState::Live,
        None => TokenState::Due,
    }
}

/// How long before its end a token is refreshed: a share of its life, and five minutes at the most.
fn margin(login: &Login) -> SignedDuration {
    let life = login.expires_at.duration_since(login.refreshed_at).max(SignedDuration::ZERO);
    (life / PARTS).min(REFRESH_BEFORE)
}

/// How `person`'s sign-in stands.
pub async fn health(context: &Context, company: CompanyId, person: PersonId) -> Result<SignInHealth, Error> {
    let login = context.store.read(move |tx| tx.of(company).login_of(person)).await?;
    Ok(login.map_or(SignInHealth::None, |login| health_of(&login, context.now(), context.settings.procore_timeout)))
}

/// How a login stands.
pub fn health_of(login: &Login, now: Timestamp, procore_timeout: Duration) -> SignInHealth {
    let user = login.procore_user.clone();
    match stage(login, now, procore_timeout) {
        TokenState::Lost => SignInHealth::Lost { user, why: login.lost_because.clone().unwrap_or_default() },
        TokenState::CutOff => SignInHealth::Lost { user, why: CUT_OFF.to_owned() },
        TokenState::Live | TokenState::Due | TokenState::BeingRefreshed => {
            SignInHealth::Live { user, signed_in_at: login.signed_in_at, refreshed_at: login.refreshed_at }
        }
    }
}

/// A token with a good part of its life before it, refreshed if need be by exactly one caller; the others wait for it. What
/// a refresh brought is used, however short its life: nobody refreshes twice for one answer.
/// [`Error::SignInToProcore`] says why only a new sign-in helps.
pub async fn access(context: &Context, company: CompanyId, person: PersonId) -> Result<AccessToken, Error> {
    let mut first = None;
    for look in 0..LOOKS {
        let login = context.store.read(move |tx| tx.of(company).login_of(person)).await?;
        let login = login.ok_or_else(|| Error::SignInToProcore(NONE.to_owned()))?;
        let pair = (login.id, login.generation);
        let is_new = *first.get_or_insert(pair) != pair;
        match stage(&login, context.now(), context.settings.procore_timeout) {
            TokenState::Live => return opened(context, company, &login).await,
            TokenState::Due if is_new => return opened(context, company, &login).await,
            TokenState::Lost => return Err(Error::SignInToProcore(login.lost_because.unwrap_or_default())),
            TokenState::CutOff => {
                let (id, generation) = (login.id, login.generation);
                context.store.write(move |tx| tx.of(company).lose_login(id, generation, CUT_OFF)).await?;
                tracing::warn!(login = %login.id, "a token refresh was cut off");
            }
            // The pair must be stored even if this caller goes away, so it is on a task of its own.
            TokenState::Due => {
                let context = context.clone();
                tokio::spawn(async move { refresh(&context, company, &login).await })
                    .await
                    .map_err(Error::internal)??;
            }
            // The old access token may be dead from the moment the refresh is executed.
            TokenState::BeingRefreshed if look + 1 < LOOKS => tokio::time::sleep(PAUSE).await,
            TokenState::BeingRefreshed => {}
        }
    }
    Err(Error::ProcoreUnavailable("Your Procore sign-in is being renewed. Please try again in a moment.".to_owned()))
}

/// Procore refused this token before its time: the next [`access`] refreshes, unless that has happened already.
pub async fn refused(context: &Context, company: CompanyId, access: &AccessToken) -> Result<(), Error> {
    let (id, generation, now) = (access.login, access.generation, context.now());
    Ok(context.store.write(move |tx| tx.of(company).expire_access(id, generation, now)).await?)
}

/// Marks a sign-in as lost; `why` is a sentence for the person.
pub async fn lost(context: &Context, company: CompanyId, access: &AccessToken, why: &'static str) -> Result<(), Error> {
    let (id, generation) = (access.login, access.generation);
    Ok(context.store.write(move |tx| tx.of(company).lose_login(id, generation, why)).await?)
}

/// Refreshes a login if nobody else does. After `Ok`, read the login again.
async fn refresh(context: &Context, company: CompanyId, login: &Login) -> Result<(), Error> {
    let (id, generation, now) = (login.id, login.generation, context.now());
    if login.refresh_token.is_empty() {
        return Ok(context.store.write(move |tx| tx.of(company).lose_login(id, generation, NOT_RENEWABLE)).await?);
    }
    // Opened before the claim: a wrong key must not look like a refresh that was cut off.
    let Ok(token) = context.vault.open(&refresh_place(id), &login.refresh_token) else {
        return unreadable(context, company, login).await;
    };
    if !context.store.write(move |tx| tx.of(company).begin_refresh(id, generation, now)).await? {
        return Ok(());
    }
    let error = match context.procore.refresh(&token).await {
        Ok(tokens) => return store_pair(context, company, id, generation, &tokens, now).await,
        Err(error) => error,
    };
    tracing::warn!(login = %id, %error, "a token refresh failed");
    let lost = match &error {
        procore::Error::Uncertain { .. } => Some(NO_ANSWER),
        procore::Error::SignInAgain(_) => Some(REFUSED),
        _ => None,
    };
    context
        .store
        .write(move |tx| match lost {
            Some(why) => tx.of(company).lose_login(id, generation, why),
            // Refused before anything happened, or not sent at all: the token is as good as before.
            None => tx.of(company).abandon_refresh(id, generation),
        })
        .await?;
    if lost.is_some() { Ok(()) } else { Err(told(error)) }
}

async fn store_pair(
    context: &Context,
    company: CompanyId,
    id: LoginId,
    generation: i64,
    tokens: &Tokens,
    now: Timestamp,
) -> Result<(), Error> {
    let pair = seal(context, id, tokens, now);
    let mut tries = 1;
    let stored = loop {
        let pair = pair.clone();
        match context.store.write(move |tx| tx.of(company).finish_refresh(id, generation, &pair, now)).await {
            Ok(stored) => break stored,
            Err(error) if tries == STORE_TRIES => {
                tracing::error!(login = %id, %error, "a new token pair could not be stored and is lost");
                return Err(error.into());
            }
            Err(error) => tracing::warn!(login = %id, %error, tries, "storing a new token pair is tried again"),
        }
        tokio::time::sleep(PAUSE * tries).await;
        tries += 1;
    };
    if !stored {
        // The person signed in again, or was disconnected, meanwhile: nobody may use this pair.
        tracing::info!(login = %id, "a refreshed token pair is not wanted any more and is revoked");
        if let Err(error) = context.procore.revoke(&tokens.access).await {
            tracing::warn!(login = %id, %error, "it could not be revoked");
        }
    }
    Ok(())
}

/// A token pair as it is stored. Its life counts on our clock, from `now`, the moment it was asked for.
pub fn seal(context: &Context, id: LoginId, tokens: &Tokens, now: Timestamp) -> SealedPair {
    let entropy: &dyn Entropy = &*context.entropy;
    let life = SignedDuration::from_secs(tokens.expires_in.into());
    SealedPair {
        access: context.vault.seal(entropy, &access_place(id), &tokens.access),
        refresh: tokens
            .refresh
            .as_ref()
            .map_or_else(Vec::new, |refresh| context.vault.seal(entropy, &refresh_place(id), refresh)),
        expires_at: now.saturating_add(life).unwrap_or(now),
    }
}

async fn opened(context: &Context, company: CompanyId, login: &Login) -> Result<AccessToken, Error> {
    let Ok(token) = context.vault.open(&access_place(login.id), &login.access_token) else {
        unreadable(context, company, login).await?;
        return Err(Error::SignInToProcore(UNREADABLE.to_owned()));
    };
    Ok(AccessToken {
        token,
        login: login.id,
        generation: login.generation,
        procore_user_id: login.procore_user_id,
        procore_user: login.procore_user.clone(),
    })
}

/// What is sealed can't be opened: the key is another one, or bytes were damaged. Only a new sign-in helps.
async fn unreadable(context: &Context, company: CompanyId, login: &Login) -> Result<(), Error> {
    tracing::error!(login = %login.id, "a sign-in to Procore can't be opened with this key and is lost");
    let (id, generation) = (login.id, login.generation);
    Ok(context.store.write(move |tx| tx.of(company).lose_login(id, generation, UNREADABLE)).await?)
}

/// Ends logins at Procore that are deleted here. Answers how many Procore confirmed.
pub async fn revoke(context: &Context, logins: &[Login]) -> usize {
    let mut confirmed = 0;
    for login in logins {
        // Either token ends both; the refresh token lives longer.
        let token = if login.refresh_token.is_empty() {
            context.vault.open(&access_place(login.id), &login.access_token)
        } else {
            context.vault.open(&refresh_place(login.id), &login.refresh_token)
        };
        let ended = match token {
            Ok(token) => context.procore.revoke(&token).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match ended {
            Ok(()) => confirmed += 1,
            Err(error) => tracing::warn!(login = %login.id, %error, "a login could not be revoked at Procore"),
        }
    }
    confirmed
}

fn access_place(id: LoginId) -> String {
    format!("procore_login/{id}/access_token")
}

fn refresh_place(id: LoginId) -> String {
    format!("procore_login/{id}/refresh_token")
}
