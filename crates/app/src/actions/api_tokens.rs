//! Bearer tokens of the JSON API. A token has the rights of the person who made it, no more.

use domain::{
    ApiTokenId,
    role::{Actor, Role},
};
use jiff::SignedDuration;
use store::{StoreError, repo::api_token::ApiToken};

use super::{forms, secret};
use crate::{App, Error, FieldErrors};

/// What every token begins with, so that people and scanners recognise one that leaked.
pub const PREFIX: &str = "lb_";
/// A token's use is noted this often, so that calls do not write.
const NOTED_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// A token that was just made: shown once, stored as its hash only.
#[derive(Debug, Clone)]
pub struct Made {
    /// Its id.
    pub id: ApiTokenId,
    /// For the `Authorization: Bearer` header.
    pub token: String,
}

/// The actor's own tokens; all of the company's for the Account Owner.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<ApiToken>, Error> {
    let company = actor.company;
    let mut tokens = app.store.read(move |tx| tx.of(company).api_tokens()).await?;
    tokens.retain(|token| token.person == actor.person || actor.may_change_company().is_ok());
    Ok(tokens)
}

/// Makes a token that speaks for the actor.
pub async fn make(app: &App, actor: &Actor, name: &str) -> Result<Made, Error> {
    may_have(actor)?;
    let mut errors = FieldErrors::default();
    let name = forms::name(&mut errors, "name", name);
    errors.check()?;
    let now = app.now();
    let token = format!("{PREFIX}{}", secret::fresh(app.entropy.as_ref()));
    let (id, hash) = (ApiTokenId::fresh(now, app.entropy.as_ref()), secret::hash(&token));
    let (company, person) = (actor.company, actor.person);
    app.store.write(move |tx| tx.of(company).add_api_token(id, person, &name, &hash, now)).await?;
    Ok(Made { id, token })
}

/// Revokes a token, at once.
pub async fn revoke(app: &App, actor: &Actor, id: ApiTokenId) -> Result<(), Error> {
    let known = list(app, actor).await?;
    if !known.iter().any(|token| token.id == id) {
        return Err(Error::NotFound);
    }
    let (company, now) = (actor.company, app.now());
    let revoked = app.store.write(move |tx| tx.of(company).revoke_api_token(id, now)).await;
    match revoked {
        // Revoked twice is revoked.
        Ok(()) | Err(StoreError::Expected1Row { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Who a bearer token speaks for; nobody if it is unknown or revoked.
pub async fn bearer(app: &App, token: &str) -> Result<Option<Actor>, Error> {
    let (hash, now) = (secret::hash(token), app.now());
    let Some(bearer) = app.store.read(move |tx| tx.bearer(&hash)).await? else { return Ok(None) };
    if bearer.used_at.is_none_or(|used| now - NOTED_EVERY > used) {
        let (company, id) = (bearer.actor.company, bearer.id);
        app.store.write(move |tx| tx.of(company).touch_api_token(id, now)).await?;
    }
    Ok(Some(bearer.actor))
}

fn may_have(actor: &Actor) -> Result<(), Error> {
    match actor.role {
        Role::FieldUser => Err(domain::role::Denied("Field Users don't use the API. Ask a Project Manager.").into()),
        _ => Ok(()),
    }
}
