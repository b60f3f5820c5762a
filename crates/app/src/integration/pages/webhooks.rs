//! Where Procore delivers webhooks. Not a page: no session, no cookie, and no reason for a refusal.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    routing::post,
};
use tower_http::limit::RequestBodyLimitLayer;

use crate::{
    App,
    integration::deliveries::{self, DeliveryOutcome},
};

/// A delivery is a few hundred bytes.
const LARGEST_BODY: usize = 64 << 10;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/procore/webhooks/{hook}", post(receive)).layer(RequestBodyLimitLayer::new(LARGEST_BODY))
}

async fn receive(State(app): State<App>, Path(hook): Path<String>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let authorization = headers.get(header::AUTHORIZATION).map_or(&b""[..], |value| value.as_bytes());
    match deliveries::receive(&app, hook.parse().ok(), authorization, &body).await {
        Ok(DeliveryOutcome::Stored) => StatusCode::NO_CONTENT,
        Ok(DeliveryOutcome::Refused) => StatusCode::UNAUTHORIZED,
        Err(error) => {
            // Procore delivers it again.
            tracing::error!(%error, "a delivery could not be stored");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
