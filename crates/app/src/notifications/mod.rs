//! Change Notifications: a customer asks its contractors for a price; each answers with a COR, or declines.

pub(crate) mod pages;
pub(crate) mod views;

use domain::{
    ActivityId, ChangeNotificationId, ContractId, CorId, ProjectId,
    activity::{Audience, Entry, Kind},
    change_notification::Response,
    role::Actor,
};
use store::{
    CompanyTx, StoreError,
    repo::{
        change_notification::{ChangeNotification, NewNotification, NotificationResponse, Reply, ResponseCor},
        contract::Contract,
        project::Project,
    },
};

use crate::{App, Error, FieldErrors, integration::acting::visible_project, typed};

/// A notification, as typed.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// What is asked, in a line.
    pub title: String,
    /// What is asked.
    pub description: String,
    /// Until when an answer is wanted: a day, or empty.
    pub due_on: String,
    /// The customer's own reference.
    pub reference: String,
    /// The contracts that are asked, by id.
    pub contracts: Vec<String>,
    /// By how many minutes the person's clock is ahead of UTC; empty where that is not known.
    pub clock: String,
}

/// Both lists of a project.
#[derive(Debug, Clone)]
pub struct Lists {
    /// The project.
    pub project: Project,
    /// What the company asked, the newest first.
    pub sent: Vec<ChangeNotification>,
    /// What it is asked, the newest first, with its own answers.
    pub received: Vec<(ChangeNotification, Vec<NotificationResponse>)>,
}

/// One notification with the answers the reader may see.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The project.
    pub project: Project,
    /// The notification.
    pub notification: ChangeNotification,
    /// The answers: all as the customer, the company's own as a contractor.
    pub responses: Vec<NotificationResponse>,
}

/// What the company asked and is asked on a project.
pub async fn list(app: &App, actor: &Actor, project: ProjectId) -> Result<Lists, Error> {
    actor.may_see_log()?;
    let actor = actor.clone();
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let found = visible_project(&mut us, &actor, project)?;
            let sent = us.notifications_sent(project)?;
            let mut received = Vec::new();
            for notification in us.notifications_received(project)? {
                let responses = us.notification_responses(notification.id)?;
                received.push((notification, responses));
            }
            Ok(Lists { project: found, sent, received })
        })
        .await
}

/// One notification.
pub async fn open(app: &App, actor: &Actor, id: ChangeNotificationId) -> Result<Opened, Error> {
    actor.may_see_log()?;
    let actor = actor.clone();
    app.store.read(move |tx| look(&mut tx.of(actor.company), &actor, id)).await
}

/// The company's own CORs under a contract that answer no notification yet, the newest first.
pub async fn cors_to_answer_with(app: &App, actor: &Actor, contract: ContractId) -> Result<Vec<ResponseCor>, Error> {
    actor.may_see_log()?;
    let company = actor.company;
    Ok(app.store.read(move |tx| tx.of(company).cors_to_answer_with(contract)).await?)
}

/// The contracts whose contractors the company may ask.
pub async fn contracts(app: &App, actor: &Actor, project: ProjectId) -> Result<(Project, Vec<Contract>), Error> {
    actor.may_see_log()?;
    let actor = actor.clone();
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let found = visible_project(&mut us, &actor, project)?;
            let mut contracts = us.contracts(project)?;
            contracts.retain(|contract| contract.customer.id == actor.company);
            Ok((found, contracts))
        })
        .await
}

/// Sends a notification to the contractors of the chosen contracts.
pub async fn send(app: &App, actor: &Actor, project: ProjectId, typed: Typed) -> Result<ChangeNotificationId, Error> {
    actor.may_see_log()?;
    let mut errors = FieldErrors::default();
    let mut contracts: Vec<ContractId> = Vec::new();
    for id in &typed.contracts {
        match id.parse() {
            Ok(id) if !contracts.contains(&id) => contracts.push(id),
            Ok(_) => {}
            Err(_) => errors.add("contracts", "Choose from the list."),
        }
    }
    if contracts.is_empty() {
        errors.add("contracts", "Choose at least one contract.");
    }
    let now = app.now();
    let due_on = typed::date(&mut errors, "due_on", &typed.due_on);
    if due_on.is_some_and(|due| due < typed::first_to_come(now, &typed.clock)) {
        errors.add("due_on", "This day is past. Give one that is still to come.");
    }
    let new = NewNotification {
        id: ChangeNotificationId::fresh(now, app.entropy.as_ref()),
        project,
        title: typed::name(&mut errors, "title", &typed.title),
        description: typed::text(&mut errors, "description", &typed.description),
        due_on,
        reference: typed::optional_line(&mut errors, "reference", &typed.reference),
        contracts,
        person: actor.person,
        now,
    };
    errors.check()?;
    let (id, actor) = (new.id, actor.clone());
    let entry = entry(app, &actor, project);
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let found = visible_project(&mut us, &actor, project)?;
            actor.may_notify(found.standing())?;
            let known = us.contracts(project)?;
            let ours = |id: &ContractId| known.iter().any(|k| k.id == *id && k.customer.id == actor.company);
            if !new.contracts.iter().all(ours) {
                return Err(Error::invalid("contracts", "Choose from the list."));
            }
            let number = us.add_notification(&new)?;
            let text = format!("sent Change Notification {number}, {}", typed::brief(&new.title));
            Ok(us.record(&Entry { text, ..entry.clone() })?)
        })
        .await
        .map(|()| id)
}

