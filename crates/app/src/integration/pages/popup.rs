//! The way to Procore's sign-in and back, in a pop-up or in the same window.

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
    integration::{
        copy,
        oauth::{self, Callback},
    },
    serving::{
        flash::FlashKind,
        forms,
        session::{SignedIn, local_path},
    },
};

/// The pop-up's last page: tells the page that opened it, then closes. In the same window it links back.
#[derive(Template)]
#[template(path = "integration/templates/popup_done.html")]
pub(crate) struct PopupDone {
    pub ok: bool,
    /// "You are signed in to Procore as …" or what to do.
    pub sentence: String,
    /// The page to return to if this is not a pop-up.
    pub return_url: String,
}

/// Answers `{"signed_in": true}` once the person has a live login, for pages that can't hear the pop-up.
pub const STATUS_URL: &str = "/procore/sign-in/status";

/// Procore's pages have no such policy. If ours had one, the browser would cut the pop-up off from its opener, and it could
/// not close itself. These pages hold nothing that needs the policy.
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/procore/sign-in", get(begin))
        .route("/procore/callback", get(callback))
        .route("/procore/sign-in/done", get(done))
        .route(STATUS_URL, get(status))
        .layer(SetResponseHeaderLayer::overriding(OPENER_POLICY, HeaderValue::from_static("unsafe-none")))
}

/// The addresses that begin a sign-in and come back to `return_to`: in the same window, and in a pop-up.
pub fn sign_in_urls(return_to: &str) -> (String, String) {
    let url = returning("/procore/sign-in", return_to);
    let popup = format!("{url}&popup=1");
    (url, popup)
}

fn returning(url: &str, return_to: &str) -> String {
    let return_to: String = form_urlencoded::byte_serialize(return_to.as_bytes()).collect();
    format!("{url}?return_to={return_to}")
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Return {
    return_to: String,
    popup: u8,
}

async fn begin(State(app): State<App>, person: SignedIn, Query(wanted): Query<Return>) -> Result<Redirect, Error> {
    let return_to = local_path(&wanted.return_to);
    let url = oauth::begin(&app, &person.actor, return_to, wanted.popup == 1).await?;
    Ok(Redirect::to(url.as_str()))
}

/// Where Procore sends the browser back to. Redirects at once, so that the code stays in no history.
async fn callback(
    State(app): State<App>,
    person: SignedIn,
    Query(callback): Query<Callback>,
) -> Result<Response, Error> {
    let (return_to, popup, outcome) = match oauth::finish(&app, &person.actor, callback).await {
        Ok(returned) => (returned.return_to, returned.popup, returned.outcome),
        // We can't know which window this is; the page works in both.
        Err(error) => ("/projects".to_owned(), true, Err(error)),
    };
    let return_to = local_path(&return_to);
    let url = if popup { returning("/procore/sign-in/done", return_to) } else { return_to.to_owned() };
    forms::done_or_failed(outcome.map(|user| copy::signed_in(&user)), &url)
}

/// The pop-up's last page.
async fn done(State(app): State<App>, person: SignedIn, Query(query): Query<Return>) -> Result<Response, Error> {
    let (ok, sentence) = if let Some(flash) = person.flash {
        (flash.kind == FlashKind::Good, flash.text)
    } else {
        // The page was reloaded, or another page showed the notice first.
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
