//! Which CORs are in Procore's forecast and which are not, to the cent.
//!
//! Pure: takes the log and the change events as last read, and sorts them into categories whose amounts add up to both totals,
//! the log's and the change events'.

mod category;
pub mod compare;
mod placing;
mod report;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use category::{Category, Counts};
use jiff::Timestamp;
pub use report::{ReconciliationReport, SignedOff};
pub use rows::{CorRead, EventRead, ReportCor, ReportEvent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Amount, Side, currency::CurrencyTrouble, footing};
use crate::{
    ids::ProjectId,
    money::{Currency, Money},
};

/// One side of one project.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReportSection {
    /// The project.
    pub project: ProjectId,
    /// Its name.
    pub name: String,
    /// The company's own number for it; may be empty.
    pub job_number: String,
    /// Received is compared with cost, Sent with revenue.
    pub side: Side,
    /// What all amounts are in.
    pub currency: Currency,
    /// When the list of change events was last read; `None`: never.
    pub read_at: Option<Timestamp>,
    /// The CORs of the log, all of them.
    pub cors: Vec<ReportCor>,
    /// The change events with money on this side, and those with CORs of ours.
    pub events: Vec<ReportEvent>,
}

/// What a section says about itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SectionHead {
    /// The project.
    pub project: ProjectId,
    /// Its name.
    pub name: String,
    /// The company's own number for it.
    pub job_number: String,
    /// Which side.
    pub side: Side,
    /// What all amounts are in.
    pub currency: Currency,
    /// Why they can't be compared with those of the Procore project, if they can't; nothing where it is not mapped.
    pub trouble: Option<CurrencyTrouble>,
    /// When the list of change events was last read.
    pub read_at: Option<Timestamp>,
}

/// Counts and amounts of a category.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, ToSchema)]
pub struct Sum {
    /// CORs; change events for `only_in_procore`.
    pub count: usize,
    /// In the log.
    #[serde(rename = "in_log")]
    pub ours: Money,
    /// In Procore.
    #[serde(rename = "in_procore")]
    pub there: Amount,
    /// What Procore lacks; negative when it holds too much.
    pub gap: Amount,
}

impl std::ops::AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.ours += other.ours;
        self.there += other.there;
        self.gap += other.gap;
    }
}

impl ReportSection {
    /// Sorts the CORs of a log, and what is in Procore besides them, into categories.
    pub fn new(head: SectionHead, cors: Vec<CorRead>, events: Vec<EventRead>) -> Self {
        let known: BTreeMap<i64, &EventRead> = events.iter().map(|event| (event.id, event)).collect();
        let trouble = head.trouble.as_ref();
        let cors: Vec<ReportCor> = cors.into_iter().map(|cor| placing::placed(cor, &known, trouble)).collect();
        let mut ours: BTreeMap<i64, (usize, Amount)> = BTreeMap::new();
        for (event, cor) in cors.iter().filter_map(|cor| Some((cor.event?, cor))) {
            let held = ours.entry(event).or_default();
            held.0 += 1;
            held.1 += cor.there;
        }
        // An event that is linked but was never read holds what we wrote, as far as we know.
        let unread = ours.iter().filter(|(id, _)| !known.contains_key(*id)).map(|(id, (count, held))| ReportEvent {
            id: *id,
            number: String::new(),
            title: "Not read yet".into(),
            status: String::new(),
            counts: Counts::by(trouble),
            trouble: trouble.cloned(),
            amount: if trouble.is_some() { Amount::NotComparable } else { *held },
            cors: *count,
            ours: *held,
            markup: Amount::ZERO,
            following: Amount::ZERO,
        });
        let unread: Vec<ReportEvent> = unread.collect();
        let read = events.into_iter().map(|event| {
            let (cors, held) = ours.get(&event.id).copied().unwrap_or_default();
            let EventRead { id, number, title, status, counts, trouble, amount, markup, following } = event;
            if counts == Counts::Gone && !held.is_zero() {
                // Nobody sees what else is in it; what void CORs have there counts until somebody knows better.
                let counts = Counts::by(trouble.as_ref());
                let status = "Not shown any more".to_owned();
                let (amount, none) = (held, Amount::ZERO);
                return ReportEvent {
                    id,
                    number,
                    title,
                    status,
                    counts,
                    trouble,
                    amount,
                    cors,
                    ours: held,
                    markup: none,
                    following: none,
                };
            }
            ReportEvent { id, number, title, status, counts, trouble, amount, cors, ours: held, markup, following }
        });
        let events = read.filter(|event| event.cors > 0 || event.amount != Amount::ZERO).chain(unread).collect();
        let SectionHead { project, name, job_number, side, currency, read_at, .. } = head;
        Self { project, name, job_number, side, currency, read_at, cors, events }
    }

    /// The categories to show: all, but what can't be compared only where there is such a COR.
    pub fn categories(&self) -> Vec<Category> {
        shown(self.of(Category::NotComparable).next().is_some())
    }

    /// The CORs of a category.
    pub fn of(&self, category: Category) -> impl Iterator<Item = &ReportCor> {
        self.cors.iter().filter(move |cor| cor.category == category)
    }

    /// The change events that hold money no COR here accounts for.
    pub fn only_in_procore(&self) -> impl Iterator<Item = &ReportEvent> {
        self.counted().filter(|event| !event.rest().is_zero())
    }

