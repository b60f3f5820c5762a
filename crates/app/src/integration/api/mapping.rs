//! Which Procore project a project is.

use axum::{Json, extract::State, http::StatusCode};
use domain::{Currency, ProcoreId, ProjectId, role::Actor};
use serde::{Deserialize, Serialize};
use store::repo::currency::Stated;
use sync::connection::tokens::SignInHealth;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App, Error,
    integration::{
        copy, currency,
        map_project::{self, Linked, MapTo},
        project_mapping::{self, ProcoreProject, ProjectMapping},
    },
    serving::api::{
        bearer::Bearer,
        extract::{Body, Id},
        problem::{ApiResult, Problem},
    },
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, map, unmap)).routes(routes!(choices)).routes(routes!(state_currency))
}

/// A project's place in Procore.
#[derive(Debug, Serialize, ToSchema)]
struct ProjectInProcore {
    #[serde(flatten)]
    place: ProjectMapping,
    /// What is known of the currency of the mapped project.
    currency: Option<CurrencyInProcore>,
    /// The caller's own sign-in to Procore.
    sign_in: ProcoreSignIn,
}

/// What is known of the Procore project's currency. Amounts are never converted: pushing waits until it is known and matches
/// the project's own.
#[derive(Debug, Serialize, ToSchema)]
struct CurrencyInProcore {
    /// ISO 4217; null if it is unknown, or if Procore names another one than was stated.
    code: Option<String>,
    /// The codes that Procore names; none for most companies.
    named: Vec<String>,
    /// What a person stated.
    stated: Option<Stated>,
    /// Why it prevents pushing, and what to do; else empty.
    problem: String,
}

/// The Procore project's currency.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCurrency {
    currency: Currency,
}

/// A person's sign-in to Procore. People sign in with a browser, under Settings.
#[derive(Debug, Serialize, ToSchema)]
struct ProcoreSignIn {
    state: SignInState,
    /// The login's name in Procore.
    login: Option<String>,
    /// Why a new sign-in is needed.
    reason: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SignInState {
    /// Never signed in, or signed out.
    None,
    /// Works, and is renewed automatically.
    Live,
    /// A new sign-in is needed.
    Lost,
}

/// The Procore project to map to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMapping {
    /// One of the projects listed for it.
    procore_project_id: ProcoreId,
    /// Whether to unlink CORs that are linked to change events of another Procore project; their lines stay. Without it such a
    /// change is refused.
    #[serde(default)]
    unlink: bool,
    /// Its currency, if Procore doesn't name it. It may be stated later; pushing waits for it.
    #[serde(default)]
    currency: Option<Currency>,
}

/// The account's projects that the caller sees in Procore.
#[derive(Debug, Serialize, ToSchema)]
struct ProcoreProjects {
    /// By number.
    projects: Vec<ProcoreProject>,
    /// What Procore lists and could not be read, each in a sentence.
    unread: Vec<String>,
}

async fn looked(app: &App, actor: &Actor, project: ProjectId) -> ApiResult<ProjectInProcore> {
    let place = project_mapping::look(app, actor, project).await?;
    let currency = place.mapping.is_some().then(|| CurrencyInProcore {
        code: place.known.code().map(str::to_owned),
        named: place.known.named.clone(),
        stated: place.currency.stated.clone(),
        problem: place.currency_trouble().map(|trouble| trouble.with_remedy()).unwrap_or_default(),
    });
    let login = place.own.user().map(str::to_owned);
    let (state, reason) = match &place.own {
        SignInHealth::None => (SignInState::None, None),
        SignInHealth::Live { .. } => (SignInState::Live, None),
        SignInHealth::Lost { why, .. } => (SignInState::Lost, Some(why.clone())),
    };
    Ok(Json(ProjectInProcore { currency, sign_in: ProcoreSignIn { state, login, reason }, place }))
}

/// A project's place in Procore
#[utoipa::path(
    get,
    path = "/projects/{project}/procore",
    tag = "procore",
    params(("project" = Uuid, Path, description = "The project's id")),
    responses((status = 200, body = ProjectInProcore, description = "Account, mapping and sign-in"))
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(project): Id<ProjectId>,
) -> ApiResult<ProjectInProcore> {
    looked(&app, &actor, project).await
}

/// Maps a project to a Procore project
#[utoipa::path(
    put,
    path = "/projects/{project}/procore",
    tag = "procore",
    params(("project" = Uuid, Path, description = "The project's id")),
    request_body = NewMapping,
    responses((status = 200, body = ProjectInProcore, description = "As it is now"))
)]
async fn map(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(project): Id<ProjectId>,
    Body(new): Body<NewMapping>,
) -> ApiResult<ProjectInProcore> {
    let to = MapTo {
        linked: if new.unlink { Linked::Unlink } else { Linked::Keep },
        currency: new.currency,
        ..MapTo::project(new.procore_project_id.get())
    };
    map_project::map(&app, &actor, project, to).await?;
    looked(&app, &actor, project).await
}

/// States the mapped Procore project's currency, if Procore doesn't name it
#[utoipa::path(
    put,
    path = "/projects/{project}/procore/currency",
    tag = "procore",
    params(("project" = Uuid, Path, description = "The project's id")),
    request_body = NewCurrency,
    responses((status = 200, body = ProjectInProcore, description = "As it is now"))
)]
async fn state_currency(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(project): Id<ProjectId>,
    Body(new): Body<NewCurrency>,
) -> ApiResult<ProjectInProcore> {
    currency::state(&app, &actor, project, new.currency).await?;
    looked(&app, &actor, project).await
}

/// Removes the mapping; links stay for a later mapping
#[utoipa::path(
    delete,
    path = "/projects/{project}/procore",
    tag = "procore",
    params(("project" = Uuid, Path, description = "The project's id")),
    responses((status = 204, description = "The project is not mapped"))
)]
async fn unmap(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(project): Id<ProjectId>,
) -> Result<StatusCode, Problem> {
    map_project::unmap(&app, &actor, project).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The Procore projects that a project can be mapped to, read from Procore as the caller
#[utoipa::path(
    get,
    path = "/projects/{project}/procore/projects",
    tag = "procore",
    params(("project" = Uuid, Path, description = "The project's id")),
    responses((status = 200, body = ProcoreProjects, description = "By number"))
)]
async fn choices(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(project): Id<ProjectId>,
) -> ApiResult<ProcoreProjects> {
    let account = project_mapping::look(&app, &actor, project).await?.integration;
    let account = account.ok_or_else(|| Error::Conflict(copy::OFFICE_NOT_CONNECTED.into()))?;
    let found = project_mapping::choices(&app, &actor, account.procore_company_id).await?;
    Ok(Json(ProcoreProjects { projects: found.choices, unread: found.unread }))
}
