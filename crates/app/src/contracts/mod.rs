//! Contracts of a project, and the invitation links that bring the counterparty in.

pub mod invitations;
pub(crate) mod pages;
pub(crate) mod samples;

use domain::{CompanyId, ContractId, Money, ProjectId, role::Actor, security::SecurityEventKind};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use store::{
    CompanyTx, StoreError,
    repo::{
        company::Company,
        contract::{Contract, Counterparty, NewContract, Party},
        project::Project,
    },
};

use crate::{
    App, Error, FieldErrors, account::secret, feed::own_entry, integration::acting::visible_project,
    security::SecurityNote, typed, words::Text,
};

/// A contract, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ContractInput {
    /// "customer" if the actor's company receives CORs under it, "contractor" if it sends them.
    pub party: String,
    /// The id of a company known on the project; empty for a new one.
    pub known: String,
    /// The name of a company that is not on the project yet.
    pub company: String,
    pub name: String,
    /// Its original value.
    pub value: String,
    /// Whom the invitation is meant for; empty for anyone with the link.
    pub email: String,
}

/// An invitation link works for so long.
const INVITATION: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A contract that was just added.
#[derive(Debug, Clone)]
pub struct AddedContract {
    /// Its id.
    pub contract: ContractId,
    /// The path of the invitation link, shown once; none if the counterparty is here already.
    pub invitation: Option<String>,
}

/// The contracts of a project, and the companies known on it.
pub async fn of_project(
    app: &App,
    actor: &Actor,
    project: ProjectId,
) -> Result<(Project, Vec<Contract>, Vec<Company>), Error> {
    actor.may_see_log()?;
    let actor = actor.clone();
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let found = visible_project(&mut us, &actor, project)?;
            Ok((found, us.contracts(project)?, us.companies_on(project)?))
        })
        .await
}

/// All contracts of the projects the actor sees, by project and name.
pub async fn all(app: &App, actor: &Actor) -> Result<Vec<Contract>, Error> {
    actor.may_see_log()?;
    let actor = actor.clone();
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let seen: Vec<ProjectId> = us.projects(&actor)?.into_iter().map(|summary| summary.project.id).collect();
            let mut contracts = us.all_contracts()?;
            contracts.retain(|contract| seen.contains(&contract.project));
            Ok(contracts)
        })
        .await
}

/// Adds a contract. A company that nobody signs in for yet gets an invitation link.
pub async fn add(app: &App, actor: &Actor, project: ProjectId, typed: ContractInput) -> Result<AddedContract, Error> {
    actor.may_see_log()?;
    let mut errors = FieldErrors::default();
    let party = match typed.party.as_str() {
        "customer" => Some(Party::Customer),
        "contractor" => Some(Party::Contractor),
        _ => None,
    };
    let party = typed::choice(&mut errors, "party", party);
    let name = typed::name(&mut errors, "name", &typed.name);
    let now = app.now();
    let counterparty = if typed.known.is_empty() {
        let name = typed::name(&mut errors, "company", &typed.company);
        Counterparty::New(CompanyId::fresh(now, app.entropy.as_ref()), name)
    } else {
        let known = typed::choice(&mut errors, "known", typed.known.parse().ok());
        Counterparty::Known(known.unwrap_or(CompanyId(uuid::Uuid::nil())))
    };
    let email =
        if typed.email.trim().is_empty() { String::new() } else { typed::email(&mut errors, "email", &typed.email) };
    let link = secret::fresh(app.entropy.as_ref());
    let hash = secret::hash(&link);
    let new = NewContract {
        id: ContractId::fresh(now, app.entropy.as_ref()),
        project,
        party: party.unwrap_or(Party::Customer),
        counterparty,
        name,
        value: Money::ZERO,
        invite_hash: None,
        now,
    };
    let entry = own_entry(app, actor, project, format!("added the contract {}", typed::brief(&new.name)));
    let note = SecurityNote::new(app, actor, SecurityEventKind::InvitationMade);
    let (id, actor) = (new.id, actor.clone());
    let invited = app
        .store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let found = visible_project(&mut us, &actor, project)?;
            actor.may_run_project(found.standing())?;
            let mut errors = errors.clone();
            let there = us.contracts(project)?;
            if there.iter().any(|one| is_this(one, &new, actor.company)) {
                errors.add("name", THERE_ALREADY);
            }
            let value = typed::amount(&mut errors, "value", &typed.value, found.currency);
            errors.check()?;
            let known = us.companies_on(project)?;
            let here = match &new.counterparty {
                Counterparty::New(..) => false,
                Counterparty::Known(id) => {
                    let company = known.iter().find(|company| company.id == *id);
                    company.ok_or_else(|| Error::invalid("known", "Choose from the list."))?.claimed
                }
            };
            let invite_hash = (!here).then_some(hash);
            us.add_contract(&NewContract { invite_hash, value, ..new.clone() })?;
            if !here {
                us.address_invitation(new.id, &email, now + INVITATION)?;
                note.keep(&mut us, &meant_for(&new.name, &email))?;
            }
            us.record(&entry)?;
            Ok::<_, Error>(!here)
        })
        .await?;
    Ok(AddedContract { contract: id, invitation: invited.then(|| path(&link)) })
}

