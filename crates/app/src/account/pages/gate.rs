//! Sign-in, sign-out and the first run.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::Form;
use secrecy::SecretString;
use serde::Deserialize;
use store::repo::session::SessionRecord;
use tower_http::limit::RequestBodyLimitLayer;

use crate::{
    App, Error, FieldErrors,
    account::{
        news::news,
        setup::{self, Setup},
        sign_in,
        throttle::Origin,
    },
    serving::{
        flash,
        forms::{self, STRANGERS_BODY},
        session::{self, PASSWORD_URL, SignedIn, local_path},
        unsent,
    },
};

/// Posts `email`, `password` and `next`.
#[derive(Default, Template)]
#[template(path = "account/templates/sign_in.html")]
pub(crate) struct SignInPage {
    /// The address typed before, to try again.
    pub email: String,
    /// Where to go afterwards.
    pub next: String,
    pub errors: FieldErrors,
    /// "You are signed out."; empty when there is none.
    pub notice: &'static str,
    /// Logins a demonstration offers, as (what they are, e-mail, password).
    pub demo_logins: Vec<(String, String, String)>,
}

/// The first run on an empty database. Posts the fields of [`SetupTwice`].
#[derive(Default, Template)]
#[template(path = "account/templates/first_run.html")]
pub(crate) struct FirstRunPage {
    pub typed: Setup,
    pub errors: FieldErrors,
}

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
    #[serde(default)]
    ended: u8,
}

async fn page(
    State(app): State<App>,
    person: Option<SignedIn>,
    headers: HeaderMap,
    Query(door): Query<Door>,
) -> Result<Response, Error> {
    if person.is_some() {
        return Ok(Redirect::to(local_path(&door.next)).into_response());
    }
    if setup::is_needed(&app.store).await? {
        return Ok(Redirect::to("/setup").into_response());
    }
    let notice = match (door.signed_out, door.ended, door.next.as_str()) {
        (1, ..) => sign_in::SIGNED_OUT,
        (2, ..) => sign_in::SIGNED_OUT_HERE,
        (_, 1, "") => sign_in::SESSION_ENDED,
        (_, 1, _) if unsent::token(&headers).is_some() => sign_in::SESSION_ENDED_AND_KEPT,
        (_, 1, _) => sign_in::SESSION_ENDED_AND_BACK,
        _ => "",
    };
    forms::page(&SignInPage { next: door.next, notice, ..empty(&app) })
}

fn empty(app: &App) -> SignInPage {
    SignInPage { demo_logins: app.serving.demo_logins.clone(), ..SignInPage::default() }
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
    let again = |errors| SignInPage {
        // What is too long for an e-mail is none, and is not sent back.
        email: if typed.email.len() <= LONGEST_SHOWN { typed.email.clone() } else { String::new() },
        next: local_path(&typed.next).to_owned(),
        errors,
        ..empty(&app)
    };
    match sign_in::sign_in(&app, input).await {
        Ok(entered) => {
            // The browser loses its former session, so that session ends.
            let former = session::token(&app, &headers);
            let session = sign_in::replace(&app, former.as_deref(), &entered).await?;
            let next = next(&session, &typed.next);
            let told = news(&app, &session, entered.wrong).await;
            let cookies = session::entered(&app, entered.session, entered.browser);
            let went_on =
                if told.is_empty() { Redirect::to(&next).into_response() } else { flash::info(&next, told.join(" ")) };
            Ok((cookies, went_on).into_response())
        }
        Err(error @ Error::SlowDown { seconds, .. }) => {
            let status = error.status();
            let page = forms::page(&again(FieldErrors::one("", error.sentence())))?;
            Ok((status, [(header::RETRY_AFTER, seconds.to_string())], page).into_response())
        }
        Err(error) => forms::again(&again(forms::refused(error)?)),
    }
}

/// Where somebody goes who came in.
fn next(session: &SessionRecord, wanted: &str) -> String {
    let next = local_path(wanted);
    if session.password_temporary { session::and_back(PASSWORD_URL, next) } else { next.to_owned() }
}

async fn leave(State(app): State<App>, headers: HeaderMap) -> Result<Response, Error> {
    let ended = match session::token(&app, &headers) {
        Some(token) => sign_in::sign_out(&app, &token).await,
        None => Ok(()),
    };
    // This browser forgets the session even if the database can't be written.
    let here = ended.inspect_err(|error| tracing::warn!(%error, "a session could not be ended")).is_err();
    let next = if here { "/sign-in?signed_out=2" } else { "/sign-in?signed_out=1" };
    Ok((session::end(&app), Redirect::to(next)).into_response())
}

async fn first_run(State(app): State<App>) -> Result<Response, Error> {
    if !setup::is_needed(&app.store).await? {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    forms::page(&FirstRunPage::default())
}

/// The password is typed twice.
#[derive(Deserialize)]
struct SetupTwice {
    #[serde(flatten)]
    setup: Setup,
    #[serde(default)]
    password_again: SecretString,
}

async fn set_up(State(app): State<App>, headers: HeaderMap, Form(typed): Form<SetupTwice>) -> Result<Response, Error> {
    let made = match forms::same_twice(&typed.setup.password, &typed.password_again) {
        Ok(()) => setup::setup(&app.store, app.entropy.as_ref(), app.now(), typed.setup.clone()).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(owner) => {
            let browser = session::browser(&app, &headers);
            let entered = sign_in::enter(&app, owner, browser.as_deref()).await?;
            Ok((session::entered(&app, entered.session, entered.browser), Redirect::to("/projects")).into_response())
        }
        Err(error) => forms::again(&FirstRunPage { errors: forms::refused(error)?, typed: typed.setup }),
    }
}
