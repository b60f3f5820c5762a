//! What must be written: the difference between what a change event holds and what its CORs ask for.
//!
//! A plan is computed from the event as it is now and shown to a person, line by line, before anything is written.
//! The same plan, held against the event later, tells what of it was done: [`Plan::compare`] is the one answer to "may I
//! send?", "what did Procore receive?" and "what is still missing?".

mod adjustment;
pub mod compare;
pub mod event;
pub mod removal;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use adjustment::makes_up;
pub use compare::{PlanComparison, blame};
pub use event::{EventLine, EventLines, Field, Values};
pub use removal::Removal;

use super::{
    Amount, Side,
    amount::exact,
    reference::{Mark, Reference},
};
use crate::{
    cor::LineKey,
    ids::{CorId, LinkId},
    money::Money,
};

/// The most lines one request carries; above it a push is cut into batches of whole CORs.
pub const BATCH_LIMIT: usize = 1000;

/// No line of ours has such a number: somebody typed it into a description.
const ABSURD: u32 = 1_000_000;

/// A COR as it should be in the event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WantedCor {
    /// Which COR.
    pub cor: CorId,
    /// Its link to the event.
    pub link: LinkId,
    /// Its number, as descriptions carry it.
    pub number: String,
    /// The link's reference.
    pub reference: Reference,
    /// It has no place in Procore any more, such as a void one: what of it is there goes.
    pub taken_out: bool,
    /// The lines it should have.
    pub lines: Vec<WantedLine>,
    /// The lines we wrote before, wanted or not.
    pub known: Vec<KnownLine>,
    /// The lines for which, locked in Procore, a person wants another line that makes up the difference; wanted or not.
    pub adjust: BTreeSet<LineKey>,
}

/// A line that should be there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WantedLine {
    /// What it stands for.
    pub key: LineKey,
    /// What it says, without number and mark.
    pub description: String,
    /// Its amount.
    pub amount: Money,
    /// Procore's WBS code.
    pub budget_code: Option<i64>,
    /// The commitment, for received CORs.
    pub contract: Option<i64>,
    /// The commitment's vendor.
    pub vendor: Option<i64>,
}

/// A line we wrote, or were about to write, before.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KnownLine {
    /// What it stands for.
    pub key: LineKey,
    /// Its number within the link, part of its mark.
    pub ordinal: u32,
    /// Procore's id, once an answer told it.
    pub line: Option<i64>,
}

/// What a person answered about lines that somebody removed in Procore.
pub type Recreate = BTreeSet<(CorId, LineKey)>;

/// What happens to one line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// A new line.
    Create,
    /// Our line, changed in place.
    Update {
        /// What changes.
        fields: BTreeSet<Field>,
        /// What should change but is locked in Procore.
        withheld: BTreeSet<Field>,
        /// Why, if something is withheld.
        why: Option<String>,
    },
    /// Our line, no longer wanted.
    Remove,
    /// Nothing to do.
    Unchanged,
    /// It should change or go, and Procore doesn't let it.
    Locked {
        /// Tied to what.
        why: String,
    },
    /// Our line, removed there by somebody. Asked about, never silently made again.
    RemovedThere,
}

impl Action {
    /// Whether it is part of a request.
    pub const fn writes(&self) -> bool {
        matches!(self, Self::Create | Self::Update { .. } | Self::Remove)
    }

    /// The word in the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update { .. } => "update",
            Self::Remove => "remove",
            Self::Unchanged => "unchanged",
            Self::Locked { .. } => "locked",
            Self::RemovedThere => "removed_there",
        }
    }
}

/// One line of a plan.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlanLine {
    /// What it stands for.
    pub key: LineKey,
    /// Its number within the link.
    pub ordinal: u32,
    /// Procore's id, if it exists.
    pub line: Option<i64>,
    /// What happens.
    #[serde(flatten)]
    pub action: Action,
    /// What the line said when the plan was made.
    pub before: Option<Values>,
    /// What it should say; `None` for a line that goes, and as before for one that another makes up for.
    pub wanted: Option<Values>,
}

