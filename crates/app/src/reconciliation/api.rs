//! The reconciliation with Procore: which CORs are in the forecast and which are not, signed off and compared.

use axum::{Json, extract::State, http::StatusCode};
use domain::{OfficeId, ProjectId, ReconciliationId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    reconciliation::{self, NewSignature, Reconciliation, ReconciliationComparison, SignedReconciliation, SignedScope},
    serving::api::{
        bearer::Bearer,
        extract::{Body, Id, Parameters, given},
        once::OnceKey,
        problem::{ApiResult, Problem},
    },
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(of_project))
        .routes(routes!(of_office))
        .routes(routes!(sign_project))
        .routes(routes!(sign_office))
        .routes(routes!(signed))
        .routes(routes!(comparison))
}

type Created = Result<(StatusCode, Json<SignedReconciliation>), Problem>;

async fn now(State(app): State<App>, Bearer(actor): Bearer, scope: SignedScope) -> ApiResult<Reconciliation> {
    Ok(Json(reconciliation::read(&app, &actor, scope).await?))
}

async fn sign(
    State(app): State<App>,
    Bearer(actor): Bearer,
    scope: SignedScope,
    Body(new): Body<NewSignature>,
) -> Created {
    let id = reconciliation::sign_off(&app, &actor, scope, new).await?;
    Ok((StatusCode::CREATED, Json(reconciliation::signed(&app, &actor, id).await?)))
}

/// The reconciliation to compare with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct With {
    /// Another signed one of the same project or office; by default the present.
    #[serde(default, deserialize_with = "given")]
    with: Option<ReconciliationId>,
}

/// A project's reconciliation with Procore as it is now, both sides
#[utoipa::path(
    get,
    path = "/projects/{project}/reconciliation",
    tag = "reconciliation",
    params(("project" = Uuid, Path, description = "The project's id")),
    responses((status = 200, body = Reconciliation, description = "Figures of one moment"))
)]
async fn of_project(app: State<App>, caller: Bearer, Id(project): Id<ProjectId>) -> ApiResult<Reconciliation> {
    now(app, caller, SignedScope::Project(project)).await
}

/// The reconciliation with Procore of all projects of an office as it is now
#[utoipa::path(
    get,
    path = "/offices/{office}/reconciliation",
    tag = "reconciliation",
    params(("office" = Uuid, Path, description = "The office's id")),
    responses((status = 200, body = Reconciliation, description = "Figures of one moment"))
)]
async fn of_office(app: State<App>, caller: Bearer, Id(office): Id<OfficeId>) -> ApiResult<Reconciliation> {
    now(app, caller, SignedScope::Office(office)).await
}

/// Sign off a project's reconciliation: its figures are kept and can't be changed
#[utoipa::path(
    post,
    path = "/projects/{project}/reconciliation/signatures",
    tag = "reconciliation",
    params(("project" = Uuid, Path, description = "The project's id"), OnceKey),
    request_body = NewSignature,
    responses((status = 201, body = SignedReconciliation, description = "What was signed"))
)]
async fn sign_project(app: State<App>, caller: Bearer, Id(project): Id<ProjectId>, new: Body<NewSignature>) -> Created {
    sign(app, caller, SignedScope::Project(project), new).await
}

/// Sign off an office's reconciliation: its figures are kept and can't be changed
#[utoipa::path(
    post,
    path = "/offices/{office}/reconciliation/signatures",
    tag = "reconciliation",
    params(("office" = Uuid, Path, description = "The office's id"), OnceKey),
    request_body = NewSignature,
    responses((status = 201, body = SignedReconciliation, description = "What was signed"))
)]
async fn sign_office(app: State<App>, caller: Bearer, Id(office): Id<OfficeId>, new: Body<NewSignature>) -> Created {
    sign(app, caller, SignedScope::Office(office), new).await
}

/// A reconciliation as it was signed off
#[utoipa::path(
    get,
    path = "/reconciliations/{reconciliation}",
    tag = "reconciliation",
    params(("reconciliation" = Uuid, Path, description = "The id of the signature")),
    responses((status = 200, body = SignedReconciliation, description = "What was signed"))
)]
async fn signed(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<ReconciliationId>,
) -> ApiResult<SignedReconciliation> {
    Ok(Json(reconciliation::signed(&app, &actor, id).await?))
}

/// What moved between a reconciliation that was signed off and another, or now
#[utoipa::path(
    get,
    path = "/reconciliations/{reconciliation}/comparison",
    tag = "reconciliation",
    params(("reconciliation" = Uuid, Path, description = "The id of the signature"), With),
    responses((status = 200, body = ReconciliationComparison, description = "The earlier one first"))
)]
async fn comparison(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<ReconciliationId>,
    Parameters(with): Parameters<With>,
) -> ApiResult<ReconciliationComparison> {
    Ok(Json(reconciliation::compare(&app, &actor, id, with.with).await?))
}
