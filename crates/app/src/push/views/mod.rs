//! The push wizard: choose the event, lines and codes, the plan, the result.
//!
//! The wizard is a stored draft: each step has an address, Back is a link that loses nothing.

pub mod codes;
pub mod result;

use askama::Template;

use crate::push::pages::preflight::Checklist;
use crate::serving::views::{Choice, FormErrors, Money, Pill, Shell, Text};

pub use codes::{CodeLine, CodesCor, CodesStep, Detail};
pub use result::{Control, ResultCor, ResultEvent, ResultState, ResultStep};

/// The steps, in order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Step {
    /// Choose or describe the change event.
    #[default]
    Event,
    /// Breakdown, contract, budget codes.
    Codes,
    /// The plan.
    Review,
    /// Progress, then what happened.
    Result,
}

impl Step {
    /// The last part of its address.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Codes => "lines",
            Self::Review => "review",
            Self::Result => "result",
        }
    }
}

/// The wizard's header.
#[derive(Debug, Clone, Default)]
pub struct WizardHead {
    /// "Push 3 CORs to Procore".
    pub heading: String,
    /// Where the person is.
    pub step: Step,
    /// There are no steps before this page: a removal is asked for beside the COR.
    pub stepless: bool,
    /// The address of each step already reachable: Event, Codes, Review, Result; `None` is not a link.
    pub step_urls: [Option<String>; 4],
    /// Where Esc leads: the log it came from.
    pub close_url: String,
    /// The selection is linked to several events, so it becomes several pushes; empty when there is one.
    pub groups: Vec<Group>,
    /// What was refused.
    pub errors: FormErrors,
}

impl WizardHead {
    /// Each step's name, its address, and whether it is done or current.
    pub fn steps(&self) -> impl Iterator<Item = (&'static str, Option<&str>, &'static str)> {
        let here = self.step as usize;
        let names = ["Change Event", "Lines and codes", "Review", "Result"];
        names.into_iter().enumerate().map(move |(place, name)| {
            let state = match place.cmp(&here) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "current",
                std::cmp::Ordering::Greater => "ahead",
            };
            (name, self.step_urls[place].as_deref(), state)
        })
    }

    /// The push of the selection that comes after this one, where any is left to be made.
    pub fn next_group(&self) -> Option<&Group> {
        self.groups.iter().find(|group| !group.done && !group.current)
    }
}

/// One of several pushes of a selection.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// "CE 011 · 2 CORs" or "Not yet in Procore · 1 COR".
    pub label: String,
    /// Its wizard.
    pub url: String,
    /// Shown now.
    pub current: bool,
    /// Already pushed.
    pub done: bool,
}

/// Step 1. Posts `event` (the id in Procore, or `new`) and, for a new one, `new_title`, `new_number`, `new_scope`,
/// `new_status`, `new_type`, `new_reason`, `new_description` to `action_url`; `do` as at [`Freshness`].
#[derive(Debug, Clone, Default, Template)]
#[template(path = "push/templates/event.html")]
pub struct EventStep {
    /// The frame.
    pub shell: Shell,
    /// The header.
    pub head: WizardHead,
    /// Where the form posts.
    pub action_url: String,
    /// What was searched for (GET `q` on `search_url`; with a script the list filters as one types).
    pub search: String,
    /// Where the search goes without a script.
    pub search_url: String,
    /// What stops the push whatever its lines are; `None` when nothing does.
    pub preflight: Option<Checklist>,
    /// What the amounts of the list are: cost, or revenue for sent CORs.
    pub amount_heading: &'static str,
    /// The change events of the mapped project.
    pub events: Vec<EventRow>,
    /// How old its lists are.
    pub age: Freshness,
    /// The selection is linked, so it starts on its own event: why the others cannot be chosen.
    pub tied: Option<String>,
    /// The form of a new event; `None` when the selection is linked.
    pub new: Option<NewEvent>,
}

/// How old the lists are that a step chooses from. "Refresh" posts the step's form with `do=refresh`, so that nothing
/// entered is lost; `do=show` draws it again from what was read behind the page.
#[derive(Debug, Clone, Default)]
pub struct Freshness {
    /// "Budget codes as of 14:02"; "Change Events as of 14:02, statuses and types as of 13:40".
    pub text: Text,
    /// They are old: the page asks [`Self::fragment_url`] once loaded, and they are read meanwhile.
    pub stale: bool,
    /// Answers with the rendered line after that.
    pub fragment_url: String,
    /// What was read behind the page differs from what the page shows.
    pub changed: bool,
}

/// The line alone, as the page asks for it.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "push/templates/age.html")]
pub struct FreshnessFragment {
    /// What it says.
    pub age: Freshness,
}

/// An event to choose.
#[derive(Debug, Clone, Default)]
pub struct EventRow {
    /// Its id in Procore.
    pub value: String,
    /// "011".
    pub number: String,
    /// Its title.
    pub title: String,
    /// Its own status there.
    pub status: Pill,
    /// Its total in the field that this push writes.
    pub total: Money,
    /// "closed, and Procore may refuse changes to it", "2 of 5 lines locked"; empty when there is nothing to know.
    pub note: String,
    /// Why it cannot be chosen; empty when it can.
    pub refused: String,
    /// Chosen now.
    pub selected: bool,
}

/// The form of a new event.
#[derive(Debug, Clone, Default)]
pub struct NewEvent {
    /// It is the choice.
    pub selected: bool,
    /// Its title; filled in from the COR's when there is one COR.
    pub title: String,
    /// Given number; empty leaves it to Procore.
    pub number: String,
    /// Scopes: In Scope, Out of Scope, TBD.
    pub scopes: Vec<Choice>,
    /// The company's statuses in Procore.
    pub statuses: Vec<Choice>,
    /// The types.
    pub types: Vec<Choice>,
    /// The reasons.
    pub reasons: Vec<Choice>,
    /// Its description.
    pub description: String,
}
