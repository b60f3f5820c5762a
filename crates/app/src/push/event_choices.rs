//! Step 1: the change events to choose from, each with what is to be known of it.

use domain::{
    procore::{Amount, Side, push::Target},
    role::Actor,
    text::fold,
};
use store::repo::change_event::EventRow;

use super::{
    choose_event::tied_sentence,
    draft::OpenedDraft,
    preflight::{First, choosable, first},
    push_plan::MappedStatus,
};
use crate::{App, Error, integration::change_events};

/// The change events of the Procore project that a push can go to.
#[derive(Debug, Clone)]
pub struct EventChoices {
    pub events: Vec<EventToChoose>,
    /// Sentences about events that could not be read, and bear no id.
    pub nameless: Vec<String>,
    /// The one that is chosen.
    pub chosen: Option<i64>,
    /// Why no other one can be chosen.
    pub tied: Option<String>,
    /// What stops the push whatever its lines are.
    pub first: First,
}

/// A change event of the list.
#[derive(Debug, Clone)]
pub struct EventToChoose {
    pub id: i64,
    pub number: String,
    pub title: String,
    pub status: MappedStatus,
    /// Its total in the field that the push writes.
    pub amount: Amount,
    /// What is to be known of it.
    pub notes: Vec<String>,
    /// Why it can't be chosen.
    pub refused: Option<String>,
}

/// The events as last read that `search` finds.
pub(crate) async fn event_choices(
    app: &App,
    actor: &Actor,
    opened: &OpenedDraft,
    search: &str,
) -> Result<EventChoices, Error> {
    let list = change_events::list(app, actor, opened.project.id).await?;
    let tied = match opened.body.tied {
        Some(event) => Some(tied_sentence(app, actor, opened, event).await?),
        None => None,
    };
    let first = first(app, actor, opened).await?;
    let wanted = fold(search);
    let is_found = |event: &&EventRow| {
        opened.body.tied.is_none_or(|tied| tied == event.event_id)
            && fold(&format!("ce {} {} {}", event.number, event.title, event.status)).contains(&wanted)
    };
    Ok(EventChoices {
        events: list.events.iter().filter(is_found).map(|row| EventToChoose::of(&first, opened, row)).collect(),
        // What bears no id stands among them all the same.
        nameless: list.nameless.into_iter().filter(|sentence| fold(sentence).contains(&wanted)).collect(),
        chosen: match &opened.body.target {
            Some(Target::Existing { event, .. }) => Some(*event),
            Some(Target::New(_)) => None,
            None => opened.body.tied,
        },
        tied,
        first,
    })
}

impl EventToChoose {
    fn of(first: &First, opened: &OpenedDraft, row: &EventRow) -> Self {
        let (refused, note) = choosable(first, opened, row);
        let locked = match (row.locked(opened.side()), row.lines) {
            (0, _) => None,
            (locked, lines) if locked == lines => Some("all of its lines are locked in Procore".to_owned()),
            (locked, lines) => Some(format!("{locked} of {lines} lines are locked in Procore")),
        };
        let follows = opened.side() == Side::Sent && !row.following.is_zero();
        let follows = follows.then(|| format!("Procore adds {}, which follows cost", row.following));
        Self {
            id: row.event_id,
            number: row.number.clone(),
            title: row.title.clone(),
            status: MappedStatus { name: row.status.clone(), mapped_to: row.mapped_status.clone() },
            amount: row.amount(opened.side()),
            notes: note.into_iter().chain(locked).chain(follows).collect(),
            refused,
        }
    }
}
