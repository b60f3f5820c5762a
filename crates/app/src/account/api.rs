//! Tokens in calls of the API.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::{
    App, Error,
    account::{api_tokens, pages::origin},
    serving::api::{
        bearer::{Bearer, TOKEN_EXPIRES},
        once::KeyOwner,
        problem::Problem,
    },
};

/// Identifies the caller. A read-only token may only send GET and HEAD; the verbs refuse it too.
pub(crate) async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let Some(token) = token(request.headers()) else { return next.run(request).await };
    let caller = match api_tokens::bearer(&app, token).await {
        Ok(Some(caller)) => caller,
        Ok(None) => return next.run(request).await,
        Err(error) => return Problem::from(error).into_response(),
    };
    let whence = origin::whence(&app, request.extensions(), request.headers());
    let asks = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = match caller.actor.may_write() {
        Err(denied) if !asks => Problem::from(Error::Denied(denied)).into_response(),
        _ => {
            request.extensions_mut().insert(Bearer(caller.actor));
            request.extensions_mut().insert(KeyOwner(caller.token));
            whence.during(next.run(request)).await
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
