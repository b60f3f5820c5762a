//! The COR Log of a project.

pub mod cell;
pub mod facets;

use askama::Template;
use axum::{
    Router,
    extract::{Path, RawQuery, State},
    http::HeaderMap,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use domain::{Money, ProjectId, procore::Side, role::Actor};
use jiff::Timestamp;
use store::repo::{
    log::{LogFilter, LogRow, Sort, SortBy},
    project::Project,
};

use crate::{
    App, Error,
    cor::copy::ADD_A_CONTRACT,
    integration::pages::age::{EventsAge, events_age},
    log::{
        copy::{self, DAYS},
        pages::cell::{ProcoreCell, Reader},
        query::LogQuery,
        read_log::{self, ProjectLog, is_under},
    },
    push::copy::choices,
    serving::{
        filters, forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{ActionLink, NavItem, Shell, Text},
        words,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/projects/{project}", get(open)).route("/projects/{project}/log/{side}", get(log))
}

/// A project opens on the side where its CORs are.
async fn open(State(app): State<App>, person: SignedIn, Path(project): Path<ProjectId>) -> Result<Redirect, Error> {
    if person.actor.may_see_log().is_err() {
        return Ok(Redirect::to(&format!("/projects/{project}/settings")));
    }
    let side = read_log::opening_side(&app, &person.actor, project).await?;
    Ok(Redirect::to(&log_url(project, side, "")))
}

/// Where a view of a log is.
pub(crate) fn log_url(project: ProjectId, side: Side, query: &str) -> String {
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/projects/{project}/log/{}{mark}{query}", side.code())
}

async fn log(
    State(app): State<App>,
    person: SignedIn,
    Path((project, side)): Path<(ProjectId, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let side = Side::from_code(&side).ok_or(Error::NotFound)?;
    let query = &LogQuery::parse(query.as_deref().unwrap_or_default());
    let log = &read_log::log(&app, &person.actor, project, side, query).await?;
    let shell = shell(&app, &person, under_project(&log.project, "COR Log")).await?;
    let age = events_age(&app, &person.actor, project).await?;
    let page = LogPage { shell, log, query, actor: &person.actor, age, now: app.now() };
    let mut response = forms::page(&page)?;
    if headers.contains_key("hx-request") {
        // A cache must tell the fragment from the page at the same address.
        response.headers_mut().append("vary", axum::http::HeaderValue::from_static("hx-request"));
    }
    Ok(response.into_response())
}

/// The COR Log of a project, Sent or Received.
///
/// Filters, sort and page are links and a GET form, so that the address holds them all. The selection posts to
/// [`LogPage::push`]: `cor` (repeated: ids), or `all=1` with `filter` (the query string) and `except` (repeated ids).
#[derive(Template)]
#[template(path = "log/templates/log.html")]
pub(crate) struct LogPage<'a> {
    pub shell: Shell,
    pub log: &'a ProjectLog,
    pub query: &'a LogQuery,
    /// The reader.
    pub actor: &'a Actor,
    /// How old what we know of Procore's events is; `None` when the project is not mapped.
    pub age: Option<EventsAge>,
    pub now: Timestamp,
}

impl LogPage<'_> {
    fn sent(&self) -> bool {
        self.log.side == Side::Sent
    }

    /// How many CORs are under the filter, and what they add up to.
    fn filtered(&self) -> (i64, Money) {
        self.log.added_up(|bucket| is_under(bucket, &self.query.filter))
    }

    fn url(&self, query: &LogQuery) -> String {
        log_url(self.log.project.id, self.log.side, &query.encode())
    }

    /// The address of the log with this change of the filter.
    fn changed(&self, change: impl FnOnce(&mut LogFilter)) -> String {
        self.url(&self.query.with(change))
    }

    /// The log without any filter.
    fn clear_url(&self) -> String {
        self.changed(|filter| *filter = LogFilter::default())
    }

    /// The address sorted by a column, or in reverse where it is sorted by that column already.
    fn sort_url(&self, by: SortBy, first_descending: bool) -> String {
        self.url(&self.query.sorted_by(by, first_descending))
    }

    /// As `aria-sort` says it; empty when the log is not sorted by it.
    fn sorted(&self, by: SortBy) -> &'static str {
        match (self.query.sort.by == by, self.query.sort.descending) {
            (false, _) => "",
            (true, true) => "descending",
            (true, false) => "ascending",
        }
    }

    /// The parameters of the address that the search form must keep.
    fn kept_by_search(&self) -> impl Iterator<Item = (&'static str, String)> {
        let sort = (self.query.sort != Sort::default()).then(|| ("sort", self.query.sort_code()));
        self.query.filter_pairs().into_iter().filter(|(name, _)| *name != "q").chain(sort)
    }

    fn new_cor(&self) -> ActionLink {
        match self.actor.may_edit_cors(self.log.project.standing()) {
            _ if !self.sent() => ActionLink::Absent,
            Ok(()) if self.log.counterparties.is_empty() => ActionLink::MayNot(ADD_A_CONTRACT.to_owned()),
            may => words::action(may, format!("/projects/{}/cors/new", self.log.project.id)),
        }
    }

    fn push(&self) -> ActionLink {
        push_action(self.actor, &self.log.project, self.log.side, self.log.in_procore.mapping.is_some())
    }

    fn edit_url(&self, row: &LogRow) -> Option<String> {
        let may_edit = self.sent() && self.actor.may_edit_cors(self.log.project.standing()).is_ok();
        may_edit.then(|| format!("/cors/{}/edit", row.id))
    }

    fn submitted(&self, at: &Timestamp) -> Text {
        Text::default().short_day(*at, self.now)
    }

    fn cell(&self, row: &LogRow) -> ProcoreCell {
        let may_push = self.actor.may_push(self.log.project.standing()).is_ok();
        Reader { project: &self.log.in_procore, may_push, now: self.now }.row(row)
    }

    /// The pages towards the start and the end. There are no page numbers.
    fn pages(&self) -> [(Option<String>, &'static str, &'static str); 2] {
        let page = &self.log.page;
        let newest_first = self.query.sort == Sort::default();
        let [start, end] = if newest_first { ["Newer", "Older"] } else { ["Previous", "Next"] };
        [
            (page.previous.as_ref().map(|cursor| self.url(&self.query.before(cursor))), "prev", start),
            (page.next.as_ref().map(|cursor| self.url(&self.query.after(cursor))), "next", end),
        ]
    }
}

/// Where +PROCORE posts the selected CORs, or why it can't. The address carries project and side.
pub(crate) fn push_action(actor: &Actor, project: &Project, side: Side, mapped: bool) -> ActionLink {
    match actor.may_push(project.standing()) {
        Ok(()) if !mapped => ActionLink::MayNot(copy::MAP_FIRST.to_owned()),
        may => words::action(may, format!("/push?project={}&side={}", project.id, side.code())),
    }
}

/// A page that is opened from a log.
pub(crate) fn under_log(project: &Project, side: Side, title: impl Into<String>) -> Page {
    under_project(project, title).under("COR Log", log_url(project.id, side, ""))
}

fn under_project(project: &Project, title: impl Into<String>) -> Page {
    Page::new(title, NavItem::Log)
        .of(project.id)
        .under("Projects", "/projects")
        .under(&project.name, format!("/projects/{}", project.id))
}
