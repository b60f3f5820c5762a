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
        Amount,
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
        views::{FormErrors, NavItem, OfficeSection, ReconciliationOffice, Text},
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
    let categories = report.categories();
    let row = |section: &Section| {
        let (url, read) = told(section);
        OfficeSection {
            name: section.name.clone(),
            url,
            side: section.side.name().to_owned(),
            currency: section.currency.code().to_owned(),
            read,
            ..line(&[section], &categories)
        }
    };
    let total = |currency: Currency| {
        let of: Vec<&Section> = report.sections.iter().filter(|section| section.currency == currency).collect();
        OfficeSection {
            name: format!("Total in {}", currency.code()),
            currency: currency.code().to_owned(),
            ..line(&of, &categories)
        }
    };
    ReconciliationOffice {
        rows: report.sections.iter().map(row).collect(),
        totals: report.currencies().into_iter().map(total).collect(),
        ..ReconciliationOffice::default()
    }
}

fn line(sections: &[&Section], categories: &[Category]) -> OfficeSection {
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
    let (events, _) = comparable(sections.iter().map(|section| section.events_total()));
    let (gap, without) = comparable(sections.iter().map(|section| section.gap()));
    OfficeSection {
        log: words::money(sections.iter().map(|section| section.log_total()).sum::<Money>()),
        events: words::money(events),
        parts: categories.iter().map(part).collect(),
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
