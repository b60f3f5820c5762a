//! Security events in the API, for the Account Owner's programs.

use axum::{Json, extract::State};
use domain::{PersonId, security::SecurityTopic};
use serde::Deserialize;
use store::repo::security_event::SecurityFilter;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    security::{self, SecurityEvents},
    serving::api::{
        bearer::Bearer,
        extract::{Parameters, given},
        problem::{ApiResult, Problem},
    },
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(events))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct SecurityQuery {
    /// One topic: `sign_ins`, `passwords`, `tokens`, `people`, `invitations`, `offices` or `exports`.
    #[serde(default, deserialize_with = "given")]
    topic: Option<String>,
    /// One person, by id.
    #[serde(default, deserialize_with = "given")]
    person: Option<PersonId>,
    /// Only what was refused.
    #[serde(default)]
    #[param(required = false)]
    refused: bool,
    /// `next` of the page before.
    #[serde(default, deserialize_with = "given")]
    cursor: Option<String>,
}

/// A page of the company's security events, the newest first; Account Owners only
#[utoipa::path(
    get,
    path = "/security-events",
    tag = "security",
    params(SecurityQuery),
    responses((status = 200, body = SecurityEvents, description = "Up to 100 events"))
)]
async fn events(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Parameters(query): Parameters<SecurityQuery>,
) -> ApiResult<SecurityEvents> {
    let topic = query.topic.map(|code| {
        let names = SecurityTopic::ALL.map(SecurityTopic::code).join(", ");
        SecurityTopic::from_code(&code).ok_or_else(|| Problem::parameter("topic", format!("Choose one of {names}.")))
    });
    let before = query.cursor.map(|text| {
        let not_ours = "Not a `next` value of this list. Start without a cursor.";
        text.parse::<i64>().map_err(|_| Problem::parameter("cursor", not_ours))
    });
    let asked = SecurityFilter {
        topic: topic.transpose()?,
        person: query.person,
        failed: query.refused,
        before: before.transpose()?,
    };
    Ok(Json(security::page(&app, &actor, asked).await?))
}
