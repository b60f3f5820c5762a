//! Which CORs are in Procore's forecast and which are not, to the cent.
//!
//! Pure: what the log says and what the change events said when they were last read come in, and go out sorted into
//! categories whose amounts add up to both totals: the log's on our side, the change events' on Procore's.

mod category;
pub mod compare;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use category::{Category, Counts};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Amount, Side, push_state::ProcoreState};
use crate::{
    cor::Status,
    ids::{CorId, ProjectId},
    money::{Currency, Money},
};

/// A change event as last read, on one side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRead {
    /// Procore's id.
    pub id: i64,
    /// As people know it.
    pub number: String,
    /// Short.
    pub title: String,
    /// The company's own word for its status.
    pub status: String,
    /// Whether its money counts.
    pub counts: Counts,
    /// All of its lines on this side.
    pub amount: Amount,
    /// What Procore adds to them as markup: no line of anybody's, and in no figure of the report.
    pub markup: Amount,
    /// The revenue that follows the cost of lines which nobody priced: not in `amount`, and in no figure of the report.
    pub following: Amount,
}

/// A COR as the log has it, and what Procore holds of it as far as we know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CorRead {
    /// Which one.
    pub cor: CorId,
    /// "014.1".
    pub number: String,
    /// Its title.
    pub title: String,
    /// The company at the other end.
    pub party: String,
    /// Where it stands between the companies.
    pub status: Status,
    /// What the log says of its place in Procore.
    pub state: ProcoreState,
    /// The amount requested.
    pub ours: Money,
    /// Our lines in Procore: as last read, else as last written.
    pub there: Amount,
    /// The change event it is linked to.
    pub event: Option<i64>,
}

/// A COR in the report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CorRow {
    /// Which one.
    pub cor: CorId,
    /// "014.1".
    pub number: String,
    /// Its title.
    pub title: String,
    /// The company at the other end.
    pub party: String,
    /// Where it stands between the companies.
    pub status: Status,
    /// What the log says of its place in Procore.
    pub state: ProcoreState,
    /// The change event it is linked to.
    pub event: Option<i64>,
    /// That event's number; empty when there is none, or it was never read.
    pub event_number: String,
    /// Where its money stands.
    pub category: Category,
    /// The amount requested.
    pub ours: Money,
    /// What counts of it in Procore.
    pub there: Amount,
}

impl CorRow {
    /// What Procore lacks of what it should hold; negative when it holds too much.
    pub fn gap(&self) -> Amount {
        let asked_for = match self.category {
            Category::ToTakeOut | Category::NotToPush => Amount::ZERO,
            _ => self.ours.into(),
        };
        asked_for - self.there
    }
}

/// A change event in the report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EventRow {
    /// Procore's id.
    pub id: i64,
    /// As people know it.
    pub number: String,
    /// Short.
    pub title: String,
    /// The company's own word for its status.
    pub status: String,
    /// Whether its money counts.
    pub counts: Counts,
    /// All of its lines on this side.
    pub amount: Amount,
    /// How many CORs of ours are linked to it.
    pub cors: usize,
    /// What of the amount is ours.
    pub ours: Amount,
    /// What Procore adds as markup, beside the amount.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub markup: Amount,
    /// The revenue that follows cost, beside the amount.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub following: Amount,
}

fn is_nothing(amount: &Amount) -> bool {
    amount.is_zero()
}

impl EventRow {
    /// What of it no COR here accounts for; nothing when its money doesn't count.
    pub fn rest(&self) -> Amount {
        if self.counts == Counts::Yes { self.amount - self.ours } else { Amount::ZERO }
    }
}

/// One side of one project.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Section {
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
    pub cors: Vec<CorRow>,
    /// The change events with money on this side, and those with CORs of ours.
    pub events: Vec<EventRow>,
}

/// What a section says about itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
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
    /// When the list of change events was last read.
    pub read_at: Option<Timestamp>,
}

/// Counts and amounts of a category.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sum {
    /// How many CORs; how many change events for [`Category::OnlyInProcore`].
    pub count: usize,
    /// In the log.
    pub ours: Money,
    /// In Procore.
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

impl Section {
    /// Sorts the CORs of a log, and what is in Procore besides them, into categories.
    pub fn new(head: Head, cors: Vec<CorRead>, events: Vec<EventRead>) -> Self {
        let known: BTreeMap<i64, &EventRead> = events.iter().map(|event| (event.id, event)).collect();
        let cors: Vec<CorRow> = cors.into_iter().map(|cor| placed(cor, &known)).collect();
        let mut ours: BTreeMap<i64, (usize, Amount)> = BTreeMap::new();
        for (event, cor) in cors.iter().filter_map(|cor| Some((cor.event?, cor))) {
            let held = ours.entry(event).or_default();
            *held = (held.0 + 1, held.1 + cor.there);
        }
        // An event that was linked and never read holds what we wrote, as far as anybody here knows.
        let unread = ours.iter().filter(|(id, _)| !known.contains_key(*id)).map(|(id, (count, held))| EventRow {
            id: *id,
            number: String::new(),
            title: "Not read yet".into(),
            status: String::new(),
            counts: Counts::Yes,
            amount: *held,
            cors: *count,
            ours: *held,
            markup: Amount::ZERO,
            following: Amount::ZERO,
        });
        let unread: Vec<EventRow> = unread.collect();
        let read = events.into_iter().map(|event| {
            let (cors, held) = ours.get(&event.id).copied().unwrap_or_default();
            let EventRead { id, number, title, status, counts, amount, markup, following } = event;
            EventRow { id, number, title, status, counts, amount, cors, ours: held, markup, following }
        });
        let events = read.filter(|event| event.cors > 0 || !event.amount.is_zero()).chain(unread).collect();
        let Head { project, name, job_number, side, currency, read_at } = head;
        Self { project, name, job_number, side, currency, read_at, cors, events }
    }

