//! Change Notifications: a customer asks its contractors for a price; each answers with a COR, or declines.

pub(crate) mod pages;
pub(crate) mod samples;

use std::collections::BTreeMap;

use domain::{
    ChangeNotificationId, ContractId, CorId, ProjectId,
    activity::{Audience, Entry, EntryKind},
    change_notification::Response,
    procore::Side,
    role::Actor,
};
use jiff::civil::Date;
use serde::Deserialize;
use store::{
    CompanyTx, StoreError,
    repo::{
        change_notification::{ChangeNotification, NewNotification, NotificationResponse, Reply, ResponseCor},
        contract::Contract,
        log::LogRow,
        project::Project,
    },
};

use crate::{
    App, Error, FieldErrors, feed::own_entry, integration::acting::visible_project, log::in_procore::ProcoreTies,
    projects, typed,
};

/// A notification to send, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct SendNotification {
    /// What is asked, in a line.
    pub title: String,
    /// What is asked.
    pub description: String,
    /// The day by which an answer is wanted; may be empty.
    #[serde(rename = "due")]
    pub due_on: String,
    /// The customer's own reference.
    pub reference: String,
    /// The contracts that are asked, by id.
    #[serde(rename = "contract")]
    pub contracts: Vec<String>,
}

/// What a company asked, or is asked, on a project, the newest first.
#[derive(Debug, Clone)]
pub struct NotificationList {
    /// On this project.
    pub project: Project,
    /// Whether the company asks or is asked.
    pub side: Side,
    /// The notifications.
    pub rows: Vec<ListedNotification>,
}

/// A notification in the list.
#[derive(Debug, Clone)]
pub struct ListedNotification {
    /// What is asked.
    pub notification: ChangeNotification,
    /// What the company answered, one entry for each of its contracts that is asked. Empty for one that it sent.
    pub answers: Vec<NotificationResponse>,
}

/// A notification with the answers that the reader may see: all as the customer, its own as a contractor.
#[derive(Debug, Clone)]
pub struct NotificationDetail {
    /// On this project.
    pub project: Project,
    /// What is asked.
    pub notification: ChangeNotification,
    /// The answers.
    pub responses: Vec<NotificationResponse>,
    /// How the CORs of the answers stand in the customer's Procore. Empty for a contractor.
    pub answered_with: Vec<LogRow>,
    /// The project in Procore, and the pushes that those CORs are in.
    pub in_procore: ProcoreTies,
}

impl NotificationList {
    /// An answer is missing: ours, or one that we asked for.
    pub fn waits(&self, row: &ListedNotification) -> bool {
        match self.side {
            Side::Sent => row.notification.responded < row.notification.asked,
            Side::Received => row.answers.iter().any(|answer| answer.response == Response::Waiting),
        }
    }

    pub fn is_overdue(&self, row: &ListedNotification, today: Date) -> bool {
        self.waits(row) && row.notification.due_on.is_some_and(|due| due < today)
    }
}

impl NotificationDetail {
    /// The answer for a contract; without one, the first that is missing, else the first.
    pub fn response_for(&self, contract: Option<ContractId>) -> Option<&NotificationResponse> {
        let mut responses = self.responses.iter();
        match contract {
            Some(contract) => responses.find(|response| response.contract == contract),
            None => responses.find(|response| response.response == Response::Waiting).or(self.responses.first()),
        }
    }
}

/// The customer sees an answer only when its COR was sent, because a Draft is its sender's alone.
pub fn is_unsent(answer: &NotificationResponse) -> bool {
    answer.cor.is_none() && answer.response == Response::Answered
}

/// The notifications of a project on one side; without a side, on the one that has any.
pub async fn list(app: &App, actor: &Actor, project: ProjectId, side: Option<Side>) -> Result<NotificationList, Error> {
    actor.may_see_log()?;
    let actor = actor.clone();
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let project = visible_project(&mut us, &actor, project)?;
            let received = if side == Some(Side::Sent) { Vec::new() } else { us.notifications_received(project.id)? };
            if side.is_none() && received.is_empty() || side == Some(Side::Sent) {
                let sent = us.notifications_sent(project.id)?.into_iter();
                let rows = sent.map(|notification| ListedNotification { notification, answers: Vec::new() }).collect();
                return Ok(NotificationList { project, side: Side::Sent, rows });
            }
            let mut answers: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for (notification, answer) in us.own_notification_responses(project.id)? {
                answers.entry(notification).or_default().push(answer);
            }
            let row = |notification: ChangeNotification| {
                let answers = answers.remove(&notification.id).unwrap_or_default();
                ListedNotification { notification, answers }
            };
            Ok(NotificationList { side: Side::Received, rows: received.into_iter().map(row).collect(), project })
        })
        .await
}

