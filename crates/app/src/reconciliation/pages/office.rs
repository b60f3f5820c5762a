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
    reconciliation::{
        self, Office,
        views::{OfficeSection, ReconciliationOffice},
    },
    serving::{
        forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{FormErrors, NavItem, Text},
        words,
    },
};

pub(crate) async fn show(
    State(app): State<App>,
    person: SignedIn,
    Path(office): Path<OfficeId>,
) -> Result<Response, Error> {
    let found = reconciliation::office(&app, &person.actor, office).await?;
    forms::page(&draw(&app, &person, office, &found, None).await?)
}

pub(crate) async fn book(
    State(app): State<App>,
    person: SignedIn,
    Path(office): Path<OfficeId>,
) -> Result<Response, Error> {
    let found = reconciliation::office(&app, &person.actor, office).await?;
    let now = app.now();
    let name = format!("Reconciliation {} office {}", found.name, words::today(now));
    download(&name, workbook::written(&found.seen.report, now, None)?)
}

pub(crate) async fn sign(
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
pub(crate) fn frame(office: OfficeId, name: &str, title: &str) -> Page {
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
pub(crate) fn table(report: &Report, told: impl Fn(&Section) -> (String, Text)) -> ReconciliationOffice {
    let all: Vec<&Section> = report.sections.iter().collect();
    // Each amount is rounded: where they miss the gap, a column says by how much.
    let columns = Columns {
        // What is Draft or Void has no gap: it stands beside the log's total, of which it is a part.
        categories: report.categories().into_iter().filter(|category| *category != Category::NotToPush).collect(),
        rounding: all.iter().any(|s| !across(s).is_zero()),
    };
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
        let (of, left_out) = added(report.sections.iter().filter(|section| section.currency == currency));
        let total = OfficeSection {
            name: format!("Total in {}", currency.code()),
            currency: currency.code().to_owned(),
            without: match left_out {
                0 => String::new(),
                n => format!("All columns without {n} that can’t be compared"),
            },
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

/// The columns that add up to the gap, and *Matched* before them.
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
    let cents =
        |amount: Money| if amount.is_zero() { crate::serving::views::Money::default() } else { words::money(amount) };
    let part = |category: &Category| {
        let left = if *category == Category::Matched { matched } else { Money::ZERO };
        (category.name(), String::new(), cents(left))
    };
    let parts = columns.categories.iter().map(part);
    let across = columns.rounding.then(|| (footing::ROUNDING, String::new(), crate::serving::views::Money::default()));
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
    let (apart, apart_sum) = sections
        .iter()
        .map(|section| section.draft_or_void())
        .fold((0, Money::ZERO), |(count, sum), (more, amount)| (count + more, sum + amount));
    OfficeSection {
        draft_or_void: (words::count(i64::try_from(apart).unwrap_or(i64::MAX), "COR", "CORs"), words::money(apart_sum)),
        log: words::money(sections.iter().map(|section| section.log_total()).sum::<Money>()),
        events: words::money(sections.iter().map(|section| section.events_total()).sum::<Amount>()),
        parts: columns.categories.iter().map(part).chain(rounding).collect(),
        gap: words::money(sections.iter().map(|section| section.gap()).sum::<Amount>()),
        ..OfficeSection::default()
    }
}

/// The sections that a total adds up, the same in all of its columns, and how many that can't be compared it leaves out. Where
/// that is all of them it leaves out none, and has no sum.
fn added<'a>(sections: impl Iterator<Item = &'a Section>) -> (Vec<&'a Section>, usize) {
    let (apart, known): (Vec<_>, Vec<_>) = sections.partition(|section| section.gap() == Amount::NotComparable);
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
            reconciliation::{CorRead, Counts, EventRead, Head},
        },
    };
    use uuid::Uuid;

    use super::*;

    /// A project with a COR that is pushed and one that isn't, beside 20.00 of others.
    fn section(id: u128, trouble: Option<&CurrencyTrouble>) -> Section {
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
        let head = Head {
            project: ProjectId(Uuid::from_u128(id)),
            name: "Harbor Point".into(),
            job_number: String::new(),
            side: Side::Received,
            currency: Currency::Usd,
            trouble: trouble.cloned(),
            read_at: None,
        };
        Section::new(head, vec![pushed, draft, cor(3, ProcoreState::NotInProcore, 800, 0, None)], vec![event])
    }

    fn shown(report: Vec<Section>) -> OfficeSection {
        let report = Report { of: "Portland".into(), sections: report };
        table(&report, |_| (String::new(), Text::default())).totals.pop().unwrap()
    }

    /// Log, categories, change events and gap, as they are shown.
    fn cells(row: &OfficeSection) -> Vec<String> {
        let parts = row.parts.iter().map(|(name, count, amount)| format!("{name}: {count}, {amount}"));
        let rest = [&row.log, &row.events, &row.gap].map(ToString::to_string);
        parts.filter(|part| !part.starts_with(Category::NotComparable.name())).chain(rest).collect()
    }

    #[test]
    fn a_total_adds_up_the_same_projects_in_every_column_and_says_which_it_leaves_out() {
        let trouble = CurrencyTrouble::Unknown;
        let alone = shown(vec![section(1, None), section(2, None)]);
        let mixed = shown(vec![section(1, None), section(3, Some(&trouble)), section(2, None)]);
        assert_eq!(cells(&mixed), cells(&alone));
        assert_eq!(
            (mixed.log.to_string(), mixed.events.to_string(), mixed.gap.to_string()),
            ("1,076.00".to_owned(), "1,040.00".to_owned(), "(24.00)".to_owned()),
        );
        assert_eq!(mixed.without, "All columns without 1 that can’t be compared");
        let apart = mixed.parts.iter().find(|(name, ..)| *name == Category::NotComparable.name()).unwrap();
        assert_eq!(apart.1, "0 CORs");
        assert_eq!(alone.without, "");
    }

    #[test]
    fn a_total_of_what_nobody_can_compare_is_no_sum_and_never_nothing() {
        let trouble = CurrencyTrouble::Unknown;
        let none = words::money(Amount::NotComparable).to_string();
        let all = shown(vec![section(1, Some(&trouble)), section(2, Some(&trouble))]);
        assert_eq!((all.log.to_string(), all.without.as_str()), ("1,076.00".to_owned(), ""));
        assert_eq!((all.events.to_string(), all.gap.to_string()), (none.clone(), none));
    }
}
