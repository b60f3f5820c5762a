//! The page of an office's reconciliation: a line for each side of each project.

use askama::Template;
use domain::{
    Currency, Money,
    procore::{Amount, footing, reconciliation::Category},
};
use jiff::Timestamp;

use super::{Figures, url_of};
use crate::{
    reconciliation::{ReconciledSide, SignedScope},
    serving::{
        filters,
        views::{Shell, Text},
        words,
    },
};

/// All projects of an office.
#[derive(Template)]
#[template(path = "reconciliation/templates/office.html")]
pub(crate) struct ReconciliationOffice<'a> {
    pub shell: Shell,
    pub figures: Figures<'a>,
    pub now: Timestamp,
}

impl<'a> ReconciliationOffice<'a> {
    fn table(&self) -> Table<'a> {
        Table::of(self.figures.sides())
    }

    /// Where a side's own report is; empty for what was signed.
    fn url_of(&self, side: &ReconciledSide) -> String {
        match self.figures {
            Figures::Signed(_) => String::new(),
            Figures::Now(..) => format!("{}?side={}", url_of(SignedScope::Project(side.project_id)), side.side.code()),
        }
    }

    /// When a side's change events were read.
    fn read(&self, side: &ReconciledSide) -> Text {
        match (side.read_at, self.figures) {
            (None, _) => Text::from("never read"),
            (Some(at), Figures::Signed(_)) => words::moment(at),
            (Some(at), Figures::Now(..)) => Text::from(words::ago(at, self.now)),
        }
    }
}

/// A line for each side of each project, and for each currency what they add up to.
pub(crate) struct Table<'a> {
    pub rows: Vec<OfficeRow<'a>>,
    pub totals: Vec<OfficeRow<'a>>,
}

/// One side of one project, or a total.
#[derive(Default)]
pub(crate) struct OfficeRow<'a> {
    /// `None` for a total.
    pub side: Option<&'a ReconciledSide>,
    /// What a total is called.
    pub name: String,
    pub log: Option<Money>,
    /// The Draft and Void part, which gaps exclude.
    pub draft_or_void: Option<Money>,
    pub draft_or_void_cors: usize,
    pub events: Option<Amount>,
    /// The columns that add up to the gap: for *Matched* the amount in Procore, else the gap.
    pub parts: Vec<Part>,
    pub gap: Option<Amount>,
    /// How many sides a total excludes because they can't be compared.
    pub without: usize,
}

/// An amount under a heading, with a count.
pub(crate) struct Part {
    pub heading: &'static str,
    /// "12 CORs"; empty where nothing is counted.
    pub count: String,
    pub amount: Option<Amount>,
}

impl<'a> Table<'a> {
    pub(crate) fn of(sides: &'a [ReconciledSide]) -> Self {
        let shown = |category: &Category| sides.iter().any(|side| side.shown().any(|sum| sum.category == *category));
        // Each amount is rounded; if they miss the gap, a column shows the difference.
        let columns = Columns {
            // Draft and Void have no gap; their column stands beside the log's total.
            categories: Category::ALL.into_iter().filter(|c| *c != Category::NotToPush && shown(c)).collect(),
            rounding: sides.iter().any(|side| !across(side).is_zero()),
        };
        let mut currencies: Vec<Currency> = sides.iter().map(|side| side.currency).collect();
        currencies.sort();
        currencies.dedup();
        let totals = currencies.into_iter().flat_map(|currency| {
            let (of, without) = added(sides.iter().filter(|side| side.currency == currency));
            let name = format!("Total in {}", currency.code());
            down(&of, &columns, currency).into_iter().chain([OfficeRow { name, without, ..line(&of, &columns) }])
        });
        Self {
            totals: totals.collect(),
            rows: sides.iter().map(|side| OfficeRow { side: Some(side), ..line(&[side], &columns) }).collect(),
        }
    }
}

/// The columns that add up to the gap, and *Matched* before them.
struct Columns {
    categories: Vec<Category>,
    rounding: bool,
}

