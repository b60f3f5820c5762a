//! Sign-in, sign-out, the first run, and a person's own password.

pub mod gate;
pub(crate) mod origin;
pub mod password;
pub mod tokens;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use crate::{
    App,
    account::sign_in,
    serving::session::{self, Visitor},
};

/// Reads who is signed in, for all pages.
pub(crate) async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let session = match session::token(&app, request.headers()) {
        Some(token) => sign_in::session_of(&app, &token).await,
        None => Ok(None),
    };
    let visitor = Visitor::new(session, request.headers());
    let whence = origin::whence(&app, request.extensions(), request.headers());
    request.extensions_mut().insert(visitor);
    whence.during(next.run(request)).await
}