    /// Counts and amounts of a category.
    pub fn sum(&self, category: Category) -> Sum {
        let mut sum = Sum::default();
        if category == Category::OnlyInProcore && self.only_in_other_currency() {
            (sum.there, sum.gap) = (Amount::NotComparable, Amount::NotComparable);
            return sum;
        }
        sum.count = self.of(category).count();
        if category == Category::OnlyInProcore {
            sum.count += self.only_in_procore().count();
        }
        for (ours, there) in self.parts(category) {
            (sum.ours, sum.there) = (sum.ours + ours, sum.there + there);
        }
        sum.gap = category.asks_for(sum.ours) - sum.there.shown();
        sum
    }

    /// What is in a category, in the log and in Procore.
    fn parts(&self, category: Category) -> impl Iterator<Item = (Money, Amount)> {
        // Less than a cent is in no list of rows, but in the sum.
        let only = self.counted().filter(move |_| category == Category::OnlyInProcore);
        let only = only.map(|event| (Money::ZERO, event.rest()));
        self.of(category).map(|cor| (cor.ours, cor.there)).chain(only)
    }

    /// The rounding difference between a category's amounts in Procore and its sum.
    pub fn rounding_in(&self, category: Category) -> Money {
        footing::rounding(self.parts(category).map(|(_, there)| there), self.sum(category).there)
    }

    /// What the categories' amounts in Procore, each rounded, leave out of the change events' total. The gap has as much less.
    pub fn rounding(&self) -> Money {
        footing::rounding(Category::ALL.into_iter().map(|category| self.sum(category).there), self.events_total())
    }

    /// What the whole log adds up to.
    pub fn log_total(&self) -> Money {
        self.cors.iter().map(|cor| cor.ours).sum()
    }

    /// How many Draft and Void CORs the log holds and what they add up to there: in the log's total, and in no gap, because a
    /// forecast has no place for them. The log's total without it, less the change events' total, is the gap.
    pub fn draft_or_void(&self) -> (usize, Money) {
        let of = self.cors.iter().filter(|cor| !cor.status.belongs_in_procore());
        of.fold((0, Money::ZERO), |(count, sum), cor| (count + 1, sum + cor.ours))
    }

    fn counted(&self) -> impl Iterator<Item = &ReportEvent> {
        self.events.iter().filter(|event| event.counts == Counts::Yes)
    }

    fn only_in_other_currency(&self) -> bool {
        self.counted().next().is_none() && self.events.iter().any(|event| event.counts.in_other_currency())
    }

    /// What the change events that count add up to. Where there are only such in other currencies, or in one that nobody
    /// knows, there is no sum.
    pub fn events_total(&self) -> Amount {
        if self.only_in_other_currency() {
            Amount::NotComparable
        } else {
            self.counted().map(|event| event.amount).sum()
        }
    }

    /// What Procore adds as markup in change events that count.
    pub fn markup(&self) -> Amount {
        self.counted().map(|event| event.markup).sum()
    }

    /// The revenue in change events that count which nobody gave: it follows the cost of their lines.
    pub fn following(&self) -> Amount {
        self.counted().map(|event| event.following).sum()
    }

    /// The change events whose money doesn't count although they are listed: void ones, and those in another currency or in
    /// one that nobody knows.
    pub fn set_aside(&self) -> impl Iterator<Item = &ReportEvent> {
        let aside = [Counts::Void, Counts::OtherCurrency, Counts::UnknownCurrency];
        self.events.iter().filter(move |event| aside.contains(&event.counts))
    }

    /// Why the gap is unknown and can't be signed off: CORs that can't be compared with Procore, change events in an unknown
    /// currency, or no counting event in ours.
    pub fn trouble(&self) -> Option<&CurrencyTrouble> {
        let none_in_ours = self.only_in_other_currency();
        let hinders = |counts: Counts| match counts {
            Counts::UnknownCurrency => true,
            Counts::OtherCurrency => none_in_ours,
            Counts::Yes | Counts::Void | Counts::Gone => false,
        };
        let mut events = self.events.iter().filter(|event| hinders(event.counts));
        self.cors
            .iter()
            .find_map(|cor| cor.trouble.as_ref())
            .or_else(|| events.find_map(|event| event.trouble.as_ref()))
    }

    /// Why it can't be signed off, after "amounts of Harbor Point …"; `None` when it can. A gap that is no number always
    /// hinders.
    fn hindrance(&self) -> Option<String> {
        match self.trouble() {
            Some(trouble) => Some(format!("can't be compared with Procore. {}", trouble.with_remedy())),
            None if self.gap().is_readable() => None,
            None => Some("can't be read in Procore. Correct them there first.".to_owned()),
        }
    }

    /// All gaps added up: what Procore lacks less what it holds too much. There is none while there is [`Self::trouble`].
    pub fn gap(&self) -> Amount {
        if self.trouble().is_some() {
            return Amount::NotComparable;
        }
        let gaps: Amount = Category::ALL.into_iter().map(|category| self.sum(category).gap).sum();
        gaps - self.rounding().into()
    }
}

fn shown(apart: bool) -> Vec<Category> {
    Category::ALL.into_iter().filter(|category| apart || *category != Category::NotComparable).collect()
}