/// One notification.
pub async fn open(app: &App, actor: &Actor, id: ChangeNotificationId) -> Result<NotificationDetail, Error> {
    actor.may_see_log()?;
    let (actor, world) = (actor.clone(), app.clone());
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let mut found = look(&mut us, &actor, id)?;
            if found.notification.customer == actor.company {
                let cors: Vec<CorId> = found.responses.iter().filter_map(|one| Some(one.cor.as_ref()?.id)).collect();
                found.answered_with = us.log_rows_of(found.project.id, Side::Received, &cors)?;
                let states = found.answered_with.iter().map(|row| (row.id, row.procore.state));
                found.in_procore = ProcoreTies::read(&world, &mut us, &found.project, states)?;
            }
            Ok(found)
        })
        .await
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
pub async fn send(
    app: &App,
    actor: &Actor,
    project: ProjectId,
    typed: SendNotification,
) -> Result<ChangeNotificationId, Error> {
    actor.may_see_log()?;
    let mut errors = FieldErrors::default();
    let mut contracts: Vec<ContractId> = Vec::new();
    for id in &typed.contracts {
        match id.parse() {
            Ok(id) if !contracts.contains(&id) => contracts.push(id),
            Ok(_) => {}
            Err(_) => errors.add("contract", "Choose from the list."),
        }
    }
    if contracts.is_empty() {
        errors.add("contract", "Choose at least one contract.");
    }
    let now = app.now();
    let due_on = typed::date(&mut errors, "due", &typed.due_on);
    let today = projects::open(app, actor, project).await?.time_zone.day(now);
    if due_on.is_some_and(|due| due < today) {
        errors.add("due", "This day is past. Choose a later one.");
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
    let entry = asked(app, &actor, project);
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let found = visible_project(&mut us, &actor, project)?;
            actor.may_notify(found.standing())?;
            let known = us.contracts(project)?;
            let ours = |id: &ContractId| known.iter().any(|k| k.id == *id && k.customer.id == actor.company);
            if !new.contracts.iter().all(ours) {
                return Err(Error::invalid("contract", "Choose from the list."));
            }
            let number = us.add_notification(&new)?;
            let text = format!("sent Change Notification {number}, {}", typed::brief(&new.title));
            Ok(us.record(&Entry { text, ..entry.clone() })?)
        })
        .await
        .map(|()| id)
}

/// An answer, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct TypedReply {
    /// "choose" or "decline".
    pub answer: String,
    /// The COR that answers, by id.
    pub cor: String,
    /// Why the contractor declines.
    pub note: String,
}

/// Answers for one contract as typed, and says what was done.
pub async fn respond(
    app: &App,
    actor: &Actor,
    id: ChangeNotificationId,
    contract: ContractId,
    typed: &TypedReply,
) -> Result<&'static str, Error> {
    if typed.answer == "decline" {
        decline(app, actor, id, contract, &typed.note).await?;
        return Ok("You declined; your customer sees why.");
    }
    let cor = typed.cor.parse().map_err(|_| Error::invalid("cor", "Choose one of your CORs."))?;
    answer(app, actor, id, contract, cor).await?;
    Ok("Your answer was sent.")
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

/// Declines for one contract, with a reason.
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
        errors.add("note", "Tell your customer why.");
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
    let told = asked(app, &actor, ProjectId(uuid::Uuid::nil()));
    app.store.write(move |tx| reply_in(&mut tx.of(actor.company), &actor, id, contract, &reply, now, &told)).await
}

/// Why a notification can no longer be declined.
pub const ANSWERED_WITH_A_COR: &str =
    "This notification is answered with a COR. Set the COR to Void instead of declining.";

/// The answer within a unit of work, also for a COR that is created to answer. `told` is the entry of the feed without its
/// text.
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

fn look(us: &mut CompanyTx<'_>, actor: &Actor, id: ChangeNotificationId) -> Result<NotificationDetail, Error> {
    let notification = us.notification(id)?.ok_or(Error::NotFound)?;
    let project = visible_project(us, actor, notification.project)?;
    let responses = us.notification_responses(id)?;
    Ok(NotificationDetail {
        project,
        notification,
        responses,
        answered_with: Vec::new(),
        in_procore: ProcoreTies::default(),
    })
}

fn asked(app: &App, actor: &Actor, project: ProjectId) -> Entry {
    Entry { kind: EntryKind::Notification, ..own_entry(app, actor, project, "") }
}