/// The part of the side's gap that the shown categories' rounded gaps miss.
fn across(side: &ReconciledSide) -> Amount {
    match side.gap {
        Amount::NotComparable => Amount::ZERO,
        // *Matched* shows its amount, not its gap.
        _ => side.sum(Category::Matched).gap - side.rounding.into(),
    }
}

/// The line above a total that shows by how much rounded amounts miss it; `None` if they add up.
fn down<'a>(sides: &[&ReconciledSide], columns: &Columns, currency: Currency) -> Option<OfficeRow<'a>> {
    let left = |amount: fn(&ReconciledSide) -> Amount| {
        let all = || sides.iter().map(|side| amount(side)).filter(|amount| *amount != Amount::NotComparable);
        footing::rounding(all(), all().sum())
    };
    let (matched, events) = (left(|side| side.sum(Category::Matched).in_procore), left(|side| side.events_total));
    if matched.is_zero() && events.is_zero() {
        return None;
    }
    let cents = |amount: Money| (!amount.is_zero()).then_some(Amount::from(amount));
    let none = |heading, amount| Part { heading, count: String::new(), amount };
    let part =
        |category: &Category| none(category.name(), if *category == Category::Matched { cents(matched) } else { None });
    let across = columns.rounding.then(|| none(footing::ROUNDING, None));
    Some(OfficeRow {
        name: format!("{} in {}: {}", footing::ROUNDING, currency.code(), footing::WHY),
        parts: columns.categories.iter().map(part).chain(across).collect(),
        events: cents(events),
        ..OfficeRow::default()
    })
}

fn line<'a>(sides: &[&ReconciledSide], columns: &Columns) -> OfficeRow<'a> {
    let part = |category: &Category| {
        let sums = || sides.iter().map(|side| side.sum(*category));
        let amount = if *category == Category::Matched {
            sums().map(|sum| sum.in_procore).sum::<Amount>()
        } else {
            sums().map(|sum| sum.gap).sum()
        };
        let (one, many) = if *category == Category::OnlyInProcore { ("event", "events") } else { ("COR", "CORs") };
        let count = sums().map(|sum| sum.count).sum::<usize>();
        let count = words::count(i64::try_from(count).unwrap_or(i64::MAX), one, many);
        Part { heading: category.name(), count, amount: Some(amount) }
    };
    let rounding = columns.rounding.then(|| {
        let across: Amount = sides.iter().map(|side| across(side)).sum();
        Part { heading: footing::ROUNDING, count: String::new(), amount: Some(across) }
    });
    OfficeRow {
        log: Some(sides.iter().map(|side| side.log_total).sum()),
        draft_or_void: Some(sides.iter().map(|side| side.draft_or_void).sum()),
        draft_or_void_cors: sides.iter().map(|side| side.draft_or_void_cors).sum(),
        events: Some(sides.iter().map(|side| side.events_total).sum()),
        parts: columns.categories.iter().map(part).chain(rounding).collect(),
        gap: Some(sides.iter().map(|side| side.gap).sum()),
        ..OfficeRow::default()
    }
}

/// The sides in a total, the same in all columns, and how many it excludes because they can't be compared. If none can be
/// compared, it excludes none and has no sum.
fn added<'a>(sides: impl Iterator<Item = &'a ReconciledSide>) -> (Vec<&'a ReconciledSide>, usize) {
    let (apart, known): (Vec<_>, Vec<_>) = sides.partition(|side| side.gap == Amount::NotComparable);
    if known.is_empty() { (apart, 0) } else { (known, apart.len()) }
}

#[cfg(test)]
mod tests {
    use domain::{
        CorId, ProjectId,
        cor::Status,
        procore::{
            Side,
            currency::CurrencyTrouble,
            push_state::ProcoreState,
            reconciliation::{CorRead, Counts, EventRead, ReportSection, SectionHead},
        },
    };
    use uuid::Uuid;

    use super::*;

