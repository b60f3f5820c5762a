//! Step 1: the change event, or a new one.

use domain::{
    DraftId, ProcoreId,
    procore::{
        push::{NewEvent, Scope, Target},
        push_plan::Work,
    },
    role::Actor,
    text::shortened,
};
use serde::Deserialize;
use store::repo::{change_event::EventRow, cor::Cor};
use sync::link::event_now;
use utoipa::ToSchema;

use super::{
    draft::{DraftBody, OpenedDraft, open, save},
    preflight::{First, first, is_void},
};
use crate::{
    App, Error, FieldErrors,
    integration::{
        change_events,
        reference::{self, ReferenceData},
    },
    typed,
};

/// Where somebody goes on without an event.
const EVENT_IS_MISSING: &str = "Choose a Change Event, or create a new one.";

/// A change event of the project, or a new one: exactly one of both.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenEvent {
    #[serde(default, with = "domain::ids::as_procore_id::option")]
    #[schema(value_type = Option<ProcoreId>)]
    pub event_id: Option<i64>,
    pub new: Option<EventToMake>,
}

impl ChosenEvent {
    /// An event of the project.
    pub fn existing(event: i64) -> Self {
        Self { event_id: Some(event), new: None }
    }

    /// As [`OpenedDraft::target_code`] tells it.
    pub fn code(&self) -> String {
        match (&self.event_id, &self.new) {
            (Some(event), _) => event.to_string(),
            (None, Some(new)) => format!("new {}", new.title.trim()),
            (None, None) => String::new(),
        }
    }

    /// A new one.
    pub fn to_make(new: EventToMake) -> Self {
        Self { event_id: None, new: Some(new) }
    }
}

/// A change event to make.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventToMake {
    #[schema(max_length = 255)]
    pub title: String,
    /// Left to Procore unless given.
    #[serde(default)]
    #[schema(max_length = 32)]
    pub number: String,
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub description: String,
    #[serde(with = "domain::ids::as_procore_id")]
    #[schema(value_type = ProcoreId)]
    pub status_id: i64,
    /// `tbd` unless given.
    pub scope: Option<Scope>,
    #[serde(default, with = "domain::ids::as_procore_id::option")]
    #[schema(value_type = Option<ProcoreId>)]
    pub type_id: Option<i64>,
    #[serde(default, with = "domain::ids::as_procore_id::option")]
    #[schema(value_type = Option<ProcoreId>)]
    pub reason_id: Option<i64>,
}

impl EventToMake {
    /// The new event that a draft has so far, or that its form begins with.
    pub(crate) fn so_far(opened: &OpenedDraft, data: &ReferenceData) -> Self {
        if let Some(Target::New(new)) = &opened.body.target {
            return Self::from(new);
        }
        Self {
            title: title_of(&opened.cors),
            status_id: data.statuses.iter().find(|s| s.default).or(data.statuses.first()).map_or(0, |s| s.id),
            ..Self::default()
        }
    }
}

impl From<&NewEvent> for EventToMake {
    fn from(new: &NewEvent) -> Self {
        Self {
            title: new.title.clone(),
            number: new.number.clone(),
            description: new.description.clone(),
            status_id: new.status,
            scope: Some(new.scope),
            type_id: new.change_type,
            reason_id: new.change_reason,
        }
    }
}

impl From<EventToMake> for NewEvent {
    fn from(new: EventToMake) -> Self {
        Self {
            number: new.number,
            title: new.title,
            description: new.description,
            status: new.status_id,
            scope: new.scope.unwrap_or_default(),
            change_type: new.type_id,
            change_reason: new.reason_id,
            prime_contract: None,
        }
    }
}

/// Stores the choice, and answers what can stop the push whatever its lines are. An event is read as it is now; one that
/// nothing may be pushed into is not chosen.
pub async fn choose_event(app: &App, actor: &Actor, id: DraftId, chosen: ChosenEvent) -> Result<First, Error> {
    actor.may_write()?;
    if chosen.event_id.is_some() == chosen.new.is_some() {
        return Err(Error::invalid("event", EVENT_IS_MISSING));
    }
    let opened = open(app, actor, id).await?;
    if let Some(tied) = opened.body.tied
        && chosen.event_id != Some(tied)
    {
        return Err(Error::Conflict(tied_sentence(app, actor, &opened, tied).await?));
    }
    let target = if let Some(event) = chosen.event_id {
        let row = now(app, actor, &opened, event).await?;
        if let Some(why) = unfit(&row, &opened) {
            return Err(Error::invalid("event", why));
        }
        Target::Existing { event, number: row.number, title: row.title, prime_contract: None }
    } else {
        let new = NewEvent::from(chosen.new.unwrap_or_default());
        let data = reference::get(app, actor, opened.project.id).await?;
        Target::New(checked(new, &data)?)
    };
    let body = DraftBody { target: Some(target), planned: None, ..opened.body.clone() };
    save(app, actor, &opened, &body).await?;
    first(app, actor, &OpenedDraft { body, ..opened }).await
}

