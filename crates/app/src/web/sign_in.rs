//! Sign-in, sign-out and the first run.

use std::net::SocketAddr;

use askama::Template as _;
use axum::{
    Router,
    extract::{ConnectInfo, FromRequestParts, Query, State},
    http::{HeaderMap, StatusCode, request::Parts},
    response::{Html, IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::Form;
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    forms,
    session::{self, SignedIn, local_path},
    views,
};
use crate::{
    App, Error,
    actions::{setup, sign_in},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(start))
        .route("/sign-in", get(page).post(enter))
        .route("/sign-out", post(leave))
        .route("/setup", get(first_run).post(set_up))
}

/// The network address of a request, as far as the server was told.
struct Address(String);

impl FromRequestParts<App> for Address {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        let known = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        // From this machine itself comes a reverse proxy, and with it everybody: sixty wrong passwords of a stranger would lock
        // all of them out. Each e-mail has its own limit all the same.
        let told = known.map(|ConnectInfo(address)| address.ip()).filter(|ip| !ip.is_loopback());
        Ok(Self(told.map(|ip| ip.to_string()).unwrap_or_default()))
    }
}

/// Where a visit without a path begins.
async fn start(State(app): State<App>, person: Option<SignedIn>) -> Result<Redirect, Error> {
    Ok(Redirect::to(match person {
        Some(_) => "/projects",
        None if setup::is_needed(&app.store).await? => "/setup",
        None => "/sign-in",
    }))
}

#[derive(Deserialize, Default)]
struct Door {
    #[serde(default)]
    next: String,
    #[serde(default)]
    signed_out: u8,
}

async fn page(State(app): State<App>, person: Option<SignedIn>, Query(door): Query<Door>) -> Result<Response, Error> {
    if person.is_some() {
        return Ok(Redirect::to(local_path(&door.next)).into_response());
    }
    if setup::is_needed(&app.store).await? {
        return Ok(Redirect::to("/setup").into_response());
    }
    let notice = if door.signed_out == 1 { "You are signed out." } else { "" };
    let view = views::SignIn { next: door.next, notice: notice.to_owned(), ..empty(&app) };
    Ok(Html(view.render().map_err(Error::internal)?).into_response())
}

fn empty(app: &App) -> views::SignIn {
    let demo_logins = app.settings.demo_logins.clone();
    views::SignIn { action_url: "/sign-in".to_owned(), demo_logins, ..Default::default() }
}

#[derive(Deserialize)]
struct Entering {
    email: String,
    password: SecretString,
    #[serde(default)]
    next: String,
}

async fn enter(
    State(app): State<App>,
    Address(address): Address,
    headers: HeaderMap,
    Form(typed): Form<Entering>,
) -> Result<Response, Error> {
    let input = sign_in::SignIn { email: typed.email.clone(), password: typed.password, address };
    match sign_in::sign_in(&app, input).await {
        Ok(token) => {
            // The browser forgets its former session, so nobody else may go on with it.
            if let Some(former) = session::token(&app, &headers) {
                sign_in::sign_out(&app, &former).await?;
            }
            let next = local_path(&typed.next).to_owned();
            let temporary = sign_in::session_of(&app, &token).await?.is_some_and(|session| session.password_temporary);
            let next = if temporary {
                let back: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
                format!("{}?next={back}", super::account::PASSWORD_URL)
            } else {
                next
            };
            Ok((session::begin(&app, token), Redirect::to(&next)).into_response())
        }
        Err(Error::Invalid(errors)) => {
            let view =
                views::SignIn { email: typed.email, next: typed.next, errors: forms::errors(&errors), ..empty(&app) };
            forms::again(&view)
        }
        Err(error) => Err(error),
    }
}

async fn leave(State(app): State<App>, headers: HeaderMap) -> Result<Response, Error> {
    if let Some(token) = session::token(&app, &headers) {
        sign_in::sign_out(&app, &token).await?;
    }
    Ok((session::end(&app), Redirect::to("/sign-in?signed_out=1")).into_response())
}

async fn first_run(State(app): State<App>) -> Result<Response, Error> {
    if !setup::is_needed(&app.store).await? {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    let view = views::FirstRun { action_url: "/setup".to_owned(), ..Default::default() };
    Ok(Html(view.render().map_err(Error::internal)?).into_response())
}

#[derive(Deserialize)]
struct SettingUp {
    company: String,
    office: String,
    name: String,
    email: String,
    password: SecretString,
    password_again: SecretString,
}

async fn set_up(State(app): State<App>, Form(typed): Form<SettingUp>) -> Result<Response, Error> {
    let input = setup::Setup {
        company: typed.company.clone(),
        office: typed.office.clone(),
        name: typed.name.clone(),
        email: typed.email.clone(),
        password: typed.password.clone(),
    };
    let made = match forms::same_twice(&typed.password, &typed.password_again) {
        Ok(()) => setup::setup(&app.store, app.entropy.as_ref(), app.now(), input).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(owner) => {
            let token = sign_in::begin_session(&app, owner).await?;
            Ok((StatusCode::SEE_OTHER, session::begin(&app, token), Redirect::to("/projects")).into_response())
        }
        Err(Error::Invalid(errors)) => forms::again(&views::FirstRun {
            action_url: "/setup".to_owned(),
            company: typed.company,
            office: typed.office,
            name: typed.name,
            email: typed.email,
            errors: forms::errors(&errors),
        }),
        Err(error) => Err(error),
    }
}
