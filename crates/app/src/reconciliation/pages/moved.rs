//! What moved from one reconciliation to the next.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{
    Money, ReconciliationId,
    procore::{
        Amount,
        reconciliation::{
            Category, Sum,
            compare::{Became, CategoryChange, ReportChange, SectionChange, Stood},
        },
    },
    text::counted,
};
use serde::Deserialize;

use super::figures::frame;
use crate::{
    App, Error,
    reconciliation::{self, ReconciliationComparison, ReconciliationSignature, SignedScope},
    serving::{
        filters, forms,
        session::SignedIn,
        shell::shell,
        views::{Choice, Pill, Shell, Tone},
        words,
    },
};

/// The most rows of a section.
const MOST: usize = 500;

/// Which two: the earlier one, and the later one or now.
#[derive(Debug, Deserialize)]
pub(crate) struct FromTo {
    from: ReconciliationId,
    #[serde(default)]
    to: String,
}

pub(crate) async fn show(
    State(app): State<App>,
    person: SignedIn,
    Query(FromTo { from, to }): Query<FromTo>,
) -> Result<Response, Error> {
    let to = match to.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Error::NotFound)?),
    };
    let found = reconciliation::compare(&app, &person.actor, from, to).await?;
    let frame = frame(found.scope, &found.name, "What moved", false);
    forms::page(&MovedPage { shell: shell(&app, &person, frame).await?, found: &found })
}

/// Two reconciliations side by side. Choosing others is a GET form with `from` and `to`.
#[derive(Template)]
#[template(path = "reconciliation/templates/compare.html")]
pub(crate) struct MovedPage<'a> {
    pub shell: Shell,
    pub found: &'a ReconciliationComparison,
}

impl MovedPage<'_> {
    /// "Oct 31, 2026" and "Now".
    fn dates(&self) -> [String; 2] {
        let day = |signature: &ReconciliationSignature| words::day_in_utc(signature.signed_at);
        [day(&self.found.before), self.found.after.as_ref().map_or_else(|| "Now".to_owned(), day)]
    }

    /// The choices for the earlier one.
    fn from(&self) -> Vec<Choice> {
        choices(&self.found.signed, Some(&self.found.before))
    }

    /// The choices for the later one; the empty value means now.
    fn to(&self) -> Vec<Choice> {
        let now = Choice::new("", "Now").chosen_if(self.found.after.is_none());
        std::iter::once(now).chain(choices(&self.found.signed, self.found.after.as_ref())).collect()
    }

    fn label(&self, section: &SectionChange) -> String {
        let side = section.side.name();
        match self.found.scope {
            SignedScope::Office(_) => format!("{}, {side}", section.project_name),
            SignedScope::Project(_) => side.to_owned(),
        }
    }

    /// A category's amount: of what is only in Procore, the amount there.
    fn amount(of: &CategoryChange, sum: &Sum) -> Amount {
        if of.category == Category::OnlyInProcore { sum.there } else { sum.ours.into() }
    }

    /// After less before.
    fn difference(of: &CategoryChange) -> Amount {
        Self::amount(of, &of.after).shown() - Self::amount(of, &of.before).shown()
    }

    fn number(change: &ReportChange) -> String {
        if change.cor.is_some() { change.number.clone() } else { words::event_label(&change.number) }
    }

    /// Before and after.
    fn stood(change: &ReportChange) -> [Option<Stood>; 2] {
        [change.before, change.after]
    }

    /// In the log, where that has it, and in Procore.
    fn amounts(change: &ReportChange, stood: Option<&Stood>) -> (Option<Money>, Option<Amount>) {
        (stood.filter(|_| change.cor.is_some()).map(|stood| stood.ours), stood.map(|stood| stood.there))
    }

    fn became(change: &ReportChange) -> Pill {
        let tone = match change.became {
            Became::Moved => Tone::Info,
            Became::AmountChanged => Tone::Warn,
            Became::New | Became::Gone => Tone::Quiet,
        };
        Pill::new(tone, change.became.name())
    }

    /// The rows that aren't listed, and how many CORs didn't change.
    fn rest(section: &SectionChange) -> String {
        let all = section.changes.len();
        let cut = if all > MOST { format!("The first {MOST} of {all} are listed. ") } else { String::new() };
        match section.unchanged {
            0 => cut,
            n => format!("{cut}{} did not change.", counted(n, "COR", "CORs")),
        }
    }
}

fn choices(signed: &[ReconciliationSignature], chosen: Option<&ReconciliationSignature>) -> Vec<Choice> {
    let choice = |signature: &ReconciliationSignature| {
        let label = format!("{}, {}", signature.signed_at.strftime("%b %-d, %Y, %H:%M UTC"), signature.signed_by);
        Choice::new(signature.id.to_string(), label).chosen_if(chosen.is_some_and(|chosen| chosen.id == signature.id))
    };
    signed.iter().map(choice).collect()
}
