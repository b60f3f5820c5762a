//! The sealed record of what was pushed, for programs: of one COR, and a company's whole.

use axum::{Json, extract::State};
use domain::CorId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    record::{self, CorRecord, Cursor, RecordEntry},
    serving::api::{
        bearer::Bearer,
        extract::{Asked, Id},
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
    /// The number of the last entry of the company's own record; 0 before the first.
    head_seq: i64,
    /// Its hash. Kept elsewhere, it shows later that the record's end was not cut off or written anew.
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

/// What the record says about a COR, as far as the caller's company may read it
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

/// A page of the whole record of the caller's company; its Account Owner's alone
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
    Asked(query): Asked<RecordQuery>,
) -> Result<Json<RecordPage>, Problem> {
    record::may_export(&actor)?;
    let from = match query.cursor.as_deref() {
        None => Cursor::start(),
        Some(text) => text.parse().map_err(|_| {
            Problem::parameter("cursor", "This is no `next` of a page of the record. Begin without a cursor.")
        })?,
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