/// Answers for one contract with a COR that the company sends under it.
pub async fn answer(
    app: &App,
    actor: &Actor,
    id: ChangeNotificationId,
    contract: ContractId,
    cor: CorId,
) -> Result<(), Error> {
    reply(app, actor, id, contract, Reply::Cor(cor)).await
}

/// Declines for one contract, with a word why.
pub async fn decline(
    app: &App,
    actor: &Actor,
    id: ChangeNotificationId,
    contract: ContractId,
    note: &str,
) -> Result<(), Error> {
    let mut errors = FieldErrors::default();
    let note = typed::text(&mut errors, "note", note);
    if note.is_empty() {
        errors.add("note", "Say in a word why, so that the customer knows.");
    }
    errors.check()?;
    reply(app, actor, id, contract, Reply::Declined(note)).await
}

async fn reply(
    app: &App,
    actor: &Actor,
    id: ChangeNotificationId,
    contract: ContractId,
    reply: Reply,
) -> Result<(), Error> {
    actor.may_see_log()?;
    let (actor, now) = (actor.clone(), app.now());
    let told = entry(app, &actor, ProjectId(uuid::Uuid::nil()));
    app.store.write(move |tx| reply_in(&mut tx.of(actor.company), &actor, id, contract, &reply, now, &told)).await
}

/// Why nobody declines any more.
pub const ANSWERED_WITH_A_COR: &str =
    "This notification is answered with a COR. Set the COR to Void instead of declining.";

/// The answer within a unit of work; the COR editor uses it when a COR is created for a notification. `told` gives the
/// entry of the activity feed its id, time and person.
pub(crate) fn reply_in(
    us: &mut CompanyTx<'_>,
    actor: &Actor,
    id: ChangeNotificationId,
    contract: ContractId,
    reply: &Reply,
    now: jiff::Timestamp,
    told: &Entry,
) -> Result<(), Error> {
    let opened = look(us, actor, id)?;
    actor.may_notify(opened.project.standing())?;
    let own = opened.responses.iter().find(|r| r.contract == contract && r.contractor == actor.company);
    let own = own.ok_or(Error::NotFound)?;
    let number = opened.notification.number;
    let text = match reply {
        Reply::Cor(cor) => {
            let same = own.cor.as_ref().is_some_and(|known| known.id == *cor);
            if !same && us.answers_a_notification(*cor)? {
                return Err(Error::invalid("cor", "This COR answers a Change Notification already. Choose another."));
            }
            format!("answered Change Notification {number} with this COR")
        }
        Reply::Declined(_) if own.response == Response::Answered => {
            return Err(Error::Conflict(ANSWERED_WITH_A_COR.to_owned()));
        }
        Reply::Declined(_) => format!("declined Change Notification {number}"),
    };
    us.answer_notification(id, contract, reply, now).map_err(|error| match error {
        StoreError::Expected1Row { .. } => Error::invalid("cor", "Choose one of your CORs under this contract."),
        other => other.into(),
    })?;
    let cor = match reply {
        Reply::Cor(cor) => Some(*cor),
        Reply::Declined(_) => None,
    };
    Ok(us.record(&Entry { project: opened.project.id, cor, text, audience: Audience::Both, ..told.clone() })?)
}

fn look(us: &mut CompanyTx<'_>, actor: &Actor, id: ChangeNotificationId) -> Result<Opened, Error> {
    let notification = us.notification(id)?.ok_or(Error::NotFound)?;
    let project = visible_project(us, actor, notification.project)?;
    let responses = us.notification_responses(id)?;
    Ok(Opened { project, notification, responses })
}

fn entry(app: &App, actor: &Actor, project: ProjectId) -> Entry {
    let at = app.now();
    Entry {
        id: ActivityId::fresh(at, app.entropy.as_ref()),
        project,
        cor: None,
        audience: Audience::Only(actor.company),
        actor: Some(actor.person),
        actor_name: actor.name.clone(),
        at,
        kind: Kind::Notification,
        text: String::new(),
    }
}
