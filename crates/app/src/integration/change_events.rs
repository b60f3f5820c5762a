//! A mapped project's change events as last read, for choosing one and for the log's filter.

use std::collections::BTreeSet;

use domain::{ProjectId, role::Actor};
use jiff::{SignedDuration, Timestamp};
use procore::{
    ChangeEventFilter, Deleted,
    model::{self, ChangeEvent},
};
use serde::Serialize;
use store::repo::change_event::EventRow;
use sync::{
    connection::reading,
    link::{
        event_now::settled,
        observe::observe,
        priced,
        reading::{ReadOutcome, Reading},
        translate,
    },
};
use utoipa::ToSchema;

use super::acting::{mapping_to_read, unread};
use crate::{App, Error};

/// The log reads a list older than this again, in the background.
pub const FRESH_FOR: SignedDuration = SignedDuration::from_mins(5);

/// The change events of a mapped project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ChangeEvents)]
pub struct EventList {
    /// The newest number first.
    pub events: Vec<EventRow>,
    /// Records without an id that could not be read, a sentence each.
    #[serde(rename = "unread")]
    pub nameless: Vec<String>,
    /// When the list was read from Procore.
    pub read_at: Option<Timestamp>,
}

impl EventList {
    /// Whether it should be read again.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        is_stale(self.read_at, now)
    }
}

/// The age of a project's list, for the line in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age {
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// Whether it should be read again.
    pub stale: bool,
}

/// The stored list; makes no request.
pub async fn list(app: &App, actor: &Actor, project: ProjectId) -> Result<EventList, Error> {
    mapping_to_read(app, actor, project).await?;
    let company = actor.company;
    app.store
        .read(move |tx| {
            let mut us = tx.of(company);
            let (events, nameless) = (us.change_events(project)?, us.change_events_nameless(project)?);
            Ok(EventList { events, nameless, read_at: us.change_events_read_at(project)? })
        })
        .await
}

/// One stored event; makes no request.
pub async fn one(app: &App, actor: &Actor, project: ProjectId, event: i64) -> Result<Option<EventRow>, Error> {
    actor.may_see_log()?;
    let company = actor.company;
    Ok(app.store.read(move |tx| tx.of(company).change_event(project, event)).await?)
}

/// The age of the list; `None` if the project is not mapped or its office is not connected.
pub async fn age(app: &App, actor: &Actor, project: ProjectId) -> Result<Option<Age>, Error> {
    match mapping_to_read(app, actor, project).await {
        Ok(_) => {}
        Err(Error::Conflict(_)) => return Ok(None),
        Err(error) => return Err(error),
    }
    let company = actor.company;
    let read_at = app.store.read(move |tx| tx.of(company).change_events_read_at(project)).await?;
    Ok(Some(Age { read_at, stale: is_stale(read_at, app.now()) }))
}

/// Reads the list as the actor if it is older than [`FRESH_FOR`]. A read-only actor changes nothing.
pub async fn refresh_if_stale(app: &App, actor: &Actor, project: ProjectId) -> Result<(), Error> {
    match age(app, actor, project).await? {
        Some(Age { stale: true, .. }) if actor.may_write().is_ok() => refresh(app, actor, project).await,
        _ => Ok(()),
    }
}

/// Reads the list as the actor, with one call for every 300 events. This notices changes in events that hold our lines; the
/// worker asks for events that the list lacks.
pub async fn refresh(app: &App, actor: &Actor, project: ProjectId) -> Result<(), Error> {
    let mapping = mapping_to_read(app, actor, project).await?;
    let (account, procore_project) = (mapping.procore_company_id, mapping.procore_project_id);
    // Taken before the request: what a push stores meanwhile is newer.
    let read_at = settled(app, actor.company, project, None).await?;
    let events = reading(app, actor, Some(account), move |session| async move {
        let with_deleted = ChangeEventFilter { deleted: Deleted::With, ..ChangeEventFilter::default() };
        session.change_events(model::ProjectId(procore_project), &with_deleted).await
    })
    .await?
    .value;
    let live = events.records.iter().filter(|event| event.deleted_at.is_none() && !event.in_recycle_bin);
    let live: Vec<ChangeEvent> = live.cloned().collect();
    let odd: Vec<(i64, String, String)> =
        events.odd.iter().filter_map(|odd| Some((odd.id?, odd.name.clone(), odd.why.clone()))).collect();
    let nameless: Vec<String> = events.odd.iter().filter(|odd| odd.id.is_none()).map(unread).collect();
    let mut listed: BTreeSet<i64> = events.records.iter().map(|event| event.id.0).collect();
    listed.extend(odd.iter().map(|(id, ..)| *id));
    let readings = events.odd.iter().filter_map(|odd| Some((odd.id?, ReadOutcome::from(odd))));
    let readings = readings.chain(events.records.into_iter().map(|event| (event.id.0, ReadOutcome::from(event))));
    let readings = readings.map(|(event, found)| Reading { event, found, read_at }).collect();
    observe(app, actor.company, project, readings).await?;
    let company = actor.company;
    app.store
        .write(move |tx| {
            let mut us = tx.of(company);
            let mut rows = Vec::with_capacity(live.len() + odd.len());
            for found in &live {
                rows.push(translate::event_row(found, &priced::by_us(&mut us, project, found)?));
            }
            for (id, name, why) in &odd {
                rows.push(translate::odd_row(*id, name, why, us.change_event(project, *id)?.as_ref()));
            }
            us.store_change_events(project, procore_project, &rows, &nameless, read_at)?;
            for missing in us.linked_events(project)?.into_iter().filter(|event| !listed.contains(event)) {
                us.watch_soon(project, Some(missing), read_at)?;
            }
            Ok::<_, Error>(())
        })
        .await?;
    app.wake.notify_waiters();
    Ok(())
}

fn is_stale(read_at: Option<Timestamp>, now: Timestamp) -> bool {
    read_at.is_none_or(|read_at| now.duration_since(read_at) >= FRESH_FOR)
}
