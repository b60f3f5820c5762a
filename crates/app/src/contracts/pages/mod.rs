//! Contracts: of a project, and of all projects.

pub mod accept_invitation;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::{CompanyId, ContractId, ProjectId};
use jiff::Timestamp;
use store::repo::{company::Company, contract::Contract, project::Project};

use crate::{
    App, Error, FieldErrors,
    contracts::{self, ContractInput},
    serving::{
        filters, flash, forms,
        session::SignedIn,
        shell::{Page, shell},
        tabs,
        views::{ActionLink, Choice, NavItem, Pill, Shell, Tone},
        words,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/contracts", get(all))
        .route("/projects/{project}/settings/contracts", get(list).post(add))
        .route("/projects/{project}/settings/contracts/{contract}/invite", post(invite))
        .route("/projects/{project}/settings/contracts/{contract}/delete", post(delete))
}

/// Beside a link that was just made.
const COPY_LINK: &str = "Copy its invitation link now: it is shown only once.";

fn url_of(project: ProjectId) -> String {
    format!("{}/contracts", tabs::project_url(project))
}

/// Contracts, with the form that adds one to a project: it posts the fields of [`ContractInput`].
#[derive(Template)]
#[template(path = "contracts/templates/contracts.html")]
pub(crate) struct ContractsPage {
    pub shell: Shell,
    /// The reader's company.
    pub us: CompanyId,
    pub now: Timestamp,
    /// The project they are of; nothing where those of all projects are listed.
    pub project: Option<Project>,
    pub contracts: Vec<Contract>,
    /// Companies known on the project.
    pub known: Vec<Company>,
    pub add: ActionLink,
    /// An invitation link that was just made, and the contract it is for. It is stored as a hash only.
    pub made: Option<(ContractId, String)>,
    pub typed: ContractInput,
    pub errors: FieldErrors,
}

impl ContractsPage {
    fn parties(&self) -> [Choice; 2] {
        let party = |value: &str, label: &str| Choice::of(value, label, &self.typed.party);
        [party("customer", "The customer: it receives CORs"), party("contractor", "The contractor: it sends CORs")]
    }

    fn known(&self) -> Vec<Choice> {
        self.known.iter().map(|company| Choice::of(&company.id, &company.name, &self.typed.known)).collect()
    }

    fn state(&self, contract: &Contract) -> Pill {
        match (contract.accepted, contract.invited) {
            (true, _) if contract.counterparty(self.us).claimed => Pill::new(Tone::Good, "Connected"),
            (true, _) => Pill::new(Tone::Quiet, "Not connected"),
            (false, true) => Pill::new(Tone::Warn, "Invited"),
            (false, false) => Pill::new(Tone::Quiet, "Not invited"),
        }
    }

    fn link(&self, contract: &Contract) -> Option<&str> {
        self.made.as_ref().filter(|(of, _)| *of == contract.id).map(|(_, link)| link.as_str())
    }

    /// Only the company that entered a contract may change it, and only until the other one accepts. The store checks the same.
    fn changes(&self, contract: &Contract) -> bool {
        self.add.url().is_some() && contract.invited_by == self.us && !contract.accepted
    }

    fn action(&self, contract: &Contract, verb: &str) -> ActionLink {
        if !self.changes(contract) {
            return ActionLink::Absent;
        }
        ActionLink::May(format!("{}/{}/{verb}", url_of(contract.project), contract.id))
    }

    fn delete(&self, contract: &Contract) -> ActionLink {
        if self.changes(contract) && contract.in_use {
            return ActionLink::MayNot("It has CORs or a Change Notification, so it can't be deleted.".to_owned());
        }
        self.action(contract, "delete")
    }
}

async fn draw(
    app: &App,
    person: &SignedIn,
    id: ProjectId,
    typed: ContractInput,
    errors: FieldErrors,
) -> Result<ContractsPage, Error> {
    let (project, contracts, known) = contracts::of_project(app, &person.actor, id).await?;
    let page = tabs::project_page(&project, "Contracts", NavItem::Contracts);
    Ok(ContractsPage {
        shell: shell(app, person, page).await?,
        us: person.actor.company,
        now: app.now(),
        add: words::action(person.actor.may_run_project(project.standing()), url_of(id)),
        project: Some(project),
        contracts,
        known,
        made: person.made().map(|(of, link): (ContractId, String)| (of, app.page(&link))),
        typed,
        errors,
    })
}

async fn list(State(app): State<App>, person: SignedIn, Path(id): Path<ProjectId>) -> Result<Response, Error> {
    forms::page(&draw(&app, &person, id, ContractInput::default(), FieldErrors::default()).await?)
}

async fn add(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<ProjectId>,
    Form(typed): Form<ContractInput>,
) -> Result<Response, Error> {
    match contracts::add(&app, &person.actor, id, typed.clone()).await {
        Ok(added) => {
            let (url, name) = (url_of(id), typed.name.trim());
            Ok(match added.invitation {
                Some(link) => flash::made(&url, format!("{name} is added. {COPY_LINK}"), added.contract, link),
                None => flash::done(&url, format!("{name} is added.")),
            })
        }
        Err(error) => forms::again(&draw(&app, &person, id, typed, forms::refused(error)?).await?),
    }
}

async fn invite(
    State(app): State<App>,
    person: SignedIn,
    Path((id, contract)): Path<(ProjectId, ContractId)>,
) -> Result<Response, Error> {
    match contracts::renew_invitation(&app, &person.actor, id, contract).await {
        Ok(link) => Ok(flash::made(
            &url_of(id),
            format!("The contract has a new link; the former one ended. {COPY_LINK}"),
            contract,
            link,
        )),
        Err(error @ Error::Conflict(_)) => Ok(flash::failed(&url_of(id), forms::notice(error)?)),
        Err(error) => Err(error),
    }
}

async fn delete(
    State(app): State<App>,
    person: SignedIn,
    Path((id, contract)): Path<(ProjectId, ContractId)>,
) -> Result<Response, Error> {
    match contracts::delete(&app, &person.actor, id, contract).await {
        Ok(()) => Ok(flash::done(&url_of(id), "The contract is deleted.")),
        Err(error @ Error::Conflict(_)) => Ok(flash::failed(&url_of(id), forms::notice(error)?)),
        Err(error) => Err(error),
    }
}

async fn all(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    forms::page(&ContractsPage {
        contracts: contracts::all(&app, &person.actor).await?,
        shell: shell(&app, &person, Page::new("Contracts", NavItem::Contracts)).await?,
        us: person.actor.company,
        now: app.now(),
        project: None,
        known: Vec::new(),
        add: ActionLink::Absent,
        made: None,
        typed: ContractInput::default(),
        errors: FieldErrors::default(),
    })
}
