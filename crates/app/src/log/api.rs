//! The COR Log: a page of rows, and count and totals of everything under the filter, all of one moment.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{
    CompanyId, Currency, Money, ProcoreId, ProjectId,
    cor::Status,
    procore::{Side, push_state::ProcoreState},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::repo::log::{Bucket, Cursor, LogFilter, LogLine, PageWanted, Position, Sort, SortBy};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    App,
    log::read_log,
    projects::api::Named,
    serving::api::{
        bearer::Bearer,
        extract::{Asked, Id},
        problem::Problem,
    },
};

/// Rows of a page unless asked otherwise.
const PAGE: usize = 50;
/// The most rows of a page.
const LARGEST_PAGE: usize = 200;
/// The longest text that is searched for, in characters.
pub(crate) const SEARCH: usize = 120;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(log))
}

/// Filter, order and place.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LogQuery {
    /// Any of these statuses; repeat it for several.
    #[serde(default)]
    #[param(required = false)]
    status: Vec<Status>,
    /// Any of these companies at the other end, by id; repeat it for several.
    #[serde(default)]
    #[param(required = false)]
    counterparty: Vec<Uuid>,
    /// Text to be found in number, title, reference, counterparty or change event.
    #[param(max_length = 120)]
    q: Option<String>,
    /// Any of these places in Procore; repeat it for several.
    #[serde(default)]
    #[param(required = false)]
    procore_state: Vec<ProcoreState>,
    /// One change event, by Procore's id.
    event: Option<ProcoreId>,
    /// Change events of any of these statuses, by the name Procore shows; repeat it for several.
    #[serde(default)]
    #[param(required = false)]
    event_status: Vec<String>,
    /// The order; `submitted` unless given.
    sort: Option<SortBy>,
    /// `desc` unless given.
    dir: Option<Direction>,
    /// `next` of the page before, with the same order.
    cursor: Option<String>,
    /// Rows of the page; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// The direction of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The smallest first.
    Asc,
    /// The greatest first.
    Desc,
}

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
struct LogPage {
    /// In the order asked for.
    rows: Vec<LogRow>,
    /// CORs of this page that can't be read any more and are left out; count and totals hold them still. Not 0 where the
    /// database is damaged.
    unreadable: usize,
    /// How many CORs are under the filter, on all pages together.
    count: i64,
    /// What they add up to, by status and currency.
    totals: Vec<Total>,
    /// How many of them there are in each place in Procore.
    procore_states: Vec<StateCount>,
    /// The `cursor` of the next page; null on the last.
    next: Option<String>,
}

/// A COR in the log.
#[derive(Debug, Serialize, ToSchema)]
struct LogRow {
    id: Uuid,
    number: String,
    title: String,
    /// May be empty.
    customer_reference: String,
    /// The company at the other end.
    counterparty: Named,
    status: Status,
    /// It is an approval that the sender recorded, because the receiver had not joined.
    recorded_by_sender: bool,
    /// The amount requested.
    amount: Money,
    currency: Currency,
    /// Null for what was never submitted.
    submitted_at: Option<Timestamp>,
    procore: RowInProcore,
}

/// A row's place in Procore.
#[derive(Debug, Serialize, ToSchema)]
struct RowInProcore {
    state: ProcoreState,
    /// Why, where a person acts on it; else empty.
    reason: String,
    /// Its change event.
    event: Option<EventName>,
}

/// A change event, as last read.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventName {
    pub id: ProcoreId,
    /// Empty until it was read.
    pub number: String,
    pub title: String,
    /// By the name Procore shows.
    pub status: String,
    /// No longer listed in Procore.
    pub gone: bool,
}

/// So many CORs of so much.
#[derive(Debug, Serialize, ToSchema)]
struct Total {
    status: Status,
    currency: Currency,
    count: i64,
    amount: Money,
}

/// So many CORs in one place.
#[derive(Debug, Serialize, ToSchema)]
struct StateCount {
    state: ProcoreState,
    count: i64,
}