impl PlanLine {
    /// The amount in Procore when the plan was made.
    pub fn previous(&self) -> Amount {
        self.before.as_ref().map_or(Amount::ZERO, |v| v.amount)
    }

    /// The amount in Procore once the plan is applied.
    pub fn after(&self) -> Amount {
        let wanted = self.wanted.as_ref().map_or(Amount::ZERO, |v| v.amount);
        match &self.action {
            Action::Update { withheld, .. } if withheld.contains(&Field::Amount) => self.previous(),
            Action::Create | Action::Update { .. } | Action::Unchanged => wanted,
            Action::Remove | Action::RemovedThere => Amount::ZERO,
            Action::Locked { .. } => self.previous(),
        }
    }

    /// What Procore will lack or have too much, as a line would make up for it.
    pub fn gap(&self) -> Amount {
        let (wanted, after) = (self.wanted.as_ref().map_or(Amount::ZERO, |v| v.amount), self.after());
        makes_up(wanted, after).unwrap_or(wanted - after)
    }

    /// What it says once money is put into it: of a line that a request makes, or changes in more than its description.
    pub fn puts_money(&self) -> Option<Values> {
        let puts = match &self.action {
            Action::Create => true,
            Action::Update { fields, .. } => fields.iter().any(|field| *field != Field::Description),
            Action::Remove | Action::Unchanged | Action::Locked { .. } | Action::RemovedThere => false,
        };
        self.target().filter(|_| puts)
    }

    /// The values a request carries, withheld fields as they are.
    pub fn target(&self) -> Option<Values> {
        let mut target = self.wanted.clone()?;
        if let (Action::Update { withheld, .. }, Some(before)) = (&self.action, &self.before) {
            for field in withheld {
                target.keep(*field, before);
            }
        }
        Some(target)
    }

    /// Whether `there` is what a request for this line leaves: fields that it left open may have been filled in, and the
    /// vendor may have come with a contract that it named alone.
    pub fn is_done(&self, there: &Values) -> bool {
        let Some(mut target) = self.target() else { return false };
        if let Action::Update { fields, .. } = &self.action
            && fields.contains(&Field::Contract)
            && !fields.contains(&Field::Vendor)
        {
            target.vendor = there.vendor;
        }
        target.filled_in(there) == *there
    }

    /// Whether `there` is what the line said when the plan was made, but for what was open then, that the plan leaves open too,
    /// and was filled in since.
    pub fn is_as_before(&self, there: &Values) -> bool {
        let Some(before) = &self.before else { return false };
        let mut filled = before.filled_in(there);
        if let Action::Update { fields, .. } = &self.action {
            for field in fields {
                filled.keep(*field, before);
            }
        }
        filled == *there
    }
}

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
        let by_id: BTreeMap<i64, &EventLine> = there.lines.iter().map(|l| (l.id, l)).collect();
        let mut by_mark: BTreeMap<Mark, Vec<&EventLine>> = BTreeMap::new();
        let mut used: BTreeMap<Reference, u32> = BTreeMap::new();
        for line in &there.lines {
            let Some(mark) = Mark::find(&line.values.description) else { continue };
            if mark.ordinal < ABSURD {
                let last = used.entry(mark.reference.clone()).or_default();
                *last = mark.ordinal.max(*last);
            }
            if !line.deleted {
                by_mark.entry(mark).or_default().push(line);
            }
        }
        let found = LinesThere { by_id, by_mark, used };
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

/// The event's lines, found by id first and by mark second; never by amount.
struct LinesThere<'a> {
    by_id: BTreeMap<i64, &'a EventLine>,
    by_mark: BTreeMap<Mark, Vec<&'a EventLine>>,
    /// The highest ordinal of each reference, removed lines included: one of those may yet be restored.
    used: BTreeMap<Reference, u32>,
}

