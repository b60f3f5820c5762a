//! The COR Log: totals, filters, the table, the selection.

pub mod cell;

use askama::Template;

use crate::{
    log::views::cell::ProcoreCell,
    serving::views::{Deed, Link, Money, Pill, Shell, Text},
};

/// The COR Log of a project, Sent or Received.
///
/// Filters, sort and page are links and a GET form, so that the address holds them all. The selection posts to
/// [`SelectionBar::push`]: `cor` (repeated: ids), or `all=1` with `filter` (the query string) and `except` (repeated ids).
#[derive(Debug, Clone, Default, Template)]
#[template(path = "log/templates/log.html")]
pub struct LogPage {
    /// The frame.
    pub shell: Shell,
    /// Sent is shown; otherwise Received.
    pub sent: bool,
    /// The Sent log.
    pub sent_url: String,
    /// The Received log.
    pub received_url: String,
    /// "+ New COR"; absent on the Received side.
    pub new_cor: Deed,
    /// The currency's code, said once: "USD".
    pub currency: String,
    /// Totals per status, in the order of [`domain::cor::Status::ALL`] without Draft.
    pub buckets: Vec<Bucket>,
    /// What was searched for.
    pub search: String,
    /// Where the search form goes (GET, field `q`).
    pub search_url: String,
    /// The other parameters of the address, which the search form must keep, as (name, value).
    pub kept: Vec<(String, String)>,
    /// The drop-down filters: Contractor or Customer, Status, Procore, Change Event.
    pub facets: Vec<Facet>,
    /// Filters with one click: "Update needed", "Not in Procore".
    pub chips: Vec<FacetOption>,
    /// "60 CORs"; with a filter "14 of 60 CORs".
    pub summary: String,
    /// Takes every filter away; `None` when nothing is filtered.
    pub clear_url: Option<String>,
    /// The sortable columns: exactly `number`, `party`, `title`, `reference`, `status`, `submitted`, `days`, `amount`,
    /// `procore`, in this order.
    pub columns: Vec<SortColumn>,
    /// One page of rows.
    pub rows: Vec<LogRow>,
    /// Newer and older pages.
    pub pager: Pager,
    /// How old what we know of Procore's events is; `None` when the project is not mapped.
    pub events_age: Option<EventsAge>,
    /// A sentence above the table with what to do about it ("This project is not mapped…").
    pub notice: Option<(String, Option<Link>)>,
    /// What the bar at the bottom says and does.
    pub selection: SelectionBar,
    /// Why there are no rows, shown instead of the table when `rows` is empty.
    pub empty: LogEmpty,
}

/// One of the totals on top; a click filters by it.
#[derive(Debug, Clone, Default)]
pub struct Bucket {
    /// "In Review".
    pub label: String,
    /// The status as rows name it, so that the browser can add up the selection per status.
    pub code: &'static str,
    /// How many.
    pub count: String,
    /// How much.
    pub amount: Money,
    /// The same in minor units.
    pub minor: i64,
    /// The log with this status only; when [`Self::active`], the log without it.
    pub url: String,
    /// Filtered by it now.
    pub active: bool,
}

/// A drop-down filter.
#[derive(Debug, Clone, Default)]
pub struct Facet {
    /// "Status".
    pub label: String,
    /// What is chosen: "In Review, Void"; empty when anything goes.
    pub chosen: String,
    /// What can be chosen. An option without an address is a heading in the list.
    pub options: Vec<FacetOption>,
    /// The log without this filter.
    pub clear_url: String,
}

/// One value of a filter.
#[derive(Debug, Clone, Default)]
pub struct FacetOption {
    /// "Update needed".
    pub label: String,
    /// How many; empty when not counted.
    pub count: String,
    /// The log with it, or, when chosen, without it; empty makes a heading.
    pub url: String,
    /// Chosen now.
    pub on: bool,
    /// Drawn in Procore's colour with a triangle.
    pub alert: bool,
}

/// A column's heading.
#[derive(Debug, Clone, Default)]
pub struct SortColumn {
    /// "Submitted".
    pub label: String,
    /// Sorts by it, or turns the order round.
    pub url: String,
    /// `ascending`, `descending`, or empty when the log is not sorted by it.
    pub sorted: &'static str,
    /// Tooltip: how days are counted; empty when there is none.
    pub hint: String,
}

