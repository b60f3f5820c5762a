//! The audit record of pushes in the API: of one COR, and of a whole company.

use axum::{Json, extract::State};
use domain::CorId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    record::{self, CorRecord, ExportCursor, RecordEntry},
    serving::api::{
        bearer::Bearer,
        extract::{Id, Parameters},
        problem::Problem,
    },
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(of_cor)).routes(routes!(whole))
}

/// A page of a company's record.
#[derive(Debug, Serialize, ToSchema)]
struct RecordPage {
    /// The company's own entries, then what other companies' records say about CORs that it sent or received.
    entries: Vec<RecordEntry>,
    /// The number of the last entry in the company's own record; 0 if there is none.
    head_seq: i64,
    /// Its hash. Save it elsewhere to prove later that the record was not cut off or rewritten.
    head_hash: String,
    /// `cursor` of the next page; null on the last.
    next: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RecordQuery {
    /// `next` of the page before.
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
async fn of_cor(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<CorId>) -> Result<Json<CorRecord>, Problem> {
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
) -> Result<Json<RecordPage>, Problem> {
    record::may_export(&actor)?;
    let from = match query.cursor.as_deref() {
        None => ExportCursor::start(),
        Some(text) => text
            .parse()
            .map_err(|_| Problem::parameter("cursor", "Not a `next` value of this record. Start without a cursor."))?,
    };
    let (entries, next) = record::export(&app.store, actor.company, from).await?;
    let head = record::head(&app, &actor).await?;
    Ok(Json(RecordPage {
        next: (!entries.is_empty()).then(|| next.to_string()),
        entries,
        head_seq: head.seq,
        head_hash: head.hash.to_string(),
    }))
}
