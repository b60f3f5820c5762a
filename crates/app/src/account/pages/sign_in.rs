//! Sign-in, sign-out and the first run.

use askama::Template as _;
use axum::{
    Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::role::Role;
use jiff::SignedDuration;
use secrecy::SecretString;
use serde::Deserialize;
use store::repo::session::SessionRecord;
use tower_http::limit::RequestBodyLimitLayer;

use crate::{
    App, Error, FieldErrors,
    account::{
        api_tokens, setup, sign_in,
        throttle::{Origin, WORTH_TELLING},
    },
    serving::{
        flash, forms,
        guard::STRANGERS_BODY,
        session::{self, PASSWORD_URL, SignedIn, local_path},
    },
};

/// Tokens that end this soon are told at sign-in.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The longest e-mail that a refused sign-in shows again.
const LONGEST_SHOWN: usize = 254;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(start))
        .route("/sign-in", get(page).post(enter))
        .route("/sign-out", post(leave))
        .route("/setup", get(first_run).post(set_up))
        .layer(RequestBodyLimitLayer::new(STRANGERS_BODY))
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
    let view = crate::account::views::SignIn { next: door.next, notice: notice.to_owned(), ..empty(&app) };
    Ok(Html(view.render().map_err(Error::internal)?).into_response())
}

fn empty(app: &App) -> crate::account::views::SignIn {
    let demo_logins = app.serving.demo_logins.clone();
    crate::account::views::SignIn { action_url: "/sign-in".to_owned(), demo_logins, ..Default::default() }
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
    origin: Origin,
    headers: HeaderMap,
    Form(typed): Form<Entering>,
) -> Result<Response, Error> {
    let browser = session::browser(&app, &headers);
    let input = sign_in::SignIn { email: typed.email.clone(), password: typed.password, origin, browser };
    let again = |errors| crate::account::views::SignIn {
        // What is too long for an e-mail is none, and is not sent back.
        email: if typed.email.len() <= LONGEST_SHOWN { typed.email.clone() } else { String::new() },
        next: local_path(&typed.next).to_owned(),
        errors,
        ..empty(&app)
    };
    match sign_in::sign_in(&app, input).await {
        Ok(entered) => {
            // The browser forgets its former session, so nobody else may go on with it.
            if let Some(former) = session::token(&app, &headers)
                && let Err(error) = sign_in::sign_out(&app, &former).await
            {
                tracing::warn!(%error, "a former session could not be ended");
            }
            let session = match sign_in::session_of(&app, &entered.session).await {
                Ok(session) => session.ok_or(Error::NotFound)?,
                Err(error) => {
                    // Nobody gets the cookie of a session that opens nothing.
                    sign_in::sign_out(&app, &entered.session).await?;
                    return Err(error);
                }
            };
            let next = next(&session, &typed.next);
            let told = told(&app, &session, entered.wrong).await;
            let cookies = session::remember_browser(&app, session::begin(&app, entered.session), entered.browser);
            let went_on =
                if told.is_empty() { Redirect::to(&next).into_response() } else { flash::info(&next, told.join(" ")) };
            Ok((cookies, went_on).into_response())
        }
        Err(Error::Invalid(errors)) => forms::again(&again(forms::errors(&errors))),
        Err(error @ Error::SlowDown { seconds, .. }) => {
            let status = error.status();
            let page = forms::page(&again(forms::errors(&FieldErrors::one("", error.sentence()))))?;
            Ok((status, [(header::RETRY_AFTER, seconds.to_string())], page).into_response())
        }
        Err(error) => Err(error),
    }
}

/// Where somebody goes who came in.
fn next(session: &SessionRecord, wanted: &str) -> String {
    let next = local_path(wanted);
    if !session.password_temporary {
        return next.to_owned();
    }
    let back: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("{PASSWORD_URL}?next={back}")
}

/// What somebody who comes in has to know: that others tried, and which of their tokens end soon. Nobody is kept out
/// because it can't be told.
async fn told(app: &App, session: &SessionRecord, wrong: u32) -> Vec<String> {
    let mut told = Vec::new();
    if wrong >= WORTH_TELLING {
        let tell = if session.actor.role == Role::AccountOwner { "" } else { ", and tell your Account Owner" };
        told.push(format!(
            "{wrong} wrong passwords were tried for your e-mail before you signed in. If that wasn't you, choose a new \
             password under Password{tell}."
        ));
    }
    let now = app.now();
    let ending = api_tokens::live(app, &session.actor).await.unwrap_or_else(|error| {
        tracing::error!(%error, "whose tokens end soon can't be told");
        Vec::new()
    });
    let ending: Vec<String> = ending
        .into_iter()
        .filter(|token| token.expires_at.duration_since(now) <= SOON)
        .map(|token| format!("“{}”", domain::text::shortened(&token.name, 60)))
        .collect();
    if !ending.is_empty() {
        let (tokens, stop, new) = match ending.len() {
            1 => ("API token", "stops", "a new one"),
            _ => ("API tokens", "stop", "new ones"),
        };
        told.push(format!(
            "Your {tokens} {} {stop} working within two weeks. Make {new} under Settings → API tokens.",
            ending.join(", ")
        ));
    }
    told
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
    let view = crate::account::views::FirstRun { action_url: "/setup".to_owned(), ..Default::default() };
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
        Err(Error::Invalid(errors)) => forms::again(&crate::account::views::FirstRun {
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
