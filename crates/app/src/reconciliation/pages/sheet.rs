//! One side of one project on a page: the sums, and the rows behind them.

use std::collections::BTreeSet;

use domain::{
    Money,
    cor::Status,
    procore::{
        Amount, Side, footing,
        reconciliation::{Category, CorRow, Counts, EventRow, Section},
    },
};
use store::repo::mapping::Mapping;

use super::Asked;
use crate::{
    App,
    log::views::cell::{EventRef, ProcoreCell},
    reconciliation::views::{ReconciliationPage, ReportRow, RowGroup, SumRow},
    serving::{views::Text, words},
};

/// The most rows of a category on a page; the Excel file has all of them.
const MOST: usize = 500;

/// What fills a page with a section.
pub(crate) struct Sheet<'a> {
    pub app: &'a App,
    pub section: &'a Section,
    /// The page's address without the query.
    pub url: String,
    pub asked: &'a Asked,
    /// For links to Procore.
    pub mapping: Option<&'a Mapping>,
    /// Whether rows can be selected.
    pub live: bool,
}

impl Sheet<'_> {
    /// The page with all that comes from the figures.
    pub fn page(&self) -> ReconciliationPage {
        let section = self.section;
        let shown = Category::from_code(&self.asked.show);
        let groups: Vec<RowGroup> = match shown {
            Some(category) => self.group(category, false).into_iter().collect(),
            None => Category::ALL.into_iter().filter_map(|category| self.group(category, true)).collect(),
        };
        let selectable = self.live && groups.iter().flat_map(|group| &group.rows).any(|row| !row.id.is_empty());
        let job = if section.job_number.is_empty() { String::new() } else { format!(" · {}", section.job_number) };
        ReconciliationPage {
            about: format!("{}{job} · {} · {}", section.name, section.side.name(), section.currency.code()),
            currency: section.currency.code().to_owned(),
            answer: answer(section),
            all_there: missing(section).0 == 0,
            sums: section
                .categories()
                .into_iter()
                .map(|category| self.sum(category, shown))
                .chain(rounding(section))
                .collect(),
            total: self.total(),
            set_aside: [set_aside(section), markup(section), following(section)].join(" ").trim().to_owned(),
            groups_title: shown.map_or("What parts the log from Procore", Category::name).to_owned(),
            gaps_url: shown.map(|_| self.view(None)),
            none: match shown {
                Some(_) => "There is none.".to_owned(),
                None => {
                    "Nothing parts the log from Procore: every amount is there once, and nothing else is.".to_owned()
                }
            },
            groups,
            selectable,
            ..ReconciliationPage::default()
        }
    }

    /// The address of the page with the rows of a category.
    pub fn view(&self, category: Option<Category>) -> String {
        let show = category.map(|category| format!("&show={}", category.code())).unwrap_or_default();
        format!("{}?side={}{show}", self.url, self.section.side.code())
    }

    fn sum(&self, category: Category, shown: Option<Category>) -> SumRow {
        let sum = self.section.sum(category);
        let only = category == Category::OnlyInProcore;
        SumRow {
            label: category.name().to_owned(),
            hint: match category {
                Category::NotComparable => reasons(self.section),
                _ => hint(category, self.section.side).to_owned(),
            },
            url: self.view(Some(category)),
            current: shown == Some(category),
            count: if only { words::count(count(sum.count), "event", "events") } else { sum.count.to_string() },
            ours: if only { crate::serving::views::Money::default() } else { words::money(sum.ours) },
            there: words::money(sum.there),
            gap: words::money(sum.gap),
            // To the cent a matched COR has no gap; what many fractions add up to is nobody's to mend.
            open: category != Category::Matched && !sum.gap.is_zero(),
        }
    }

    fn total(&self) -> SumRow {
        let section = self.section;
        SumRow {
            label: "COR Log and Change Events".to_owned(),
            hint: match section.draft_or_void() {
                (0, _) => "What the log and Procore add up to, and what parts them".to_owned(),
                (n, sum) => format!(
                    "What the log and Procore add up to. The gap leaves out {}, {sum}",
                    words::count(count(n), "COR that is Draft or Void", "CORs that are Draft or Void")
                ),
            },
            count: words::count(count(section.cors.len()), "COR", "CORs"),
            ours: words::money(section.log_total()),
            there: words::money(section.events_total()),
            gap: words::money(section.gap()),
            ..SumRow::default()
        }
    }

    /// The rows of a category; of the gaps, only what is one.
    fn group(&self, category: Category, gaps: bool) -> Option<RowGroup> {
        let cors = self.section.of(category);
        let cors: Vec<&CorRow> =
            cors.filter(|cor| !gaps || category == Category::Waiting || !cor.gap().is_zero()).collect();
        let events: Vec<&EventRow> = match category {
            Category::OnlyInProcore => self.section.only_in_procore().collect(),
            _ => Vec::new(),
        };
        let all = cors.len() + events.len();
        if all == 0 {
            return None;
        }
        let rows = cors.iter().map(|cor| self.cor(cor)).chain(events.iter().map(|event| self.event(event)));
        let only = category == Category::OnlyInProcore;
        let (one, many) = if only { ("Change Event", "Change Events") } else { ("COR", "CORs") };
        let ours: Money = cors.iter().map(|cor| cor.ours).sum();
        let listed = || cors.iter().map(|cor| cor.there).chain(events.iter().map(|event| event.rest()));
        let whole = self.section.sum(category);
        // Events that hold less than a cent are no rows, and in the sum.
        let (there, gap) = if only {
            (whole.there, whole.gap)
        } else {
            let there: Amount = listed().sum();
            (there, category.asks_for(ours) - there.shown())
        };
        let left = if only { self.section.rounding_in(category) } else { footing::rounding(listed(), there) };
        Some(RowGroup {
            label: category.name().to_owned(),
            count: words::count(count(all), one, many),
            ours: if only { crate::serving::views::Money::default() } else { words::money(ours) },
            there: words::money(there),
            gap: words::money(gap),
            why: if category == Category::NotComparable { reasons(self.section) } else { String::new() },
            rounding: (!left.is_zero()).then(|| (words::money(left), words::money(-left))),
            rows: rows.take(MOST).collect(),
            cut: if all > MOST {
                format!("The first {MOST} of {all} are listed here; the Excel file has all of them.")
            } else {
                String::new()
            },
        })
    }

    fn cor(&self, cor: &CorRow) -> ReportRow {
        let missing = matches!(cor.category, Category::NotInProcore | Category::AmountDiffers | Category::ToTakeOut);
        ReportRow {
            id: if self.live && missing { cor.cor.to_string() } else { String::new() },
            number: cor.number.clone(),
            url: format!("/cors/{}", cor.cor),
            party: cor.party.clone(),
            title: cor.title.clone(),
            status: Some(words::status(cor.status)),
            procore: Some(self.cell(cor)),
            ours: words::money(cor.ours),
            there: if cor.event.is_none() { crate::serving::views::Money::default() } else { words::money(cor.there) },
            gap: words::money(cor.gap()),
            minor: cor.ours.in_minor(),
            ..ReportRow::default()
        }
    }

    fn cell(&self, cor: &CorRow) -> ProcoreCell {
        let status = cor.event.map(|id| {
            let known = self.section.events.iter().find(|event| event.id == id);
            match known.map(|event| event.counts) {
                Some(Counts::Gone) => "no longer listed".to_owned(),
                Some(Counts::OtherCurrency) => "in another currency".to_owned(),
                Some(Counts::UnknownCurrency) => "currency not known".to_owned(),
                _ => known.map(|event| event.status.clone()).unwrap_or_default(),
            }
        });
        let label = event_label(&cor.event_number);
        if self.mapping.is_none() {
            // Nowhere to lead to: all of it in words.
            let event = status.map(|status| format!(" · {label}, {status}")).unwrap_or_default();
            let words = Text::from(cor.state.name()).and(event.trim_end_matches(", "));
            return ProcoreCell { busy: words, ..ProcoreCell::default() };
        }
        let event = cor.event.zip(status).map(|(id, status)| EventRef { label, status, url: self.event_url(id) });
        let silent = cor.status == Status::Draft;
        ProcoreCell { state: (!silent).then_some(cor.state), event, ..ProcoreCell::default() }
    }

    fn event(&self, event: &EventRow) -> ReportRow {
        ReportRow {
            number: event_label(&event.number),
            url: self.event_url(event.id),
            outside: true,
            party: match event.cors {
                0 => "No COR linked".to_owned(),
                n => format!("Besides our {}", words::count(count(n), "COR", "CORs")),
            },
            title: event.title.clone(),
            event_status: event.status.clone(),
            there: words::money(event.rest()),
            gap: words::money(-event.rest()),
            ..ReportRow::default()
        }
    }

    fn event_url(&self, event: i64) -> String {
        let url = self.mapping.map(|m| self.app.event_in_procore(m.procore_company_id, m.procore_project_id, event));
        url.unwrap_or_default()
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

pub(crate) fn event_label(number: &str) -> String {
    if number.is_empty() { "Change event".to_owned() } else { format!("CE {number}") }
}

const fn hint(category: Category, side: Side) -> &'static str {
    match (category, side) {
        (Category::Matched, _) => "Procore holds what the COR says, to the cent",
        (Category::AmountDiffers, _) => "Pushed, then changed here or there",
        (Category::NotInProcore, _) => "Never pushed, refused, or in an event that is void or deleted",
        (Category::Waiting, _) => "A push is on its way, or waits for somebody to sign in",
        (Category::NotComparable, _) => "In another currency than Procore’s",
        (Category::ToTakeOut, _) => "No place in a forecast, and yet in it: push them to have their lines removed",
        (Category::NotToPush, _) => "No place in a forecast, and not in it",
        (Category::OnlyInProcore, Side::Received) => "Cost in Change Events that no COR here accounts for",
        (Category::OnlyInProcore, Side::Sent) => "Revenue in Change Events that no COR here accounts for",
    }
}

