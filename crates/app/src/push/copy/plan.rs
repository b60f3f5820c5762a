//! What a plan says before it is confirmed.

use domain::text::counted;

use crate::push::push_plan::{LineAction, PlannedTotals};

/// Procore can't be reached at a step.
pub const KEPT: &str = "Everything you chose is kept. Nothing was sent to Procore.";
/// Where a step is shown once more.
pub const TRY_AGAIN: &str = "Try again";

/// Where the checklist holds the push up.
pub const STOPPED: &str = "Pre-flight found what stops this push: see above.";

/// Where lines that somebody removed in Procore wait for an answer.
pub fn unanswered(lines: usize) -> String {
    match lines {
        1 => "A line was removed in Procore: say what to do with it.".into(),
        n => format!("{n} lines were removed in Procore: say what to do with them."),
    }
}

impl PlannedTotals {
    /// How many others' lines there are, and what Procore adds to their revenue.
    pub fn about_others(&self) -> String {
        let following = match self.revenue_that_follows_cost {
            none if none.is_zero() => String::new(),
            odd if !odd.is_readable() => ". Procore adds revenue that follows cost".to_owned(),
            following => format!(". Procore adds {following}, which follows cost"),
        };
        match self.others_count {
            0 => "no other lines".into(),
            n => format!("{}, not touched{following}", counted(n, "line", "lines")),
        }
    }
}

impl LineAction {
    /// In a word or two.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Update => "Update",
            Self::Remove => "Remove",
            Self::Unchanged => "Unchanged",
            Self::Locked => "Locked",
            Self::RemovedThere => "Removed there",
        }
    }
}
