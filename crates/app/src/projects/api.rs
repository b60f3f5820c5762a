//! Projects and their contracts.

use axum::{Json, extract::State};
use domain::ProjectId;
use serde::Serialize;
use store::repo::project::ProjectSummary;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    projects::{self, ProjectWithContracts},
    serving::api::{bearer::Bearer, extract::Id, problem::ApiResult},
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show))
}

/// All projects that the caller sees.
#[derive(Debug, Serialize, ToSchema)]
pub struct Projects {
    /// By name.
    projects: Vec<ProjectSummary>,
}

/// The projects that the caller sees
#[utoipa::path(get, path = "/projects", tag = "projects", responses((status = 200, body = Projects, description = "By name")))]
async fn list(State(app): State<App>, Bearer(actor): Bearer) -> ApiResult<Projects> {
    Ok(Json(Projects { projects: projects::list(&app, &actor).await? }))
}

/// One project with its contracts
#[utoipa::path(
    get,
    path = "/projects/{project}",
    tag = "projects",
    params(("project" = Uuid, Path, description = "The project's id")),
    responses((status = 200, body = ProjectWithContracts, description = "The project"))
)]
async fn show(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<ProjectId>) -> ApiResult<ProjectWithContracts> {
    Ok(Json(projects::with_contracts(&app, &actor, id).await?))
}
