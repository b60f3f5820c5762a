//! The signed-in person of a request, and the cookie that says so.

use std::ops::Deref;

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, HeaderValue, Method, StatusCode, request::Parts},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use store::repo::session::SessionRecord;
use url::form_urlencoded;

use super::flash::{self, Flash};
use crate::{App, Error, account::sign_in};

/// Where a person changes their password.
pub(crate) const PASSWORD_URL: &str = "/account/password";

/// A signed-in person, with what their session says of them. As a handler's argument it admits nobody else: others go to the
/// sign-in page and come back afterwards.
#[derive(Debug, Clone)]
pub struct SignedIn {
    session: SessionRecord,
    /// The notice that the previous action left.
    pub flash: Option<Flash>,
}

impl Deref for SignedIn {
    type Target = SessionRecord;

    fn deref(&self) -> &SessionRecord {
        &self.session
    }
}

/// Plain http has no `Secure` cookies, and so no `__Host-` prefix.
fn cookie_name(app: &App) -> &'static str {
    if app.serving.insecure_cookies { "ledgerboard" } else { "__Host-ledgerboard" }
}

/// A cookie that no other host can set or read, and that other sites' forms don't send.
pub(crate) fn cookie(app: &App, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(!app.serving.insecure_cookies)
        .build()
}

/// The cookie of a new session. It ends with the browser; the server may end the session earlier.
pub fn begin(app: &App, token: String) -> CookieJar {
    CookieJar::new().add(cookie(app, cookie_name(app), token))
}

/// The cookie that marks a browser in which somebody signed in. It stays when they sign out.
pub fn remember_browser(app: &App, jar: CookieJar, token: String) -> CookieJar {
    let mut known = cookie(app, browser_name(app), token);
    known.make_permanent();
    jar.add(known)
}

/// The token of a browser in which somebody signed in before.
pub fn browser(app: &App, headers: &HeaderMap) -> Option<String> {
    value(headers, browser_name(app))
}

fn browser_name(app: &App) -> &'static str {
    if app.serving.insecure_cookies { "ledgerboard-browser" } else { "__Host-ledgerboard-browser" }
}

/// Removes the cookie.
pub fn end(app: &App) -> CookieJar {
    let mut cookie = cookie(app, cookie_name(app), String::new());
    cookie.make_removal();
    CookieJar::new().add(cookie)
}

/// The token of the request's cookie.
pub fn token(app: &App, headers: &HeaderMap) -> Option<String> {
    value(headers, cookie_name(app))
}

fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    CookieJar::from_headers(headers).get(name).map(|cookie| cookie.value().to_owned())
}

/// The person of the request's cookie, if its session is live.
pub(crate) async fn signed_in(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>, Error> {
    let Some(token) = token(app, headers) else { return Ok(None) };
    let session = match sign_in::session_of(app, &token).await {
        // The session opens nothing, and others can sign in with this browser.
        Err(Error::Unreadable(because)) => {
            tracing::error!(because, "a session's person can't be read");
            None
        }
        session => session?,
    };
    Ok(session.map(|session| SignedIn { session, flash: flash::taken(headers) }))
}

/// Whether the request's cookie is that of a live session.
pub(crate) async fn is_live(app: &App, headers: &HeaderMap) -> bool {
    match token(app, headers) {
        Some(token) => sign_in::session_of(app, &token).await.is_ok_and(|session| session.is_some()),
        None => false,
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let AnyPassword(person) = AnyPassword::from_request_parts(parts, app).await?;
        if person.password_temporary { Err(to(PASSWORD_URL, parts)) } else { Ok(person) }
    }
}

impl OptionalFromRequestParts<App> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Response> {
        match signed_in(app, &parts.headers).await {
            Ok(Some(person)) if person.password_temporary => Err(to(PASSWORD_URL, parts)),
            Ok(person) => Ok(person),
            Err(error) => Err(error.into_response()),
        }
    }
}

/// A signed-in person, even with a password that somebody else set: such a password opens only the page that replaces it.
pub struct AnyPassword(pub SignedIn);

impl FromRequestParts<App> for AnyPassword {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        match signed_in(app, &parts.headers).await {
            Ok(Some(person)) => Ok(Self(person)),
            Ok(None) => Err(to("/sign-in", parts)),
            Err(error) => Err(error.into_response()),
        }
    }
}

/// Redirects to a page that has to come first, and back afterwards if possible.
fn to(page: &str, parts: &Parts) -> Response {
    let here = parts.uri.path_and_query().map_or("/", |here| here.as_str());
    let fragment = parts.headers.contains_key("hx-request");
    let url = if parts.method == Method::GET && !fragment && here != "/" {
        let next: String = form_urlencoded::byte_serialize(here.as_bytes()).collect();
        format!("{page}?next={next}")
    } else {
        page.to_owned()
    };
    if fragment {
        // A redirect would put the whole page in the fragment's place.
        let header = HeaderValue::from_str(&url).unwrap_or(HeaderValue::from_static("/sign-in"));
        return (StatusCode::UNAUTHORIZED, [("hx-redirect", header)]).into_response();
    }
    Redirect::to(&url).into_response()
}

/// The longest path to return to, in bytes: a log with all its filters has a fifth of it.
const LONGEST_PATH: usize = 2000;

/// A path to return to, or the start page if the path could lead to another site.
pub fn local_path(path: &str) -> &str {
    let elsewhere = path.len() > LONGEST_PATH
        || !path.starts_with('/')
        || path.starts_with("//")
        || path.contains(['\\', '\r', '\n', '\t'])
        || path.chars().any(char::is_control);
    if elsewhere { "/" } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_site() {
        assert_eq!(local_path("/projects?x=1"), "/projects?x=1");
        assert_eq!(local_path(&format!("/{}", "x".repeat(LONGEST_PATH))), "/");
        for elsewhere in ["", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/\t/evil"] {
            assert_eq!(local_path(elsewhere), "/", "{elsewhere:?}");
        }
    }
}