/// The title that is proposed for the new event of some CORs.
pub fn title_of(cors: &[Cor]) -> String {
    let Some((first, others)) = cors.split_first() else { return String::new() };
    let others = others.iter().filter(|cor| cor.title != first.title).count();
    if others == 0 {
        first.title.clone()
    } else {
        format!("{} and {others} more", shortened(&first.title, LONGEST_FIRST))
    }
}

/// The longest first title beside others, in characters.
const LONGEST_FIRST: usize = 200;

/// An event of the list as it is now; the list is read if it is old and lacks the event. Where Procore is not answering,
/// what was last read of the event serves: the plan reads it again.
async fn now(app: &App, actor: &Actor, opened: &OpenedDraft, event: i64) -> Result<EventRow, Error> {
    let (company, project) = (actor.company, opened.project.id);
    let stored = async || app.store.read(move |tx| tx.of(company).change_event(project, event)).await;
    if stored().await?.is_none() {
        change_events::refresh_if_stale(app, actor, project).await?;
    }
    if stored().await?.is_none() {
        return Err(Error::invalid("event", "This Change Event is not in the Procore project. Choose another one."));
    }
    match event_now::find(app, actor, &opened.mapping, event).await.map_err(Error::from) {
        Ok(_) | Err(Error::ProcoreUnavailable(_)) => {}
        Err(error) => return Err(error),
    }
    stored().await?.filter(|row| !row.gone).ok_or_else(|| Error::invalid("event", event_now::DELETED))
}

/// Why nothing may be pushed into an event, if so.
fn unfit(row: &EventRow, opened: &OpenedDraft) -> Option<String> {
    if !row.trouble.is_empty() {
        let why = &row.trouble;
        return Some(format!(
            "This Change Event could not be read: {why}. Correct it in Procore, or choose another one."
        ));
    }
    let why = || {
        format!(
            "CE {} is {}, and costs in a void event don't count. Reopen it in Procore, or choose another one.",
            row.number, row.status
        )
    };
    (is_void(row) && opened.work() != Work::TakesOut).then(why)
}

/// Why another event cannot be chosen.
pub async fn tied_sentence(app: &App, actor: &Actor, opened: &OpenedDraft, tied: i64) -> Result<String, Error> {
    let (company, project) = (actor.company, opened.project.id);
    let row = app.store.read(move |tx| tx.of(company).change_event(project, tied)).await?;
    let number = row.map_or_else(|| "its Change Event".to_owned(), |r| format!("CE {}", r.number));
    let who = match opened.cors.as_slice() {
        [one] => format!("COR {} is", one.number),
        many => format!("These {} CORs are", many.len()),
    };
    Ok(format!("{who} already in {number}, and a COR has one Change Event. An update goes to the same one."))
}

/// The event as it goes to Procore.
fn checked(mut new: NewEvent, data: &ReferenceData) -> Result<NewEvent, Error> {
    let mut errors = FieldErrors::default();
    new.title = typed::line(&mut errors, "new_title", &new.title, 255, "A title has 255 characters at the most.");
    new.number = typed::line(&mut errors, "new_number", &new.number, 32, "A number has 32 characters at the most.");
    new.description = typed::text(&mut errors, "new_description", &new.description);
    if new.title.is_empty() {
        errors.add("new_title", "Give the Change Event a title.");
    }
    if !data.statuses.iter().any(|s| s.id == new.status) {
        errors.add("new_status", "Choose a status.");
    }
    if new.change_type.is_some_and(|id| !data.types.iter().any(|t| t.id == id)) {
        errors.add("new_type", "Choose one of the types.");
    }
    if new.change_reason.is_some_and(|id| !data.reasons.iter().any(|r| r.id == id)) {
        errors.add("new_reason", "Choose one of the reasons.");
    }
    errors.check()?;
    Ok(new)
}
