//! One side of a project in a reconciliation: what the log says, what Procore holds, and the gap.
#![allow(missing_docs, reason = "most fields say by their names what they are")]

use std::collections::BTreeSet;

use domain::{
    CorId, Currency, Money, ProcoreId, ProjectId,
    cor::Status,
    procore::{
        AddedByProcore, Amount, Side,
        currency::CurrencyTrouble,
        footing,
        push_state::ProcoreState,
        reconciliation::{Category, Counts, ReportCor, ReportEvent, ReportSection},
    },
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// One side of one project. The categories add up to both totals.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReconciledSide {
    pub project_id: ProjectId,
    pub project_name: String,
    /// The company's own number for the project; may be empty.
    pub job_number: String,
    pub side: Side,
    pub currency: Currency,
    /// When the change events were last read; null if never.
    pub read_at: Option<Timestamp>,
    /// What the whole log adds up to.
    pub log_total: Money,
    /// The Draft and Void part of `log_total`. It doesn't belong in a forecast, so gaps exclude it: `log_total` less this and
    /// less `events_total` is `gap`.
    pub draft_or_void: Money,
    /// How many CORs those are.
    pub draft_or_void_cors: usize,
    /// The total of the change events that count. Null if all are in another or an unknown currency.
    pub events_total: Amount,
    /// What `events_total` holds beyond the categories' `in_procore`: each is rounded to the cent, and Procore holds fractions
    /// of a cent. `gap` is lower than the categories' gaps by the same amount.
    pub rounding: Money,
    /// What Procore adds itself; not in `events_total`.
    pub added_by_procore: AddedByProcore,
    /// What is missing in Procore, less what is too much there, excluding Draft and Void CORs. Null if amounts can't be compared.
    pub gap: Amount,
    /// Why the gap is unknown, and what to do; null if it is known.
    pub not_compared: Option<String>,
    /// Why CORs can't be compared, each reason once in a few words; empty if all can.
    pub reasons: String,
    pub categories: Vec<CategorySum>,
    /// Listed change events whose amounts don't count.
    pub set_aside: Vec<EventsSetAside>,
    pub cors: Vec<ReconciledCor>,
    pub events: Vec<ReconciledEvent>,
}

/// Count and amounts of a category.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct CategorySum {
    pub category: Category,
    /// CORs; change events for `only_in_procore`.
    pub count: usize,
    pub in_log: Money,
    pub in_procore: Amount,
    /// What `in_procore` holds besides that of its CORs or events, each rounded to the cent; `gap` has as much less.
    pub rounding: Money,
    /// What Procore lacks; negative when it holds too much.
    pub gap: Amount,
}

/// Change events that don't count, by the reason.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct EventsSetAside {
    pub counts: Counts,
    pub events: usize,
    /// What they hold; null where that can't be added up.
    pub total: Amount,
}

/// A COR and what Procore holds of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReconciledCor {
    pub id: CorId,
    pub number: String,
    pub title: String,
    /// The company at the other end.
    pub counterparty: String,
    pub status: Status,
    pub state: ProcoreState,
    pub category: Category,
    /// Why its amount can't be compared with Procore's, and what mends it; null when it can.
    pub not_compared: Option<String>,
    /// The change event it is linked to.
    pub event_id: Option<ProcoreId>,
    /// That event's number; empty when there is none, or it was never read.
    pub event_number: String,
    pub in_log: Money,
    pub in_procore: Amount,
    /// What is missing in Procore; negative if it holds too much.
    pub gap: Amount,
}

/// A change event and how much of it is ours.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReconciledEvent {
    pub id: ProcoreId,
    /// Empty until it was read.
    pub number: String,
    pub title: String,
    /// By the name Procore shows.
    pub status: String,
    pub counts: Counts,
    /// CORs linked to it.
    pub cors: usize,
    /// Null if it is in another or an unknown currency.
    pub total: Amount,
    pub of_our_cors: Amount,
    /// The part that no COR here accounts for.
    pub only_in_procore: Amount,
    /// What Procore adds itself; not in `total`.
    pub added_by_procore: AddedByProcore,
}