/// A COR in the log.
#[derive(Debug, Clone, Default)]
pub struct LogRow {
    /// Its id, as the selection posts it.
    pub id: String,
    /// "014.1".
    pub number: String,
    /// Its page.
    pub url: String,
    /// The other company.
    pub party: String,
    /// Its title.
    pub title: String,
    /// The customer's reference; empty when there is none.
    pub reference: String,
    /// Its status.
    pub status: Pill,
    /// "recorded by sender" below it; empty otherwise.
    pub status_mark: &'static str,
    /// The same as totals name it.
    pub status_code: &'static str,
    /// "Oct 28"; empty when never sent.
    pub submitted: Text,
    /// Days in review; empty when the clock does not run.
    pub days: String,
    /// What is requested.
    pub amount: Money,
    /// The same in minor units, so that the browser can add up the selection.
    pub minor: i64,
    /// How it stands in Procore.
    pub procore: ProcoreCell,
    /// The editor; `None` hides the pencil.
    pub edit_url: Option<String>,
    /// Why it cannot be pushed ("Drafts cannot be pushed"); empty when it can.
    pub blocked: String,
}

/// Pages by keyset: there are no page numbers.
#[derive(Debug, Clone, Default)]
pub struct Pager {
    /// Towards the start.
    pub newer_url: Option<String>,
    /// Towards the end.
    pub older_url: Option<String>,
    /// What the two say: "Newer" and "Older" where the newest come first, "Previous" and "Next" elsewhere.
    pub labels: [&'static str; 2],
    /// "Rows 51 to 100"; may be empty.
    pub showing: String,
}

/// How old our picture of Procore's change events is.
#[derive(Debug, Clone, Default)]
pub struct EventsAge {
    /// "Change events as of 3 min ago".
    pub text: String,
    /// Where the project's currency in Procore is stated or corrected; nothing while it is in order.
    pub currency: Option<Link>,
    /// Where "refresh" posts.
    pub refresh_url: String,
    /// They are older than five minutes: the page asks [`Self::fragment_url`] once loaded.
    pub stale: bool,
    /// Answers with the rendered [`EventsAge`] after a refresh, for htmx.
    pub fragment_url: String,
}

/// The bar at the bottom.
#[derive(Debug, Clone, Default)]
pub struct SelectionBar {
    /// Where +PROCORE posts, or why this person may not push.
    pub push: Deed,
    /// The log's query string without page and sort: what "all of the filter" means.
    pub filter: String,
    /// The same with the sort: where one comes back to.
    pub view: String,
    /// How many of them can't be pushed; they are left out of "all".
    pub filter_blocked: u64,
    /// How many CORs the filter holds.
    pub filter_count: u64,
    /// Their sum in minor units.
    pub filter_minor: i64,
}

/// Why the table has no rows.
#[derive(Debug, Clone, Default)]
pub enum LogEmpty {
    /// There are rows.
    #[default]
    Rows,
    /// The filter holds none; offered: take it away.
    NothingMatches,
    /// There are no CORs yet: what to do first, and the deed's label.
    NoneYet(String, Deed, String),
}

impl LogPage {
    /// A column's heading by its place.
    pub fn column(&self, place: usize) -> SortColumn {
        self.columns.get(place).cloned().unwrap_or_default()
    }

    /// The heading and the sentence of an empty log, and what to press.
    pub fn empty_parts(&self) -> (&str, &str, Link, &str) {
        match &self.empty {
            LogEmpty::Rows => ("Nothing here", "", Link::default(), ""),
            LogEmpty::NothingMatches => {
                let clear = Link::new("Clear the filters", self.clear_url.clone().unwrap_or_default());
                ("No COR matches", "Nothing in this log matches the filters and the search.", clear, "")
            }
            LogEmpty::NoneYet(sentence, deed, label) => {
                let link = Link::new(label.clone(), deed.url().unwrap_or_default());
                ("No CORs yet", sentence, link, deed.reason().unwrap_or_default())
            }
        }
    }
}

/// The age line alone, as the log's page asks for it after a refresh.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "integration/templates/age.html")]
pub struct EventsAgeFragment {
    /// What it says.
    pub age: EventsAge,
}
