//! The signed-in person of a request, and the cookies that say so.

use std::{ops::Deref, str::FromStr};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, Uri, header, request::Parts, uri::PathAndQuery},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;
use store::repo::session::SessionRecord;
use url::form_urlencoded;

use super::{
    cookie::{cookie, removal, value},
    flash::{self, Flash},
    unsent::Unsent,
};
use crate::{App, Error};

/// Where a person changes their password.
pub(crate) const PASSWORD_URL: &str = "/account/password";

/// Where a person signs in.
const SIGN_IN_URL: &str = "/sign-in";

/// A signed-in person, with what their session says of them. As a handler's argument it admits nobody else: others go to the
/// sign-in page and come back afterwards.
#[derive(Debug, Clone)]
pub struct SignedIn {
    session: SessionRecord,
    /// The notice that the previous action left.
    pub flash: Option<Flash>,
    /// What they sent from this page when their session had ended.
    pub unsent: Option<Unsent>,
}

impl SignedIn {
    /// What they sent there when their session had ended.
    pub(crate) fn unsent_to(&self, url: &str) -> Option<Vec<(String, String)>> {
        self.unsent.as_ref().filter(|unsent| unsent.form.url == url).map(Unsent::fields)
    }
}

/// Beside an answer that leads to the sign-in page: the page that follows it, to be said by whoever keeps what was posted.
#[derive(Debug, Clone)]
pub(crate) struct SignInFirst {
    /// The path, `/` for none.
    pub back: String,
}

impl SignedIn {
    /// What the previous action made, to be shown this once, and the id that it is for.
    pub fn made<Id: FromStr>(&self) -> Option<(Id, String)> {
        let made = self.flash.as_ref()?.made.as_ref()?;
        Some((made.of.parse().ok()?, made.secret.clone()))
    }
}

impl Deref for SignedIn {
    type Target = SessionRecord;

    fn deref(&self) -> &SessionRecord {
        &self.session
    }
}

/// Whose request it is. A layer around the pages reads it once and adds it to the request.
#[derive(Debug, Clone)]
pub(crate) struct Visitor(Result<Option<SignedIn>, Error>);

impl Visitor {
    /// The visitor with the session of the request's cookie, if it is live.
    pub fn new(app: &App, session: Result<Option<SessionRecord>, Error>, headers: &HeaderMap) -> Self {
        let person = |session| SignedIn { session, flash: flash::taken(&app.vault, headers), unsent: None };
        Self(match session {
            // The session opens nothing, and others can sign in with this browser.
            Err(Error::Unreadable(because)) => {
                tracing::warn!(because, "a session's person can't be read");
                Ok(None)
            }
            session => session.map(|session| session.map(person)),
        })
    }

    /// The visitor that the layer found.
    pub fn of(request: &Extensions) -> Self {
        request.get().cloned().unwrap_or(Self(Ok(None)))
    }

    /// The visitor with what they sent when their session had ended.
    pub fn with(mut self, unsent: Option<Unsent>) -> Self {
        if let Ok(Some(person)) = &mut self.0 {
            person.unsent = unsent;
        }
        self
    }

    /// The person, if the session is live and can be read.
    pub fn signed_in(&self) -> Option<&SignedIn> {
        self.0.as_ref().ok()?.as_ref()
    }
}

/// The names of the session's cookie.
const SESSION: Names = ["__Host-ledgerboard", "ledgerboard"];
/// The names of the cookie that marks a browser in which somebody signed in.
const BROWSER: Names = ["__Host-ledgerboard-browser", "ledgerboard-browser"];

/// The name over https and over plain http, which has no `Secure` cookies, and so no `__Host-` prefix.
type Names = [&'static str; 2];

fn name(app: &App, names: Names) -> &'static str {
    names[usize::from(app.serving.insecure_cookies)]
}