/// The rows of a category, and what they add up to.
#[derive(Debug, Clone)]
pub struct CategoryRows<'a> {
    pub sum: CategorySum,
    pub cors: Vec<&'a ReconciledCor>,
    pub events: Vec<&'a ReconciledEvent>,
}

impl From<&ReportSection> for ReconciledSide {
    fn from(section: &ReportSection) -> Self {
        let (draft_or_void_cors, draft_or_void) = section.draft_or_void();
        let events_total = section.events_total();
        // Without a total, these amounts mean nothing either.
        let told = |amount| if events_total == Amount::NotComparable { Amount::NotComparable } else { amount };
        Self {
            project_id: section.project,
            project_name: section.name.clone(),
            job_number: section.job_number.clone(),
            side: section.side,
            currency: section.currency,
            read_at: section.read_at,
            log_total: section.log_total(),
            draft_or_void,
            draft_or_void_cors,
            events_total,
            rounding: section.rounding(),
            added_by_procore: AddedByProcore {
                markup: told(section.markup()),
                revenue_that_follows_cost: told(section.following()),
            },
            gap: section.gap(),
            not_compared: section.trouble().map(CurrencyTrouble::with_remedy),
            reasons: reasons(section),
            categories: Category::ALL.into_iter().map(|category| CategorySum::of(section, category)).collect(),
            set_aside: [Counts::Void, Counts::OtherCurrency, Counts::UnknownCurrency]
                .into_iter()
                .filter_map(|counts| EventsSetAside::of(section, counts))
                .collect(),
            cors: section.cors.iter().map(ReconciledCor::from).collect(),
            events: section.events.iter().map(ReconciledEvent::from).collect(),
        }
    }
}

