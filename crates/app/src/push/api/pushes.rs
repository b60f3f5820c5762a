//! A push by its own id, whether it was confirmed in a draft or takes lines away: follow it, pause it, have it go on.

use axum::{Json, extract::State};
use domain::{PushId, role::Actor};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    push::{self, api::result::PushResult},
    serving::api::{bearer::Bearer, extract::Id, problem::Problem},
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(cancel))
        .routes(routes!(try_again))
        .routes(routes!(look_now))
        .routes(routes!(not_there))
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

/// Has it looked for now what Procore received
///
/// While a push is `uncertain`. What is there is taken over at once; what is not there yet is looked for again as planned.
#[utoipa::path(
    post,
    path = "/pushes/{push}/look-now",
    operation_id = "look_for_push_now",
    tag = "pushes",
    params(("push" = Uuid, Path, description = "The push's id")),
    responses((status = 200, body = PushResult, description = "As it stands; the look comes next"))
)]
async fn look_now(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<PushId>,
) -> Result<Json<PushResult>, Problem> {
    push::look_now(&app, &actor, id).await?;
    stands(&app, &actor, id).await
}

/// Says that the change event that is looked for is not in Procore
///
/// After one more look it is made again at once, instead of at `made_again_at`; a push that is being cancelled is cancelled.
/// Only for one who has looked into Procore: if it is there after all, it will be there twice.
#[utoipa::path(
    post,
    path = "/pushes/{push}/not-there",
    operation_id = "say_push_is_not_there",
    tag = "pushes",
    params(("push" = Uuid, Path, description = "The push's id")),
    responses((status = 200, body = PushResult, description = "As it stands; the last look comes next"))
)]
async fn not_there(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<PushId>,
) -> Result<Json<PushResult>, Problem> {
    push::not_there(&app, &actor, id).await?;
    stands(&app, &actor, id).await
}
