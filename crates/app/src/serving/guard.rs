//! The pages' layers: headers of every answer, limits of every request, no requests from other sites.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware,
    response::IntoResponse as _,
};
use tower_http::{
    catch_panic::CatchPanicLayer, csrf::CsrfLayer, limit::RequestBodyLimitLayer, set_header::SetResponseHeaderLayer,
};

use super::{flash, forms::LARGEST_BODY, once, problem_page};
use crate::App;

pub(crate) const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Puts the pages behind their layers: headers outermost, so that every answer has them, then problem pages and
/// notices, then the limits.
///
/// The forms of the routes `made_once` make one thing, however often they are posted.
pub fn guarded(app: &App, pages: Router<App>, made_once: &'static [&'static str]) -> Router<App> {
    let once = once::MadeOnce { app: app.clone(), routes: made_once };
    pages
        .layer(middleware::from_fn_with_state(once, once::once))
        .layer(CsrfLayer::new())
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(CatchPanicLayer::custom(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
        .layer(middleware::from_fn_with_state(app.clone(), flash::carry))
        .layer(middleware::from_fn_with_state(app.clone(), problem_page::pages))
        .layer(SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, policy(app)))
        .layer(SetResponseHeaderLayer::overriding(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")))
        // URLs name CORs and invitations, so other sites get no referrer.
        .layer(SetResponseHeaderLayer::overriding(header::REFERRER_POLICY, HeaderValue::from_static("same-origin")))
        // The pop-up reports by BroadcastChannel, so no window needs a handle on another. The pop-up's own pages relax
        // this, or it could not close itself.
        .layer(SetResponseHeaderLayer::if_not_present(
            OPENER_POLICY,
            HeaderValue::from_static("same-origin-allow-popups"),
        ))
        // Assets set their own caching; a page belongs to one person.
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(no_sniffing())
}

/// The header of every answer that forbids browsers to guess its type.
pub(crate) fn no_sniffing() -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
}

/// The header of every answer over https that forbids browsers to come back without it, for a year.
pub(crate) fn only_https() -> SetResponseHeaderLayer<HeaderValue> {
    let year = HeaderValue::from_static("max-age=31536000");
    SetResponseHeaderLayer::overriding(header::STRICT_TRANSPORT_SECURITY, year)
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
