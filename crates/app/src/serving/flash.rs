//! The notice that an action leaves for the next page: kept in a cookie over one redirect.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::cookie;
use crate::App;

const COOKIE: &str = "ledgerboard-notice";
/// The longest notice that fits into a cookie.
const LONGEST: usize = 600;

/// A notice above the page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Flash {
    /// Its color and sign.
    pub kind: FlashKind,
    /// What happened and, where needed, what to do.
    pub text: String,
}

/// Kinds of notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlashKind {
    /// Done as asked.
    Good,
    /// Refused or failed.
    Bad,
    /// Good to know.
    Info,
}

impl FlashKind {
    /// The class of the color.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Info => "info",
        }
    }
}

/// Redirects to `url`, with a notice that it was done.
pub fn done(url: &str, text: impl Into<String>) -> Response {
    redirect(url, FlashKind::Good, text.into())
}

/// Redirects to `url`, with a notice of what is good to know.
pub fn info(url: &str, text: impl Into<String>) -> Response {
    redirect(url, FlashKind::Info, text.into())
}

/// Redirects to `url`, with a notice of why it was not done.
pub fn failed(url: &str, text: impl Into<String>) -> Response {
    redirect(url, FlashKind::Bad, text.into())
}

fn redirect(url: &str, kind: FlashKind, text: String) -> Response {
    let mut response = Redirect::to(url).into_response();
    response.extensions_mut().insert(Flash { kind, text });
    response
}

/// The notice in a request's cookie.
pub(crate) fn taken(headers: &HeaderMap) -> Option<Flash> {
    let bytes = URL_SAFE_NO_PAD.decode(cookie::value(headers, COOKIE)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn written(flash: &Flash) -> String {
    let short = Flash { text: domain::text::shortened(&flash.text, LONGEST), ..flash.clone() };
    URL_SAFE_NO_PAD.encode(serde_json::json!(short).to_string())
}

/// Puts a response's notice into its cookie, and removes the cookie once a page has shown it.
pub(crate) async fn carry(State(app): State<App>, request: Request, next: Next) -> Response {
    let brought = cookie::value(request.headers(), COOKIE).is_some();
    let fragment = request.headers().contains_key("hx-request");
    let mut response = next.run(request).await;
    let cookie = match response.extensions_mut().remove::<Flash>() {
        Some(flash) => Some(cookie::cookie(&app, COOKIE, written(&flash))),
        None => (brought && !fragment && is_page(&response)).then(|| cookie::removal(&app, COOKIE)),
    };
    if let Some(value) = cookie.and_then(|cookie| HeaderValue::from_str(&cookie.to_string()).ok()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

fn is_page(response: &Response) -> bool {
    response.status() != StatusCode::NOT_MODIFIED
        && !response.status().is_redirection()
        && response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_survives_the_cookie() {
        let flash = Flash { kind: FlashKind::Bad, text: "“Größe” isn't right; try 5,0".into() };
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, format!("{COOKIE}={}", written(&flash)).parse().unwrap());
        let taken = taken(&headers).unwrap();
        assert_eq!((taken.kind, taken.text), (flash.kind, flash.text));
    }

    #[test]
    fn a_changed_cookie_says_nothing() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("ledgerboard-notice=%%%"));
        assert!(taken(&headers).is_none());
    }
}
