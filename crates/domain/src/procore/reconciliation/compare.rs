//! What moved between two reconciliations of the same project or office.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Category, ReconciliationReport, ReportCor, ReportEvent, ReportSection, Sum};
use crate::{
    ids::{CorId, ProjectId},
    money::{Currency, Money},
    procore::{Amount, Side},
};

/// Where the money of a COR, or the rest of an event, stood at one time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = MoneyStood)]
pub struct Stood {
    /// In which category.
    pub category: Category,
    /// In the log.
    #[serde(rename = "in_log")]
    pub ours: Money,
    /// In Procore.
    #[serde(rename = "in_procore")]
    pub there: Amount,
}

/// What became of something between the two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Became {
    /// It is in another category now.
    Moved,
    /// The same category, other amounts.
    AmountChanged,
    /// It was not there before.
    New,
    /// It is there no more.
    Gone,
}

impl Became {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Moved, Self::AmountChanged, Self::New, Self::Gone];

    /// The words on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moved => "Moved",
            Self::AmountChanged => "Amount changed",
            Self::New => "New",
            Self::Gone => "No longer there",
        }
    }

    /// The word in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::AmountChanged => "amount_changed",
            Self::New => "new",
            Self::Gone => "gone",
        }
    }

    /// The one of a [`Became::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|became| became.code() == code)
    }
}

/// A COR or an event that stands elsewhere than before.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = ReconciliationChange)]
pub struct ReportChange {
    /// The COR; null for a change event.
    #[serde(rename = "cor_id")]
    pub cor: Option<CorId>,
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// The company at the other end; empty for an event.
    pub counterparty: String,
    /// What became of it.
    pub became: Became,
    /// Null where it was not there before.
    pub before: Option<Stood>,
    /// Null where it is there no more.
    pub after: Option<Stood>,
}

fn became(before: Option<Stood>, after: Option<Stood>) -> Became {
    match (before, after) {
        (Some(before), Some(after)) if before.category != after.category => Became::Moved,
        (Some(_), Some(_)) => Became::AmountChanged,
        (None, _) => Became::New,
        (Some(_), None) => Became::Gone,
    }
}

/// A category at two times.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct CategoryChange {
    /// Which one.
    pub category: Category,
    /// Before.
    pub before: Sum,
    /// After.
    pub after: Sum,
}

/// One side of one project, at two times.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = ComparedSide)]
pub struct SectionChange {
    /// The project.
    pub project_id: ProjectId,
    /// Its name.
    pub project_name: String,
    /// Which side.
    pub side: Side,
    /// What all amounts are in.
    pub currency: Currency,
    /// Each category before and after.
    pub categories: Vec<CategoryChange>,
    /// What stands elsewhere than before: CORs, then change events.
    pub changes: Vec<ReportChange>,
    /// How many CORs stand as they stood.
    pub unchanged: usize,
}

impl SectionChange {
    /// The categories to show: all, but what can't be compared only where there is or was such a COR.
    pub fn shown(&self) -> impl Iterator<Item = &CategoryChange> {
        let none = |of: &CategoryChange| of.before.count == 0 && of.after.count == 0;
        self.categories.iter().filter(move |of| of.category != Category::NotComparable || !none(of))
    }
}

/// What moved from one report to a later one.
pub fn compare(before: &ReconciliationReport, after: &ReconciliationReport) -> Vec<SectionChange> {
    let key = |section: &ReportSection| (section.project, section.side == Side::Sent);
    let earlier: BTreeMap<_, _> = before.sections.iter().map(|section| (key(section), section)).collect();
    let later: BTreeMap<_, _> = after.sections.iter().map(|section| (key(section), section)).collect();
    let mut keys: Vec<_> = after.sections.iter().map(key).collect();
    keys.extend(before.sections.iter().map(key).filter(|key| !later.contains_key(key)));
    keys.into_iter().filter_map(|key| section(earlier.get(&key).copied(), later.get(&key).copied())).collect()
}

fn section(before: Option<&ReportSection>, after: Option<&ReportSection>) -> Option<SectionChange> {
    let head = after.or(before)?;
    let sum = |section: Option<&ReportSection>, category| section.map(|s| s.sum(category)).unwrap_or_default();
    let categories = Category::ALL.map(|category| CategoryChange {
        category,
        before: sum(before, category),
        after: sum(after, category),
    });
    let (earlier, later) = (cors(before), cors(after));
    let mut changes: Vec<ReportChange> = paired(&earlier, &later, |row| {
        let stood = Stood { category: row.category, ours: row.ours, there: row.there };
        (stood, Some(row.cor), row.number.clone(), row.title.clone(), row.party.clone())
    });
    let unchanged = later.iter().filter(|(id, row)| earlier.get(*id).is_some_and(|was| same(was, row))).count();
    changes.sort_by(|a, b| (a.became, &a.counterparty, &a.number).cmp(&(b.became, &b.counterparty, &b.number)));
    let mut events = paired(&rests(before), &rests(after), |row| {
        let stood = Stood { category: Category::OnlyInProcore, ours: Money::ZERO, there: row.rest() };
        (stood, None, row.number.clone(), row.title.clone(), String::new())
    });
    events.sort_by(|a, b| (a.became, &a.number).cmp(&(b.became, &b.number)));
    changes.extend(events);
    Some(SectionChange {
        project_id: head.project,
        project_name: head.name.clone(),
        side: head.side,
        currency: head.currency,
        categories: categories.to_vec(),
        changes,
        unchanged,
    })
}

fn same(was: &ReportCor, is: &ReportCor) -> bool {
    (was.category, was.ours, was.there) == (is.category, is.ours, is.there)
}

fn cors(section: Option<&ReportSection>) -> BTreeMap<CorId, &ReportCor> {
    section.into_iter().flat_map(|section| &section.cors).map(|row| (row.cor, row)).collect()
}

fn rests(section: Option<&ReportSection>) -> BTreeMap<i64, &ReportEvent> {
    section.into_iter().flat_map(ReportSection::only_in_procore).map(|row| (row.id, row)).collect()
}

/// What differs between two sets of the same kind, by their ids.
fn paired<K: Ord + Copy, R>(
    before: &BTreeMap<K, &R>,
    after: &BTreeMap<K, &R>,
    told: impl Fn(&R) -> (Stood, Option<CorId>, String, String, String),
) -> Vec<ReportChange> {
    let gone = before.iter().filter(|(id, _)| !after.contains_key(*id)).map(|(id, row)| (id, *row));
    let ids = after.iter().map(|(id, row)| (id, *row)).chain(gone);
    let change = |(id, row): (&K, &R)| {
        let stood = |rows: &BTreeMap<K, &R>| rows.get(id).map(|row| told(row).0);
        let (_, cor, number, title, counterparty) = told(row);
        let (before, after) = (stood(before), stood(after));
        ReportChange { cor, number, title, counterparty, became: became(before, after), before, after }
    };
    ids.map(change).filter(|change| change.before != change.after).collect()
}
