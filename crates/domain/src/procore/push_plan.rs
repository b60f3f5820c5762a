//! What must be written: the difference between what a change event holds and what its CORs ask for.
//!
//! A plan is computed from the event as it is now and shown to a person, line by line, before anything is written.
//! The same plan, held against the event later, tells what of it was done: [`Plan::compare`] is the one answer to "may I
//! send?", "what did Procore receive?" and "what is still missing?".

mod adjustment;
pub mod event;
mod lines_there;
pub mod plan_comparison;
pub mod plan_line;
pub mod removal;
#[cfg(test)]
mod tests;
mod totals;
mod wanted;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use adjustment::makes_up;
pub use event::{EventLine, EventLines, Field, Values};
use lines_there::LinesThere;
pub use plan_comparison::{PlanComparison, blame};
pub use plan_line::{Action, PlanLine};
pub use removal::Removal;
use totals::totals;
pub use totals::{AmountChange, EventTotals};
pub use wanted::{KnownLine, Recreate, WantedCor};

use super::{Amount, Side, reference::Reference};
use crate::ids::{CorId, LinkId};

/// The most lines one request carries; above it a push is cut into batches of whole CORs.
pub const BATCH_LIMIT: usize = 1000;

/// What happens to one COR's lines.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlanCor {
    /// Which COR.
    pub cor: CorId,
    /// Its link.
    pub link: LinkId,
    /// Its number.
    pub number: String,
    /// The link's reference.
    pub reference: Reference,
    /// It has no place in Procore any more, such as a void one: all of its lines go.
    #[serde(default)]
    pub taken_out: bool,
    /// Its lines: wanted ones in the COR's order, then those that go.
    pub lines: Vec<PlanLine>,
    /// Further lines that carry one of our marks: copies, never touched by a push.
    pub surplus: Vec<i64>,
}

impl PlanCor {
    /// Previous and new amount of its lines.
    pub fn change(&self) -> AmountChange {
        AmountChange {
            previous: self.lines.iter().map(PlanLine::previous).sum(),
            new: self.lines.iter().map(PlanLine::after).sum(),
        }
    }

    /// What locks and unanswered questions keep out of Procore.
    pub fn gap(&self) -> Amount {
        self.lines.iter().map(PlanLine::gap).sum()
    }

    /// What is removed of it.
    pub fn removed(&self) -> Amount {
        self.lines.iter().filter(|line| line.action == Action::Remove).map(PlanLine::previous).sum()
    }

    /// How much of a COR that has no place in Procore is locked there and made up for by the lines that are written: all that is
    /// ever written of such a one.
    pub fn made_up(&self) -> Amount {
        -self.lines.iter().filter(|line| line.puts_money().is_some()).map(PlanLine::after).sum::<Amount>()
    }

    /// Whether the plan leaves no line of it in Procore.
    pub fn leaves_nothing(&self) -> bool {
        self.lines.iter().all(|line| matches!(line.action, Action::Remove | Action::RemovedThere))
    }

    /// How many lines a request carries for it.
    pub fn writes(&self) -> usize {
        self.lines.iter().filter(|l| l.action.writes()).count()
    }
}

/// What a plan does to the lines of its event, and so what it needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Work {
    /// It takes lines out, of CORs that have no place in Procore any more, and does nothing else. It needs no currency, no code and
    /// no contract, and an event that is void will do.
    TakesOut,
    /// So it does, and makes up for lines that are locked. A line that makes up for another is a cost of its own to Procore, though
    /// its amount is one that is there turned round: booked under its contract and code, in the currency of that contract, at the
    /// rate of its day. It needs what every new line needs, and in a void event, where nothing counts, there is nothing to make up
    /// for.
    MakesUp,
    /// It writes what CORs ask for.
    Writes,
}

/// What a push will write.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// Which field holds the money.
    pub side: Side,
    /// The event; `None` for a new one.
    pub event: Option<i64>,
    /// CORs in the order of the selection.
    pub cors: Vec<PlanCor>,
    /// The three totals.
    pub totals: EventTotals,
}

impl Plan {
    /// Plans `wanted` into `event`. `also_ours` are lines of our other CORs in it, `recreate` the person's answers.
    pub fn new(
        side: Side,
        event: Option<&EventLines>,
        wanted: &[WantedCor],
        also_ours: &BTreeSet<i64>,
        recreate: &Recreate,
    ) -> Self {
        let nothing = EventLines::default();
        let there = event.unwrap_or(&nothing);
        let found = LinesThere::of(there);
        let cors: Vec<PlanCor> = wanted.iter().map(|cor| found.plan_cor(side, cor, recreate)).collect();
        let totals = totals(there, &cors, also_ours);
        Self { side, event: event.map(|e| e.id), cors, totals }
    }

    /// How many lines will be written.
    pub fn writes(&self) -> usize {
        self.cors.iter().map(PlanCor::writes).sum()
    }

    /// Procore's ids of the lines of its CORs that are there.
    pub fn known_lines(&self) -> BTreeSet<i64> {
        self.cors.iter().flat_map(|cor| &cor.lines).filter_map(|line| line.line).collect()
    }

    /// What it does to the lines of its event.
    pub fn work(&self) -> Work {
        let puts = |cor: &PlanCor| cor.lines.iter().any(|line| line.puts_money().is_some());
        match !self.cors.is_empty() && self.cors.iter().all(|cor| cor.taken_out) {
            true if self.cors.iter().any(puts) => Work::MakesUp,
            true => Work::TakesOut,
            false => Work::Writes,
        }
    }

    /// What its lines say once money is put into them. What such a line is put under is what Procore judges: a line that makes up
    /// for a locked one takes over its contract and its code, whatever was chosen.
    pub fn puts_money(&self) -> impl Iterator<Item = Values> {
        self.cors.iter().flat_map(|cor| &cor.lines).filter_map(PlanLine::puts_money)
    }

    /// The plan of one COR.
    pub fn cor(&self, cor: CorId) -> Option<&PlanCor> {
        self.cors.iter().find(|c| c.cor == cor)
    }

    /// The CORs that need a request, cut into batches of at most `limit` lines; a COR is never split.
    pub fn batches(&self, limit: usize) -> Vec<Vec<CorId>> {
        let mut batches: Vec<Vec<CorId>> = Vec::new();
        let mut room = 0;
        for cor in &self.cors {
            let size = cor.writes();
            if size == 0 {
                continue;
            }
            if let Some(batch) = batches.last_mut().filter(|_| size <= room) {
                batch.push(cor.cor);
            } else {
                batches.push(vec![cor.cor]);
                room = limit;
            }
            room = room.saturating_sub(size);
        }
        batches
    }
}
