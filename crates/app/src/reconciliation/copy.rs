//! What a reconciliation says in words, on pages and in tests.

use domain::{
    procore::{
        Amount, Side,
        reconciliation::{Category, Counts},
    },
    text::counted,
};

use super::{CategorySum, ReconciledCor, ReconciledEvent, ReconciledSide, ReconciliationSignature, SideTotals};
use crate::words::{self, Text};

/// The title of a reconciliation as of now.
pub const TITLE: &str = "Reconciliation";
/// A project without a place in Procore.
pub const NOT_MAPPED: &str = "This project is not mapped to Procore, so we can't read its change events.";
/// An office that lost its connection.
pub const NOT_CONNECTED: &str = "The office is not connected to Procore. These figures are from the last reading.";
/// No list of change events yet.
pub const NEVER_READ: &str = "We have not read the Change Events yet. Select Refresh to read them.";
/// A push from a project without a place in Procore.
pub const MAP_FIRST: &str = "Map this project to Procore first, under its settings → Procore.";
/// No figures to sign.
pub const NOTHING_TO_SIGN: &str = "There is nothing to sign off yet.";
/// After signing off.
pub const SIGNED: &str = "Signed off. These figures can't change any more.";

impl ReconciliationSignature {
    /// The title of what was signed.
    pub fn title(&self) -> String {
        format!("{TITLE} of {}", words::day_in_utc(self.signed_at))
    }
}

impl ReconciledEvent {
    /// "CE 011".
    pub fn label(&self) -> String {
        words::event_label(&self.number)
    }

    /// Who accounts for the event.
    pub fn owner(&self) -> String {
        match self.cors {
            0 => "No COR linked".to_owned(),
            n => format!("Besides our {}", counted(n, "COR", "CORs")),
        }
    }
}

impl CategorySum {
    /// "12"; "1 event" for change events.
    pub fn count(&self) -> String {
        if self.of_events() { counted(self.count, "event", "events") } else { self.count.to_string() }
    }

    /// "12 CORs", "1 Change Event".
    pub fn counted(&self) -> String {
        let (one, many) = if self.of_events() { ("Change Event", "Change Events") } else { ("COR", "CORs") };
        counted(self.count, one, many)
    }

    /// What the category means.
    pub fn hint<'a>(&self, side: &'a ReconciledSide) -> &'a str {
        match (self.category, side.side) {
            (Category::Matched, _) => "Procore has the COR’s amount, to the cent",
            (Category::AmountDiffers, _) => "Pushed, then changed here or in Procore",
            (Category::NotInProcore, _) => "Never pushed, refused, or in a void or deleted event",
            (Category::Waiting, _) => "A push is running, or waits for a sign-in",
            (Category::NotComparable, _) => &side.reasons,
            (Category::ToTakeOut, _) => "Doesn’t belong in the forecast but is in it. Push to remove the lines",
            (Category::NotToPush, _) => "Doesn’t belong in the forecast, and isn’t in it",
            (Category::OnlyInProcore, Side::Received) => "Cost in Change Events that no COR here accounts for",
            (Category::OnlyInProcore, Side::Sent) => "Revenue in Change Events that no COR here accounts for",
        }
    }
}

impl SideTotals<'_> {
    /// "12 CORs" of a category; "1 event" for change events.
    pub fn counted(&self, category: Category) -> String {
        let (one, many) = if category == Category::OnlyInProcore { ("event", "events") } else { ("COR", "CORs") };
        counted(self.count(category), one, many)
    }
}

impl ReconciledSide {
    /// What the figures are of, for print: "Harbor Point Medical Office · 24-118 · Received · USD".
    pub fn about(&self) -> String {
        let job = if self.job_number.is_empty() { String::new() } else { format!(" · {}", self.job_number) };
        format!("{}{job} · {} · {}", self.project_name, self.side.name(), self.currency.code())
    }

    /// The line below the total.
    pub fn about_total(&self) -> String {
        match self.draft_or_void_cors {
            0 => "Totals of the log and of Procore, and the difference".to_owned(),
            n => format!(
                "Totals of the log and of Procore. The gap excludes {}, {}",
                counted(n, "COR that is Draft or Void", "CORs that are Draft or Void"),
                self.draft_or_void
            ),
        }
    }

