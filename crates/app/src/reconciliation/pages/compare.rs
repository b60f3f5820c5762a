//! What moved from one reconciliation to the next.

use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{
    ReconciliationId,
    procore::reconciliation::{
        Category, Sum,
        compare::{Became, Change, SectionChange, Stood},
    },
};
use serde::Deserialize;
use store::repo::reconciliation::{Scope, Signature};

use super::{office, project_url, sheet::event_label};
use crate::{
    App, Error,
    reconciliation::{
        self, Compared,
        views::{ComparedRow, ComparedSection, ComparedSum, ReconciliationCompare},
    },
    serving::{
        forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{Choice, NavItem, Pill, Tone},
        words,
    },
};

/// The most rows of a section.
const MOST: usize = 500;

#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    from: ReconciliationId,
    #[serde(default)]
    to: String,
}

pub(crate) async fn show(
    State(app): State<App>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let to = match asked.to.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Error::NotFound)?),
    };
    let found = reconciliation::compare(&app, &person.actor, asked.from, to).await?;
    forms::page(&draw(&app, &person, &found).await?)
}

async fn draw(app: &App, person: &SignedIn, found: &Compared) -> Result<ReconciliationCompare, Error> {
    let name = &found.before.report.of;
    let (frame, heading) = match found.before.signature.scope {
        Scope::Project(of) => {
            let frame = Page::new("What moved", NavItem::Reconciliation)
                .of(of)
                .under("Projects", "/projects")
                .under(name, format!("/projects/{of}"))
                .under("Reconciliation", project_url(of));
            (frame, name.clone())
        }
        Scope::Office(of) => (office::frame(of, name, "What moved"), format!("{name} office")),
    };
    let after = found.after.as_ref().map(|kept| &kept.signature);
    let (from, to) = choices(&found.signed, &found.before.signature, after);
    let several = matches!(found.before.signature.scope, Scope::Office(_));
    Ok(ReconciliationCompare {
        shell: shell(app, person, frame).await?,
        heading,
        action_url: "/reconciliations/compare".to_owned(),
        from,
        to,
        dates: (
            words::day_in_utc(found.before.signature.signed_at),
            after.map_or_else(|| "Now".to_owned(), |signature| words::day_in_utc(signature.signed_at)),
        ),
        tampered: !found.before.intact || found.after.as_ref().is_some_and(|after| !after.intact),
        sections: found.sections.iter().map(|change| section(change, several)).collect(),
    })
}

fn choices(signed: &[Signature], before: &Signature, after: Option<&Signature>) -> (Vec<Choice>, Vec<Choice>) {
    let choice = |signature: &Signature, chosen: Option<&Signature>| {
        let label = format!("{}, {}", signature.signed_at.strftime("%b %-d, %Y, %H:%M UTC"), signature.person_name);
        let choice = Choice::new(signature.id.to_string(), label);
        if chosen.is_some_and(|chosen| chosen.id == signature.id) { choice.chosen() } else { choice }
    };
    let now = Choice::new("", "Now");
    let now = if after.is_none() { now.chosen() } else { now };
    let from = signed.iter().map(|signature| choice(signature, Some(before))).collect();
    let to = std::iter::once(now).chain(signed.iter().map(|signature| choice(signature, after))).collect();
    (from, to)
}

fn section(change: &SectionChange, several: bool) -> ComparedSection {
    let side = change.side.name();
    let unchanged = i64::try_from(change.unchanged).unwrap_or(i64::MAX);
    ComparedSection {
        label: if several { format!("{}, {side}", change.name) } else { side.to_owned() },
        currency: change.currency.code().to_owned(),
        sums: change.shown().map(|(category, before, after)| sum(*category, *before, *after)).collect(),
        rows: change.changes.iter().take(MOST).map(row).collect(),
        unchanged: match unchanged {
            0 => String::new(),
            1 => "1 COR stands as it stood.".to_owned(),
            n => format!("{n} CORs stand as they stood."),
        },
        cut: match change.changes.len() {
            n if n > MOST => format!("The first {MOST} of {n} are listed."),
            _ => String::new(),
        },
    }
}

fn sum(category: Category, before: Sum, after: Sum) -> ComparedSum {
    // What is only in Procore has no amount in the log.
    let amount = |sum: Sum| if category == Category::OnlyInProcore { sum.there } else { sum.ours.into() };
    let difference = amount(after).shown() - amount(before).shown();
    ComparedSum {
        label: category.name().to_owned(),
        counts: (before.count.to_string(), after.count.to_string()),
        amounts: (words::money(amount(before)), words::money(amount(after))),
        difference: if difference.is_zero() {
            crate::serving::views::Money::default()
        } else {
            difference.signed().into()
        },
    }
}

fn row(change: &Change) -> ComparedRow {
    let stood = |stood: Option<Stood>| match stood {
        None => ("", crate::serving::views::Money::default(), crate::serving::views::Money::default()),
        Some(Stood { category, ours, there }) => {
            let log = if change.cor.is_some() { words::money(ours) } else { crate::serving::views::Money::default() };
            (category.name(), log, words::money(there))
        }
    };
    let became = change.became();
    let tone = match became {
        Became::Moved => Tone::Info,
        Became::AmountChanged => Tone::Warn,
        Became::New | Became::Gone => Tone::Quiet,
    };
    ComparedRow {
        number: if change.cor.is_some() { change.number.clone() } else { event_label(&change.number) },
        url: change.cor.map(|cor| format!("/cors/{cor}")).unwrap_or_default(),
        party: change.party.clone(),
        title: change.title.clone(),
        became: Pill::new(tone, became.name()),
        stood: [stood(change.before), stood(change.after)],
    }
}
