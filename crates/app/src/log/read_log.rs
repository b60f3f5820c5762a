//! The COR Log of one side of a project, with all its page shows.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{
    CompanyId, Currency, Money, ProjectId,
    cor::Status,
    procore::{Side, push_state::ProcoreState},
    role::Actor,
};
use serde::Serialize;
use store::repo::{
    change_event::EventRow,
    log::{Bucket, LogCursor, LogFilter, LogRow, LogRows, PageWanted, Sort},
    project::Project,
};
use utoipa::ToSchema;

use crate::{
    App, Error,
    cor::story::visible,
    log::{in_procore::ProcoreTies, query::LogQuery},
    push::unfinished::{Unfinished, unfinished},
};

/// A page of the log and everything else that its page shows, read at one moment.
#[derive(Debug, Clone)]
pub struct ProjectLog {
    /// The project.
    pub project: Project,
    /// The side of it.
    pub side: Side,
    /// One page of rows.
    pub page: LogRows,
    /// Counts and sums of the rows under the filter, whatever their status and Procore state: totals and the counts
    /// beside the filters are added up from them.
    pub buckets: Vec<Bucket>,
    /// How many CORs the log holds without any filter.
    pub all: i64,
    /// The companies with which the company has contracts on this side. Without one there can be no COR.
    pub counterparties: Vec<(CompanyId, String)>,
    /// Change events as last read.
    pub events: Vec<EventRow>,
    /// How many CORs of the project's other log need attention: the sign in the navigation counts both.
    pub alerts_elsewhere: i64,
    /// How many CORs of the log are in each.
    pub in_events: BTreeMap<i64, i64>,
    /// The project in Procore.
    pub in_procore: ProcoreTies,
    /// The reader could map the project to Procore and has a use for it: they are asked for money, or an office of theirs is
    /// connected.
    pub to_be_mapped: bool,
    /// A push of its CORs that the reader left before it was confirmed.
    pub unfinished: Option<Unfinished>,
}

impl ProjectLog {
    /// How many CORs are in the buckets that `wanted` asks for, and what they add up to.
    pub fn added_up(&self, wanted: impl Fn(&Bucket) -> bool) -> (i64, Money) {
        let found = self.buckets.iter().filter(|bucket| wanted(bucket));
        found.fold((0, Money::ZERO), |(cors, amount), bucket| (cors + bucket.cors, amount + bucket.amount))
    }
}

/// How many CORs of these need attention.
fn alerts(buckets: &[Bucket]) -> i64 {
    buckets.iter().filter(|bucket| bucket.procore.needs_attention()).map(|bucket| bucket.cors).sum()
}

/// Whether a bucket has a status and a place in Procore that the filter asks for.
pub fn is_under(bucket: &Bucket, filter: &LogFilter) -> bool {
    filter.lets(bucket.status, bucket.procore)
}

/// Whether the CORs of a bucket can't be pushed now: they are being pushed, or are Draft or Void with nothing in Procore.
pub fn is_blocked(bucket: &Bucket) -> bool {
    let there = bucket.procore != ProcoreState::NotInProcore;
    bucket.procore.is_busy() || bucket.status.keeps_out_of_procore(there).is_some()
}

/// A page of the log.
pub async fn log(
    app: &App,
    actor: &Actor,
    project: ProjectId,
    side: Side,
    query: &LogQuery,
) -> Result<ProjectLog, Error> {
    actor.may_see_log()?;
    let (app, actor, query) = (app.clone(), actor.clone(), query.clone());
    let store = app.store.clone();
    store
        .read_snapshot(move |tx| {
            let mut us = tx.of(actor.company);
            let project = visible(&mut us, &actor, project)?;
            let id = project.id;
            let all = us.log_buckets(id, side, &LogFilter::default())?;
            let page = us.log_page(id, side, &query.wanted())?;
            let buckets = if query.filter.is_kept() { all.clone() } else { us.log_buckets(id, side, &query.filter)? };
            let in_procore = ProcoreTies::read(&app, &mut us, &project, page.states())?;
            let may_map = in_procore.mapping.is_none() && actor.may_map_project(project.standing()).is_ok();
            Ok(ProjectLog {
                to_be_mapped: may_map && (side == Side::Received || !us.integrations()?.is_empty()),
                in_procore,
                page,
                buckets,
                all: all.iter().map(|bucket| bucket.cors).sum(),
                counterparties: us.log_counterparties(id, side)?,
                events: us.change_events(id)?,
                alerts_elsewhere: us.log_alerts(id)? - alerts(&all),
                in_events: us.log_events(id, side)?,
                unfinished: match actor.may_push(project.standing()) {
                    Ok(()) => unfinished(&mut us, &actor, id, side)?,
                    Err(_) => None,
                },
                side,
                project,
            })
        })
        .await
}

