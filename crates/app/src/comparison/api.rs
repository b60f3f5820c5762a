//! A COR beside its lines in Procore, and what can be decided about a difference.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use domain::{CorId, PushId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    api::BASE,
    comparison::{self, Comparison, Decided, RemovalAsked, RemovalConfirmed, RemovalPlan},
    serving::api::{
        bearer::Bearer,
        extract::{Body, Id},
        problem::{ApiResult, Problem},
    },
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(read))
        .routes(routes!(leave))
        .routes(routes!(accept))
        .routes(routes!(unlink))
        .routes(routes!(plan_removal))
        .routes(routes!(remove))
}

/// The push that carries it out: it is followed and steered under `/pushes/{push_id}`.
#[derive(Debug, Serialize, ToSchema)]
struct RemovalBegun {
    push_id: PushId,
}

/// Compares a COR with its lines in Procore, as last read
#[utoipa::path(
    get,
    path = "/cors/{cor}/procore",
    tag = "procore",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    responses((status = 200, body = Comparison, description = "Last pushed, ours now, Procore now"))
)]
async fn show(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<CorId>) -> ApiResult<Comparison> {
    Ok(Json(comparison::look(&app, &actor, id).await?))
}

/// Reads the change event now, and compares
#[utoipa::path(
    post,
    path = "/cors/{cor}/procore/read",
    tag = "procore",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    responses((status = 200, body = Comparison, description = "Last pushed, ours now, Procore now"))
)]
async fn read(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<CorId>) -> ApiResult<Comparison> {
    Ok(Json(comparison::read_now(&app, &actor, id).await?))
}

/// Leaves a difference as it is until it changes again
#[utoipa::path(
    post,
    path = "/cors/{cor}/procore/leave",
    tag = "procore",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    request_body = Decided,
    responses((status = 200, body = Comparison, description = "As it stands now"))
)]
async fn leave(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<CorId>,
    Body(decision): Body<Decided>,
) -> ApiResult<Comparison> {
    comparison::leave(&app, &actor, id, &decision.version).await?;
    Ok(Json(comparison::look(&app, &actor, id).await?))
}

/// Takes over what Procore has: a new version of a sent COR, a note on a received one
#[utoipa::path(
    post,
    path = "/cors/{cor}/procore/accept",
    tag = "procore",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    request_body = Decided,
    responses((status = 200, body = Comparison, description = "As it stands now"))
)]
async fn accept(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<CorId>,
    Body(decision): Body<Decided>,
) -> ApiResult<Comparison> {
    comparison::accept(&app, &actor, id, &decision.version, &decision.note).await?;
    Ok(Json(comparison::look(&app, &actor, id).await?))
}

/// Ends the link; the lines stay in Procore
#[utoipa::path(
    post,
    path = "/cors/{cor}/procore/unlink",
    tag = "procore",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    request_body = Decided,
    responses((status = 204, description = "It is not linked any more"))
)]
async fn unlink(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<CorId>,
    Body(decision): Body<Decided>,
) -> Result<StatusCode, Problem> {
    comparison::unlink(&app, &actor, id, &decision.version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads the change event now and shows which lines would be removed; nothing is written
#[utoipa::path(
    post,
    path = "/cors/{cor}/procore/removal-plan",
    tag = "procore",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    request_body = RemovalAsked,
    responses((status = 200, body = RemovalPlan, description = "What would go"))
)]
async fn plan_removal(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<CorId>,
    Body(asked): Body<RemovalAsked>,
) -> ApiResult<RemovalPlan> {
    Ok(Json(comparison::plan_removal(&app, &actor, id, asked.purpose).await?))
}

/// Removes lines in Procore as they were shown, exactly once; the worker carries it out
#[utoipa::path(
    post,
    path = "/cors/{cor}/procore/removal",
    tag = "procore",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    request_body = RemovalConfirmed,
    responses((
        status = 202,
        body = RemovalBegun,
        description = "It is being removed; follow its push",
        headers(("Location" = String, description = "The push"))
    ))
)]
async fn remove(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<CorId>,
    Body(confirmed): Body<RemovalConfirmed>,
) -> Result<impl IntoResponse, Problem> {
    let push = comparison::remove(&app, &actor, id, confirmed.purpose, &confirmed.digest).await?;
    let location = format!("{BASE}/pushes/{push}");
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(RemovalBegun { push_id: push })))
}