    /// A project with a COR that is pushed and one that isn't, beside 20.00 of others.
    fn section(id: u128, trouble: Option<&CurrencyTrouble>) -> ReportSection {
        let cor = |n: u128, state, ours, there, event| CorRead {
            cor: CorId(Uuid::from_u128(id * 10 + n)),
            number: String::new(),
            title: String::new(),
            party: String::new(),
            status: Status::InReview,
            state,
            ours: Money::minor(ours),
            there: Money::minor(there).into(),
            event,
        };
        let pushed = cor(1, ProcoreState::UpToDate, 50_000, 50_000, Some(7));
        let draft = CorRead { status: Status::Draft, ..cor(2, ProcoreState::NotInProcore, 3_000, 0, None) };
        let event = EventRead {
            id: 7,
            number: String::new(),
            title: String::new(),
            status: String::new(),
            counts: Counts::by(trouble),
            trouble: trouble.cloned(),
            amount: Money::minor(52_000).into(),
            markup: Amount::ZERO,
            following: Amount::ZERO,
        };
        let head = SectionHead {
            project: ProjectId(Uuid::from_u128(id)),
            name: "Harbor Point".into(),
            job_number: String::new(),
            side: Side::Received,
            currency: Currency::Usd,
            trouble: trouble.cloned(),
            read_at: None,
        };
        ReportSection::new(head, vec![pushed, draft, cor(3, ProcoreState::NotInProcore, 800, 0, None)], vec![event])
    }

    fn shown(sections: &[ReportSection]) -> Total {
        let sides: Vec<ReconciledSide> = sections.iter().map(ReconciledSide::from).collect();
        let row = Table::of(&sides).totals.pop().unwrap();
        let shown = |amount: Option<Amount>| amount.unwrap().to_string();
        let part = |part: Part| (part.heading, format!("{}, {}", part.count, shown(part.amount)));
        Total {
            log: row.log.unwrap().to_string(),
            events: shown(row.events),
            gap: shown(row.gap),
            without: row.without,
            parts: row.parts.into_iter().map(part).collect(),
        }
    }

    /// A total as it is shown.
    #[derive(Debug, PartialEq)]
    struct Total {
        log: String,
        events: String,
        gap: String,
        without: usize,
        parts: Vec<(&'static str, String)>,
    }

    /// Without what is said of those that can't be compared.
    fn cells(total: &Total) -> Vec<&str> {
        let parts = total.parts.iter().filter(|(heading, _)| *heading != Category::NotComparable.name());
        let rest = [&total.log, &total.events, &total.gap];
        parts.map(|(_, text)| text.as_str()).chain(rest.map(String::as_str)).collect()
    }

    #[test]
    fn a_total_adds_up_the_same_projects_in_every_column_and_says_which_it_leaves_out() {
        let trouble = CurrencyTrouble::Unknown;
        let alone = shown(&[section(1, None), section(2, None)]);
        let mixed = shown(&[section(1, None), section(3, Some(&trouble)), section(2, None)]);
        assert_eq!(cells(&mixed), cells(&alone));
        assert_eq!(
            (mixed.log.as_str(), mixed.events.as_str(), mixed.gap.as_str()),
            ("1,076.00", "1,040.00", "(24.00)")
        );
        assert_eq!((mixed.without, alone.without), (1, 0));
        let apart = mixed.parts.iter().find(|(heading, _)| *heading == Category::NotComparable.name()).unwrap();
        assert!(apart.1.starts_with("0 CORs, "), "{apart:?}");
    }

    #[test]
    fn a_total_of_what_nobody_can_compare_is_no_sum_and_never_nothing() {
        let trouble = CurrencyTrouble::Unknown;
        let none = Amount::NotComparable.to_string();
        let all = shown(&[section(1, Some(&trouble)), section(2, Some(&trouble))]);
        assert_eq!((all.log.as_str(), all.without), ("1,076.00", 0));
        assert_eq!((&all.events, &all.gap), (&none, &none));
    }
}
