//! The COR Log of a project.

pub mod filters;
pub mod procore_cell;
pub mod rows;

use axum::{
    Router,
    extract::{Path, RawQuery, State},
    http::HeaderMap,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use domain::{Money, ProjectId, procore::Side};
use store::repo::log::{Bucket, LogFilter};

use super::views::{LogEmpty, Pager, SelectionBar};
use crate::{
    App, Error,
    integration::pages::project,
    log::{
        query::{LogQuery, PAGE},
        read_log::{self, LogSeen},
    },
    serving::{
        forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{Deed, NavItem},
    },
};

pub(crate) use rows::days;

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

/// A log's page under construction: what was asked for and what was found.
pub(crate) struct Asked<'a> {
    app: &'a App,
    person: &'a SignedIn,
    side: Side,
    query: LogQuery,
    seen: LogSeen,
}

impl Asked<'_> {
    fn url(&self, query: &LogQuery) -> String {
        log_url(self.seen.project.id, self.side, &query.encode())
    }

    /// Where a filter changed like this leads.
    fn changed(&self, change: impl FnOnce(&mut LogFilter)) -> String {
        self.url(&self.query.with(change))
    }

    /// What is in the buckets that `wanted` asks for.
    fn added_up(&self, wanted: impl Fn(&Bucket) -> bool) -> (i64, Money) {
        let found = self.seen.buckets.iter().filter(|bucket| wanted(bucket));
        found.fold((0, Money::ZERO), |(cors, amount), bucket| (cors + bucket.cors, amount + bucket.amount))
    }

    fn status_fits(&self, bucket: &Bucket) -> bool {
        self.query.filter.statuses.is_empty() || self.query.filter.statuses.contains(&bucket.status)
    }

    fn procore_fits(&self, bucket: &Bucket) -> bool {
        self.query.filter.procore.is_empty() || self.query.filter.procore.contains(&bucket.procore)
    }
}

