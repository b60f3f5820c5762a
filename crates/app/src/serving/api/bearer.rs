//! The caller: the person whose token comes with the request. Session cookies are ignored.

use axum::{
    extract::FromRequestParts,
    http::{HeaderName, StatusCode, request::Parts},
};
use domain::role::Actor;

use super::problem::Problem;
use crate::App;

/// The header of every answer that says when the caller's token ends.
pub(crate) const TOKEN_EXPIRES: HeaderName = HeaderName::from_static("ledgerboard-token-expires");

/// The caller, as a layer around the API found out. As an argument of a handler it lets nobody else through.
#[derive(Debug, Clone)]
pub struct Bearer(pub Actor);

impl FromRequestParts<App> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::of(StatusCode::UNAUTHORIZED))
    }
}
