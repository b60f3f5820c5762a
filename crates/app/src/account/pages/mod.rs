//! Sign-in, sign-out, the first run, and a person's own password.

pub mod gate;
pub(crate) mod origin;
pub mod password;
pub mod tokens;
pub mod unsent;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use crate::{
    App,
    account::{sign_in, unsent::Cookies},
    serving::{
        session::{self, Visitor},
        unsent::token as unsent_token,
    },
};

/// Reads who is signed in, for all pages.
pub(crate) async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let came_with = Cookies { session: session::token(&app, headers), browser: session::browser(&app, headers) };
    let session = match &came_with.session {
        Some(token) => sign_in::session_of(&app, token).await,
        None => Ok(None),
    };
    let (visitor, unsent) = (Visitor::new(&app, session, headers), unsent_token(headers));
    let whence = origin::whence(&app, request.extensions(), headers);
    let over = visitor.signed_in().is_none();
    let answered = async {
        match unsent {
            Some(token) if !over => unsent::bring(&app, visitor, &token, request, next).await,
            _ => {
                request.extensions_mut().insert(visitor);
                if over { unsent::keep(&app, came_with, request, next).await } else { next.run(request).await }
            }
        }
    };
    whence.during(answered).await
}
