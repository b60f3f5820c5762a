//! The caller: the person whose token comes with the request. Session cookies are ignored.

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use domain::role::Actor;

use super::problem::Problem;
use crate::{App, Error, account::api_tokens};

/// The header of every answer that says when the caller's token ends.
pub(crate) const TOKEN_EXPIRES: HeaderName = HeaderName::from_static("ledgerboard-token-expires");

/// The caller. As an argument of a handler it lets nobody else through.
#[derive(Debug, Clone)]
pub struct Bearer(pub Actor);

impl FromRequestParts<App> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::of(StatusCode::UNAUTHORIZED))
    }
}

/// Identifies the caller. A read-only token may only send GET and HEAD; the verbs refuse it too.
pub(crate) async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let Some(token) = token(request.headers()) else { return next.run(request).await };
    let caller = match api_tokens::bearer(&app, token).await {
        Ok(Some(caller)) => caller,
        Ok(None) => return next.run(request).await,
        Err(error) => return Problem::from(error).into_response(),
    };
    let asks = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = match caller.actor.may_write() {
        Err(denied) if !asks => Problem::from(Error::Denied(denied)).into_response(),
        _ => {
            request.extensions_mut().insert(Bearer(caller.actor));
            next.run(request).await
        }
    };
    if let Ok(until) = HeaderValue::from_str(&caller.until.to_string()) {
        response.headers_mut().insert(TOKEN_EXPIRES, until);
    }
    response
}

/// The token of `Authorization: Bearer`; the scheme's letters may be of either case (RFC 9110 §11.1).
fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
