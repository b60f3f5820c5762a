//! To Procore's sign-in and back, in a window of its own or in this one.

use askama::Template;
use axum::{
    Json, Router,
    extract::{Query, State},
    http::{HeaderName, HeaderValue},
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use serde::Deserialize;
use serde_json::json;
use sync::connection::tokens;
use tower_http::set_header::SetResponseHeaderLayer;
use url::form_urlencoded;

use crate::{
    App, Error,
    integration::sign_in::{self, Callback},
    serving::{
        flash, forms,
        session::{SignedIn, local_path},
        views::FlashKind,
    },
};

/// The last page of the pop-up: tells the page that opened it, then closes itself. In the same window it leads back.
#[derive(Template)]
#[template(path = "integration/templates/popup_done.html")]
pub(crate) struct PopupDone {
    pub ok: bool,
    /// "You are signed in to Procore as …" or what to do.
    pub sentence: String,
    /// The page to return to when this is no pop-up.
    pub return_url: String,
}

/// Answers `{"signed_in": true}` once the person has a live login: what a page asks that cannot hear the pop-up.
pub const STATUS_URL: &str = "/procore/sign-in/status";

/// A window that changes from Procore's pages, which have no such policy, to ones of ours that have is cut off from who
/// opened it, and may then not close itself. Nothing on these pages is worth more than that.
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/procore/sign-in", get(begin))
        .route("/procore/callback", get(callback))
        .route("/procore/sign-in/done", get(done))
        .route(STATUS_URL, get(status))
        .layer(SetResponseHeaderLayer::overriding(OPENER_POLICY, HeaderValue::from_static("unsafe-none")))
}

/// Where a sign-in begins that comes back to `return_to`: in this window, and in one of its own.
pub fn sign_in_urls(return_to: &str) -> (String, String) {
    let return_to: String = form_urlencoded::byte_serialize(return_to.as_bytes()).collect();
    let url = format!("/procore/sign-in?return_to={return_to}");
    let popup = format!("{url}&popup=1");
    (url, popup)
}

#[derive(Deserialize)]
struct Begin {
    #[serde(default)]
    return_to: String,
    #[serde(default)]
    popup: u8,
}

async fn begin(State(app): State<App>, person: SignedIn, Query(wanted): Query<Begin>) -> Result<Redirect, Error> {
    let return_to = local_path(&wanted.return_to);
    let url = sign_in::begin(&app, &person.actor, return_to, wanted.popup == 1).await?;
    Ok(Redirect::to(url.as_str()))
}

/// Where Procore sends the browser back to. It goes on at once, so that the code stays in no history.
async fn callback(
    State(app): State<App>,
    person: SignedIn,
    Query(callback): Query<Callback>,
) -> Result<Response, Error> {
    let (return_to, popup, outcome) = match sign_in::finish(&app, &person.actor, callback).await {
        Ok(returned) => (returned.return_to, returned.popup, returned.outcome),
        // Whose window this is cannot be known; the page works in both.
        Err(error) => ("/projects".to_owned(), true, Err(error)),
    };
    let return_to = local_path(&return_to);
    let url = if popup {
        let return_to: String = form_urlencoded::byte_serialize(return_to.as_bytes()).collect();
        format!("/procore/sign-in/done?return_to={return_to}")
    } else {
        return_to.to_owned()
    };
    Ok(match outcome {
        Ok(user) => flash::done(&url, format!("You are signed in to Procore as {user}.")),
        Err(error) => flash::failed(&url, forms::notice(error)?),
    })
}

#[derive(Deserialize)]
struct Done {
    #[serde(default)]
    return_to: String,
}

/// The end of the pop-up: tells the page that opened it, then closes.
async fn done(State(app): State<App>, person: SignedIn, Query(query): Query<Done>) -> Result<Response, Error> {
    let (ok, sentence) = if let Some(flash) = person.flash {
        (flash.kind == FlashKind::Good, flash.text)
    } else {
        // Reloaded, or another page showed the notice first.
        let health = tokens::health(&app, person.actor.company, person.actor.person).await?;
        let sentence = if health.is_live() { "You are signed in to Procore." } else { "Please start again." };
        (health.is_live(), sentence.to_owned())
    };
    forms::page(&PopupDone { ok, sentence, return_url: local_path(&query.return_to).to_owned() })
}

async fn status(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    let health = tokens::health(&app, person.actor.company, person.actor.person).await?;
    Ok(Json(json!({ "signed_in": health.is_live() })).into_response())
}
