//! A push by its own id, whether it was confirmed in a draft or takes lines away: follow it, pause it, have it go on.

use axum::{Json, extract::State};
use domain::{PushId, role::Actor};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{bearer::Bearer, extract::Id, problem::Problem, push_result::PushResult};
use crate::{App, actions::push};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(cancel))
        .routes(routes!(try_again))
}

async fn stands(app: &App, actor: &Actor, id: PushId) -> Result<Json<PushResult>, Problem> {
    let standing = push::result(app, actor, id).await?;
    Ok(Json(PushResult::of(app, &standing)))
}

/// How a push or a removal stands, COR by COR
#[utoipa::path(
    get,
    path = "/pushes/{push}",
    operation_id = "show_push",
    tag = "pushes",
    params(("push" = Uuid, Path, description = "The push's id")),
    responses((status = 200, body = PushResult, description = "As it stands"))
)]
async fn show(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<PushId>) -> Result<Json<PushResult>, Problem> {
    stands(&app, &actor, id).await
}

/// Pauses a push or a removal between two requests
#[utoipa::path(
    post,
    path = "/pushes/{push}/pause",
    operation_id = "pause_push",
    tag = "pushes",
    params(("push" = Uuid, Path, description = "The push's id")),
    responses((status = 200, body = PushResult, description = "As it stands; a request on its way is waited for"))
)]
async fn pause(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<PushId>) -> Result<Json<PushResult>, Problem> {
    push::pause(&app, &actor, id).await?;
    stands(&app, &actor, id).await
}

/// Lets a paused push or removal go on
#[utoipa::path(
    post,
    path = "/pushes/{push}/resume",
    operation_id = "resume_push",
    tag = "pushes",
    params(("push" = Uuid, Path, description = "The push's id")),
    responses((status = 200, body = PushResult, description = "As it stands"))
)]
async fn resume(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<PushId>,
) -> Result<Json<PushResult>, Problem> {
    push::resume(&app, &actor, id).await?;
    stands(&app, &actor, id).await
}

/// Takes back what was not written or removed yet
#[utoipa::path(
    post,
    path = "/pushes/{push}/cancel",
    operation_id = "cancel_push",
    tag = "pushes",
    params(("push" = Uuid, Path, description = "The push's id")),
    responses((status = 200, body = PushResult, description = "As it stands; what may have been carried out is looked for first"))
)]
async fn cancel(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<PushId>,
) -> Result<Json<PushResult>, Problem> {
    push::cancel(&app, &actor, id).await?;
    stands(&app, &actor, id).await
}

/// Has a push or a removal that stopped tried again
#[utoipa::path(
    post,
    path = "/pushes/{push}/try-again",
    operation_id = "try_push_again",
    tag = "pushes",
    params(("push" = Uuid, Path, description = "The push's id")),
    responses((status = 200, body = PushResult, description = "As it stands; what may have been sent is looked for first"))
)]
async fn try_again(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<PushId>,
) -> Result<Json<PushResult>, Problem> {
    push::try_again(&app, &actor, id).await?;
    stands(&app, &actor, id).await
}