/// Each reason once: "Kept in USD here and in CAD in Procore".
fn reasons(section: &ReportSection) -> String {
    let all: BTreeSet<String> = section.cors.iter().filter_map(|cor| Some(cor.trouble.as_ref()?.reason())).collect();
    let text = all.into_iter().collect::<Vec<_>>().join("; ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl CategorySum {
    fn of(section: &ReportSection, category: Category) -> Self {
        let sum = section.sum(category);
        let (count, in_log, in_procore, gap) = (sum.count, sum.ours, sum.there, sum.gap);
        Self { category, count, in_log, in_procore, rounding: section.rounding_in(category), gap }
    }

    /// Whether it counts change events, not CORs.
    pub fn of_events(&self) -> bool {
        self.category == Category::OnlyInProcore
    }

    /// Whether somebody should act. Matched CORs may leave fractions of a cent, which nobody can fix.
    pub fn is_open(&self) -> bool {
        self.category != Category::Matched && !self.gap.is_zero()
    }
}

impl EventsSetAside {
    fn of(section: &ReportSection, counts: Counts) -> Option<Self> {
        let aside: Vec<&ReportEvent> =
            section.set_aside().filter(|event| event.counts == counts && !event.amount.is_zero()).collect();
        // Amounts of other currencies are never added.
        let known = counts == Counts::Void && aside.iter().all(|event| event.trouble.is_none());
        let total = if known { aside.iter().map(|event| event.amount).sum() } else { Amount::NotComparable };
        (!aside.is_empty()).then_some(Self { counts, events: aside.len(), total })
    }
}

impl From<&ReportCor> for ReconciledCor {
    fn from(row: &ReportCor) -> Self {
        Self {
            id: row.cor,
            number: row.number.clone(),
            title: row.title.clone(),
            counterparty: row.party.clone(),
            status: row.status,
            state: row.state,
            category: row.category,
            not_compared: row.trouble.as_ref().map(CurrencyTrouble::with_remedy),
            event_id: row.event.map(ProcoreId::from),
            event_number: row.event_number.clone(),
            in_log: row.ours,
            in_procore: row.there,
            gap: row.gap(),
        }
    }
}

impl From<&ReportEvent> for ReconciledEvent {
    fn from(row: &ReportEvent) -> Self {
        let apart = row.trouble.is_some() || row.counts.in_other_currency();
        let told = |amount| if apart { Amount::NotComparable } else { amount };
        Self {
            id: row.id.into(),
            number: row.number.clone(),
            title: row.title.clone(),
            status: row.status.clone(),
            counts: row.counts,
            cors: row.cors,
            total: told(row.amount),
            of_our_cors: row.ours,
            only_in_procore: row.rest(),
            added_by_procore: AddedByProcore {
                markup: told(row.markup),
                revenue_that_follows_cost: told(row.following),
            },
        }
    }
}

impl ReconciledSide {
    /// Count and amounts of a category.
    pub fn sum(&self, category: Category) -> CategorySum {
        let known = self.categories.iter().find(|sum| sum.category == category).copied();
        let (in_log, in_procore, gap, rounding) = (Money::ZERO, Amount::ZERO, Amount::ZERO, Money::ZERO);
        known.unwrap_or(CategorySum { category, count: 0, in_log, in_procore, rounding, gap })
    }

    /// The categories to show: all, except *not comparable* if no COR is in it.
    pub fn shown(&self) -> impl Iterator<Item = &CategorySum> {
        self.categories.iter().filter(|sum| sum.category != Category::NotComparable || sum.count > 0)
    }

    /// The CORs of a category.
    pub fn of(&self, category: Category) -> impl Iterator<Item = &ReconciledCor> {
        self.cors.iter().filter(move |cor| cor.category == category)
    }

    /// The change events that hold amounts no COR here accounts for.
    pub fn only_in_procore(&self) -> impl Iterator<Item = &ReconciledEvent> {
        self.events.iter().filter(|event| event.counts == Counts::Yes && !event.only_in_procore.is_zero())
    }

    /// How many CORs don't match Procore, and their gap.
    pub fn missing(&self) -> (usize, Amount) {
        use Category as C;
        let categories = [C::AmountDiffers, C::NotInProcore, C::Waiting, C::NotComparable, C::ToTakeOut];
        let sums = categories.into_iter().map(|category| self.sum(category));
        sums.fold((0, Amount::ZERO), |(n, gap), sum| (n + sum.count, gap + sum.gap))
    }

    /// The rows of one category, or of each that has gaps, with the gaps alone.
    pub fn rows(&self, only: Option<Category>) -> Vec<CategoryRows<'_>> {
        match only {
            Some(category) => self.rows_of(category, false).into_iter().collect(),
            None => Category::ALL.into_iter().filter_map(|category| self.rows_of(category, true)).collect(),
        }
    }

    fn rows_of(&self, category: Category, gaps: bool) -> Option<CategoryRows<'_>> {
        let shown = |cor: &&ReconciledCor| !gaps || category == Category::Waiting || !cor.gap.is_zero();
        let cors: Vec<&ReconciledCor> = self.of(category).filter(shown).collect();
        let only = category == Category::OnlyInProcore;
        let events: Vec<&ReconciledEvent> = if only { self.only_in_procore().collect() } else { Vec::new() };
        let count = cors.len() + events.len();
        if count == 0 {
            return None;
        }
        let in_log: Money = cors.iter().map(|cor| cor.in_log).sum();
        // Events below a cent have no row but are in the sum.
        let sum = if only {
            CategorySum { count, in_log, ..self.sum(category) }
        } else {
            let in_procore: Amount = cors.iter().map(|cor| cor.in_procore).sum();
            let rounding = footing::rounding(cors.iter().map(|cor| cor.in_procore), in_procore);
            let gap = category.asks_for(in_log) - in_procore.shown();
            CategorySum { category, count, in_log, in_procore, rounding, gap }
        };
        Some(CategoryRows { sum, cors, events })
    }

    /// The event that a COR is linked to.
    pub fn event_of(&self, cor: &ReconciledCor) -> Option<&ReconciledEvent> {
        self.events.iter().find(|event| cor.event_id == Some(event.id))
    }
}
