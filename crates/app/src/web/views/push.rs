//! The push wizard: choose the event, lines and codes, the plan, the result.
//!
//! The wizard is a stored draft: each step has an address, Back is a link that loses nothing.

use askama::Template;

use super::{Choice, Deed, FormErrors, Link, Money, Pill, Shell};

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

/// The wizard's header.
#[derive(Debug, Clone, Default)]
pub struct WizardHead {
    /// "Push 3 CORs to Procore".
    pub heading: String,
    /// Where the person is.
    pub step: Step,
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
/// `new_status`, `new_type`, `new_reason`, `new_description` to `action_url`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "push_event.html")]
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
    /// The change events of the mapped project.
    pub events: Vec<EventRow>,
    /// "Change events as of 2 min ago"; empty when just read.
    pub age: String,
    /// The selection is linked, so it starts on its own event: why the others cannot be chosen.
    pub tied: Option<String>,
    /// The form of a new event; `None` when the selection is linked.
    pub new: Option<NewEvent>,
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
    /// "2 CORs of ours"; empty when there are none.
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
    /// Its title; filled in from the COR's.
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

/// How finely a COR is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Detail {
    /// Every line of the COR.
    #[default]
    LineItems,
    /// One line a section.
    Sections,
    /// One line a COR.
    LumpSum,
}

impl Detail {
    /// Value posted, name and explanation, and whether it is `chosen`.
    pub fn choices(chosen: Self) -> [Choice; 3] {
        let choice = |detail: Self, value: &str, label: &str, hint: &str| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            hint: hint.to_owned(),
            selected: detail == chosen,
        };
        [
            choice(Self::LineItems, "line_items", "Line items", "every line of the COR, each with its own budget code"),
            choice(Self::Sections, "sections", "By section", "labor, material, equipment and other, one line each"),
            choice(Self::LumpSum, "lump_sum", "Lump sum", "one line a COR"),
        ]
    }
}

/// Step 2. Posts `detail` (`line_items`, `sections`, `lump_sum`), `contract.<COR id>`, `code.<line key>`, `code_for_all`
/// and `do` (`next`, `detail` when the breakdown changes, `apply_all` to use `code_for_all` on every line) to `action_url`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "push_codes.html")]
pub struct CodesStep {
    /// The frame.
    pub shell: Shell,
    /// The header.
    pub head: WizardHead,
    /// Where the form posts.
    pub action_url: String,
    /// Where Back leads.
    pub back_url: String,
    /// The breakdown shown.
    pub detail: Detail,
    /// The heading of the contract's column: "Commitment" for received CORs, "Prime contract" for sent ones.
    pub contract_heading: String,
    /// All contracts of the project in Procore.
    pub contracts: Vec<Choice>,
    /// All budget codes: value is the id, label "23-2113.L · Hydronic piping, labor".
    pub codes: Vec<Choice>,
    /// The CORs with their lines.
    pub cors: Vec<CodesCor>,
    /// Where suggestions come from ("Codes were suggested from the last push."); empty when nothing was suggested.
    pub suggested: String,
    /// What is still missing, as a sentence; empty when Next is open.
    pub missing: String,
}

/// A COR in step 2.
#[derive(Debug, Clone, Default)]
pub struct CodesCor {
    /// Its id.
    pub id: String,
    /// "COR 014.1".
    pub label: String,
    /// The other company.
    pub party: String,
    /// Its total.
    pub amount: Money,
    /// The contract's id; empty when none is chosen.
    pub contract: String,
    /// The contract cannot be changed (the prime contract of the event is set): its name, instead of a picker.
    pub contract_fixed: Option<String>,
    /// The lines, which add up to the total.
    pub lines: Vec<CodeLine>,
}

/// A line in step 2.
#[derive(Debug, Clone, Default)]
pub struct CodeLine {
    /// Its key, stable between the steps.
    pub key: String,
    /// What the line will say in Procore.
    pub text: String,
    /// Its amount.
    pub amount: Money,
    /// The budget code's id; empty when none is chosen.
    pub code: String,
    /// Why the code cannot be changed ("locked in Procore: tied to RFQ 3"); empty when it can.
    pub locked: String,
    /// What was refused about it; empty when nothing was.
    pub error: String,
}

/// Above this many options in fallback lists, a page without a script asks for a coarser breakdown instead.
const FALLBACK_OPTIONS: usize = 20_000;

impl CodesStep {
    /// The three breakdowns.
    pub fn details(&self) -> [Choice; 3] {
        Detail::choices(self.detail)
    }

