//! What a person sent when their session had ended, shown again on the page where it was filled in.

use axum::{
    body::{Body, HttpBody as _, to_bytes},
    extract::Request,
    http::{HeaderMap, Method, header},
};
use axum_extra::extract::cookie::CookieJar;
use store::repo::unsent_form::UnsentForm;
use url::form_urlencoded;

use super::{
    cookie::{cookie, removal, value},
    problem_page::{FORM, MOST_FIELDS},
};
use crate::App;

/// Said above the page.
pub const NOT_SENT: &str =
    "Your session ended before this was saved. What you typed is back in the form: check it, then save it.";
/// The same for a browser without a script, and for what the form has no field for.
pub const SHOW_IT: &str = "Show what you typed";
/// Where it is shown by itself, for pages that can't.
pub(crate) const UNSENT_URL: &str = "/unsent";

const COOKIE: &str = "ledgerboard-unsent";
/// The largest form that is kept, in bytes.
const LARGEST: usize = 64 << 10;

/// What a page shows of it.
#[derive(Debug, Clone)]
pub struct Unsent {
    /// The form.
    pub form: UnsentForm,
    /// The page has put it into its form already.
    pub filled: bool,
}

impl Unsent {
    /// Its fields by name, in their order.
    pub fn fields(&self) -> Vec<(String, String)> {
        serde_json::from_str(&self.form.fields).unwrap_or_default()
    }

    /// The fields for the page's script. `<` is escaped, so that they may stand in a `<script>`.
    pub(crate) fn json(&self) -> String {
        self.form.fields.replace('<', "\\u003c")
    }

    /// Whether it is shown at this address: where it was filled in, where it was sent, or by itself.
    pub(crate) fn belongs_to(&self, address: &str) -> bool {
        [self.form.page.as_str(), &self.form.url, UNSENT_URL].contains(&address)
    }
}

/// Reads a form that may be kept, and gives the request back whole.
pub(crate) async fn read(request: Request) -> (Request, Option<Vec<(String, String)>>) {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_form = request.method() == Method::POST && kind.is_some_and(|kind| kind.as_bytes().starts_with(FORM));
    if !is_form || request.body().size_hint().upper().is_none_or(|most| most > LARGEST as u64) {
        return (request, None);
    }
    let (head, body) = request.into_parts();
    // A broken body becomes an empty form, which every handler refuses.
    let body = to_bytes(body, LARGEST).await.unwrap_or_default();
    let fields: Vec<_> = form_urlencoded::parse(&body).into_owned().take(MOST_FIELDS).collect();
    (Request::from_parts(head, Body::from(body)), Some(fields))
}

/// The token of a request's cookie.
pub(crate) fn token(headers: &HeaderMap) -> Option<String> {
    value(headers, COOKIE)
}

/// The cookie of a kept form.
pub(crate) fn begin(app: &App, token: String) -> CookieJar {
    CookieJar::new().add(cookie(app, COOKIE, token))
}

/// Removes it.
pub(crate) fn end(app: &App) -> CookieJar {
    CookieJar::new().add(removal(app, COOKIE))
}
