//! `/_emulator`: what an operator sees and does while it runs.

use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::webhooks::{Delivery, Hook};
use crate::{DeliveryFault, Emulator, Exchange, Fault, RateLimits, Switches, WorldAction};

/// What there is at present, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlReport {
    /// The emulator's time.
    pub now: String,
    /// Companies.
    pub companies: usize,
    /// Projects.
    pub projects: usize,
    /// Change events, those in the recycle bin included.
    pub change_events: usize,
    /// Lines that are not deleted.
    pub lines: usize,
    /// Requests in the journal.
    pub requests: usize,
    /// Faults that wait.
    pub faults: usize,
    /// Requests that will be executed late.
    pub late: usize,
}

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/_emulator/state", get(state))
        .route("/_emulator/world", get(world).post(act))
        .route("/_emulator/journal", get(journal).delete(clear_journal))
        .route("/_emulator/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/_emulator/hooks", get(hooks))
        .route("/_emulator/deliveries", get(deliveries))
        .route(
            "/_emulator/delivery_faults",
            get(delivery_faults).post(add_delivery_fault).delete(clear_delivery_faults),
        )
        .route("/_emulator/switches", get(switches).post(switch))
        .route("/_emulator/limits", get(limits).post(set_limits))
        .route("/_emulator/expire_tokens", post(expire_tokens))
        .route("/_emulator/revoke_tokens", post(revoke_tokens))
        .route("/_emulator/run_late", post(run_late))
}

async fn state(Extension(emulator): Extension<Emulator>) -> Json<ControlReport> {
    let now = emulator.now();
    let state = emulator.state();
    let events = state.world.change_events.values();
    Json(ControlReport {
        now: now.to_string(),
        companies: state.world.companies.len(),
        projects: state.world.projects.len(),
        change_events: events.len(),
        lines: events.map(|event| event.live_items().count()).sum(),
        requests: state.journal.len(),
        faults: state.faults.0.len(),
        late: state.late.len(),
    })
}

async fn world(Extension(emulator): Extension<Emulator>) -> Response {
    Json(emulator.world(|world| world.clone())).into_response()
}

async fn act(Extension(emulator): Extension<Emulator>, Json(action): Json<WorldAction>) -> Response {
    match emulator.world(|world| world.act(action)) {
        Ok(()) => Json(json!({ "done": true })).into_response(),
        Err(why) => (StatusCode::NOT_FOUND, Json(json!({ "error": why }))).into_response(),
    }
}

async fn journal(Extension(emulator): Extension<Emulator>) -> Json<Vec<Exchange>> {
    Json(emulator.journal())
}

async fn clear_journal(Extension(emulator): Extension<Emulator>) -> StatusCode {
    emulator.clear_journal();
    StatusCode::NO_CONTENT
}

async fn faults(Extension(emulator): Extension<Emulator>) -> Json<Vec<Fault>> {
    Json(emulator.faults())
}

/// One fault or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Faults {
    Many(Vec<Fault>),
    One(Fault),
}

async fn add_fault(Extension(emulator): Extension<Emulator>, Json(faults): Json<Faults>) -> Json<Vec<Fault>> {
    let faults = match faults {
        Faults::Many(list) => list,
        Faults::One(fault) => vec![fault],
    };
    for fault in faults {
        emulator.fault(fault);
    }
    Json(emulator.faults())
}

async fn clear_faults(Extension(emulator): Extension<Emulator>) -> StatusCode {
    emulator.clear_faults();
    StatusCode::NO_CONTENT
}

async fn hooks(Extension(emulator): Extension<Emulator>) -> Json<Vec<Hook>> {
    let masked = |hook: Hook| Hook { authorization: hook.authorization.map(|_| "•••".to_owned()), ..hook };
    Json(emulator.hooks().into_iter().map(masked).collect())
}

async fn deliveries(Extension(emulator): Extension<Emulator>) -> Json<Vec<Delivery>> {
    Json(emulator.deliveries())
}

async fn delivery_faults(Extension(emulator): Extension<Emulator>) -> Json<Vec<DeliveryFault>> {
    Json(emulator.delivery_faults())
}

async fn add_delivery_fault(
    Extension(emulator): Extension<Emulator>,
    Json(fault): Json<DeliveryFault>,
) -> Json<Vec<DeliveryFault>> {
    emulator.delivery_fault(fault);
    Json(emulator.delivery_faults())
}

async fn clear_delivery_faults(Extension(emulator): Extension<Emulator>) -> StatusCode {
    emulator.clear_delivery_faults();
    StatusCode::NO_CONTENT
}

async fn switches(Extension(emulator): Extension<Emulator>) -> Json<Switches> {
    Json(emulator.switches(|switches| switches.clone()))
}

/// Sets the switches that are named and leaves the others.
async fn switch(Extension(emulator): Extension<Emulator>, Json(named): Json<Value>) -> Response {
    let changed = emulator.switches(|switches| {
        let mut all = serde_json::to_value(&*switches).map_err(|error| error.to_string())?;
        for (key, value) in named.as_object().into_iter().flatten() {
            all[key] = value.clone();
        }
        *switches = serde_json::from_value(all).map_err(|error| error.to_string())?;
        Ok::<_, String>(switches.clone())
    });
    match changed {
        Ok(switches) => Json(switches).into_response(),
        Err(why) => (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": why }))).into_response(),
    }
}

async fn limits(Extension(emulator): Extension<Emulator>) -> Json<RateLimits> {
    Json(emulator.state().limits)
}

async fn set_limits(Extension(emulator): Extension<Emulator>, Json(limits): Json<RateLimits>) -> Json<RateLimits> {
    emulator.set_limits(limits);
    Json(limits)
}

async fn expire_tokens(Extension(emulator): Extension<Emulator>) -> Json<Value> {
    Json(json!({ "expired": emulator.expire_tokens() }))
}

async fn revoke_tokens(Extension(emulator): Extension<Emulator>) -> Json<Value> {
    Json(json!({ "revoked": emulator.revoke_tokens() }))
}

async fn run_late(Extension(emulator): Extension<Emulator>) -> Json<Value> {
    Json(json!({ "executed": emulator.run_late() }))
}