/// The cents by which the rounded amounts miss their total.
fn rounding(section: &Section) -> Option<SumRow> {
    let left = section.rounding();
    (!left.is_zero()).then(|| SumRow {
        label: footing::ROUNDING.to_owned(),
        hint: footing::WHY.to_owned(),
        there: words::money(left),
        gap: if section.trouble().is_some() { crate::serving::views::Money::default() } else { words::money(-left) },
        ..SumRow::default()
    })
}

/// Why CORs can't be compared, each reason once: "Kept in USD here and in CAD in Procore".
fn reasons(section: &Section) -> String {
    let all: BTreeSet<String> = section.cors.iter().filter_map(|cor| Some(cor.trouble.as_ref()?.reason())).collect();
    let text = all.into_iter().collect::<Vec<_>>().join("; ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// How many CORs are not in the forecast as they should be, and the gap they leave.
fn missing(section: &Section) -> (usize, Amount) {
    use Category as C;
    let categories = [C::AmountDiffers, C::NotInProcore, C::Waiting, C::NotComparable, C::ToTakeOut];
    categories
        .into_iter()
        .map(|category| section.sum(category))
        .fold((0, Amount::ZERO), |(n, gap), sum| (n + sum.count, gap + sum.gap))
}

fn answer(section: &Section) -> String {
    let out = section.sum(Category::ToTakeOut).count;
    let wanted = section.cors.len() - section.sum(Category::NotToPush).count - out;
    if wanted + out == 0 {
        return "No COR of this log belongs in Procore's forecast yet.".to_owned();
    }
    if section.trouble().is_some() {
        let apart = match section.sum(Category::NotComparable).count {
            0 => "Change Events".to_owned(),
            n => words::count(count(n), "COR", "CORs"),
        };
        return format!("What the forecast lacks can’t be told: amounts of {apart} can’t be compared with Procore’s.");
    }
    let matched = section.sum(Category::Matched);
    let (n, gap) = missing(section);
    if wanted == 0 {
        return format!("No COR of this log belongs in Procore's forecast, and {} of void ones is in it.", -gap);
    }
    let all = words::count(count(wanted), "COR", "CORs");
    if n == 0 {
        return format!("All of {all} that belong in the forecast are in it, to the cent.");
    }
    let told = [
        (Category::NotInProcore, "not in Procore"),
        (Category::AmountDiffers, "with another amount"),
        (Category::Waiting, "waiting"),
        (Category::ToTakeOut, "void and still in Procore"),
    ]
    .into_iter()
    .map(|(category, what)| (section.sum(category).count, what))
    .filter(|(n, _)| *n > 0)
    .map(|(n, what)| format!("{n} {what}"));
    let told = told.collect::<Vec<_>>().join(", ");
    let by = match gap.money() {
        None => " What the forecast lacks of them can’t be told: an amount in Procore can’t be read.".to_owned(),
        Some(gap) if gap.is_zero() => String::new(),
        Some(gap) if gap.is_negative() => format!(" The forecast holds {} too much of them.", -gap),
        Some(gap) => format!(" The forecast lacks {gap} of them."),
    };
    format!("{} of {all} are in the forecast as they should be; {told}.{by}", matched.count)
}

/// What Procore shows the owner of costs that nobody priced.
fn following(section: &Section) -> String {
    match section.following() {
        none if none.is_zero() => String::new(),
        amount => format!(
            "+ revenue by Procore {amount}, which follows cost: nobody entered it, and it is in no figure above."
        ),
    }
}

/// What Procore adds beside the figures.
fn markup(section: &Section) -> String {
    match section.markup() {
        none if none.is_zero() => String::new(),
        markup => format!("+ markup by Procore {markup}: in no figure above, and in what the owner is shown."),
    }
}

/// What isn't counted, by its reason. Amounts of other currencies are never added.
fn set_aside(section: &Section) -> String {
    let told = |counts: Counts, what: &str| {
        let aside: Vec<&EventRow> =
            section.set_aside().filter(|event| event.counts == counts && !event.amount.is_zero()).collect();
        let sum: Amount = aside.iter().map(|event| event.amount).sum();
        let known = aside.iter().all(|event| event.trouble.is_none());
        let sum = if counts == Counts::Void && known { format!(", {sum} together") } else { String::new() };
        let events = words::count(count(aside.len()), "Change Event", "Change Events");
        let are = if aside.len() == 1 { "is" } else { "are" };
        (!aside.is_empty()).then(|| format!("Not counted: {events} that {are} {what}{sum}."))
    };
    let all = [
        told(Counts::Void, "void"),
        told(Counts::OtherCurrency, "in another currency"),
        told(Counts::UnknownCurrency, "in a currency that nobody stated"),
    ];
    all.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
