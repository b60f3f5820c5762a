//! The reconciliation with Procore: one side of a project, an office, and two of them compared.

use askama::Template;

use crate::{
    log::views::{EventsAge, SelectionBar, cell::ProcoreCell},
    serving::views::{Choice, Deed, FormErrors, Link, Money, Pill, Shell, Text},
};

/// One side of a project: where its money stands, and the rows behind each figure. Selected rows post as those of the
/// log do; signing off posts `figures` and `note`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "reconciliation/templates/project.html")]
pub struct ReconciliationPage {
    /// The frame.
    pub shell: Shell,
    /// Received and Sent, as (name, address, shown now); one of them when there is no other.
    pub sides: Vec<(String, String, bool)>,
    /// What the figures are of, for print: "Harbor Point Medical Office · Received · USD".
    pub about: String,
    /// The currency's code.
    pub currency: String,
    /// The answer to the question, in one sentence.
    pub answer: String,
    /// Whether nothing is missing.
    pub all_there: bool,
    /// The categories.
    pub sums: Vec<SumRow>,
    /// The last line.
    pub total: SumRow,
    /// What the change events' total leaves out; empty when nothing.
    pub set_aside: String,
    /// The rows that are shown, by category.
    pub groups: Vec<RowGroup>,
    /// What the rows are: "What parts the log from Procore".
    pub groups_title: String,
    /// Back to the gaps, when one category is shown.
    pub gaps_url: Option<String>,
    /// What to say when there are no rows.
    pub none: String,
    /// The next step then.
    pub none_link: Option<Link>,
    /// How old our picture of Procore is; only of the present.
    pub age: Option<EventsAge>,
    /// The same in words, for print and for what was signed.
    pub read_at: Text,
    /// A sentence above it all with what to do about it.
    pub notice: Option<(String, Option<Link>)>,
    /// The same as an Excel file.
    pub workbook_url: String,
    /// The office's reconciliation, or why not; only of the present.
    pub office: Deed,
    /// What can be selected and pushed; `None` for what was signed.
    pub selection: Option<SelectionBar>,
    /// Whether any row can be selected.
    pub selectable: bool,
    /// Signing off; `None` for what was signed.
    pub sign: Option<SignOff>,
    /// Who signed this; `None` for the present.
    pub stamp: Option<Stamp>,
    /// What was signed before.
    pub signed: Vec<SignedRow>,
}

/// A line of the sums.
#[derive(Debug, Clone, Default)]
pub struct SumRow {
    /// "Amount differs".
    pub label: String,
    /// What it means.
    pub hint: String,
    /// Shows its rows; empty when there are none.
    pub url: String,
    /// Its rows are shown now.
    pub current: bool,
    /// "3"; for events "3 events".
    pub count: String,
    /// In the log; `—` where it makes no sense.
    pub ours: Money,
    /// In Procore.
    pub there: Money,
    /// What Procore lacks.
    pub gap: Money,
    /// Someone should look: there is a gap.
    pub open: bool,
}

/// The rows of a category.
#[derive(Debug, Clone, Default)]
pub struct RowGroup {
    /// "Not in Procore".
    pub label: String,
    /// "23 CORs".
    pub count: String,
    /// In the log.
    pub ours: Money,
    /// In Procore.
    pub there: Money,
    /// What Procore lacks.
    pub gap: Money,
    /// Why its amounts can't be compared; empty when they can.
    pub why: String,
    /// What the rounded amounts leave out of Procore's sum and of the gap; `None` where they add up.
    pub rounding: Option<(Money, Money)>,
    /// The rows.
    pub rows: Vec<ReportRow>,
    /// "The first 500 of 812; the Excel file has all."; empty when all are shown.
    pub cut: String,
}

/// A COR, or what a change event holds besides our CORs.
#[derive(Debug, Clone, Default)]
pub struct ReportRow {
    /// The COR's id as the selection posts it; empty when it can't be selected at all.
    pub id: String,
    /// "014.1", "CE 002".
    pub number: String,
    /// Its page; an event's is in Procore. Empty when there is none.
    pub url: String,
    /// It leads to Procore.
    pub outside: bool,
    /// The other company; what the money is for an event.
    pub party: String,
    /// Its title.
    pub title: String,
    /// The COR's status; `None` for an event.
    pub status: Option<Pill>,
    /// The place in Procore; `None` for an event.
    pub procore: Option<ProcoreCell>,
    /// The event's status in Procore.
    pub event_status: String,
    /// In the log.
    pub ours: Money,
    /// In Procore.
    pub there: Money,
    /// What Procore lacks.
    pub gap: Money,
    /// The amount requested, in minor units, to add up the selection.
    pub minor: i64,
    /// Why it can't be pushed; empty when it can.
    pub blocked: String,
}

/// Signing off.
#[derive(Debug, Clone, Default)]
pub struct SignOff {
    /// Where the form posts, or why this person may not.
    pub deed: Deed,
    /// Why nobody can sign these figures, in the place of the form; empty when they can be signed.
    pub hindrance: String,
    /// Which figures it is about.
    pub figures: String,
    /// What was typed.
    pub note: String,
    /// What was refused.
    pub errors: FormErrors,
}