    /// Whether plain drop-downs for a browser without a script stay of a bearable size.
    pub fn fallback(&self) -> bool {
        let lines: usize = self.cors.iter().map(|cor| cor.lines.len()).sum();
        lines.saturating_mul(self.codes.len()) <= FALLBACK_OPTIONS
    }

    /// The name of a chosen code.
    pub fn code_label(&self, value: &str) -> &str {
        label_of(&self.codes, value)
    }

    /// The name of a chosen contract.
    pub fn contract_label(&self, value: &str) -> &str {
        label_of(&self.contracts, value)
    }

    /// A list as JSON for the pickers: `[["value","label"],…]`. `<` is escaped, so that it may stand in a `<script>`.
    pub fn json(choices: &[Choice]) -> String {
        let pairs: Vec<_> = choices.iter().map(|choice| (choice.value.as_str(), choice.label.as_str())).collect();
        serde_json::to_string(&pairs).unwrap_or_else(|_| "[]".to_owned()).replace('<', "\\u003c")
    }
}

fn label_of<'a>(choices: &'a [Choice], value: &str) -> &'a str {
    choices.iter().find(|choice| choice.value == value).map_or("", |choice| choice.label.as_str())
}

/// Step 3. Posts `do=push` to `action_url`, with `answer.<line key>` (`recreate` or `leave`) for lines somebody removed in
/// Procore; `do=answer` only stores the answers and shows the plan anew.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "push_review.html")]
pub struct ReviewStep {
    /// The frame.
    pub shell: Shell,
    /// The header.
    pub head: WizardHead,
    /// Where the form posts.
    pub action_url: String,
    /// Where Back leads.
    pub back_url: String,
    /// The event and the three totals.
    pub event: ReviewEvent,
    /// Sentences above the lines with their colour: locked lines, gaps, a changed event.
    pub notes: Vec<Pill>,
    /// The CORs with their lines.
    pub cors: Vec<PlanCor>,
    /// "1 read and 1 write".
    pub requests: String,
    /// "as Dana Whitfield in Procore".
    pub as_whom: String,
    /// May be pushed; otherwise what is in the way ("Two lines were removed in Procore: say what to do with them.").
    pub push: Deed,
}

/// The event in step 3.
#[derive(Debug, Clone, Default)]
pub struct ReviewEvent {
    /// "CE 011 · Level 3 coordination" or "New Change Event · …".
    pub label: String,
    /// Its page in Procore; `None` for a new one.
    pub url: Option<String>,
    /// Its status there.
    pub status: Pill,
    /// Our lines before.
    pub ours_previous: Money,
    /// Our lines afterwards.
    pub ours_new: Money,
    /// Our lines' difference, signed.
    pub ours_difference: Money,
    /// Others' lines, which are not touched.
    pub others: Money,
    /// "2 lines, not touched".
    pub others_note: String,
    /// The whole event before.
    pub whole_previous: Money,
    /// The whole event afterwards.
    pub whole_new: Money,
    /// The whole event's difference, signed.
    pub whole_difference: Money,
    /// Procore's own latest values, said apart; empty when it has none.
    pub latest: String,
}

/// A COR in step 3.
#[derive(Debug, Clone, Default)]
pub struct PlanCor {
    /// "COR 014.1".
    pub label: String,
    /// "Cascade Mechanical · SC-23-007 Mechanical".
    pub about: String,
    /// Its lines before.
    pub previous: Money,
    /// Its lines afterwards.
    pub new: Money,
    /// The difference, signed.
    pub difference: Money,
    /// Its lines.
    pub lines: Vec<PlanLine>,
}

/// What happens to a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LineMark {
    /// It will be made.
    #[default]
    Create,
    /// It will be changed in place.
    Update,
    /// It will be removed.
    Remove,
    /// It is as wanted.
    Unchanged,
    /// Procore does not let it change.
    Locked,
    /// Somebody removed it in Procore: the person says what to do.
    RemovedThere,
}

impl LineMark {
    /// The word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Update => "Update",
            Self::Remove => "Remove",
            Self::Unchanged => "Unchanged",
            Self::Locked => "Locked",
            Self::RemovedThere => "Removed there",
        }
    }

    /// The colour's class.
    pub fn class(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Remove => "remove",
            Self::Unchanged => "same",
            Self::Locked => "locked",
            Self::RemovedThere => "asked",
        }
    }
}