impl LinesThere<'_> {
    fn plan_cor(&self, side: Side, cor: &WantedCor, recreate: &Recreate) -> PlanCor {
        let by_key: BTreeMap<LineKey, &KnownLine> = cor.known.iter().map(|k| (k.key, k)).collect();
        let used = self.used.get(&cor.reference).copied().unwrap_or_default();
        let mut next_ordinal = cor.known.iter().map(|k| k.ordinal).fold(used, u32::max) + 1;
        let mut lines = Vec::with_capacity(cor.lines.len());
        for line in &cor.lines {
            let known = by_key.get(&line.key).copied();
            let there = known.and_then(|k| self.locate(&cor.reference, k));
            let removed = known.is_some_and(|k| k.line.is_some()) && there.is_none();
            let again = removed && recreate.contains(&(cor.cor, line.key));
            let ordinal = match known {
                // A line made again gets a number of its own: the removed one may yet be restored.
                Some(known) if !again => known.ordinal,
                _ => {
                    next_ordinal += 1;
                    next_ordinal - 1
                }
            };
            let mut wanted = line.values(side, &cor.number, &cor.reference, ordinal);
            if let Some(there) = there {
                // What nobody chose stays as it is: a request cannot clear it, and need not.
                wanted = wanted.filled_in(&there.values);
            }
            let (line_id, action, before) = match there {
                Some(there) => (Some(there.id), there.change_to(&wanted), Some(there.values.clone())),
                None if removed && !again => (known.and_then(|k| k.line), Action::RemovedThere, None),
                None => (None, Action::Create, None),
            };
            let mut planned = PlanLine { key: line.key, ordinal, line: line_id, action, before, wanted: Some(wanted) };
            let adjustment = self.adjustment(cor, &mut planned, &by_key, recreate, &mut next_ordinal);
            lines.push(planned);
            lines.extend(adjustment);
        }
        let mut kept: BTreeSet<LineKey> = lines.iter().map(|l| l.key).collect();
        // Adjustments last: whether one goes depends on the line that it makes up for.
        let (going, adjustments): (Vec<_>, Vec<_>) = cor.known.iter().partition(|k| k.key.adjustment().is_some());
        for known in going.into_iter().chain(adjustments) {
            let Some(there) = self.locate(&cor.reference, known).filter(|_| !kept.contains(&known.key)) else {
                continue;
            };
            let mut planned = PlanLine {
                key: known.key,
                ordinal: known.ordinal,
                line: Some(there.id),
                action: there.removal(),
                before: Some(there.values.clone()),
                wanted: None,
            };
            let adjustment = self.adjustment(cor, &mut planned, &by_key, recreate, &mut next_ordinal);
            kept.extend(adjustment.iter().map(|l| l.key));
            lines.push(planned);
            lines.extend(adjustment);
        }
        let taken: BTreeSet<i64> = lines.iter().filter_map(|l| l.line).collect();
        let surplus = self.copies(&cor.reference, &taken);
        PlanCor {
            cor: cor.cor,
            link: cor.link,
            number: cor.number.clone(),
            reference: cor.reference.clone(),
            taken_out: cor.taken_out,
            lines,
            surplus,
        }
    }

    /// Our line as it is there now; `None` when it is not, or was deleted.
    fn locate(&self, reference: &Reference, known: &KnownLine) -> Option<&EventLine> {
        if let Some(id) = known.line {
            return self.by_id.get(&id).copied().filter(|l| !l.deleted);
        }
        let mark = Mark { reference: reference.clone(), ordinal: known.ordinal };
        self.by_mark.get(&mark)?.iter().min_by_key(|l| l.id).copied()
    }

    fn copies(&self, reference: &Reference, taken: &BTreeSet<i64>) -> Vec<i64> {
        self.by_mark
            .iter()
            .filter(|(mark, _)| mark.reference == *reference)
            .flat_map(|(_, lines)| lines.iter().map(|l| l.id))
            .filter(|id| !taken.contains(id))
            .collect()
    }
}

impl WantedLine {
    fn values(&self, side: Side, number: &str, reference: &Reference, ordinal: u32) -> Values {
        let cost = side == Side::Received;
        Values {
            description: reference.signed(&format!("COR {number}: {}", self.description), ordinal),
            amount: self.amount.into(),
            budget_code: self.budget_code,
            contract: self.contract.filter(|_| cost),
            vendor: self.vendor.filter(|_| cost),
        }
    }
}

fn totals(event: &EventLines, cors: &[PlanCor], also_ours: &BTreeSet<i64>) -> EventTotals {
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
