//! The sealed record of what was pushed, for programs: of one COR, and a company's whole.

use axum::{Json, extract::State};
use domain::CorId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    App,
    record::{self, Line, Place},
    serving::api::{
        bearer::Bearer,
        extract::{Asked, Id},
        problem::Problem,
    },
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(of_cor)).routes(routes!(whole))
}

/// An entry of the record. Its hash can be reckoned from it; `docs/audit.md` says how.
#[derive(Debug, Serialize, ToSchema)]
struct RecordEntry {
    /// Whose record it is from.
    company_id: Uuid,
    /// Its number there, from 1.
    seq: i64,
    time: Timestamp,
    /// The same in microseconds since 1970 UTC, as it was hashed.
    at: i64,
    /// What happened, as a word.
    kind: String,
    project_id: Uuid,
    /// The push it happened in.
    push_id: Option<Uuid>,
    /// The COR it is about; null for a push as a whole.
    cor_id: Option<Uuid>,
    /// What both companies of the COR may read: JSON as text, byte for byte as it was hashed.
    told: String,
    /// What its own company alone may read, likewise; null in entries of another company.
    kept: Option<String>,
    /// The SHA-256 of `kept`.
    kept_hash: String,
    /// The hash of the entry before.
    prev: String,
    /// Its own hash.
    hash: String,
}

/// What the record says about a COR.
#[derive(Debug, Serialize, ToSchema)]
struct CorRecord {
    /// The caller's company's own entries, then the other company's, each the oldest first.
    entries: Vec<RecordEntry>,
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
    let record = record::of_cor(&app, &actor, id).await?;
    Ok(Json(CorRecord { entries: record.lines()?.into_iter().map(RecordEntry::from).collect() }))
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
    let place = match query.cursor.as_deref() {
        None => Place::start(),
        Some(text) => text.parse().map_err(|_| {
            Problem::parameter("cursor", "This is no `next` of a page of the record. Begin without a cursor.")
        })?,
    };
    let (lines, next) = record::export(&app.store, actor.company, place).await?;
    let head = record::head(&app, &actor).await?;
    Ok(Json(RecordPage {
        next: (!lines.is_empty()).then(|| next.to_string()),
        entries: lines.into_iter().map(RecordEntry::from).collect(),
        head_seq: head.seq,
        head_hash: head.hash.to_string(),
    }))
}

impl From<Line> for RecordEntry {
    fn from(line: Line) -> Self {
        Self {
            company_id: line.company.0,
            seq: line.seq,
            time: line.time,
            at: line.at,
            kind: line.kind,
            project_id: line.project.0,
            push_id: line.push.map(|id| id.0),
            cor_id: line.cor.map(|id| id.0),
            told: line.told.get().to_owned(),
            kept: line.kept.map(|kept| kept.get().to_owned()),
            kept_hash: line.kept_hash,
            prev: line.prev,
            hash: line.hash,
        }
    }
}
