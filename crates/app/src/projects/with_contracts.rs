//! A project with its contracts.
#![allow(missing_docs, reason = "most fields say by their names what they are")]

use domain::{CompanyId, ContractId, Currency, Money, NamedCompany, ProjectId, procore::Side, role::Actor};
use serde::Serialize;
use store::repo::{contract::Contract, project::ProjectSummary};
use utoipa::ToSchema;

use super::list;
use crate::{App, Error, contracts};

/// A project with its contracts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProjectWithContracts {
    #[serde(flatten)]
    pub project: ProjectSummary,
    /// The company's contracts, on either side; empty for Field Users.
    pub contracts: Vec<ContractOf>,
}

/// A contract of the company.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContractOf {
    pub id: ContractId,
    pub name: String,
    /// `sent` if the company sends CORs under it, `received` if it receives them.
    pub side: Side,
    pub counterparty: NamedCompany,
    /// The original value.
    pub value: Money,
    pub currency: Currency,
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

/// A project that the actor sees, with its contracts.
pub async fn with_contracts(app: &App, actor: &Actor, id: ProjectId) -> Result<ProjectWithContracts, Error> {
    let all = list(app, actor).await?;
    let project = all.into_iter().find(|summary| summary.project.id == id).ok_or(Error::NotFound)?;
    let contracts = match actor.may_see_log() {
        Ok(()) => contracts::of_project(app, actor, id).await?.1,
        Err(_) => Vec::new(),
    };
    let contracts = contracts.into_iter().map(|contract| ContractOf::new(contract, actor.company)).collect();
    Ok(ProjectWithContracts { project, contracts })
}
