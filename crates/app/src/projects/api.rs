//! Projects and their contracts.

use axum::{Json, extract::State};
use domain::{Currency, Money, ProjectId, procore::Side};
use serde::Serialize;
use store::repo::{contract::Contract, project::ProjectSummary};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    App, contracts, projects,
    serving::api::{bearer::Bearer, extract::Id, problem::Problem},
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show))
}

/// All projects that the caller sees.
#[derive(Debug, Serialize, ToSchema)]
pub struct Projects {
    /// By name.
    projects: Vec<Project>,
}

/// A project in the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Project {
    id: Uuid,
    name: String,
    address: String,
    /// What its CORs are priced in.
    currency: Currency,
    office: Named,
    /// The company's own number for it; may be empty.
    job_number: String,
    /// CORs the company sent, and drafts of such.
    sent: i64,
    /// CORs the company received.
    received: i64,
    /// The Procore project it is mapped to.
    procore: Option<ProcoreName>,
}

/// Something that is known by a name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Named {
    pub id: Uuid,
    pub name: String,
}

/// How a Procore project is called there.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcoreName {
    /// May be empty.
    pub number: String,
    pub name: String,
}

/// A project with its contracts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectDetails {
    #[serde(flatten)]
    project: Project,
    /// The company's contracts, on either side; empty for Field Users.
    contracts: Vec<ContractOf>,
}

/// A contract of the company.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContractOf {
    id: Uuid,
    name: String,
    /// `sent` when the company sends CORs under it, `received` when it receives them.
    side: Side,
    counterparty: Named,
    /// The original value.
    value: Money,
    currency: Currency,
}

impl From<ProjectSummary> for Project {
    fn from(summary: ProjectSummary) -> Self {
        let project = summary.project;
        Self {
            id: project.id.0,
            name: project.name,
            address: project.address,
            currency: project.currency,
            office: Named { id: project.office.0, name: project.office_name },
            job_number: project.job_number,
            sent: summary.sent,
            received: summary.received,
            procore: summary.procore.map(|(number, name)| ProcoreName { number, name }),
        }
    }
}

fn contract(contract: Contract, company: domain::CompanyId) -> ContractOf {
    let counterparty = contract.counterparty(company).clone();
    ContractOf {
        id: contract.id.0,
        side: if contract.contractor.id == company { Side::Sent } else { Side::Received },
        counterparty: Named { id: counterparty.id.0, name: counterparty.name },
        name: contract.name,
        value: contract.value,
        currency: contract.currency,
    }
}

/// The projects that the caller sees
#[utoipa::path(get, path = "/projects", tag = "projects", responses((status = 200, body = Projects, description = "By name")))]
async fn list(State(app): State<App>, Bearer(actor): Bearer) -> Result<Json<Projects>, Problem> {
    let projects = projects::list(&app, &actor).await?;
    Ok(Json(Projects { projects: projects.into_iter().map(Project::from).collect() }))
}

/// One project with its contracts
#[utoipa::path(
    get,
    path = "/projects/{project}",
    tag = "projects",
    params(("project" = Uuid, Path, description = "The project's id")),
    responses((status = 200, body = ProjectDetails, description = "The project"))
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<ProjectId>,
) -> Result<Json<ProjectDetails>, Problem> {
    let all = projects::list(&app, &actor).await?;
    let summary = all.into_iter().find(|summary| summary.project.id == id).ok_or_else(Problem::not_found)?;
    let contracts = match actor.may_see_log() {
        Ok(()) => contracts::of_project(&app, &actor, id).await?.1,
        Err(_) => Vec::new(),
    };
    let contracts = contracts.into_iter().map(|found| contract(found, actor.company)).collect();
    Ok(Json(ProjectDetails { project: summary.into(), contracts }))
}
