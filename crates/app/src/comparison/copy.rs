//! What the comparison says: the buttons, what became of a decision, what a removal is called.

use domain::{
    procore::{AddedByProcore, Side, footing, push::Purpose, push_state::ProcoreState},
    text::counted,
};
use jiff::Timestamp;

use super::{ComparedLine, Comparison, OfferedResolution, RemovalPlan, Resolution, Unlinked};
use crate::words;

/// After a reading.
pub const READ: &str = "Procore was read just now.";
/// After a difference was left.
pub const LEFT: &str = "Left as it is. The log alerts you if it changes again.";
/// After a difference was accepted.
pub const ACCEPTED: &str = "Procore’s amounts are accepted.";

impl Comparison {
    /// How old its view of Procore is.
    pub fn read_in_words(&self, now: Timestamp) -> String {
        match self.read_at {
            Some(at) => format!("Procore as read {}", words::ago(at, now)),
            None => "Procore as it answered the last push".to_owned(),
        }
    }

    /// What Procore adds of its own accord: no line of ours, and nothing that anybody has to decide on.
    pub fn added(&self) -> Vec<(&'static str, String)> {
        let AddedByProcore { markup, revenue_that_follows_cost } = self.added_by_procore.unwrap_or_default();
        let mut all = Vec::new();
        if self.side == Side::Sent && !markup.is_zero() {
            let edited = if self.markup_edited { ", changed by hand" } else { "" };
            all.push(("+ markup by Procore", format!("{markup}{edited}")));
        }
        if !revenue_that_follows_cost.is_zero() {
            all.push(("+ revenue by Procore", format!("{revenue_that_follows_cost}, follows cost")));
        }
        all
    }

    /// The button of a resolution.
    pub fn button(&self, offered: &OfferedResolution) -> String {
        let accepts = self.side == Side::Received && offered.why_not.is_none();
        let label = match offered.resolution {
            Resolution::RemoveSurplus => {
                return removing(self.lines.iter().filter(|line| line.is_surplus()).count());
            }
            Resolution::Overwrite => "Review the changes",
            Resolution::Accept if accepts => "Accept it",
            Resolution::Accept => "Use them",
            Resolution::Leave => "Leave it",
            Resolution::Unlink => "Unlink",
            Resolution::UnlinkAndRemove => "Unlink and remove…",
            Resolution::Move => "Move…",
        };
        label.to_owned()
    }
}

impl ComparedLine {
    fn is_surplus(&self) -> bool {
        self.found.first().is_some_and(|found| found.state == ProcoreState::Surplus)
    }

    /// What happened to it, in a word or two.
    pub fn mark(&self) -> Option<&'static str> {
        Some(match self.found.first()?.state {
            ProcoreState::Surplus => "too many",
            ProcoreState::LineRemoved => "removed",
            ProcoreState::LineLocked => "locked",
            ProcoreState::ContractMoved => "moved",
            _ => "changed",
        })
    }
}

impl Unlinked {
    /// After a COR was unlinked.
    pub const fn says(self) -> &'static str {
        match self {
            Self::LinesStay => "It is unlinked. Its lines stay in Procore.",
            Self::NotKnown => {
                "It is unlinked. Procore doesn’t show its Change Event, so check there whether its lines still exist."
            }
            Self::LinesWent => "It is unlinked. Its lines were deleted with the Change Event in Procore.",
        }
    }
}

impl RemovalPlan {
    /// What the removal is called.
    pub fn title(&self) -> String {
        let number = &self.number;
        match self.purpose {
            Purpose::RemoveSurplus | Purpose::Write => format!("Remove the surplus of COR {number}"),
            Purpose::Unlink => format!("Unlink COR {number} and remove its lines"),
            Purpose::Move => format!("Move COR {number} to another Change Event"),
        }
    }

    /// The button that confirms it.
    pub fn button(&self) -> String {
        removing(self.lines.len())
    }

    /// By how much the lines' total misses what the event loses, and why; empty where it doesn't.
    pub fn rounding_of_event(&self) -> String {
        let lost = self.event_before.shown() - self.event_after.shown();
        let beside = lost - self.total.shown();
        if beside.is_readable() && !beside.is_zero() {
            format!("{} {beside}: {}", footing::ROUNDING, footing::WHY)
        } else {
            String::new()
        }
    }
}

fn removing(lines: usize) -> String {
    if lines == 0 { "Remove the lines".to_owned() } else { format!("Remove {}", counted(lines, "line", "lines")) }
}
