//! The COR Log of one side of a project, with all its page shows.

use std::collections::BTreeMap;

use domain::{CompanyId, CorId, ProjectId, procore::Side, role::Actor};
use jiff::Timestamp;
use store::repo::{
    change_event::EventRow,
    log::{Bucket, LogFilter, LogPage, PageWanted},
    mapping::Mapping,
    project::Project,
    push::UnderWay,
};
use sync::connection::live_mapping;

use crate::{App, Error, cor::story::visible, log::query::LogQuery};

/// A page of the log and what stands around it, all of the same moment.
#[derive(Debug, Clone)]
pub struct LogSeen {
    /// The project.
    pub project: Project,
    /// One page of rows.
    pub page: LogPage,
    /// Counts and sums of the rows under the filter, whatever their status and Procore state: totals and the counts
    /// beside the filters are added up from them.
    pub buckets: Vec<Bucket>,
    /// How many CORs the log holds without any filter.
    pub all: i64,
    /// Companies at the other end.
    pub counterparties: Vec<(CompanyId, String)>,
    /// Change events as last read.
    pub events: Vec<EventRow>,
    /// How many CORs of the log are in each.
    pub in_events: BTreeMap<i64, i64>,
    /// When the list of events was last read.
    pub events_read_at: Option<Timestamp>,
    /// Where the project is in Procore.
    pub mapping: Option<Mapping>,
    /// The project's office is connected to the account of the mapping.
    pub connected: bool,
    /// The pushes that hold CORs of the page.
    pub under_way: BTreeMap<CorId, UnderWay>,
    /// Whether the company has a contract on this side, without which there can be no COR.
    pub has_contract: bool,
}

/// A page of the log.
pub async fn log(app: &App, actor: &Actor, project: ProjectId, side: Side, query: &LogQuery) -> Result<LogSeen, Error> {
    actor.may_see_log()?;
    let (actor, query) = (actor.clone(), query.clone());
    app.store
        .read_snapshot(move |tx| {
            let mut us = tx.of(actor.company);
            let project = visible(&mut us, &actor, project)?;
            let id = project.id;
            let counterparties = us.log_counterparties(id, side)?;
            let all = us.log_buckets(id, side, &LogFilter::default())?;
            let page = us.log_page(id, side, &query.wanted())?;
            let busy: Vec<CorId> = page.lines.iter().filter(|l| l.procore.is_busy()).map(|l| l.cor).collect();
            let buckets = if query.filter.is_kept() { all.clone() } else { us.log_buckets(id, side, &query.filter)? };
            Ok(LogSeen {
                under_way: us.pushes_holding(&busy)?,
                connected: live_mapping(&mut us, id, project.standing()).is_ok(),
                page,
                buckets,
                all: all.iter().map(|bucket| bucket.cors).sum(),
                has_contract: !counterparties.is_empty(),
                counterparties,
                events: us.change_events(id)?,
                in_events: us.log_events(id, side)?,
                events_read_at: us.change_events_read_at(id)?,
                mapping: us.mapping(id)?,
                project,
            })
        })
        .await
}

/// Rows with the counts and sums of everything under their filter, for programs: as few reads as can be.
#[derive(Debug, Clone)]
pub struct Rows {
    /// One page of rows.
    pub page: LogPage,
    /// Counts and sums under the filter, whatever status and Procore state, as in [`LogSeen::buckets`].
    pub buckets: Vec<Bucket>,
}

/// A page of the log and its totals, of the same moment.
pub async fn page(app: &App, actor: &Actor, project: ProjectId, side: Side, wanted: PageWanted) -> Result<Rows, Error> {
    actor.may_see_log()?;
    let actor = actor.clone();
    app.store
        .read_snapshot(move |tx| {
            let mut us = tx.of(actor.company);
            let id = visible(&mut us, &actor, project)?.id;
            Ok(Rows { page: us.log_page(id, side, &wanted)?, buckets: us.log_buckets(id, side, &wanted.filter)? })
        })
        .await
}

/// The side of a project's log to open first: where CORs are, else where the company has contracts.
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
