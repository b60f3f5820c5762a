//! Signs a person in to Procore: OAuth 2.0 with authorization code, `state` and PKCE, after RFC 9700.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Entropy, LoginId, role::Actor, security::SecurityEventKind};
use jiff::{SignedDuration, Timestamp};
use procore::{Tokens, pkce_challenge};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use store::repo::{
    login::{Login, PendingSignIn},
    push_login::ConfirmedAs,
};
use sync::connection::{tokens, told};
use url::Url;

use crate::{App, Error, security::SecurityNote};

/// How long a person may take on Procore's pages; its codes live as long.
const TIME_TO_SIGN_IN: SignedDuration = SignedDuration::from_mins(10);

/// The most sign-ins that a person may have open; another one ends the oldest.
const MOST_AT_ONCE: i64 = 5;

const NOT_OURS: &str = "This sign-in to Procore took too long, was used already, or was begun by somebody else. \
    Please start it again.";
const DENIED: &str = "You didn't allow Ledgerboard to act for you in Procore, so nothing was connected.";

/// What Procore's redirect carries.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct Callback {
    /// The code to exchange for tokens.
    #[serde(default)]
    pub code: String,
    /// The state that we sent.
    #[serde(default)]
    pub state: String,
    /// Set instead of `code`.
    #[serde(default)]
    pub error: String,
}

/// A finished sign-in.
#[derive(Debug)]
pub struct Returned {
    /// The path of this instance where it began.
    pub return_to: String,
    /// Whether it ran in a pop-up.
    pub popup: bool,
    /// The login's name in Procore, or why the sign-in failed.
    pub outcome: Result<String, Error>,
}

/// Begins a sign-in for the actor, and returns where to send their browser. `return_to` is a path of this instance.
pub async fn begin(app: &App, actor: &Actor, return_to: &str, popup: bool) -> Result<Url, Error> {
    let (state, verifier) = (random(&*app.entropy), random(&*app.entropy));
    let now = app.now();
    let state_hash = hash(&state);
    let attempt = PendingSignIn {
        verifier: app.vault.seal(&*app.entropy, &verifier_place(&state_hash), &verifier.clone().into()),
        state_hash,
        person: actor.person,
        return_to: return_to.to_owned(),
        popup,
        expires_at: now.saturating_add(TIME_TO_SIGN_IN).unwrap_or(now),
    };
    let company = actor.company;
    app.store.write(move |tx| tx.of(company).begin_procore_sign_in(&attempt, now, MOST_AT_ONCE)).await?;
    Ok(app.procore.authorize_url(&state, &pkce_challenge(&verifier)))
}

/// Finishes a sign-in when the browser comes back. [`Error::Conflict`] if the actor didn't begin it: then nothing is
/// exchanged, so that a link made by somebody else signs nobody in.
pub async fn finish(app: &App, actor: &Actor, callback: Callback) -> Result<Returned, Error> {
    let (company, person, now) = (actor.company, actor.person, app.now());
    let state_hash = hash(&callback.state);
    let pending = {
        let state_hash = state_hash.clone();
        app.store.write(move |tx| tx.of(company).take_procore_sign_in(&state_hash, person, now)).await?
    };
    let pending = pending.ok_or_else(|| Error::Conflict(NOT_OURS.to_owned()))?;
    let outcome = match callback {
        Callback { error, .. } if error == "access_denied" => Err(Error::ProcoreRefused(DENIED.to_owned())),
        Callback { error, .. } if !error.is_empty() => {
            tracing::warn!(%error, "Procore refused a sign-in");
            let error: String = error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
            Err(Error::ProcoreRefused(format!("Procore did not sign you in ({error}). Please try again.")))
        }
        Callback { code, .. } => {
            match app.vault.open(&verifier_place(&state_hash), &pending.verifier) {
                Ok(verifier) => exchange(app, actor, &code, &verifier, now).await,
                // The key changed meanwhile: starting again helps.
                Err(error) => {
                    tracing::error!(%error, "a sign-in under way can't be ended");
                    Err(Error::Conflict(NOT_OURS.to_owned()))
                }
            }
        }
    };
    Ok(Returned { return_to: pending.return_to, popup: pending.popup, outcome })
}

async fn exchange(
    app: &App,
    actor: &Actor,
    code: &str,
    verifier: &SecretString,
    now: Timestamp,
) -> Result<String, Error> {
    let refused = |error| match error {
        procore::Error::SignInAgain(_) => Error::Conflict(NOT_OURS.to_owned()),
        other => told(other).into(),
    };
    let tokens = app.procore.exchange_code(code, verifier.expose_secret()).await.map_err(refused)?;
    let me = match app.procore.acting(tokens.access.clone(), None).me().await {
        Ok(me) => me.value,
        Err(error) => {
            // Nobody would ever use them.
            let _ = app.procore.revoke(&tokens.access).await;
            return Err(told(error).into());
        }
    };
    let user = if me.login.is_empty() { me.name.unwrap_or_default() } else { me.login };
    let stored = match fits(app, actor, me.id.0, &user, &tokens).await {
        Ok(()) => store(app, actor, new_login(app, actor, me.id.0, &user, &tokens, now), now).await,
        Err(refused) => Err(refused),
    };
    if let Err(refused) = stored {
        let _ = app.procore.revoke(&tokens.access).await;
        return Err(refused);
    }
    // A push may be waiting for this sign-in.
    app.wake.notify_one();
    Ok(user)
}

