//! Contracts: of a project, and of all projects.

pub mod invitations;

use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::{CompanyId, ContractId, ProjectId};
use serde::Deserialize;
use store::repo::contract::Contract;

use super::views::{ContractList, ContractRow};
use crate::{
    App, Error, contracts,
    projects::pages::{settings_page, tabs},
    serving::{
        flash, forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{Choice, Deed, Money, NavItem, Pill, Text, Tone},
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

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Typed {
    name: String,
    party: String,
    known: String,
    company: String,
    value: String,
    email: String,
}

/// An invitation link that was just made, by the contract it is for. It is stored as a hash only.
type Shown<'a> = Option<(ContractId, &'a str)>;

fn row(app: &App, us: CompanyId, contract: Contract, may: bool, shown: Shown<'_>) -> ContractRow {
    let ours = contract.invited_by == us;
    // The same that the store asks of a new link and of a deletion.
    let here = contract.accepted;
    let base = format!("/projects/{}/settings/contracts/{}", contract.project, contract.id);
    let link = shown.filter(|(id, _)| *id == contract.id).map(|(_, path)| app.page(path));
    ContractRow {
        id: contract.id.to_string(),
        company: contract.counterparty(us).name.clone(),
        party: if contract.customer.id == us { "Contractor" } else { "Customer" }.to_owned(),
        value: words::money(contract.value),
        state: match (here, contract.invited) {
            (true, _) if contract.counterparty(us).claimed => Pill::new(Tone::Good, "Connected"),
            (true, _) => Pill::new(Tone::Quiet, "Not connected"),
            (false, true) => Pill::new(Tone::Warn, "Invited"),
            (false, false) => Pill::new(Tone::Quiet, "Not invited"),
        },
        invited: if contract.invited && !here { invited(&contract, app.now()) } else { Text::default() },
        invite: if ours && may && !here && link.is_none() { Deed::May(format!("{base}/invite")) } else { Deed::Absent },
        delete: match ours && may && !here {
            true if contract.in_use => Deed::MayNot("It has CORs or a Change Notification, so it stays.".to_owned()),
            true => Deed::May(format!("{base}/delete")),
            false => Deed::Absent,
        },
        invitation: link,
        name: contract.name,
        project: String::new(),
    }
}

/// "for luis@cascademech.example, until Dec 7, 2026".
fn invited(contract: &Contract, now: jiff::Timestamp) -> Text {
    let whom = match contract.invite_email.as_str() {
        "" => Text::from("for whoever holds the link"),
        email => Text::from(format!("for {email}")),
    };
    match contract.invite_until {
        Some(until) if until <= now => whom.and("; ended ").day(until),
        Some(until) => whom.and(", until ").day(until),
        None => whom,
    }
}

async fn contract_list(
    app: &App,
    person: &SignedIn,
    id: ProjectId,
    typed: &Typed,
    shown: Shown<'_>,
) -> Result<ContractList, Error> {
    let (project, contracts, known) = contracts::of_project(app, &person.actor, id).await?;
    let may = person.actor.may_run_project(project.standing());
    let us = person.actor.company;
    let party = |value: &str, label: &str| {
        let choice = Choice::new(value, label);
        if typed.party == value { choice.chosen() } else { choice }
    };
    let known = known.into_iter().map(|company| {
        let choice = Choice::new(company.id.to_string(), company.name);
        if choice.value == typed.known { choice.chosen() } else { choice }
    });
    let page = settings_page(&project, "Contracts", NavItem::Contracts);
    Ok(ContractList {
        shell: shell(app, person, page).await?,
        heading: project.name,
        tabs: Some(tabs(id, "contracts")),
        currency: project.currency.code().to_owned(),
        contracts: contracts.into_iter().map(|contract| row(app, us, contract, may.is_ok(), shown)).collect(),
        add: words::deed(may, tabs(id, "contracts").contracts_url),
        name: typed.name.clone(),
        value: typed.value.clone(),
        company: typed.company.clone(),
        email: typed.email.clone(),
        parties: vec![
            party("customer", "The customer: it receives CORs"),
            party("contractor", "The contractor: it sends CORs"),
        ],
        known: known.collect(),
        ..ContractList::default()
    })
}

async fn list(State(app): State<App>, person: SignedIn, Path(id): Path<ProjectId>) -> Result<Response, Error> {
    forms::page(&contract_list(&app, &person, id, &Typed::default(), None).await?)
}

/// Answers with the page itself when there is an invitation link: it is on it this once.
async fn add(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<ProjectId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let input = contracts::Typed {
        party: typed.party.clone(),
        known: typed.known.clone(),
        company: typed.company.clone(),
        name: typed.name.clone(),
        value: typed.value.clone(),
        email: typed.email.clone(),
    };
    match contracts::add(&app, &person.actor, id, input).await {
        Ok(contracts::Added { contract, invitation: Some(link) }) => {
            let view = contract_list(&app, &person, id, &Typed::default(), Some((contract, &link))).await?;
            forms::page(&view)
        }
        Ok(_) => Ok(flash::done(&tabs(id, "contracts").contracts_url, format!("{} is added.", typed.name.trim()))),
        Err(Error::Invalid(errors)) => {
            let view = contract_list(&app, &person, id, &typed, None).await?;
            forms::again(&ContractList { errors: forms::errors(&errors), ..view })
        }
        Err(error) => Err(error),
    }
}

async fn invite(
    State(app): State<App>,
    person: SignedIn,
    Path((id, contract)): Path<(ProjectId, ContractId)>,
) -> Result<Response, Error> {
    match contracts::renew_invitation(&app, &person.actor, contract).await {
        Ok(link) => {
            let view = contract_list(&app, &person, id, &Typed::default(), Some((contract, &link))).await?;
            forms::page(&view)
        }
        Err(error @ Error::Conflict(_)) => {
            Ok(flash::failed(&tabs(id, "contracts").contracts_url, forms::notice(error)?))
        }
        Err(error) => Err(error),
    }
}

async fn delete(
    State(app): State<App>,
    person: SignedIn,
    Path((id, contract)): Path<(ProjectId, ContractId)>,
) -> Result<Response, Error> {
    let back = tabs(id, "contracts").contracts_url;
    match contracts::delete(&app, &person.actor, contract).await {
        Ok(()) => Ok(flash::done(&back, "The contract is deleted.")),
        Err(error @ Error::Conflict(_)) => Ok(flash::failed(&back, forms::notice(error)?)),
        Err(error) => Err(error),
    }
}

async fn all(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    let us = person.actor.company;
    let contracts = contracts::all(&app, &person.actor).await?;
    let rows = contracts.into_iter().map(|contract| {
        let (project, currency) = (contract.project_name.clone(), contract.currency.code());
        let value = Money::from(format!("{} {currency}", words::money(contract.value)));
        ContractRow { project, value, ..row(&app, us, contract, false, None) }
    });
    forms::page(&ContractList {
        contracts: rows.collect(),
        shell: shell(&app, &person, Page::new("Contracts", NavItem::Contracts)).await?,
        heading: "Contracts".to_owned(),
        ..ContractList::default()
    })
}