    /// When the change events were read; empty where a notice says that they never were.
    pub fn read_at(&self, signed: bool) -> Text {
        match self.read_at {
            Some(at) => Text::from("Change Events as of ").moment(at),
            None if signed => Text::from("The Change Events had never been read"),
            None => Text::default(),
        }
    }

    /// The status of a COR's event as far as it matters here; empty if it was never read.
    pub fn event_status(&self, cor: &ReconciledCor) -> &str {
        match self.event_of(cor).map(|event| (event.counts, &event.status)) {
            Some((Counts::Gone, _)) => "no longer listed",
            Some((Counts::OtherCurrency, _)) => "in another currency",
            Some((Counts::UnknownCurrency, _)) => "currency not known",
            Some((Counts::Yes | Counts::Void, status)) => status,
            None => "",
        }
    }

    /// The amounts that the change events' total excludes, and those that Procore adds.
    pub fn left_out(&self) -> String {
        let aside = self.set_aside.iter().map(|aside| {
            let n = aside.events;
            let events = match aside.counts {
                Counts::OtherCurrency => counted(n, "Change Event", "Change Events") + " in another currency",
                Counts::UnknownCurrency => counted(n, "Change Event", "Change Events") + " in an unknown currency",
                Counts::Yes | Counts::Void | Counts::Gone => counted(n, "void Change Event", "void Change Events"),
            };
            match (aside.total, n) {
                (Amount::NotComparable, _) => format!("Not counted: {events}."),
                (total, 1) => format!("Not counted: {events}, {total}."),
                (total, _) => format!("Not counted: {events}, {total} together."),
            }
        });
        let said = |amount: Amount| Some(amount).filter(|amount| !amount.is_zero() && *amount != Amount::NotComparable);
        let markup = said(self.added_by_procore.markup)
            .map(|markup| format!("+ markup by Procore {markup}: not in the figures above, but the owner sees it."));
        let following = said(self.added_by_procore.revenue_that_follows_cost)
            .map(|revenue| format!("+ revenue that Procore derives from cost {revenue}: not in the figures above."));
        aside.chain(markup).chain(following).collect::<Vec<_>>().join(" ")
    }

    /// How many CORs the log holds.
    fn count(&self) -> usize {
        self.categories.iter().filter(|sum| !sum.of_events()).map(|sum| sum.count).sum()
    }

    /// How many CORs the log holds, in words.
    pub fn cors(&self) -> String {
        counted(self.count(), "COR", "CORs")
    }

    /// A sentence that says how well the log matches Procore.
    pub fn answer(&self) -> String {
        let out = self.sum(Category::ToTakeOut).count;
        let wanted = self.count() - self.sum(Category::NotToPush).count - out;
        if wanted + out == 0 {
            return "No COR of this log belongs in Procore's forecast yet.".to_owned();
        }
        if self.not_compared.is_some() {
            let apart = match self.sum(Category::NotComparable).count {
                0 => "Change Events".to_owned(),
                n => counted(n, "COR", "CORs"),
            };
            return format!(
                "We can’t say what is missing from the forecast: amounts of {apart} can’t be compared with Procore."
            );
        }
        let (n, gap) = self.missing();
        if wanted == 0 {
            return format!("No COR of this log belongs in Procore's forecast, but {} from void CORs is in it.", -gap);
        }
        let all = counted(wanted, "COR", "CORs");
        if n == 0 {
            return format!("{all} match Procore to the cent.");
        }
        let told = [
            (Category::NotInProcore, "not in Procore"),
            (Category::AmountDiffers, "with a different amount"),
            (Category::Waiting, "waiting"),
            (Category::ToTakeOut, "void and still in Procore"),
        ];
        let told = told.into_iter().map(|(category, what)| (self.sum(category).count, what)).filter(|(n, _)| *n > 0);
        let told = told.map(|(n, what)| format!("{n} {what}")).collect::<Vec<_>>().join(", ");
        let by = match gap.money() {
            None => " We can’t say what is missing from the forecast: an amount in Procore can’t be read.".to_owned(),
            Some(gap) if gap.is_zero() => String::new(),
            Some(gap) if gap.is_negative() => format!(" The forecast is {} too high.", -gap),
            Some(gap) => format!(" {gap} is missing from the forecast."),
        };
        let matched = self.sum(Category::Matched).count;
        format!("{matched} of {all} match Procore; {told}.{by}")
    }
}