async fn log(
    State(app): State<App>,
    person: SignedIn,
    Path((project, side)): Path<(ProjectId, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let side = Side::from_code(&side).ok_or(Error::NotFound)?;
    let query = LogQuery::parse(query.as_deref().unwrap_or_default());
    let seen = read_log::log(&app, &person.actor, project, side, &query).await?;
    let frame = Page::new("COR Log", NavItem::Log)
        .of(project)
        .under("Projects", "/projects")
        .under(&seen.project.name, format!("/projects/{project}"));
    let shell = shell(&app, &person, frame).await?;
    let age = project::events_age(&app, &person.actor, project).await?;
    let asked = Asked { app: &app, person: &person, side, query, seen };
    let mut response = forms::page(&view(&asked, shell, age))?;
    if headers.contains_key("hx-request") {
        // A fragment of this address must not be shown for the page, nor the page for a fragment.
        response.headers_mut().append("vary", axum::http::HeaderValue::from_static("hx-request"));
    }
    Ok(response.into_response())
}

fn view(
    asked: &Asked<'_>,
    shell: crate::serving::views::Shell,
    age: Option<crate::log::views::EventsAge>,
) -> crate::log::views::LogPage {
    let (seen, query) = (&asked.seen, &asked.query);
    let project = seen.project.id;
    let (count, sum) = asked.added_up(|bucket| asked.status_fits(bucket) && asked.procore_fits(bucket));
    let kept = query.filter_pairs().into_iter().filter(|(name, _)| *name != "q");
    let sort = (query.sort != store::repo::log::Sort::default()).then(|| ("sort", query.sort_code()));
    crate::log::views::LogPage {
        shell,
        sent: asked.side == Side::Sent,
        sent_url: log_url(project, Side::Sent, ""),
        received_url: log_url(project, Side::Received, ""),
        new_cor: new_cor(asked),
        currency: seen.project.currency.code().to_owned(),
        buckets: filters::buckets(asked),
        search: query.filter.text.clone(),
        search_url: log_url(project, asked.side, ""),
        kept: kept.chain(sort).map(|(name, value)| (name.to_owned(), value)).collect(),
        facets: filters::facets(asked),
        chips: filters::chips(asked),
        summary: if query.filter.is_empty() { cors(count) } else { format!("{count} of {}", cors(seen.all)) },
        clear_url: (!query.filter.is_empty()).then(|| asked.changed(|filter| *filter = LogFilter::default())),
        columns: rows::columns(asked),
        rows: rows::rows(asked),
        pager: pager(asked, count),
        events_age: age,
        notice: notice(asked),
        selection: SelectionBar {
            push: push(asked),
            filter: query.filter_string(),
            view: query.with(|_| ()).encode(),
            filter_blocked: u64::try_from(filters::blocked(asked)).unwrap_or(0),
            filter_count: u64::try_from(count).unwrap_or(0),
            filter_minor: sum.in_minor(),
        },
        empty: empty(asked),
    }
}

fn cors(count: i64) -> String {
    if count == 1 { "1 COR".to_owned() } else { format!("{count} CORs") }
}

fn new_cor(asked: &Asked<'_>) -> Deed {
    match (asked.side, asked.person.actor.may_edit_cors(asked.seen.project.standing())) {
        (Side::Received, _) => Deed::Absent,
        (Side::Sent, Err(denied)) => Deed::MayNot(denied.to_string()),
        (Side::Sent, Ok(())) if !asked.seen.has_contract => {
            Deed::MayNot("A COR changes a contract. Add the contract with your customer first.".to_owned())
        }
        (Side::Sent, Ok(())) => Deed::May(format!("/projects/{}/cors/new", asked.seen.project.id)),
    }
}

/// Project and side stand in the address, beside what the form posts.
fn push(asked: &Asked<'_>) -> Deed {
    let project = &asked.seen.project;
    match asked.person.actor.may_push(project.standing()) {
        Err(denied) => Deed::MayNot(denied.to_string()),
        Ok(()) if asked.seen.mapping.is_none() => {
            Deed::MayNot("Map this project to Procore first, under its settings → Procore.".to_owned())
        }
        Ok(()) => Deed::May(format!("/push?project={}&side={}", project.id, asked.side.code())),
    }
}

fn pager(asked: &Asked<'_>, count: i64) -> Pager {
    let page = &asked.seen.page;
    let shown = page.lines.len();
    let showing = match (&page.previous, &page.next) {
        (None, None) => String::new(),
        (None, Some(_)) => format!("1 to {shown} of {count}"),
        (Some(_), None) => format!("the last {shown} of {count}"),
        (Some(_), Some(_)) => format!("{PAGE} of {count}"),
    };
    Pager {
        newer_url: page.previous.as_ref().map(|cursor| asked.url(&asked.query.before(cursor))),
        older_url: page.next.as_ref().map(|cursor| asked.url(&asked.query.after(cursor))),
        labels: if asked.query.sort == store::repo::log::Sort::default() {
            ["Newer", "Older"]
        } else {
            ["Previous", "Next"]
        },
        showing,
    }
}

fn notice(asked: &Asked<'_>) -> Option<(String, Option<crate::serving::views::Link>)> {
    if let n @ 1.. = asked.seen.page.unreadable {
        let what = if n == 1 { "1 COR of this page".to_owned() } else { format!("{n} CORs of this page") };
        let sentence = format!(
            "{what} can't be read any more and {} not shown; the totals count {} still. Ask whoever looks after this \
             installation to mend it.",
            if n == 1 { "is" } else { "are" },
            if n == 1 { "it" } else { "them" },
        );
        return Some((sentence, None));
    }
    if asked.seen.mapping.is_some() || asked.seen.all == 0 {
        return None;
    }
    let project = &asked.seen.project;
    let may = asked.person.actor.may_map_project(project.standing()).is_ok();
    let link = may.then(|| {
        crate::serving::views::Link::new("Map this project", format!("/projects/{}/settings/procore", project.id))
    });
    Some(("This project is not mapped to Procore, so nothing can be pushed yet.".to_owned(), link))
}

fn empty(asked: &Asked<'_>) -> LogEmpty {
    let seen = &asked.seen;
    if !seen.page.lines.is_empty() {
        return LogEmpty::Rows;
    }
    if seen.all > 0 {
        return LogEmpty::NothingMatches;
    }
    let contracts = format!("/projects/{}/settings/contracts", seen.project.id);
    match (asked.side, seen.has_contract) {
        (Side::Sent, true) => LogEmpty::NoneYet(
            "Write your first change order request for this project; it stays a draft until you send it.".to_owned(),
            new_cor(asked),
            "New COR".to_owned(),
        ),
        (Side::Received, true) => LogEmpty::NoneYet(
            "What your contractors send you appears here. Nobody sent anything yet.".to_owned(),
            Deed::Absent,
            String::new(),
        ),
        (Side::Sent, false) => LogEmpty::NoneYet(
            "You have no contract with a customer on this project, and a COR always changes a contract.".to_owned(),
            Deed::May(contracts),
            "Contracts".to_owned(),
        ),
        (Side::Received, false) => LogEmpty::NoneYet(
            "You have no contract with a contractor on this project. Add one, and invite the contractor.".to_owned(),
            Deed::May(contracts),
            "Contracts".to_owned(),
        ),
    }
}
