//! The reconciliation of all projects of an office as it is now.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use axum_extra::extract::Form;
use domain::{
    Currency, Money, OfficeId,
    procore::{
        Amount, footing,
        reconciliation::{Category, Report, Section, Sum},
    },
};

use super::{Posted, download, office_url, project_url, sign_off, signed, signed_rows, workbook};
use crate::{
    App, Error,
    actions::reconciliation::{self, Office},
    web::{
        forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{self, FormErrors, NavItem, OfficeSection, ReconciliationOffice, Text},
        words,
    },
};

pub(super) async fn show(
    State(app): State<App>,
    person: SignedIn,
    Path(office): Path<OfficeId>,
) -> Result<Response, Error> {
    let found = reconciliation::office(&app, &person.actor, office).await?;
    forms::page(&draw(&app, &person, office, &found, None).await?)
}

pub(super) async fn book(
    State(app): State<App>,
    person: SignedIn,
    Path(office): Path<OfficeId>,
) -> Result<Response, Error> {
    let found = reconciliation::office(&app, &person.actor, office).await?;
    let now = app.now();
    let name = format!("Reconciliation {} office {}", found.name, words::today(now));
    download(&name, workbook::written(&found.seen.report, now, None)?)
}

pub(super) async fn sign(
    State(app): State<App>,
    person: SignedIn,
    Path(office): Path<OfficeId>,
    Form(posted): Form<Posted>,
) -> Result<Response, Error> {
    let outcome = reconciliation::sign_off_office(&app, &person.actor, office, posted.typed()).await;
    match signed(outcome)? {
        Ok(response) => Ok(response),
        Err(errors) => {
            let found = reconciliation::office(&app, &person.actor, office).await?;
            let view = draw(&app, &person, office, &found, Some((&posted, errors))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, forms::page(&view)?).into_response())
        }
    }
}

/// The way to an office's reconciliation.
pub(super) fn frame(office: OfficeId, name: &str, title: &str) -> Page {
    Page::new(title, NavItem::Settings)
        .under("Settings", "/settings")
        .under("Offices", "/settings/offices")
        .under(name, format!("/settings/offices/{office}"))
}

async fn draw(
    app: &App,
    person: &SignedIn,
    office: OfficeId,
    found: &Office,
    posted: Option<(&Posted, FormErrors)>,
) -> Result<ReconciliationOffice, Error> {
    let url = office_url(office);
    Ok(ReconciliationOffice {
        shell: shell(app, person, frame(office, &found.name, "Reconciliation")).await?,
        heading: format!("{} office", found.name),
        workbook_url: format!("{url}/workbook"),
        sign: Some(sign_off(&found.seen, &url, posted)),
        signed: signed_rows(&found.seen.signed),
        ..table(&found.seen.report, |section| {
            let read =
                section.read_at.map_or_else(|| Text::from("never read"), |at| Text::from(words::ago(at, app.now())));
            (format!("{}?side={}", project_url(section.project), section.side.code()), read)
        })
    })
}

/// The lines and totals of a report, each total in one currency; `told` gives a section's address and when it was read.
pub(super) fn table(report: &Report, told: impl Fn(&Section) -> (String, Text)) -> ReconciliationOffice {
    let all: Vec<&Section> = report.sections.iter().collect();
    // Each amount is rounded: where they miss the gap, a column says by how much.
    let columns = Columns { categories: report.categories(), rounding: all.iter().any(|s| !across(s).is_zero()) };
    let row = |section: &Section| {
        let (url, read) = told(section);
        OfficeSection {
            name: section.name.clone(),
            url,
            side: section.side.name().to_owned(),
            currency: section.currency.code().to_owned(),
            read,
            ..line(&[section], &columns)
        }
    };
    let totals = report.currencies().into_iter().flat_map(|currency| {
        let of: Vec<&Section> = report.sections.iter().filter(|section| section.currency == currency).collect();
        let total = OfficeSection {
            name: format!("Total in {}", currency.code()),
            currency: currency.code().to_owned(),
            ..line(&of, &columns)
        };
        down(&of, &columns, currency).into_iter().chain([total])
    });
    ReconciliationOffice {
        rows: report.sections.iter().map(row).collect(),
        totals: totals.collect(),
        ..ReconciliationOffice::default()
    }
}

