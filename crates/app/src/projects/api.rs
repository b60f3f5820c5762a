//! Projects and their contracts.

use axum::{Json, extract::State};
use domain::{CompanyId, ContractId, Currency, Money, NamedCompany, ProjectId, procore::Side};
use serde::Serialize;
use store::repo::{contract::Contract, project::ProjectSummary};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

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
    projects: Vec<ProjectSummary>,
}

/// A project with its contracts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectWithContracts {
    #[serde(flatten)]
    project: ProjectSummary,
    /// The company's contracts, on either side; empty for Field Users.
    contracts: Vec<ContractOf>,
}

/// A contract of the company.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContractOf {
    id: ContractId,
    name: String,
    /// `sent` if the company sends CORs under it, `received` if it receives them.
    side: Side,
    counterparty: NamedCompany,
    /// The original value.
    value: Money,
    currency: Currency,
}

impl ContractOf {
    fn new(contract: Contract, company: CompanyId) -> Self {
        let counterparty = contract.counterparty(company);
        Self {
            counterparty: NamedCompany { id: counterparty.id, name: counterparty.name.clone() },
            side: if contract.contractor.id == company { Side::Sent } else { Side::Received },
            id: contract.id,
            name: contract.name,
            value: contract.value,
            currency: contract.currency,
        }
    }
}

/// The projects that the caller sees
#[utoipa::path(get, path = "/projects", tag = "projects", responses((status = 200, body = Projects, description = "By name")))]
async fn list(State(app): State<App>, Bearer(actor): Bearer) -> Result<Json<Projects>, Problem> {
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
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<ProjectId>,
) -> Result<Json<ProjectWithContracts>, Problem> {
    let all = projects::list(&app, &actor).await?;
    let project = all.into_iter().find(|summary| summary.project.id == id).ok_or_else(Problem::not_found)?;
    let contracts = match actor.may_see_log() {
        Ok(()) => contracts::of_project(&app, &actor, id).await?.1,
        Err(_) => Vec::new(),
    };
    let contracts = contracts.into_iter().map(|contract| ContractOf::new(contract, actor.company)).collect();
    Ok(Json(ProjectWithContracts { project, contracts }))
}
