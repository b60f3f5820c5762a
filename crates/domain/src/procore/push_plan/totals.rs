//! What a plan makes of the totals of its event.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{EventLines, PlanCor};
use crate::procore::{Amount, amount::exact};

/// An amount before and after.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct AmountChange {
    /// Before.
    #[serde(with = "exact")]
    pub previous: Amount,
    /// After.
    #[serde(with = "exact")]
    pub new: Amount,
}

impl AmountChange {
    /// After less before, as both are shown.
    pub fn difference(self) -> Amount {
        self.new.shown() - self.previous.shown()
    }

    /// Whether both are nothing, to the cent.
    pub fn is_nothing(self) -> bool {
        self.previous.is_zero() && self.new.is_zero()
    }

    /// Both added up.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { previous: self.previous + other.previous, new: self.new + other.new }
    }

    fn still(amount: Amount) -> Self {
        Self { previous: amount, new: amount }
    }
}

/// The three totals of a plan, all of the field that the side writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct EventTotals {
    /// Lines of our CORs, those outside this push included.
    pub ours: AmountChange,
    /// Everybody else's lines, but for revenue that follows their cost: never touched.
    #[serde(with = "exact")]
    pub others: Amount,
    /// How many those are.
    pub others_count: usize,
    /// The event, as lists of events add it up: ours and others'.
    pub whole: AmountChange,
    /// The revenue of others' lines that nobody gave, and that follows their cost: in none of these totals but the latest.
    #[serde(default, with = "exact")]
    pub following: Amount,
    /// What Procore shows as latest for the whole event, which may come from quotes or commitments.
    #[serde(with = "exact")]
    pub latest: Amount,
}

pub(super) fn totals(event: &EventLines, cors: &[PlanCor], also_ours: &BTreeSet<i64>) -> EventTotals {
    let planned: BTreeSet<i64> = cors.iter().flat_map(|c| &c.lines).filter_map(|l| l.line).collect();
    let live = || event.lines.iter().filter(|l| !l.deleted && !planned.contains(&l.id));
    let elsewhere: Amount = live().filter(|l| also_ours.contains(&l.id)).map(|l| l.values.amount).sum();
    let foreign = || live().filter(|l| !also_ours.contains(&l.id));
    let others: Amount = foreign().filter(|l| !l.follows_cost).map(|l| l.values.amount).sum();
    let following = foreign().filter(|l| l.follows_cost).map(|l| l.values.amount).sum();
    let ours = cors.iter().fold(AmountChange::still(elsewhere), |sum, cor| sum.plus(cor.change()));
    EventTotals {
        ours,
        others,
        others_count: foreign().count(),
        whole: ours.plus(AmountChange::still(others)),
        following,
        latest: event.lines.iter().filter(|l| !l.deleted).map(|l| l.latest).sum(),
    }
}