/// The project has a contract of this name between the same companies.
pub const THERE_ALREADY: &str = "This project has this contract already, with the same company.";

/// Whether a contract is the one that somebody enters, as it looks to people.
fn is_this(one: &Contract, new: &NewContract, us: CompanyId) -> bool {
    let other = one.counterparty(us);
    let same_company = match &new.counterparty {
        Counterparty::Known(id) => other.id == *id,
        Counterparty::New(_, name) => typed::look_alike(&other.name, name),
    };
    let same_side = (one.customer.id == us) == (new.party == Party::Customer);
    same_side && same_company && typed::look_alike(&one.name, &new.name)
}

/// Makes a new invitation link for a contract of the project; the former one stops working. Answers its path.
pub async fn renew_invitation(
    app: &App,
    actor: &Actor,
    project: ProjectId,
    contract: ContractId,
) -> Result<String, Error> {
    let link = secret::fresh(app.entropy.as_ref());
    let hash = secret::hash(&link);
    let note = SecurityNote::new(app, actor, SecurityEventKind::InvitationMade);
    let (actor, until) = (actor.clone(), app.now() + INVITATION);
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let found = of_this(&mut us, &actor, project, contract)?;
            us.renew_invitation(contract, &hash).map_err(|error| match error {
                StoreError::Expected1Row { .. } => {
                    Error::Conflict("Both companies of this contract have joined already.".to_owned())
                }
                other => Error::from(other),
            })?;
            us.address_invitation(contract, &found.invite_email, until)?;
            Ok::<_, Error>(note.keep(&mut us, &meant_for(&found.name, &found.invite_email))?)
        })
        .await?;
    Ok(path(&link))
}

/// Deletes a contract of the project that nobody accepted and that has neither CORs nor Change Notifications.
pub async fn delete(app: &App, actor: &Actor, project: ProjectId, contract: ContractId) -> Result<(), Error> {
    let note = SecurityNote::new(app, actor, SecurityEventKind::InvitationDeleted);
    let actor = actor.clone();
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let found = of_this(&mut us, &actor, project, contract)?;
            if us.delete_contract(contract)? {
                if found.invited {
                    note.keep(&mut us, &meant_for(&found.name, &found.invite_email))?;
                }
                return Ok(());
            }
            Err(Error::Conflict(
                "This contract can't be deleted: the other company has joined, or it has CORs or a Change Notification.".to_owned(),
            ))
        })
        .await
}

/// A contract that the actor may change; *not found* if it is another project's.
fn of_this(us: &mut CompanyTx<'_>, actor: &Actor, project: ProjectId, contract: ContractId) -> Result<Contract, Error> {
    let found = us.contract(contract)?.filter(|found| found.project == project).ok_or(Error::NotFound)?;
    actor.may_run_project(visible_project(us, actor, project)?.standing())?;
    Ok(found)
}

/// Which invitation it is, for the security events.
fn meant_for(contract: &str, email: &str) -> String {
    let whom = if email.is_empty() { "anyone with the link" } else { email };
    format!("{contract}, for {whom}")
}

fn path(link: &str) -> String {
    format!("/invitations/{link}")
}

/// "for luis@cascademech.example, until Dec 7, 2026"; empty where nobody is invited.
pub fn invited(contract: &Contract, now: Timestamp) -> Text {
    if !contract.invited || contract.accepted {
        return Text::default();
    }
    let whom = match contract.invite_email.as_str() {
        "" => Text::from("for anyone with the link"),
        email => Text::from(format!("for {email}")),
    };
    match contract.invite_until {
        Some(until) if until <= now => whom.and("; ended ").day(until),
        Some(until) => whom.and(", until ").day(until),
        None => whom,
    }
}
