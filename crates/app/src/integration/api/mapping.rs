//! Which Procore project a project is.

use axum::{Json, extract::State, http::StatusCode};
use domain::{Currency, ProcoreId, ProjectId, role::Actor};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sync::connection::tokens::Health;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App, Error,
    integration::{
        currency,
        map_project::{self, Linked, MapTo},
    },
    serving::api::{
        bearer::Bearer,
        extract::{Body, Id},
        problem::Problem,
    },
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, map, unmap)).routes(routes!(choices)).routes(routes!(state_currency))
}

/// A project's place in Procore.
#[derive(Debug, Serialize, ToSchema)]
struct ProjectInProcore {
    /// The Procore account that the project's office is connected to.
    account: Option<Account>,
    /// The Procore project it is mapped to.
    mapping: Option<Mapping>,
    /// CORs that are linked to change events there. While there are any, it can be mapped to no other project.
    linked_cors: i64,
    /// How the caller's own sign-in to Procore stands.
    sign_in: SignIn,
}

/// A Procore account.
#[derive(Debug, Serialize, ToSchema)]
struct Account {
    id: ProcoreId,
    name: String,
    connected_by: String,
    connected_at: Timestamp,
}

/// The Procore project that a project is.
#[derive(Debug, Serialize, ToSchema)]
struct Mapping {
    account_id: ProcoreId,
    procore_project_id: ProcoreId,
    /// May be empty.
    number: String,
    name: String,
    mapped_by: String,
    mapped_at: Timestamp,
    currency: ProcoreCurrency,
}

/// What is known of the currency that the Procore project is kept in. Amounts are never converted: until it is known, and the
/// project's own, nothing is pushed.
#[derive(Debug, Serialize, ToSchema)]
struct ProcoreCurrency {
    /// ISO 4217; nothing where it is unknown or Procore names another one than was stated.
    code: Option<String>,
    /// What Procore names, each code once; it names none for most companies.
    named: Vec<String>,
    /// What a person stated.
    stated: Option<StatedCurrency>,
    /// Why nothing can be pushed because of it, and what to do; else empty.
    problem: String,
}

/// A person's word on the currency of a Procore project.
#[derive(Debug, Serialize, ToSchema)]
struct StatedCurrency {
    currency: Currency,
    by: String,
    at: Timestamp,
}

/// The currency that the Procore project is kept in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCurrency {
    currency: Currency,
}

/// A person's sign-in to Procore. It is done in a browser, under Settings.
#[derive(Debug, Serialize, ToSchema)]
struct SignIn {
    state: SignInState,
    /// The login's name in Procore.
    login: Option<String>,
    /// Why only a new sign-in helps.
    reason: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SignInState {
    /// Never signed in, or signed out.
    None,
    /// Works, and is renewed without the person.
    Live,
    /// Only a new sign-in helps.
    Lost,
}

/// What a project is to be mapped to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMapping {
    /// One of the projects listed for it.
    procore_project_id: ProcoreId,
    /// Whether CORs that are linked to change events of another Procore project are unlinked, their lines kept. Without it
    /// such a change is refused.
    #[serde(default)]
    unlink: bool,
    /// The currency it is kept in, where Procore doesn't name it. It may be stated later; until then nothing is pushed.
    #[serde(default)]
    currency: Option<Currency>,
}

/// The projects of the account that the caller sees in Procore.
#[derive(Debug, Serialize, ToSchema)]
struct ProcoreProjects {
    /// By number.
    projects: Vec<ProcoreProject>,
    /// What Procore lists and could not be read, each in a sentence.
    unread: Vec<String>,
}

/// A project in Procore.
#[derive(Debug, Serialize, ToSchema)]
struct ProcoreProject {
    id: ProcoreId,
    /// May be empty.
    number: String,
    name: String,
}

async fn looked(app: &App, actor: &Actor, project: ProjectId) -> Result<Json<ProjectInProcore>, Problem> {
    let page = map_project::look(app, actor, project).await?;
    let currency = ProcoreCurrency {
        code: page.known.code().map(str::to_owned),
        named: page.known.named.clone(),
        stated: page.currency.stated.as_ref().map(|stated| StatedCurrency {
            currency: stated.currency,
            by: stated.by_name.clone(),
            at: stated.at,
        }),
        problem: page.currency_trouble().map(|trouble| trouble.with_remedy()).unwrap_or_default(),
    };
    let (state, login, reason) = match page.own {
        Health::None => (SignInState::None, None, None),
        Health::Live { user, .. } => (SignInState::Live, Some(user), None),
        Health::Lost { user, why } => (SignInState::Lost, Some(user), Some(why)),
    };
    Ok(Json(ProjectInProcore {
        account: page.integration.map(|account| Account {
            id: ProcoreId::from(account.procore_company_id),
            name: account.procore_company,
            connected_by: account.connected_by_name,
            connected_at: account.connected_at,
        }),
        mapping: page.mapping.map(|mapping| Mapping {
            account_id: ProcoreId::from(mapping.procore_company_id),
            procore_project_id: ProcoreId::from(mapping.procore_project_id),
            number: mapping.procore_number,
            name: mapping.procore_project,
            mapped_by: mapping.mapped_by_name,
            mapped_at: mapping.mapped_at,
            currency,
        }),
        linked_cors: page.links,
        sign_in: SignIn { state, login, reason },
    }))
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
) -> Result<Json<ProjectInProcore>, Problem> {
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
) -> Result<Json<ProjectInProcore>, Problem> {
    let to = MapTo {
        linked: if new.unlink { Linked::Unlink } else { Linked::Keep },
        currency: new.currency,
        ..MapTo::project(new.procore_project_id.get())
    };
    map_project::map(&app, &actor, project, to).await?;
    looked(&app, &actor, project).await
}

/// States the currency that the mapped Procore project is kept in, where Procore doesn't name it
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
) -> Result<Json<ProjectInProcore>, Problem> {
    currency::state(&app, &actor, project, new.currency).await?;
    looked(&app, &actor, project).await
}

/// Removes the mapping; links stay for when it is mapped again
#[utoipa::path(
    delete,
    path = "/projects/{project}/procore",
    tag = "procore",
    params(("project" = Uuid, Path, description = "The project's id")),
    responses((status = 204, description = "It is mapped to nothing"))
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
) -> Result<Json<ProcoreProjects>, Problem> {
    let account = map_project::look(&app, &actor, project).await?.integration;
    let account = account.ok_or_else(|| Error::Conflict("The project's office is not connected to Procore.".into()))?;
    let found = map_project::choices(&app, &actor, account.procore_company_id).await?;
    let project = |project: map_project::ProcoreProject| ProcoreProject {
        id: ProcoreId::from(project.id),
        number: project.number,
        name: project.name,
    };
    Ok(Json(ProcoreProjects { projects: found.choices.into_iter().map(project).collect(), unread: found.unread }))
}
