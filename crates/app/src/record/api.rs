//! The audit record of pushes in the API: of one COR, and of a whole company.

use axum::{Json, extract::State};
use domain::CorId;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    record::{self, CorRecord, ExportCursor, RecordPage, pages::WHOLE_RECORD},
    security,
    serving::api::{
        bearer::Bearer,
        extract::{Id, Parameters, given},
        problem::{ApiResult, Problem},
    },
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(of_cor)).routes(routes!(whole))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RecordQuery {
    /// `next` of the page before.
    #[serde(default, deserialize_with = "given")]
    cursor: Option<String>,
}

/// The record of a COR, as far as the caller's company may read it
#[utoipa::path(
    get,
    path = "/cors/{cor}/record",
    tag = "record",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    responses((status = 200, body = CorRecord, description = "The entries"))
)]
async fn of_cor(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<CorId>) -> ApiResult<CorRecord> {
    Ok(Json(record::of_cor(&app, &actor, id).await?))
}

/// A page of the caller's company's whole record; Account Owners only
#[utoipa::path(
    get,
    path = "/record",
    tag = "record",
    params(RecordQuery),
    responses((status = 200, body = RecordPage, description = "Up to 1,000 entries"))
)]
async fn whole(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Parameters(query): Parameters<RecordQuery>,
) -> ApiResult<RecordPage> {
    let from = match query.cursor.as_deref() {
        None => ExportCursor::start(),
        Some(text) => text
            .parse()
            .map_err(|_| Problem::parameter("cursor", "Not a `next` value of this record. Start without a cursor."))?,
    };
    let page = record::page(&app, &actor, from).await?;
    if query.cursor.is_none() {
        security::exported(&app, &actor, WHOLE_RECORD).await?;
    }
    Ok(Json(page))
}