/// Who signed, and whether it is still what they signed.
#[derive(Debug, Clone, Default)]
pub struct Stamp {
    /// "Dana Whitfield, Nov 3, 2026, 09:12 UTC".
    pub by: Text,
    /// What they wrote to it; may be empty.
    pub note: String,
    /// SHA-256 of what was signed.
    pub sha256: String,
    /// What is stored is not what was signed.
    pub tampered: bool,
    /// The present report of the same.
    pub now_url: String,
    /// Compares it with the present.
    pub compare_url: String,
}

/// A line of what was signed before.
#[derive(Debug, Clone, Default)]
pub struct SignedRow {
    /// "Nov 3, 2026, 09:12 UTC".
    pub when: Text,
    /// Its page.
    pub url: String,
    /// Who.
    pub by: String,
    /// What they wrote to it.
    pub note: String,
    /// The beginning of the SHA-256.
    pub digest: String,
    /// Compares it with the present, or with the one that is shown.
    pub compare_url: String,
}

/// All projects of an office.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "reconciliation/templates/office.html")]
pub struct ReconciliationOffice {
    /// The frame.
    pub shell: Shell,
    /// "Portland office".
    pub heading: String,
    /// The projects, a line for each side.
    pub rows: Vec<OfficeSection>,
    /// A line for each currency.
    pub totals: Vec<OfficeSection>,
    /// The same as an Excel file.
    pub workbook_url: String,
    /// Signing off; `None` for what was signed.
    pub sign: Option<SignOff>,
    /// Who signed this; `None` for the present.
    pub stamp: Option<Stamp>,
    /// What was signed before.
    pub signed: Vec<SignedRow>,
}

impl ReconciliationOffice {
    /// The names of the categories.
    pub fn headings(&self) -> Vec<&'static str> {
        self.rows.first().map(|row| row.parts.iter().map(|(name, ..)| *name).collect()).unwrap_or_default()
    }
}

/// One side of one project of an office, or a total.
#[derive(Debug, Clone, Default)]
pub struct OfficeSection {
    /// "Harbor Point Medical Office", "Total in USD".
    pub name: String,
    /// Its own report; empty for a total.
    pub url: String,
    /// "Received"; empty for a total.
    pub side: String,
    /// The currency's code.
    pub currency: String,
    /// "4 min ago", "never"; empty for a total.
    pub read: Text,
    /// The log's total.
    pub log: Money,
    /// What of it is Draft or Void and so in no gap, as (count, amount).
    pub draft_or_void: (String, Money),
    /// The change events' total.
    pub events: Money,
    /// The categories in their order, as (name, count, amount): matched what is there, else the gap.
    pub parts: Vec<(&'static str, String, Money)>,
    /// All gaps together.
    pub gap: Money,
    /// What a total leaves out: "All columns without 2 that can't be compared"; empty when nothing.
    pub without: String,
}

/// Two of them side by side. Choosing others is a GET form with `from` and `to`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "reconciliation/templates/compare.html")]
pub struct ReconciliationCompare {
    /// The frame.
    pub shell: Shell,
    /// "Harbor Point Medical Office".
    pub heading: String,
    /// Where the form goes.
    pub action_url: String,
    /// What can be compared: the earlier one.
    pub from: Vec<Choice>,
    /// The later one; the empty value stands for now.
    pub to: Vec<Choice>,
    /// "Oct 31, 2026" and "Now".
    pub dates: (String, String),
    /// What is stored of one of them is not what was signed.
    pub tampered: bool,
    /// A part for each side of each project.
    pub sections: Vec<ComparedSection>,
}

/// One side of one project at two times.
#[derive(Debug, Clone, Default)]
pub struct ComparedSection {
    /// "Received", with the project's name for an office.
    pub label: String,
    /// The currency's code.
    pub currency: String,
    /// The categories.
    pub sums: Vec<ComparedSum>,
    /// What moved.
    pub rows: Vec<ComparedRow>,
    /// "41 CORs stand as they stood."
    pub unchanged: String,
    /// "The first 500 of 812."; empty when all are shown.
    pub cut: String,
}

/// A category at two times.
#[derive(Debug, Clone, Default)]
pub struct ComparedSum {
    /// "Matched".
    pub label: String,
    /// How many before and after.
    pub counts: (String, String),
    /// In the log, before and after; for what is only in Procore, there.
    pub amounts: (Money, Money),
    /// After less before.
    pub difference: Money,
}

/// Something that stands elsewhere than before.
#[derive(Debug, Clone, Default)]
pub struct ComparedRow {
    /// "014.1", "CE 002".
    pub number: String,
    /// Its page; empty when there is none.
    pub url: String,
    /// The other company; empty for an event.
    pub party: String,
    /// Its title.
    pub title: String,
    /// "Moved".
    pub became: Pill,
    /// Before and after, as (category, in the log, in Procore); an empty category when it was not there.
    pub stood: [(&'static str, Money, Money); 2],
}