/// The columns between the log's total and the gap.
struct Columns {
    categories: Vec<Category>,
    rounding: bool,
}

/// What the gaps of the categories that are shown, each to the cent, leave out of the section's gap.
fn across(section: &Section) -> Amount {
    match section.gap() {
        Amount::NotComparable => Amount::ZERO,
        // Of what is matched its amount is shown, and no gap.
        _ => section.sum(Category::Matched).gap - section.rounding().into(),
    }
}

/// The line above a total in which amounts that were rounded miss it; `None` where they add up.
fn down(sections: &[&Section], columns: &Columns, currency: Currency) -> Option<OfficeSection> {
    let left = |amount: fn(&Section) -> Amount| {
        let all = || sections.iter().map(|section| amount(section)).filter(|amount| *amount != Amount::NotComparable);
        footing::rounding(all(), all().sum())
    };
    let (matched, events) = (left(|section| section.sum(Category::Matched).there), left(Section::events_total));
    if matched.is_zero() && events.is_zero() {
        return None;
    }
    let cents = |amount: Money| if amount.is_zero() { views::Money::default() } else { words::money(amount) };
    let part = |category: &Category| {
        let left = if *category == Category::Matched { matched } else { Money::ZERO };
        (category.name(), String::new(), cents(left))
    };
    let parts = columns.categories.iter().map(part);
    let across = columns.rounding.then(|| (footing::ROUNDING, String::new(), views::Money::default()));
    Some(OfficeSection {
        name: format!("{} in {}: {}", footing::ROUNDING, currency.code(), footing::WHY),
        currency: currency.code().to_owned(),
        parts: parts.chain(across).collect(),
        events: cents(events),
        ..OfficeSection::default()
    })
}

fn line(sections: &[&Section], columns: &Columns) -> OfficeSection {
    let part = |category: &Category| {
        let sum = sections.iter().fold(Sum::default(), |mut sum, section| {
            sum += section.sum(*category);
            sum
        });
        let amount = if *category == Category::Matched { sum.there } else { sum.gap };
        let (one, many) = if *category == Category::OnlyInProcore { ("event", "events") } else { ("COR", "CORs") };
        let count = words::count(i64::try_from(sum.count).unwrap_or(i64::MAX), one, many);
        (category.name(), count, words::money(amount))
    };
    let rounding = columns.rounding.then(|| {
        let across: Amount = sections.iter().map(|section| across(section)).sum();
        (footing::ROUNDING, String::new(), words::money(across))
    });
    let (events, _) = comparable(sections.iter().map(|section| section.events_total()));
    let (gap, without) = comparable(sections.iter().map(|section| section.gap()));
    OfficeSection {
        log: words::money(sections.iter().map(|section| section.log_total()).sum::<Money>()),
        events: words::money(events),
        parts: columns.categories.iter().map(part).chain(rounding).collect(),
        gap: words::money(gap),
        without: match without {
            0 => String::new(),
            n if n == sections.len() => String::new(),
            n => format!("without {n} that can’t be compared"),
        },
        ..OfficeSection::default()
    }
}

/// The sum of what can be compared, and how many amounts it leaves out. Where that is all of them there is no sum.
fn comparable(amounts: impl Iterator<Item = Amount>) -> (Amount, usize) {
    let (apart, known): (Vec<_>, Vec<_>) = amounts.partition(|amount| *amount == Amount::NotComparable);
    let sum = if known.is_empty() && !apart.is_empty() { Amount::NotComparable } else { known.into_iter().sum() };
    (sum, apart.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_says_what_it_leaves_out_and_is_never_nothing_for_what_nobody_knows() {
        let (apart, five) = (Amount::NotComparable, Amount::from(Money::minor(5)));
        let total = |amounts: &[Amount]| comparable(amounts.iter().copied());
        assert_eq!(total(&[five, five]), (Money::minor(10).into(), 0));
        assert_eq!(total(&[five, apart]), (five, 1));
        assert_eq!(total(&[apart, apart]), (apart, 2));
        assert_eq!(total(&[]), (Amount::ZERO, 0));
        assert_eq!(total(&[five, apart, Amount::TooLarge]), (Amount::TooLarge, 1));
    }
}