/// A page of a project's COR Log, with count and totals of all that the filter finds
#[utoipa::path(
    get,
    path = "/projects/{project}/log/{side}",
    tag = "log",
    params(
        ("project" = Uuid, Path, description = "The project's id"),
        ("side" = Side, Path, description = "`sent` or `received`"),
        LogQuery,
    ),
    responses((status = 200, body = LogPage, description = "Rows and totals of one moment"))
)]
async fn log(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id((project, side)): Id<(ProjectId, Side)>,
    Asked(query): Asked<LogQuery>,
) -> Result<Json<LogPage>, Problem> {
    let wanted = query.wanted()?;
    let (sort, statuses, states) = (wanted.sort, wanted.filter.statuses.clone(), wanted.filter.procore.clone());
    let mut seen = read_log::page(&app, &actor, project, side, wanted).await?;
    seen.buckets.retain(|bucket| {
        (statuses.is_empty() || statuses.contains(&bucket.status))
            && (states.is_empty() || states.contains(&bucket.procore))
    });
    Ok(Json(LogPage {
        rows: seen.page.lines.into_iter().map(LogRow::from).collect(),
        unreadable: seen.page.unreadable,
        count: seen.buckets.iter().map(|bucket| bucket.cors).sum(),
        totals: totals(&seen.buckets),
        procore_states: procore_states(&seen.buckets),
        next: seen.page.next.map(|cursor| place(sort, &cursor)),
    }))
}

impl LogQuery {
    fn wanted(self) -> Result<PageWanted, Problem> {
        let sort = Sort {
            by: self.sort.unwrap_or(Sort::default().by),
            descending: self.dir.is_none_or(|dir| dir == Direction::Desc),
        };
        let position = match self.cursor.as_deref() {
            None => Position::First,
            Some(text) => Position::After(cursor(sort, text).ok_or_else(|| {
                Problem::parameter("cursor", "This is no `next` of a page in this order. Begin without a cursor.")
            })?),
        };
        let rows = self.limit.unwrap_or(PAGE);
        if !(1..=LARGEST_PAGE).contains(&rows) {
            return Err(Problem::parameter("limit", format!("A page has 1 to {LARGEST_PAGE} rows.")));
        }
        let text = self.q.unwrap_or_default();
        if !searchable(&text) {
            return Err(Problem::parameter("q", format!("Search for at most {SEARCH} characters of text.")));
        }
        if self.event_status.iter().any(|status| status.contains('\0')) {
            return Err(Problem::parameter("event_status", "Leave out characters that aren’t text."));
        }
        let filter = LogFilter {
            text: text.trim().to_owned(),
            statuses: self.status.into_iter().collect(),
            counterparties: self.counterparty.into_iter().map(CompanyId).collect(),
            procore: self.procore_state.into_iter().collect(),
            event_statuses: self.event_status.into_iter().filter(|status| !status.is_empty()).collect(),
            event: self.event.map(ProcoreId::get),
        };
        Ok(PageWanted { filter, sort, position, rows })
    }
}

/// Whether a text can be searched for: at most [`SEARCH`] characters, all of them printed.
pub(crate) fn searchable(text: &str) -> bool {
    text.chars().count() <= SEARCH && !text.chars().any(char::is_control)
}

/// The place after a row, good with its order only.
fn place(sort: Sort, cursor: &Cursor) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{}{}", order(sort), cursor.encode()))
}

/// The place of [`place`], if it is one in this order.
fn cursor(sort: Sort, text: &str) -> Option<Cursor> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    Cursor::decode(text.strip_prefix(&order(sort))?, sort.by)
}

fn order(sort: Sort) -> String {
    format!("{}{} ", if sort.descending { "-" } else { "" }, sort.by.code())
}

fn totals(buckets: &[Bucket]) -> Vec<Total> {
    let mut sums: BTreeMap<_, (i64, Money)> = BTreeMap::new();
    for bucket in buckets {
        let sum = sums.entry((bucket.status, bucket.currency)).or_default();
        *sum = (sum.0 + bucket.cors, sum.1 + bucket.amount);
    }
    let total = |((status, currency), (count, amount))| Total { status, currency, count, amount };
    sums.into_iter().map(total).collect()
}

fn procore_states(buckets: &[Bucket]) -> Vec<StateCount> {
    let mut counts: BTreeMap<_, i64> = BTreeMap::new();
    for bucket in buckets {
        *counts.entry(bucket.procore).or_default() += bucket.cors;
    }
    counts.into_iter().map(|(state, count)| StateCount { state, count }).collect()
}

impl From<LogLine> for LogRow {
    fn from(line: LogLine) -> Self {
        Self {
            id: line.cor.0,
            number: line.number.into(),
            title: line.title,
            customer_reference: line.customer_reference,
            counterparty: Named { id: line.counterparty.0, name: line.counterparty_name },
            status: line.status,
            recorded_by_sender: line.recorded,
            amount: line.total,
            currency: line.currency,
            submitted_at: line.submitted_at,
            procore: RowInProcore {
                state: line.procore,
                reason: line.reason,
                event: line.event.map(|event| EventName {
                    id: ProcoreId::from(event.id),
                    number: event.number,
                    title: event.title,
                    status: event.status,
                    gone: event.gone,
                }),
            },
        }
    }
}
