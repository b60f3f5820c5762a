//! Who calls: the person whose token comes with the request. A session's cookie counts for nothing here.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use domain::role::Actor;

use super::problem::Problem;
use crate::{App, actions::api_tokens};

/// The caller. As an argument of a handler it lets nobody else through.
#[derive(Debug, Clone)]
pub struct Bearer(pub Actor);

impl FromRequestParts<App> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let unknown = || Problem::of(StatusCode::UNAUTHORIZED);
        let token = token(&parts.headers).ok_or_else(unknown)?;
        Ok(Self(api_tokens::bearer(app, token).await?.ok_or_else(unknown)?))
    }
}

/// The token of `Authorization: Bearer`; the scheme's letters may be of either case (RFC 9110 §11.1).
fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
