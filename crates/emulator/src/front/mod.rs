//! The HTML front: enough to sign in, to agree, and to see what arrived.

mod hooks;
mod pages;

use askama::Template;
use axum::Router;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;

/// The login page.
#[derive(Template)]
#[template(path = "login.html")]
pub(crate) struct LoginPage {
    pub(crate) next: String,
    pub(crate) login: String,
    pub(crate) error: Option<&'static str>,
    /// Login and name of everyone who may sign in here.
    pub(crate) people: Vec<(String, String)>,
}

/// The page that asks whether an app may act for one.
#[derive(Template)]
#[template(path = "consent.html")]
pub(crate) struct ConsentPage {
    pub(crate) app: String,
    pub(crate) name: String,
    pub(crate) login: String,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: String,
    pub(crate) code_challenge: String,
    pub(crate) code_challenge_method: String,
}

/// A page with one thing to say.
#[derive(Template)]
#[template(path = "message.html")]
pub(crate) struct MessagePage {
    pub(crate) title: String,
    pub(crate) text: String,
}

/// A template as a response.
pub(crate) fn render(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Procore's answer to a wrong path is a page, not JSON.
pub(crate) async fn not_found() -> Response {
    nothing_here()
}

pub(crate) fn nothing_here() -> Response {
    let page = MessagePage { title: "Page not found".to_owned(), text: "There is nothing at this address.".to_owned() };
    (StatusCode::NOT_FOUND, render(&page)).into_response()
}

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/", get(pages::home))
        .route("/assets/emulator.css", get(pages::css))
        .route("/_emulator", get(pages::operator))
        .route("/_emulator/webhooks", get(hooks::page))
        .route(pages::EVENTS_ROUTE, get(pages::events))
        .route(pages::EVENT_ROUTE, get(pages::event))
}
