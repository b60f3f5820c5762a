//! Step 1: choose a change event, or describe a new one.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    DraftId,
    procore::{
        Side,
        push::{Scope, Target},
    },
};
use serde::Deserialize;

use super::{
    age, confirmed_elsewhere, field, field_if_there, fields, frame,
    head::{WizardHead, WizardStep},
    over,
    preflight::{self, Checklist},
    reached, unread,
};
use crate::{
    App, Error,
    integration::reference::{self, EventStatus, ReferenceData, ReferenceList, TypeOrReason},
    push::{
        self, ChosenEvent, EventToMake, OpenedDraft,
        copy::choices,
        event_choices::{EventChoices, EventToChoose},
        lists,
    },
    serving::{
        filters, flash, forms,
        session::SignedIn,
        views::{Choice, FormErrors, Pill, Shell, Tone},
    },
};

#[derive(Deserialize, Default)]
pub(crate) struct Search {
    #[serde(default)]
    q: String,
}

pub(crate) async fn show(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<DraftId>,
    Query(search): Query<Search>,
) -> Result<Response, Error> {
    let opened = push::open(&app, &person.actor, id).await?;
    if let Some(over) = over(&opened) {
        return Ok(over);
    }
    let drawn = async {
        lists::wait_for_events(&app, &person.actor, opened.project.id).await?;
        forms::page(&step(&app, &person, &opened, &search.q, None, FormErrors::default()).await?)
    };
    preflight::or_why(&app, &person, id, WizardStep::Event, drawn.await).await
}

pub(crate) async fn choose(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<DraftId>,
    body: String,
) -> Result<Response, Error> {
    let fields = fields(&body);
    let chosen = chosen(&fields);
    let before = push::open(&app, &person.actor, id).await?;
    if let Some(over) = confirmed_elsewhere(&before) {
        return Ok(over);
    }
    if let Some(sentence) = before.chosen_elsewhere(field_if_there(&fields, "target"))
        && chosen.code() != before.target_code()
    {
        return Ok(flash::info(&format!("/push/{id}/{}", reached(&before)), sentence));
    }
    if matches!(field(&fields, "do"), "refresh" | "show") {
        let drawn = again(&app, &person, id, field(&fields, "do") == "refresh", chosen).await;
        return preflight::or_why(&app, &person, id, WizardStep::Event, drawn).await;
    }
    let errors = match push::choose_event(&app, &person.actor, id, chosen.clone()).await {
        // What stops the push stands on this step, before anybody codes a line.
        Ok(first) => {
            let next = if first.stops() { "event" } else { "lines" };
            return Ok(Redirect::to(&format!("/push/{id}/{next}")).into_response());
        }
        Err(Error::Invalid(errors)) => errors,
        Err(
            Error::Conflict(sentence)
            | Error::ProcoreRefused(sentence)
            | Error::SignInToProcore(sentence)
            | Error::ProcoreUnavailable(sentence),
        ) => FormErrors::one("event", sentence),
        Err(other) => return Err(other),
    };
    let opened = push::open(&app, &person.actor, id).await?;
    let drawn = async { forms::again(&step(&app, &person, &opened, "", chosen.new, errors).await?) };
    preflight::or_why(&app, &person, id, WizardStep::Event, drawn.await).await
}

/// The step with what was entered so far, over lists that were read anew if that was asked.
async fn again(
    app: &App,
    person: &SignedIn,
    id: DraftId,
    refresh: bool,
    chosen: ChosenEvent,
) -> Result<Response, Error> {
    let mut opened = push::open(app, &person.actor, id).await?;
    let mut errors = FormErrors::default();
    if refresh && let Err(error) = lists::read_anew(app, &person.actor, opened.project.id).await {
        errors.add("", forms::notice(error)?);
    }
    if let Some(event) = chosen.event_id {
        opened.body.target =
            Some(Target::Existing { event, number: String::new(), title: String::new(), prime_contract: None });
    }
    forms::page(&step(app, person, &opened, "", chosen.new, errors).await?)
}

/// What was chosen or typed.
fn chosen(fields: &[(String, String)]) -> ChosenEvent {
    if field(fields, "event") != "new" {
        return ChosenEvent { event_id: field(fields, "event").parse().ok(), new: None };
    }
    let text = |name| field(fields, name).to_owned();
    let id = |name| field(fields, name).parse::<i64>().ok();
    ChosenEvent::to_make(EventToMake {
        title: text("new_title"),
        number: text("new_number"),
        description: text("new_description"),
        status_id: id("new_status").unwrap_or_default(),
        scope: Scope::from_code(field(fields, "new_scope")),
        type_id: id("new_type"),
        reason_id: id("new_reason"),
    })
}

