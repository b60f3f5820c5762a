//! Bearer tokens of the JSON API. A token has the rights of the person who made it, no more, and ends.

use domain::{
    ApiTokenId,
    role::{Actor, Role},
    security::SecurityEventKind,
    text::counted,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use store::{
    StoreError,
    repo::api_token::{ApiToken, NewApiToken},
};

use super::secret;
use crate::{App, Error, FieldErrors, security::SecurityNote, typed, words::Text};

/// What every token begins with, so that people and scanners recognize one that leaked.
pub const PREFIX: &str = "lb_";
/// The use of a token is stored this often, because storing it with every call would cost a write.
const NOTED_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// The person is warned this long before its end.
const TOLD_BEFORE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A token that is over is listed for so long.
const LISTED_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Tokens of one person that work at once.
const MOST: i64 = 50;

/// How long a token works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Life {
    /// 30 days.
    Month,
    /// 90 days.
    Quarter,
    /// 365 days: the longest there is.
    #[default]
    Year,
}

impl Life {
    /// All, the shortest first.
    pub const ALL: [Self; 3] = [Self::Month, Self::Quarter, Self::Year];

    /// In days.
    pub const fn days(self) -> i64 {
        match self {
            Self::Month => 30,
            Self::Quarter => 90,
            Self::Year => 365,
        }
    }

    /// "90 days", "1 year".
    pub const fn name(self) -> &'static str {
        match self {
            Self::Month => "30 days",
            Self::Quarter => "90 days",
            Self::Year => "1 year",
        }
    }

    /// The life of so many days, as a form posts them.
    fn read(days: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|life| life.days().to_string() == days)
    }
}

/// A token to be made, as typed.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct TokenInput {
    /// What it is for.
    pub name: String,
    /// How many days it works; one of [`Life::ALL`].
    pub days: String,
    /// It may read and nothing else.
    pub reads_only: bool,
}

impl Default for TokenInput {
    fn default() -> Self {
        Self::called("")
    }
}

impl TokenInput {
    /// One for everything, for as long as there is.
    pub fn called(name: &str) -> Self {
        Self { name: name.to_owned(), days: Life::default().days().to_string(), reads_only: false }
    }
}

/// A token that was just made: shown once, stored as its hash only.
#[derive(Debug, Clone)]
pub struct MadeToken {
    /// Its id.
    pub id: ApiTokenId,
    /// For the `Authorization: Bearer` header.
    pub token: String,
}

/// Who a live token speaks for.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The token.
    pub token: ApiTokenId,
    /// The person, with as much of their rights as the token has.
    pub actor: Actor,
    /// When the token ends.
    pub until: Timestamp,
}

/// The actor's own tokens; all of the company's for the Account Owner.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<ApiToken>, Error> {
    let (company, since) = (actor.company, app.now() - LISTED_FOR);
    let mut tokens = app.store.read(move |tx| tx.of(company).api_tokens(since)).await?;
    tokens.retain(|token| token.person == actor.person || actor.may_change_company().is_ok());
    Ok(tokens)
}

/// The actor's own tokens that work.
pub async fn live(app: &App, actor: &Actor) -> Result<Vec<ApiToken>, Error> {
    let now = app.now();
    let mut tokens = list(app, actor).await?;
    tokens.retain(|token| token.person == actor.person && token.revoked_at.is_none() && token.expires_at > now);
    Ok(tokens)
}

/// "Revoked Nov 5, 2026", "Ended Nov 5, 2026"; empty while it works.
pub fn over(token: &ApiToken, now: Timestamp) -> Text {
    match token.revoked_at {
        Some(at) => Text::from("Revoked ").day(at),
        None if token.expires_at <= now => Text::from("Ended ").day(token.expires_at),
        None => Text::default(),
    }
}

/// "in 9 days", where it ends soon.
pub fn soon(token: &ApiToken, now: Timestamp) -> Option<String> {
    let left = token.expires_at.duration_since(now);
    (left <= TOLD_BEFORE).then(|| match left.as_hours() / 24 {
        0 => "within a day".to_owned(),
        days => format!("in {}", counted(days, "day", "days")),
    })
}

/// Makes a token that speaks for the actor.
pub async fn make(app: &App, actor: &Actor, wanted: TokenInput) -> Result<MadeToken, Error> {
    actor.may_write()?;
    may_have(actor)?;
    let mut errors = FieldErrors::default();
    let name = typed::name(&mut errors, "name", &wanted.name);
    let life = typed::choice(&mut errors, "days", Life::read(&wanted.days)).unwrap_or_default();
    errors.check()?;
    let now = app.now();
    let token = format!("{PREFIX}{}", secret::fresh(app.entropy.as_ref()));
    let new = NewApiToken {
        id: ApiTokenId::fresh(now, app.entropy.as_ref()),
        name,
        hash: secret::hash(&token),
        now,
        expires_at: now + SignedDuration::from_hours(24 * life.days()),
        reads_only: wanted.reads_only,
    };
    let (id, company, person) = (new.id, actor.company, actor.person);
    let note = SecurityNote::new(app, actor, SecurityEventKind::TokenMade);
    app.store
        .write(move |tx| {
            let mut us = tx.of(company);
            if us.count_api_tokens(person, now)? >= MOST {
                return Err(Error::Conflict(format!("You have {MOST} tokens that work. Revoke one first.")));
            }
            us.add_api_token(person, &new)?;
            Ok(note.keep(&mut us, &new.name)?)
        })
        .await?;
    Ok(MadeToken { id, token })
}

/// Revokes a token, at once.
pub async fn revoke(app: &App, actor: &Actor, id: ApiTokenId) -> Result<(), Error> {
    actor.may_write()?;
    let known = list(app, actor).await?;
    let token = known.into_iter().find(|token| token.id == id).ok_or(Error::NotFound)?;
    let (company, now) = (actor.company, app.now());
    let note = SecurityNote::new(app, actor, SecurityEventKind::TokenRevoked);
    let revoked = app
        .store
        .write(move |tx| {
            let mut us = tx.of(company);
            us.revoke_api_token(id, now)?;
            note.keep(&mut us, &format!("{} ({})", token.name, token.person_name))
        })
        .await;
    match revoked {
        // Revoked twice is revoked.
        Ok(()) | Err(StoreError::Expected1Row { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The caller of a bearer token; nobody if it is unknown, revoked or expired.
pub async fn bearer(app: &App, token: &str) -> Result<Option<Caller>, Error> {
    let (hash, now) = (secret::hash(token), app.now());
    let Some(bearer) = app.store.read(move |tx| tx.bearer(&hash, now)).await? else { return Ok(None) };
    if bearer.used_at.is_none_or(|used| now - NOTED_EVERY > used) {
        let (company, id) = (bearer.actor.company, bearer.id);
        // A database that can't be written can still be read.
        if let Err(error) = app.store.write(move |tx| tx.of(company).touch_api_token(id, now)).await {
            tracing::warn!(%error, "the use of an API token could not be noted");
        }
    }
    Ok(Some(Caller { token: bearer.id, actor: bearer.actor, until: bearer.expires_at }))
}

fn may_have(actor: &Actor) -> Result<(), Error> {
    match actor.role {
        Role::FieldUser => Err(domain::role::Denied("Field Users don't use the API. Ask a Project Manager.").into()),
        _ => Ok(()),
    }
}
