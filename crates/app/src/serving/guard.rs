//! The pages' layers: headers of every answer, limits of every request, no requests from other sites.

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::Response,
};
use tower_http::{catch_panic::CatchPanicLayer, csrf::CsrfLayer, limit::RequestBodyLimitLayer};

use super::{flash, problem_page};
use crate::App;

/// The largest form: a COR of a thousand lines is a tenth of it.
pub(crate) const LARGEST_BODY: usize = 2 << 20;

/// The largest form of somebody who has not signed in.
pub(crate) const STRANGERS_BODY: usize = 32 << 10;

/// Puts the pages behind their layers: headers outermost, so that every answer has them, then problem pages and
/// notices, then the limits.
pub fn guarded(app: &App, pages: Router<App>) -> Router<App> {
    let policy = policy(app);
    pages
        .layer(CsrfLayer::new())
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(CatchPanicLayer::custom(|_| {
            let mut response = Response::new(axum::body::Body::empty());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }))
        .layer(middleware::from_fn_with_state(app.clone(), flash::carry))
        .layer(middleware::from_fn_with_state(app.clone(), problem_page::pages))
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            let policy = policy.clone();
            async move { with_headers(next.run(request).await, policy) }
        }))
}

/// Adds a header to what is served beside the pages.
pub fn plain(served: Router<App>) -> Router<App> {
    served.layer(middleware::from_fn(|request: Request, next: Next| async {
        let mut response = next.run(request).await;
        response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }))
}

/// Allows only our scripts, styles and pictures, no frames, and forms that post to us. Browsers also check redirects after
/// a form, so the policy names Procore's sign-in host.
fn policy(app: &App) -> HeaderValue {
    let login = app.procore.hosts().login.origin().ascii_serialization();
    let text = format!(
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; \
         base-uri 'none'; frame-ancestors 'none'; form-action 'self' {login}"
    );
    HeaderValue::from_str(&text).expect("an origin is ASCII")
}

fn with_headers(mut response: Response, policy: HeaderValue) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // URLs name CORs and invitations, so other sites get no referrer.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    // The pop-up reports by BroadcastChannel, so no window needs a handle on another. The pop-up's own pages relax this,
    // or it could not close itself.
    headers
        .entry(HeaderName::from_static("cross-origin-opener-policy"))
        .or_insert(HeaderValue::from_static("same-origin-allow-popups"));
    // Assets set their own caching; a page belongs to one person.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
