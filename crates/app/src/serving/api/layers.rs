//! The API's layers: headers of every answer, limits of every request.

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse as _, Response},
};
use tower_http::{catch_panic::CatchPanicLayer, limit::RequestBodyLimitLayer, set_header::SetResponseHeaderLayer};

use super::{
    bearer,
    problem::{self, Problem},
};
use crate::{App, serving::guard};

/// The largest body: a COR of 500 long lines, or codes for the lines of a thousand CORs.
const LARGEST_BODY: usize = 1 << 20;

/// Puts the API behind its layers, headers outermost.
///
/// It needs no guard against cross-site requests: browsers don't send tokens by themselves.
pub fn guarded(routes: Router<App>) -> Router<App> {
    routes
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(CatchPanicLayer::custom(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
        .layer(middleware::map_response(described))
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(guard::no_sniffing())
}

/// Describes failures of layers and of the router like any other.
async fn described(response: Response) -> Response {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let done = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == problem::CONTENT_TYPE);
    if !failed || done {
        return response;
    }
    let mut answer = Problem::of(status).into_response();
    // Which methods the address supports, and when the token ends.
    for name in [header::ALLOW, bearer::TOKEN_EXPIRES] {
        if let Some(value) = response.headers().get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}