/// A line in step 3.
#[derive(Debug, Clone, Default)]
pub struct PlanLine {
    /// What happens to it.
    pub mark: LineMark,
    /// What it says in Procore.
    pub text: String,
    /// Why it is locked, or what else there is to know; empty when nothing.
    pub reason: String,
    /// "23-2113.L".
    pub code: String,
    /// Before.
    pub previous: Money,
    /// Afterwards.
    pub new: Money,
    /// The difference, signed.
    pub difference: Money,
    /// For [`LineMark::RemovedThere`]: the question.
    pub asked: Option<AskedLine>,
}

/// The question about a line that somebody removed in Procore.
#[derive(Debug, Clone, Default)]
pub struct AskedLine {
    /// The line's key.
    pub key: String,
    /// What was answered.
    pub answer: Answer,
}

/// Answers to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Answer {
    /// None yet.
    #[default]
    None,
    /// Make it again.
    Recreate,
    /// Leave it out.
    Leave,
}

impl Answer {
    /// "Make it again" is chosen.
    pub fn recreate(self) -> bool {
        self == Self::Recreate
    }

    /// "Leave it out" is chosen.
    pub fn leave(self) -> bool {
        self == Self::Leave
    }
}

/// How a push, or a COR in it, stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ResultState {
    /// Queued.
    #[default]
    Waiting,
    /// On its way.
    Sending,
    /// The answer was lost; what Procore received is looked up later.
    Checking,
    /// Written as planned.
    Done,
    /// Written but for locked lines.
    DoneWithGap,
    /// Procore said no.
    Refused,
    /// The event changed since the plan: the person decides again.
    ChangedInProcore,
    /// Waits until this person signs in to Procore again.
    SignInNeeded,
    /// Taken back before anything was sent.
    Cancelled,
}

impl ResultState {
    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Sending => "Sending",
            Self::Checking => "Checking",
            Self::Done => "In Procore",
            Self::DoneWithGap => "In Procore, with a gap",
            Self::Refused => "Refused",
            Self::ChangedInProcore => "Changed in Procore",
            Self::SignInNeeded => "Sign-in needed",
            Self::Cancelled => "Cancelled",
        }
    }

    /// The pill's colour.
    pub fn class(self) -> &'static str {
        match self {
            Self::Waiting | Self::Cancelled => "quiet",
            Self::Sending => "info",
            Self::Checking | Self::DoneWithGap => "warn",
            Self::Done => "good",
            Self::Refused => "bad",
            Self::ChangedInProcore | Self::SignInNeeded => "procore",
        }
    }
}

/// Step 4: progress, then the result. While [`Self::running`], the page asks its own address again every second.
/// "Cancel" posts `do=cancel` to [`Self::cancel`].
#[derive(Debug, Clone, Default, Template)]
#[template(path = "push_result.html")]
pub struct ResultStep {
    /// The frame.
    pub shell: Shell,
    /// The header.
    pub head: WizardHead,
    /// This page.
    pub self_url: String,
    /// Something still happens.
    pub running: bool,
    /// "Pushing 3 CORs to CE 011" and then "3 CORs are in Procore".
    pub heading: String,
    /// How many are settled.
    pub settled: u64,
    /// How many there are.
    pub total: u64,
    /// Take back what was not sent yet.
    pub cancel: Deed,
    /// One entry an event.
    pub events: Vec<ResultEvent>,
    /// Back to the log.
    pub log_url: String,
}

/// An event in step 4.
#[derive(Debug, Clone, Default)]
pub struct ResultEvent {
    /// "CE 011 · Level 3 coordination".
    pub label: String,
    /// Its page in Procore, once known.
    pub url: Option<String>,
    /// How the push stands.
    pub state: ResultState,
    /// What happened and what to do ("Procore did not answer. What it received is looked up at 14:32; nothing is doubled.").
    pub sentence: String,
    /// What to press: "Sign in to Procore", "Look at the new plan".
    pub remedy: Option<Link>,
    /// The remedy opens the Procore pop-up; a status address that answers `{"signed_in":true}` when it is over.
    pub popup_status_url: Option<String>,
    /// Its CORs.
    pub cors: Vec<ResultCor>,
}

/// A COR in step 4.
#[derive(Debug, Clone, Default)]
pub struct ResultCor {
    /// "COR 014.1".
    pub label: String,
    /// Its page.
    pub url: String,
    /// Its title.
    pub title: String,
    /// What was written.
    pub amount: Money,
    /// How it stands.
    pub state: ResultState,
    /// Why, and what to do; empty when all is well.
    pub sentence: String,
    /// What to press; `None` when nothing.
    pub remedy: Option<Link>,
}
