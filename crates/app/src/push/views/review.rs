//! Step 3: the plan, line by line.

use askama::Template;

use super::{Preflight, WizardHead};
use crate::serving::views::{Deed, Money, Pill, Shell};

/// Step 3. Posts `do=push` and `plan` to `action_url`, with `answer.<line key>` (`recreate` or `leave`) for lines somebody removed in
/// Procore; `do=answer` only stores the answers and shows the plan anew.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "push/templates/review.html")]
pub struct ReviewStep {
    /// The frame.
    pub shell: Shell,
    /// The header.
    pub head: WizardHead,
    /// Which plan this is, posted as `plan`: another one is not confirmed by a click on this page.
    pub version: String,
    /// Where the form posts.
    pub action_url: String,
    /// Where Back leads.
    pub back_url: String,
    /// The event and the three totals.
    pub event: ReviewEvent,
    /// What was looked at before.
    pub preflight: Preflight,
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
    /// Where the rounded amounts of the CORs miss ours; empty where they add up.
    pub ours_rounding: String,
    /// Where ours and others' miss the whole; empty where they add up.
    pub whole_rounding: String,
    /// "+ markup by Procore 1,234.00": beside the amounts, and in none of them; empty when there is none.
    pub markup: String,
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
    /// Where its rounded lines miss its amounts: before, afterwards, and the difference.
    pub rounding: Option<[Money; 3]>,
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
    /// It is locked: another line can make up the difference.
    pub offer: Option<Offer>,
}

/// An adjustment that can be had for a locked line. Posts `answer.<key>` = `adjust` or `leave`.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// The line.
    pub key: String,
    /// The arithmetic.
    pub text: String,
    /// Whether it is chosen.
    pub taken: bool,
    /// Whether leaving the line as it is is chosen.
    pub left: bool,
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
