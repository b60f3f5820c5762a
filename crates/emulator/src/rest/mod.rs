//! The REST operations. Each is a plain function from a [`Call`] to an [`Answer`]; what all share is done here once:
//! token, rate limits, company header, connection of the app.

mod answer;
mod apply;
mod call;
mod change_events;
mod change_events_v10;
#[expect(clippy::unnecessary_wraps, reason = "all operations have one signature")]
mod companies;
#[expect(clippy::unnecessary_wraps, reason = "all operations have one signature")]
mod contract_lists;
mod event_json;
mod filters;
#[expect(clippy::unnecessary_wraps, reason = "all operations have one signature")]
mod projects;
#[expect(clippy::unnecessary_wraps, reason = "all operations have one signature")]
mod reference;
mod wbs;
mod webhooks;
mod webhooks_v10;
mod write;

use axum::extract::{RawPathParams, Request};
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use axum::{Extension, Router};

pub(crate) use answer::{Answer, AnswerBody, RATE_LIMIT_TEXT};
pub(crate) use call::{Call, Handler};

use crate::Emulator;

/// A path below a company's webhooks.
macro_rules! of_company {
    ($path:literal) => {
        concat!("/rest/v2.0/companies/{company_id}/webhooks/", $path)
    };
}

/// A path below a project's webhooks.
macro_rules! of_project {
    ($path:literal) => {
        concat!("/rest/v2.0/companies/{company_id}/projects/{project_id}/webhooks/", $path)
    };
}

