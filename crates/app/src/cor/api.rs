//! The API of CORs: read, create, edit, send, set the status.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use domain::{CorId, ProjectId, role::Actor};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App, Error,
    api::BASE,
    cor::{
        input::{CorChange, CorInput},
        read_cor::{self, CorDetail},
        set_status::{self, SetStatus},
        write::{self, EditCor},
    },
    serving::api::{
        bearer::Bearer,
        extract::{Body, Id},
        once::OnceKey,
        problem::{ApiResult, Problem},
    },
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(show, edit, delete))
        .routes(routes!(send))
        .routes(routes!(set_status))
}

/// A COR with its lines, its place in Procore and its story
#[utoipa::path(
    get,
    path = "/cors/{cor}",
    tag = "cors",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    responses((status = 200, body = CorDetail, description = "The COR"))
)]
async fn show(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<CorId>) -> ApiResult<CorDetail> {
    seen(&app, &actor, id).await
}

async fn seen(app: &App, actor: &Actor, id: CorId) -> ApiResult<CorDetail> {
    Ok(Json(read_cor::cor(app, actor, id).await?))
}

/// Begins a COR, as a draft or sent at once
#[utoipa::path(
    post,
    path = "/projects/{project}/cors",
    tag = "cors",
    params(("project" = Uuid, Path, description = "The project's id"), OnceKey),
    request_body = CorInput,
    responses((status = 201, body = CorDetail, description = "The COR", headers(("Location" = String, description = "Where it is"))))
)]
async fn create(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(project): Id<ProjectId>,
    Body(new): Body<CorInput>,
) -> Result<impl IntoResponse, Problem> {
    let made = write::create(&app, &actor, project, new).await?;
    let location = format!("{BASE}/cors/{}", made.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], seen(&app, &actor, made.id).await?))
}

/// Changes a COR that the company sent
#[utoipa::path(
    patch,
    path = "/cors/{cor}",
    tag = "cors",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    request_body = CorChange,
    responses((status = 200, body = CorDetail, description = "The COR as it is now"))
)]
async fn edit(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<CorId>,
    Body(change): Body<CorChange>,
) -> ApiResult<CorDetail> {
    let before = read_cor::cor(&app, &actor, id).await?.cor;
    // The stored COR fills in what the caller left out, so it has to be the revision that the caller read.
    if before.revision != change.revision {
        return Err(Error::Conflict(format!("This COR is at revision {} now. Read it again.", before.revision)).into());
    }
    let revision = change.revision;
    let input = EditCor { cor: id, revision, typed: change.of(&before), without_price: false };
    write::edit(&app, &actor, input).await?;
    seen(&app, &actor, id).await
}

/// Throws a draft away
#[utoipa::path(
    delete,
    path = "/cors/{cor}",
    tag = "cors",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    responses((status = 204, description = "It is gone"))
)]
async fn delete(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<CorId>) -> Result<StatusCode, Problem> {
    write::delete_draft(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a draft: it becomes In Review, and the other company sees it
#[utoipa::path(
    post,
    path = "/cors/{cor}/send",
    tag = "cors",
    params(("cor" = Uuid, Path, description = "The COR's id"), OnceKey),
    responses((status = 200, body = CorDetail, description = "The COR as it is now"))
)]
async fn send(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<CorId>) -> ApiResult<CorDetail> {
    set_status::send(&app, &actor, id).await?;
    seen(&app, &actor, id).await
}

/// Sets the status, from either side
///
/// Once the receiving company has joined, only the receiver sets *approved_to_proceed* and *approved_co_issued* or takes them
/// back; taking one back needs a `reason`. Before that the sender records an `approval`.
#[utoipa::path(
    put,
    path = "/cors/{cor}/status",
    tag = "cors",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    request_body = SetStatus,
    responses((status = 200, body = CorDetail, description = "The COR as it is now"))
)]
async fn set_status(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(cor): Id<CorId>,
    Body(new): Body<SetStatus>,
) -> ApiResult<CorDetail> {
    set_status::set(&app, &actor, cor, new).await?;
    seen(&app, &actor, cor).await
}