/// A page of the log, with count and totals of everything under its filter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Log {
    /// In the order asked for.
    pub rows: Vec<LogRow>,
    /// CORs of this page that can't be read any more and are left out. Count and totals include them. 0 unless the database is
    /// damaged.
    pub unreadable: usize,
    /// How many CORs are under the filter, on all pages together.
    pub count: i64,
    /// What they add up to, by status and currency.
    pub totals: Vec<Total>,
    /// How many of them there are in each place in Procore.
    pub procore_states: Vec<StateCount>,
    /// The `cursor` of the next page; null on the last.
    pub next: Option<String>,
}

/// So many CORs of so much.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Total {
    /// In this status.
    pub status: Status,
    /// In this currency.
    pub currency: Currency,
    /// How many.
    pub count: i64,
    /// How much.
    pub amount: Money,
}

/// So many CORs in one place.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StateCount {
    /// In this place in Procore.
    pub state: ProcoreState,
    /// How many.
    pub count: i64,
}

/// A page of the log and its totals, read at one moment, for programs.
pub async fn page(app: &App, actor: &Actor, project: ProjectId, side: Side, wanted: PageWanted) -> Result<Log, Error> {
    actor.may_see_log()?;
    let actor = actor.clone();
    app.store
        .read_snapshot(move |tx| {
            let mut us = tx.of(actor.company);
            let id = visible(&mut us, &actor, project)?.id;
            let page = us.log_page(id, side, &wanted)?;
            Ok(Log::of(page, &us.log_buckets(id, side, &wanted.filter)?, &wanted))
        })
        .await
}

impl Log {
    fn of(page: LogRows, buckets: &[Bucket], wanted: &PageWanted) -> Self {
        let mut totals: BTreeMap<_, (i64, Money)> = BTreeMap::new();
        let mut in_state: BTreeMap<_, i64> = BTreeMap::new();
        for bucket in buckets.iter().filter(|bucket| is_under(bucket, &wanted.filter)) {
            let total = totals.entry((bucket.status, bucket.currency)).or_default();
            *total = (total.0 + bucket.cors, total.1 + bucket.amount);
            *in_state.entry(bucket.procore).or_default() += bucket.cors;
        }
        Self {
            rows: page.rows,
            unreadable: page.unreadable,
            count: in_state.values().sum(),
            totals: totals
                .into_iter()
                .map(|((status, currency), (count, amount))| Total { status, currency, count, amount })
                .collect(),
            procore_states: in_state.into_iter().map(|(state, count)| StateCount { state, count }).collect(),
            next: page.next.map(|cursor| place(wanted.sort, &cursor)),
        }
    }
}

/// The place after a row. It works only with the same order.
fn place(sort: Sort, cursor: &LogCursor) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{}{}", order(sort), cursor.encode()))
}

/// The place of [`Log::next`], if it belongs to this order.
pub(crate) fn cursor(sort: Sort, text: &str) -> Option<LogCursor> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    LogCursor::decode(text.strip_prefix(&order(sort))?, sort.by)
}

fn order(sort: Sort) -> String {
    format!("{}{} ", if sort.descending { "-" } else { "" }, sort.by.code())
}

/// The side of a project's log to open first: the one with CORs, else the one with contracts.
pub async fn opening_side(app: &App, actor: &Actor, project: ProjectId) -> Result<Side, Error> {
    let actor = actor.clone();
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let project = visible(&mut us, &actor, project)?.id;
            let everything = LogFilter::default();
            for side in [Side::Received, Side::Sent] {
                if !us.log_buckets(project, side, &everything)?.is_empty() {
                    return Ok(side);
                }
            }
            let receives = !us.log_counterparties(project, Side::Received)?.is_empty();
            Ok(if receives { Side::Received } else { Side::Sent })
        })
        .await
}