/// Every REST operation served, with its handler. Also the list that the schema is checked against.
pub(crate) const OPERATIONS: &[(&str, &str, Handler)] = &[
    ("GET", "/rest/v1.0/me", companies::me),
    ("GET", "/rest/v1.0/companies", companies::list),
    ("GET", "/rest/v1.0/company_base_url", companies::base_url),
    ("GET", "/rest/v1.0/settings/permissions", companies::permissions),
    ("GET", "/rest/v1.0/app_installations", companies::app_installations),
    ("GET", "/rest/v1.1/projects", projects::list_v11),
    ("GET", "/rest/v1.0/projects", projects::list_v10),
    ("GET", "/rest/v1.0/projects/{id}", projects::show),
    ("GET", "/rest/v1.0/companies/{company_id}/projects", projects::list_of_company),
    ("GET", "/rest/v1.0/projects/{project_id}/users", projects::users),
    ("GET", "/rest/v1.0/companies/{company_id}/currency_configuration", projects::currency_of_company),
    (
        "GET",
        "/rest/v1.0/companies/{company_id}/projects/{project_id}/currency_configuration",
        projects::currency_of_project,
    ),
    ("GET", "/rest/v1.1/change_events", change_events::list),
    ("POST", "/rest/v1.1/change_events", change_events::create),
    ("GET", "/rest/v1.1/change_events/new", change_events::defaults),
    ("GET", "/rest/v1.1/change_events/{id}", change_events::show),
    ("PATCH", "/rest/v1.1/change_events/{id}", change_events::update),
    ("DELETE", "/rest/v1.1/change_events/{id}", change_events::delete),
    ("PUT", "/rest/v1.1/change_events/{id}/restore", change_events::restore),
    ("POST", "/rest/v1.1/change_events/{id}/clone", change_events::clone),
    ("GET", "/rest/v1.0/change_events", change_events_v10::list),
    ("POST", "/rest/v1.0/change_events", change_events_v10::create),
    ("GET", "/rest/v1.0/change_events/{id}", change_events_v10::show),
    ("PATCH", "/rest/v1.0/change_events/{id}", change_events_v10::update),
    ("GET", "/rest/v1.0/change_event/statuses", reference::statuses_v10),
    ("GET", "/rest/v2.0/companies/{company_id}/change_events/statuses", reference::statuses_v20),
    ("GET", "/rest/v1.1/change_events/statuses", reference::statuses_undocumented),
    ("GET", "/rest/v1.1/change_events/change_types", reference::types_undocumented),
    ("GET", "/rest/v1.0/change_types", reference::types_v10),
    ("GET", "/rest/v2.0/companies/{company_id}/change_event/types", reference::types_v20),
    ("GET", "/rest/v1.0/change_order_change_reasons", reference::reasons_v10),
    ("GET", "/rest/v2.0/companies/{company_id}/change_order_change_reasons", reference::reasons_v20),
    (
        "GET",
        "/rest/v2.0/companies/{company_id}/projects/{project_id}/change_event_settings",
        reference::change_event_settings,
    ),
    (
        "PATCH",
        "/rest/v2.0/companies/{company_id}/projects/{project_id}/change_event_settings",
        reference::set_change_event_settings,
    ),
    ("GET", "/rest/v1.0/line_item_types", reference::line_item_types),
    ("GET", "/rest/v1.0/projects/{project_id}/work_breakdown_structure/wbs_codes", wbs::list_v10),
    ("GET", "/rest/v2.0/companies/{company_id}/projects/{project_id}/wbs/codes", wbs::list_v20),
    ("GET", "/rest/v1.0/commitments", contract_lists::commitments_v10),
    ("GET", "/rest/v1.0/commitments/{id}", contract_lists::commitment_v10),
    (
        "GET",
        "/rest/v2.0/companies/{company_id}/projects/{project_id}/commitment_contracts",
        contract_lists::commitments_v20,
    ),
    ("GET", "/rest/v1.0/prime_contracts", contract_lists::primes_v10),
    ("GET", "/rest/v1.0/prime_contract/{id}", contract_lists::prime_v10),
    ("GET", "/rest/v2.0/companies/{company_id}/projects/{project_id}/prime_contracts", contract_lists::primes_v20),
    ("GET", "/rest/v1.0/vendors", contract_lists::vendors_of_company),
    ("GET", "/rest/v1.0/projects/{project_id}/vendors", contract_lists::vendors_of_project),
    ("GET", "/rest/v1.1/projects/{project_id}/vendors", contract_lists::vendors_of_project),
    ("GET", "/rest/v1.0/webhooks/hooks", webhooks_v10::list),
    ("POST", "/rest/v1.0/webhooks/hooks", webhooks_v10::create),
    ("DELETE", "/rest/v1.0/webhooks/hooks/{id}", webhooks_v10::delete),
    ("GET", "/rest/v1.0/webhooks/hooks/{hook_id}/triggers", webhooks_v10::triggers),
    ("POST", "/rest/v1.0/webhooks/hooks/{hook_id}/triggers", webhooks_v10::add_trigger),
    ("GET", of_company!("resources"), webhooks::resources),
    ("GET", of_company!("hooks"), webhooks::list),
    ("POST", of_company!("hooks"), webhooks::create),
    ("GET", of_company!("hooks/{id}"), webhooks::show),
    ("PATCH", of_company!("hooks/{id}"), webhooks::update),
    ("DELETE", of_company!("hooks/{id}"), webhooks::delete),
    ("GET", of_company!("hooks/{hook_id}/triggers"), webhooks::triggers),
    ("POST", of_company!("hooks/{hook_id}/triggers"), webhooks::add_trigger),
    ("POST", of_company!("hooks/{hook_id}/triggers/bulk"), webhooks::add_triggers),
    ("DELETE", of_company!("hooks/{hook_id}/triggers/{id}"), webhooks::remove_trigger),
    ("GET", of_company!("hooks/{hook_id}/deliveries"), webhooks::deliveries),
    ("GET", of_project!("resources"), webhooks::resources),
    ("GET", of_project!("hooks"), webhooks::list),
    ("POST", of_project!("hooks"), webhooks::create),
    ("GET", of_project!("hooks/{id}"), webhooks::show),
    ("PATCH", of_project!("hooks/{id}"), webhooks::update),
    ("DELETE", of_project!("hooks/{id}"), webhooks::delete),
    ("GET", of_project!("hooks/{hook_id}/triggers"), webhooks::triggers),
    ("POST", of_project!("hooks/{hook_id}/triggers"), webhooks::add_trigger),
    ("POST", of_project!("hooks/{hook_id}/triggers/bulk"), webhooks::add_triggers),
    ("DELETE", of_project!("hooks/{hook_id}/triggers/{id}"), webhooks::remove_trigger),
    ("GET", of_project!("hooks/{hook_id}/deliveries"), webhooks::deliveries),
];

pub(crate) fn routes() -> Router {
    OPERATIONS.iter().fold(Router::new(), |router, &(method, route, handler)| {
        let filter = match method {
            "POST" => MethodFilter::POST,
            "PATCH" => MethodFilter::PATCH,
            "PUT" => MethodFilter::PUT,
            "DELETE" => MethodFilter::DELETE,
            _ => MethodFilter::GET,
        };
        let serve = move |Extension(emulator): Extension<Emulator>, params: RawPathParams, request: Request| {
            serve(handler, route, emulator, params, request)
        };
        router.route(route, on(filter, serve))
    })
}

async fn serve(
    handler: Handler,
    route: &'static str,
    emulator: Emulator,
    params: RawPathParams,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    // The body is in memory already; see `exchange`.
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    call::perform(handler, route, &emulator, &params, &parts, &body)
}