    /// The CORs of a category.
    pub fn of(&self, category: Category) -> impl Iterator<Item = &CorRow> {
        self.cors.iter().filter(move |cor| cor.category == category)
    }

    /// The change events that hold money no COR here accounts for.
    pub fn only_in_procore(&self) -> impl Iterator<Item = &EventRow> {
        self.events.iter().filter(|event| !event.rest().is_zero())
    }

    /// Counts and amounts of a category.
    pub fn sum(&self, category: Category) -> Sum {
        let mut sum = Sum::default();
        if category == Category::OnlyInProcore {
            for event in self.only_in_procore() {
                sum += Sum { count: 1, ours: Money::ZERO, there: event.rest(), gap: -event.rest() };
            }
        }
        for cor in self.of(category) {
            sum += Sum { count: 1, ours: cor.ours, there: cor.there, gap: cor.gap() };
        }
        sum
    }

    /// What the whole log adds up to.
    pub fn log_total(&self) -> Money {
        self.cors.iter().map(|cor| cor.ours).sum()
    }

    /// What the change events that count add up to.
    pub fn events_total(&self) -> Amount {
        self.events.iter().filter(|event| event.counts == Counts::Yes).map(|event| event.amount).sum()
    }

    /// What Procore adds as markup in change events that count.
    pub fn markup(&self) -> Amount {
        self.events.iter().filter(|event| event.counts == Counts::Yes).map(|event| event.markup).sum()
    }

    /// The revenue in change events that count which nobody gave: it follows the cost of their lines.
    pub fn following(&self) -> Amount {
        self.events.iter().filter(|event| event.counts == Counts::Yes).map(|event| event.following).sum()
    }

    /// The change events whose money doesn't count although they are listed: void ones, and those in another currency or in
    /// one that nobody knows.
    pub fn set_aside(&self) -> impl Iterator<Item = &EventRow> {
        let aside = [Counts::Void, Counts::OtherCurrency, Counts::UnknownCurrency];
        self.events.iter().filter(move |event| aside.contains(&event.counts))
    }

    /// Whether amounts can't be compared before somebody states which currency Procore's are in.
    pub fn lacks_currency(&self) -> bool {
        self.events.iter().any(|event| event.counts == Counts::UnknownCurrency)
    }

    /// All gaps added up: what Procore lacks less what it holds too much.
    pub fn gap(&self) -> Amount {
        Category::ALL.into_iter().map(|category| self.sum(category).gap).sum()
    }
}

/// A reconciliation: of a project, both sides, or of all projects of an office.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The project's or office's name.
    pub of: String,
    /// By project name, Received before Sent.
    pub sections: Vec<Section>,
}

impl Report {
    /// The figures without the times they were read at: the same figures read again are the same figures.
    pub fn figures(&self) -> Self {
        let sections = self.sections.iter().cloned().map(|section| Section { read_at: None, ..section });
        Self { of: self.of.clone(), sections: sections.collect() }
    }

    /// The currencies in it.
    pub fn currencies(&self) -> Vec<Currency> {
        let mut found: Vec<Currency> = self.sections.iter().map(|section| section.currency).collect();
        found.sort();
        found.dedup();
        found
    }
}

/// What was signed off: who looked at which figures when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedOff {
    /// When.
    pub at: Timestamp,
    /// By whom, by the name they had.
    pub by: String,
    /// What they wrote to it; may be empty.
    pub note: String,
    /// The figures.
    pub report: Report,
}

fn placed(read: CorRead, events: &BTreeMap<i64, &EventRead>) -> CorRow {
    let event = read.event.and_then(|id| events.get(&id)).copied();
    let counts = event.is_none_or(|event| event.counts == Counts::Yes);
    // What lies in an event that doesn't count is in no forecast.
    let there = match read.state {
        _ if !counts || read.event.is_none() => Amount::ZERO,
        // What was read before says nothing of what is there now.
        ProcoreState::EventUnreadable if event.is_some_and(|event| !event.amount.is_readable()) => Amount::Unreadable,
        _ => read.there,
    };
    CorRow {
        category: category(&read, counts, there),
        cor: read.cor,
        number: read.number,
        title: read.title,
        party: read.party,
        status: read.status,
        state: read.state,
        event: read.event,
        event_number: event.map(|event| event.number.clone()).unwrap_or_default(),
        ours: read.ours,
        there,
    }
}

fn category(read: &CorRead, counts: bool, there: Amount) -> Category {
    use ProcoreState as S;
    if !read.status.belongs_in_procore() {
        let is_there = !there.is_zero() || read.state == S::UpdateNeeded;
        return if is_there { Category::ToTakeOut } else { Category::NotToPush };
    }
    match read.state {
        S::InProgress | S::WaitingForSignIn | S::Stopped | S::Paused | S::Checking => Category::Waiting,
        S::NotInProcore | S::EventVoided | S::EventDeleted => Category::NotInProcore,
        // What else is told of it, only the amount decides whether the forecast is right.
        S::UpToDate
        | S::UpdateNeeded
        | S::Refused
        | S::ChangedInProcore
        | S::Surplus
        | S::OtherCurrency
        | S::LineChanged
        | S::LineRemoved
        | S::LineLocked
        | S::ContractMoved
        | S::EventStatusChanged
        | S::EventRestored
        | S::EventUnreadable => match read.event {
            Some(_) if counts && there == read.ours => Category::Matched,
            Some(_) if counts => Category::AmountDiffers,
            _ => Category::NotInProcore,
        },
    }
}
