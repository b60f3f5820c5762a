//! The notice that an action leaves for the next page: kept in a cookie over one redirect.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::Entropy;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use sync::vault::Vault;

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
    /// What was made and is shown this once.
    pub made: Option<MadeSecret>,
}

/// A password, a token or a link that was just made. We keep only its hash, so this notice alone can show it.
#[derive(Clone, Serialize, Deserialize)]
pub struct MadeSecret {
    /// The id of the person, token or contract that it is for.
    pub of: String,
    /// The secret itself.
    pub secret: String,
}

impl std::fmt::Debug for MadeSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MadeSecret")
    }
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

impl Flash {
    /// What was asked is done.
    pub fn is_good(&self) -> bool {
        self.kind == FlashKind::Good
    }
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

/// Redirects to `url`, with a notice that it was done and the secret that it made for `of`.
pub fn made(url: &str, text: impl Into<String>, of: impl std::fmt::Display, secret: String) -> Response {
    let made = Some(MadeSecret { of: of.to_string(), secret });
    carrying(url, Flash { kind: FlashKind::Good, text: text.into(), made })
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
    carrying(url, Flash { kind, text, made: None })
}

fn carrying(url: &str, flash: Flash) -> Response {
    let mut response = Redirect::to(url).into_response();
    response.extensions_mut().insert(flash);
    response
}

/// The notice in a request's cookie.
pub(crate) fn taken(vault: &Vault, headers: &HeaderMap) -> Option<Flash> {
    let sealed = URL_SAFE_NO_PAD.decode(cookie::value(headers, COOKIE)?).ok()?;
    let opened = vault.open(COOKIE, &sealed).ok()?;
    serde_json::from_str(opened.expose_secret()).ok()
}

/// Sealed: the browser stores cookies, and nobody reads a secret there.
fn written(vault: &Vault, entropy: &dyn Entropy, flash: &Flash) -> String {
    let short = Flash { text: domain::text::shortened(&flash.text, LONGEST), ..flash.clone() };
    URL_SAFE_NO_PAD.encode(vault.seal(entropy, COOKIE, &serde_json::json!(short).to_string().into()))
}

/// Puts a response's notice into its cookie, and removes the cookie once a page has shown it.
pub(crate) async fn carry(State(app): State<App>, request: Request, next: Next) -> Response {
    let brought = cookie::value(request.headers(), COOKIE).is_some();
    let fragment = request.headers().contains_key("hx-request");
    let mut response = next.run(request).await;
    let cookie = match response.extensions_mut().remove::<Flash>() {
        Some(flash) => Some(cookie::cookie(&app, COOKIE, written(&app.vault, &*app.entropy, &flash))),
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
    use crate::clock::SeededEntropy;

    use super::*;

    fn brought(cookie: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, format!("{COOKIE}={cookie}").parse().unwrap());
        headers
    }

    #[test]
    fn a_notice_survives_the_cookie_and_nobody_else_reads_it() {
        let made = Some(MadeSecret { of: "7".into(), secret: "a-secret".into() });
        let flash = Flash { kind: FlashKind::Bad, text: "“Größe” isn't right; try 5,0".into(), made };
        let vault = Vault::new(&[7; 32]);
        let cookie = written(&vault, &SeededEntropy::new(1), &flash);
        assert!(!String::from_utf8_lossy(&URL_SAFE_NO_PAD.decode(&cookie).unwrap()).contains("a-secret"));
        let taken = taken(&vault, &brought(&cookie)).unwrap();
        assert_eq!((taken.kind, taken.text, taken.made.unwrap().secret), (flash.kind, flash.text, "a-secret".into()));
    }

    #[test]
    fn a_changed_cookie_says_nothing() {
        assert!(taken(&Vault::new(&[7; 32]), &brought("%%%")).is_none());
        assert!(taken(&Vault::new(&[7; 32]), &brought("AAAA")).is_none());
    }
}
