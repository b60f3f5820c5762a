//! Step 1: choose a change event, or describe a new one.

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    DraftId,
    procore::{
        Side,
        push::{NewEvent, Scope, Target},
    },
};
use serde::Deserialize;
use store::repo::change_event;

use super::{
    age, field, fields, frame, head, over,
    preflight::{self, Checklist, Place},
};
use crate::{
    App, Error,
    integration::{
        change_events,
        reference::{self, Kind, ReferenceData},
    },
    push::{
        self, EventChoice, Opened, choose_event,
        preflight::First,
        views::{EventRow, EventStep, Step},
    },
    serving::{
        forms,
        session::SignedIn,
        views::{Choice, FormErrors, Pill, Tone},
        words,
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
    shown_or_why(&app, &person, id, drawn(&app, &person, &opened, &search.q).await).await
}

/// What was read before opens at once and is read anew behind the page; only what was never read is waited for.
async fn drawn(app: &App, person: &SignedIn, opened: &Opened, search: &str) -> Result<Response, Error> {
    let age = change_events::age(app, &person.actor, opened.project.id).await?;
    if age.is_some_and(|age| age.read_at.is_none()) {
        change_events::refresh(app, &person.actor, opened.project.id).await.or_else(tolerable)?;
    }
    forms::page(&step(app, person, opened, search, None, FormErrors::default()).await?)
}

/// The step, or the checklist in its place where Procore says no to all of it.
async fn shown_or_why(
    app: &App,
    person: &SignedIn,
    id: DraftId,
    drawn: Result<Response, Error>,
) -> Result<Response, Error> {
    match drawn {
        Err(error @ (Error::SignInToProcore(_) | Error::ProcoreRefused(_))) => {
            preflight::in_place_of(app, person, id, Step::Event, error).await
        }
        drawn => drawn,
    }
}

/// The list as last read serves when Procore is not answering; the wizard says how old it is.
fn tolerable(error: Error) -> Result<(), Error> {
    match error {
        Error::ProcoreUnavailable(_) => Ok(()),
        other => Err(other),
    }
}

pub(crate) async fn choose(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<DraftId>,
    body: String,
) -> Result<Response, Error> {
    let fields = fields(&body);
    let typed = typed(&fields);
    if matches!(field(&fields, "do"), "refresh" | "show") {
        return again(&app, &person, id, &fields, typed).await;
    }
    let choice = match field(&fields, "event") {
        "new" => Ok(EventChoice::New(typed.clone())),
        event => event
            .parse()
            .map(EventChoice::Existing)
            .map_err(|_| Error::invalid("event", "Choose a Change Event, or create a new one.")),
    };
    let chosen = match choice {
        Ok(choice) => push::choose_event(&app, &person.actor, id, choice).await,
        Err(error) => Err(error),
    };
    let errors = match chosen {
        // What stops the push stands on this step, before anybody codes a line.
        Ok(first) => {
            let next = if first.stops() { "event" } else { "lines" };
            return Ok(Redirect::to(&format!("/push/{id}/{next}")).into_response());
        }
        Err(Error::Invalid(errors)) => forms::errors(&errors),
        Err(Error::Conflict(sentence) | Error::ProcoreRefused(sentence) | Error::SignInToProcore(sentence)) => {
            FormErrors::one("event", sentence)
        }
        Err(other) => return Err(other),
    };
    let opened = push::open(&app, &person.actor, id).await?;
    let typed = (field(&fields, "event") == "new").then_some(typed);
    let drawn = async { forms::again(&step(&app, &person, &opened, "", typed, errors).await?) };
    shown_or_why(&app, &person, id, drawn.await).await
}

/// The step with what was entered so far, over lists that were read anew if that was asked.
async fn again(
    app: &App,
    person: &SignedIn,
    id: DraftId,
    fields: &[(String, String)],
    typed: NewEvent,
) -> Result<Response, Error> {
    let mut opened = push::open(app, &person.actor, id).await?;
    let mut errors = FormErrors::default();
    if field(fields, "do") == "refresh"
        && let Err(error) = age::refresh(app, person, opened.project.id).await
    {
        errors.add("", forms::notice(error)?);
    }
    let new = field(fields, "event") == "new";
    if let Ok(event) = field(fields, "event").parse() {
        opened.body.target =
            Some(Target::Existing { event, number: String::new(), title: String::new(), prime_contract: None });
    }
    forms::page(&step(app, person, &opened, "", new.then_some(typed), errors).await?)
}

fn typed(fields: &[(String, String)]) -> NewEvent {
    let text = |name| field(fields, name).trim().to_owned();
    let id = |name| field(fields, name).parse::<i64>().ok();
    NewEvent {
        number: text("new_number"),
        title: text("new_title"),
        description: text("new_description"),
        status: id("new_status").unwrap_or_default(),
        scope: Scope::from_code(field(fields, "new_scope")).unwrap_or_default(),
        change_type: id("new_type"),
        change_reason: id("new_reason"),
        prime_contract: None,
    }
}

async fn step(
    app: &App,
    person: &SignedIn,
    opened: &Opened,
    search: &str,
    typed: Option<NewEvent>,
    errors: FormErrors,
) -> Result<EventStep, Error> {
    let id = opened.draft.id;
    let list = change_events::list(app, &person.actor, opened.project.id).await?;
    let data = reference::get(app, &person.actor, opened.project.id).await?;
    let tied = match opened.body.tied {
        Some(event) => Some(choose_event::tied_sentence(app, &person.actor, opened, event).await?),
        None => None,
    };
    let chosen = match &opened.body.target {
        Some(Target::Existing { event, .. }) => Some(*event),
        Some(Target::New(_)) => None,
        None => opened.body.tied,
    };
    let wanted = domain::text::fold(search);
    let first = push::preflight::first(app, &person.actor, opened).await?;
    let events = list
        .events
        .iter()
        .filter(|e| opened.body.tied.is_none_or(|tied| tied == e.event_id))
        .filter(|e| domain::text::fold(&format!("ce {} {} {}", e.number, e.title, e.status)).contains(&wanted))
        .map(|event| EventRow {
            selected: chosen == Some(event.event_id) && typed.is_none(),
            ..row(&first, opened, event)
        });
    // What bears no id stands among them all the same.
    let nameless = list.nameless.iter().filter(|sentence| domain::text::fold(sentence).contains(&wanted));
    let nameless = nameless.map(|sentence| EventRow {
        title: sentence.clone(),
        refused: "Correct it in Procore.".to_owned(),
        ..EventRow::default()
    });
    let events = events.chain(nameless).collect();
    let mut head = head(app, person, opened, Step::Event).await?;
    head.errors = errors;
    Ok(EventStep {
        shell: frame(app, person, opened).await?,
        head,
        action_url: format!("/push/{id}/event"),
        search: search.to_owned(),
        search_url: format!("/push/{id}/event"),
        preflight: Checklist::early(Place::of(app, opened, Step::Event), &first),
        amount_heading: match opened.side() {
            Side::Received => "Cost",
            Side::Sent => "Revenue",
        },
        events,
        age: age::freshness(app, person, id, opened.project.id, true).await?,
        new: opened.body.tied.is_none().then(|| new_event(opened, &data, typed)),
        tied,
    })
}

/// An event with what tells it from others that can be pushed into.
fn row(first: &First, opened: &Opened, event: &change_event::EventRow) -> EventRow {
    let (refused, note) = push::preflight::choosable(first, opened, event);
    let locked = match (event.locked(opened.side()), event.lines) {
        (0, _) => None,
        (locked, lines) if locked == lines => Some("all of its lines are locked in Procore".to_owned()),
        (locked, lines) => Some(format!("{locked} of {lines} lines are locked in Procore")),
    };
    let following = Some(event.following).filter(|amount| opened.side() == Side::Sent && !amount.is_zero());
    let following = following.map(|amount| format!("Procore adds {amount}, which follows cost"));
    EventRow {
        value: event.event_id.to_string(),
        number: event.number.clone(),
        title: event.title.clone(),
        status: Pill::new(status_tone(&event.mapped_status), event.status.clone()),
        total: words::money(event.amount(opened.side())),
        note: note.into_iter().chain(locked).chain(following).collect::<Vec<_>>().join(" · "),
        refused: refused.unwrap_or_default(),
        selected: false,
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

fn new_event(opened: &Opened, data: &ReferenceData, typed: Option<NewEvent>) -> crate::push::views::NewEvent {
    let stored = match &opened.body.target {
        Some(Target::New(new)) => Some(new.clone()),
        _ => None,
    };
    let selected = typed.is_some() || stored.is_some();
    let default = data.statuses.iter().find(|s| s.default).or(data.statuses.first()).map_or(0, |s| s.id);
    let new = typed.or(stored).unwrap_or_else(|| NewEvent {
        // One COR names its event; of several none speaks for all, so a person does.
        title: match opened.cors.as_slice() {
            [cor] => cor.title.clone(),
            _ => String::new(),
        },
        status: default,
        ..NewEvent::default()
    });
    let pick = |value: String, name: &str, chosen: bool| {
        let choice = Choice::new(value, name);
        if chosen { choice.chosen() } else { choice }
    };
    let optional = |choices: &[reference::Choice], kind, chosen: Option<i64>| {
        let none = pick(String::new(), "None", chosen.is_none());
        let rest = choices.iter().map(|c| pick(c.id.to_string(), &c.name, chosen == Some(c.id)));
        std::iter::once(none).chain(rest).chain(data.unread(kind).map(Choice::unread)).collect()
    };
    let statuses = data.statuses.iter().map(|s| pick(s.id.to_string(), &s.name, s.id == new.status));
    crate::push::views::NewEvent {
        selected,
        scopes: Scope::ALL.into_iter().map(|s| pick(s.code().into(), s.name(), s == new.scope)).collect(),
        statuses: statuses.chain(data.unread(Kind::Statuses).map(Choice::unread)).collect(),
        types: optional(&data.types, Kind::Types, new.change_type),
        reasons: optional(&data.reasons, Kind::Reasons, new.change_reason),
        title: new.title,
        number: new.number,
        description: new.description,
    }
}