/// Replaces the person's login, and resumes the pushes that waited for it. The former tokens simply expire: a running push
/// may still use them.
async fn store(app: &App, actor: &Actor, login: Login, now: Timestamp) -> Result<(), Error> {
    let (company, quarantine) = (actor.company, app.settings.push_quarantine);
    let note = SecurityNote::new(app, actor, SecurityEventKind::ProcoreSignedIn);
    app.store
        .write(move |tx| {
            let mut us = tx.of(company);
            // Once more: a push may have been confirmed since.
            same_user(&us.pushes_confirmed_by(login.person)?, login.procore_user_id, &login.procore_user)?;
            us.replace_login(&login)?;
            note.keep(&mut us, &login.procore_user)?;
            us.claim_pushes_of(login.person)?;
            crate::push::resume::resume(&mut us, login.person, now, quarantine)
        })
        .await?;
    Ok(())
}

/// Checks that this login fits the actor's unfinished pushes: they need the Procore user that confirmed them, in their
/// accounts. Another login would write under another name, or be refused later. Without unfinished pushes, those who connect
/// offices may sign in to any account, and everybody else only to one that an office is connected to.
async fn fits(app: &App, actor: &Actor, user_id: i64, user: &str, tokens: &Tokens) -> Result<(), Error> {
    let (company, person, office) = (actor.company, actor.person, actor.office);
    let (open, connected, offices) = app
        .store
        .read(move |tx| {
            let mut us = tx.of(company);
            Ok::<_, Error>((us.pushes_confirmed_by(person)?, us.integrations()?, us.offices()?))
        })
        .await?;
    same_user(&open, user_id, user)?;
    if open.is_empty() && (connected.is_empty() || actor.integrates_offices()) {
        return Ok(());
    }
    let seen = app.procore.acting(tokens.access.clone(), None).companies().await.map_err(told)?.value;
    let sees = |account: i64| {
        let read = seen.records.iter().any(|company| company.id.0 == account);
        // The account may be among the records that can't be read.
        read || seen.odd.iter().any(|odd| odd.id.is_none_or(|id| id == account))
    };
    if let Some(wait) = open.iter().find(|wait| !sees(wait.procore_company)) {
        let (pushes, account) = (under_way(wait.pushes), wait.account.as_deref());
        let account = account.map_or_else(|| format!("with the id {}", wait.procore_company), str::to_owned);
        return Err(Error::Conflict(format!(
            "{pushes} under way in the account {account}, and the Procore login {user} is not in the account. Sign in to \
             Procore as somebody who is, ask a Procore administrator there to add you, or cancel what was not sent first."
        )));
    }
    if !open.is_empty() || connected.iter().any(|office| sees(office.procore_company_id)) {
        return Ok(());
    }
    let Some(own) = connected.iter().find(|at| Some(at.office) == office).or(connected.first()) else { return Ok(()) };
    let name =
        offices.into_iter().find(|office| office.id == own.office).map_or_else(String::new, |office| office.name);
    Err(Error::Conflict(format!(
        "The Procore login {user} is not in the account {}, which the office {name} is connected to. Sign in to Procore as \
         somebody who is, or ask a Procore administrator there to add you.",
        own.procore_company
    )))
}

/// Refuses a login as another Procore user than the one that confirmed the unfinished pushes.
fn same_user(open: &[ConfirmedAs], user_id: i64, user: &str) -> Result<(), Error> {
    let other = |wait: &&ConfirmedAs| wait.user.as_ref().is_some_and(|(id, _)| *id != user_id);
    let others: Vec<&ConfirmedAs> = open.iter().filter(other).collect();
    let Some((_, former)) = others.first().and_then(|wait| wait.user.as_ref()) else { return Ok(()) };
    let pushes = under_way(others.iter().map(|wait| wait.pushes).sum());
    Err(Error::Conflict(format!(
        "{pushes} under way in Procore as {former}. Sign in to Procore as {former}, not as {user}, or cancel what was not \
         sent first."
    )))
}

fn under_way(pushes: i64) -> String {
    if pushes == 1 { "1 push is".to_owned() } else { format!("{pushes} pushes are") }
}

fn new_login(app: &App, actor: &Actor, user_id: i64, user: &str, tokens: &Tokens, now: Timestamp) -> Login {
    let id = LoginId::fresh(now, &*app.entropy);
    let pair = tokens::seal(app, id, tokens, now);
    Login {
        id,
        person: actor.person,
        procore_user_id: user_id,
        procore_user: user.to_owned(),
        access_token: pair.access,
        refresh_token: pair.refresh,
        expires_at: pair.expires_at,
        generation: 1,
        refreshing_since: None,
        lost_because: None,
        signed_in_at: now,
        refreshed_at: now,
    }
}

/// 256 random bits as characters that a URL and a PKCE verifier allow.
fn random(entropy: &dyn Entropy) -> String {
    let mut bytes = [0u8; 32];
    entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn hash(state: &str) -> Vec<u8> {
    Sha256::digest(state.as_bytes()).to_vec()
}

fn verifier_place(state_hash: &[u8]) -> String {
    format!("procore_sign_in/{}/verifier", URL_SAFE_NO_PAD.encode(state_hash))
}