async fn step(
    app: &App,
    person: &SignedIn,
    opened: &OpenedDraft,
    search: &str,
    typed: Option<EventToMake>,
    errors: FormErrors,
) -> Result<EventPage, Error> {
    let choices = push::event_choices(app, &person.actor, opened, search).await?;
    let data = reference::get(app, &person.actor, opened.project.id).await?;
    Ok(EventPage {
        shell: frame(app, person, opened).await?,
        head: WizardHead { errors, ..WizardHead::of(app, person, opened, WizardStep::Event).await? },
        draft: opened.draft.id,
        target: opened.target_code(),
        side: opened.side(),
        search: search.to_owned(),
        preflight: Checklist::early(app, opened, WizardStep::Event, &choices.first),
        age: age::freshness(app, person, opened.draft.id, opened.project.id, true).await?,
        new: opened.body.tied.is_none().then(|| NewEventForm::of(opened, data, typed)),
        before: match &opened.body.target {
            None => {
                let log = (opened.project.id, opened.side());
                push::unfinished::begun_before(app, &person.actor, log, &opened.body.cors).await?
            }
            Some(_) => None,
        },
        choices,
    })
}

/// Step 1. Posts `event` (the id in Procore, or `new`) and, for a new one, `new_title`, `new_number`, `new_scope`,
/// `new_status`, `new_type`, `new_reason`, `new_description`; `do` as at [`age::Freshness`].
#[derive(Debug, Template)]
#[template(path = "push/templates/event.html")]
pub(crate) struct EventPage {
    pub shell: Shell,
    pub head: WizardHead,
    pub draft: DraftId,
    /// What was chosen when it was drawn: another window may choose meanwhile.
    pub target: String,
    pub side: Side,
    /// What was searched for; with a script the list filters as one types.
    pub search: String,
    pub preflight: Option<Checklist>,
    pub choices: EventChoices,
    /// A push of the same CORs that was left, to go on with.
    pub before: Option<DraftId>,
    pub age: age::Freshness,
    /// The form of a new event; none when the selection is linked to one.
    pub new: Option<NewEventForm>,
}

/// The form of a new event, with what it lets people choose from.
#[derive(Debug)]
pub(crate) struct NewEventForm {
    pub event: EventToMake,
    pub chosen: bool,
    pub data: ReferenceData,
}

impl EventPage {
    fn is_chosen(&self, event: &EventToChoose) -> bool {
        self.choices.chosen == Some(event.id) && !self.new.as_ref().is_some_and(|new| new.chosen)
    }
}

impl EventToChoose {
    fn pill(&self) -> Pill {
        Pill::new(status_tone(&self.status.mapped_to), self.status.name.as_str())
    }
}

/// The colour of an event's own status in Procore, by what the company's word means there.
pub(crate) fn status_tone(mapped: &str) -> Tone {
    match mapped {
        "open" => Tone::Info,
        "pending" => Tone::Warn,
        "closed" => Tone::Good,
        _ => Tone::Quiet,
    }
}

impl NewEventForm {
    fn of(opened: &OpenedDraft, data: ReferenceData, typed: Option<EventToMake>) -> Self {
        let chosen = typed.is_some() || matches!(opened.body.target, Some(Target::New(_)));
        Self { event: typed.unwrap_or_else(|| EventToMake::so_far(opened, &data)), chosen, data }
    }

    fn scopes(&self) -> Vec<Choice> {
        let choice = |scope: Scope| {
            Choice::new(scope.code(), scope.name()).chosen_if(scope == self.event.scope.unwrap_or_default())
        };
        Scope::ALL.into_iter().map(choice).collect()
    }

    fn statuses(&self) -> Vec<Choice> {
        let choice = |status: &EventStatus| {
            Choice::new(status.id.to_string(), &status.name).chosen_if(status.id == self.event.status_id)
        };
        self.data.statuses.iter().map(choice).chain(unread(&self.data, ReferenceList::Statuses)).collect()
    }

    fn types(&self) -> Vec<Choice> {
        self.optional(&self.data.types, ReferenceList::Types, self.event.type_id)
    }

    fn reasons(&self) -> Vec<Choice> {
        self.optional(&self.data.reasons, ReferenceList::Reasons, self.event.reason_id)
    }

    fn optional(&self, listed: &[TypeOrReason], list: ReferenceList, chosen: Option<i64>) -> Vec<Choice> {
        let none = Choice::new("", "None").chosen_if(chosen.is_none());
        let choice = |one: &TypeOrReason| Choice::new(one.id.to_string(), &one.name).chosen_if(chosen == Some(one.id));
        let choices = listed.iter().map(choice).chain(unread(&self.data, list));
        std::iter::once(none).chain(choices).collect()
    }
}