/// The cookies of somebody who came in: that of the session ends with the browser (the server may end the session earlier),
/// that of the browser stays when they sign out.
pub fn entered(app: &App, session: String, browser: String) -> CookieJar {
    let mut known = cookie(app, name(app, BROWSER), browser);
    known.make_permanent();
    CookieJar::new().add(cookie(app, name(app, SESSION), session)).add(known)
}

/// The token of a browser in which somebody signed in before.
pub fn browser(app: &App, headers: &HeaderMap) -> Option<String> {
    value(headers, name(app, BROWSER))
}

/// Removes the session's cookie.
pub fn end(app: &App) -> CookieJar {
    CookieJar::new().add(removal(app, name(app, SESSION)))
}

/// The token of the session's cookie.
pub fn token(app: &App, headers: &HeaderMap) -> Option<String> {
    value(headers, name(app, SESSION))
}

impl OptionalFromRequestParts<App> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Option<Self>, Response> {
        match Visitor::of(&parts.extensions).0 {
            Ok(Some(person)) if person.password_temporary => Err(to(PASSWORD_URL, parts)),
            Ok(person) => Ok(person),
            Err(error) => Err(error.into_response()),
        }
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let person = <Self as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await?;
        person.ok_or_else(|| to(SIGN_IN_URL, parts))
    }
}

/// A signed-in person, even with a password that somebody else set: such a password opens only the page that replaces it.
pub struct AnyPassword(pub SignedIn);

impl FromRequestParts<App> for AnyPassword {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Response> {
        match Visitor::of(&parts.extensions).0 {
            Ok(person) => person.map(Self).ok_or_else(|| to(SIGN_IN_URL, parts)),
            Err(error) => Err(error.into_response()),
        }
    }
}

/// Redirects to a page that has to come first, and back afterwards if possible.
fn to(page: &str, parts: &Parts) -> Response {
    let here = parts.uri.path_and_query().map_or("/", |here| here.as_str());
    let fragment = parts.headers.contains_key("hx-request");
    // What was posted is over; the page that it came from is not.
    let came_from = || parts.headers.get(header::REFERER)?.to_str().ok()?.parse::<Uri>().ok();
    let came_from = if fragment || parts.method != Method::GET { came_from() } else { None };
    let back = match &came_from {
        Some(uri) => uri.path_and_query().map_or("/", PathAndQuery::as_str),
        None if parts.method == Method::GET && !fragment => here,
        None => "/",
    };
    let back = if back.starts_with(page) { "/" } else { back };
    if page != SIGN_IN_URL {
        return first(&if back == "/" { page.to_owned() } else { and_back(page, back) }, fragment);
    }
    let ended = SESSION.iter().any(|name| value(&parts.headers, name).is_some());
    let mut response = first(&sign_in_url(back, ended), fragment);
    response.extensions_mut().insert(SignInFirst { back: back.to_owned() });
    response
}

/// The page for signing in, with the one that follows, and whether it says that the session ended.
pub(crate) fn sign_in_url(back: &str, ended: bool) -> String {
    let url = if back == "/" { SIGN_IN_URL.to_owned() } else { and_back(SIGN_IN_URL, back) };
    match (ended, url.contains('?')) {
        (false, _) => url,
        (true, true) => url + "&ended=1",
        (true, false) => url + "?ended=1",
    }
}

/// Leads to a page that has to come first.
pub(crate) fn first(url: &str, fragment: bool) -> Response {
    if fragment {
        // A redirect would put the whole page in the fragment's place.
        let header = HeaderValue::from_str(url).unwrap_or(HeaderValue::from_static(SIGN_IN_URL));
        return (StatusCode::UNAUTHORIZED, [("hx-redirect", header)]).into_response();
    }
    Redirect::to(url).into_response()
}

/// The address of a page that leads to `next` afterwards.
pub(crate) fn and_back(page: &str, next: &str) -> String {
    format!("{page}?next={}", form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>())
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
