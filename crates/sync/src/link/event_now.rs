//! One change event as Procore has it now, read as the person who acts; and what it means when Procore doesn't show it.

use domain::{CompanyId, ProjectId, role::Actor};
use jiff::{SignedDuration, Timestamp};
use procore::{
    ChangeEventFilter, Deleted, Session,
    model::{self, ChangeEvent, ChangeEventId},
};

use store::repo::{change_event::EventRow, mapping::Mapping};

use super::{
    observe::observe,
    priced,
    reading::{ReadOutcome, Reading, SETTLED},
    translate,
};
use crate::{Context, Error, connection::reading};

/// How far the clocks of two of our machines may be apart: one may have written, the other reads.
const CLOCKS: SignedDuration = SignedDuration::from_secs(4);

/// Deleted, and known to be.
pub const DELETED: &str = "This Change Event was deleted in Procore. Choose another one, or restore it there.";

/// 404 for an event that is not listed as deleted.
const HIDDEN: &str = "Procore doesn't show this Change Event to you, and doesn't list it as deleted either. Ask your \
     Procore administrator for permission to see it, then try again. What was pushed there before is left as it is.";

/// Reads an event, and stores what it says about the CORs in it. `None` when it was deleted, which is stored as well. An event
/// that is hidden from this person is [`Error::ProcoreRefused`], and one that can't be read is [`Error::Conflict`]: neither says
/// what Procore holds.
pub async fn read(
    context: &Context,
    actor: &Actor,
    mapping: &Mapping,
    event: i64,
) -> Result<Option<ChangeEvent>, Error> {
    match find(context, actor, mapping, event).await? {
        ReadOutcome::Event(found) => {
            Ok(Some(*found).filter(|event| event.deleted_at.is_none() && !event.in_recycle_bin))
        }
        ReadOutcome::Gone => Ok(None),
        ReadOutcome::Hidden => Err(Error::ProcoreRefused(HIDDEN.to_owned())),
        ReadOutcome::Odd { why, .. } => Err(Error::Conflict(format!(
            "This Change Event could not be read: {why}. Correct it in Procore, or choose another one."
        ))),
    }
}

/// The same, with an unreadable event as an answer. A hidden one is still an error.
pub async fn find(context: &Context, actor: &Actor, mapping: &Mapping, event: i64) -> Result<ReadOutcome, Error> {
    let (project, account) = (mapping.project, mapping.procore_company_id);
    let read_at = settled(context, actor.company, project, Some(event)).await?;
    let theirs = model::ProjectId(mapping.procore_project_id);
    let call = |session: Session| async move {
        ReadOutcome::of(session.change_event(theirs, ChangeEventId(event), true).await)
    };
    let mut found = reading(context, actor, Some(account), call).await?.value;
    if matches!(found, ReadOutcome::Hidden) {
        found = listed_as_deleted(context, actor, mapping, event).await?;
    }
    if matches!(found, ReadOutcome::Hidden) {
        // Somebody else may see it: the worker tries.
        let company = actor.company;
        context.store.write(move |tx| tx.of(company).watch_soon(project, Some(event), read_at)).await?;
        context.wake.notify_waiters();
        return Err(Error::ProcoreRefused(HIDDEN.to_owned()));
    }
    observe(context, actor.company, project, vec![Reading { event, found: found.clone(), read_at }]).await?;
    let (company, kept) = (actor.company, found.clone());
    context
        .store
        .write(move |tx| {
            let mut us = tx.of(company);
            // `observe` skips events without a link, but the list of events shows them.
            let before = us.change_event(project, event)?;
            let row = match &kept {
                ReadOutcome::Event(found) => {
                    Some(translate::event_row(found, &priced::by_us(&mut us, project, found)?))
                }
                ReadOutcome::Odd { name, why } => Some(translate::odd_row(event, name, why, before.as_ref())),
                ReadOutcome::Gone | ReadOutcome::Hidden => before.map(|before| EventRow { gone: true, ..before }),
            };
            row.map_or(Ok(()), |row| us.store_change_event(project, &row, read_at))
        })
        .await?;
    Ok(found)
}

/// Waits until Procore is sure to show our last write to an event, or to any event of a project. Answers the time then.
pub async fn settled(
    context: &Context,
    company: CompanyId,
    project: ProjectId,
    event: Option<i64>,
) -> Result<Timestamp, Error> {
    let now = context.now();
    let since = now.saturating_sub(SETTLED + CLOCKS).unwrap_or(now);
    let until = now.saturating_add(CLOCKS).unwrap_or(now);
    let written = context.store.read(move |tx| tx.of(company).written_between(project, since, until)).await?;
    let of = written.into_iter().filter(|(of, _)| event.is_none_or(|event| event == *of));
    if let Some(at) = of.map(|(_, at)| at).max() {
        let left = SETTLED + CLOCKS - now.duration_since(at);
        context.clock.pause(left.clamp(SignedDuration::ZERO, SETTLED).unsigned_abs()).await;
    }
    Ok(context.now())
}

/// Only the list of deleted events distinguishes a deleted event from one that is hidden from this person or too new to be
/// shown. An unreadable event is on that list too.
async fn listed_as_deleted(
    context: &Context,
    actor: &Actor,
    mapping: &Mapping,
    event: i64,
) -> Result<ReadOutcome, Error> {
    let theirs = model::ProjectId(mapping.procore_project_id);
    let call = |session: Session| async move {
        session.change_events(theirs, &ChangeEventFilter { deleted: Deleted::Only, ..Default::default() }).await
    };
    let listed = reading(context, actor, Some(mapping.procore_company_id), call).await?.value;
    let odd = listed.odd.iter().any(|odd| odd.id == Some(event));
    let found = listed.records.into_iter().find(|listed| listed.id.0 == event);
    let found = found.map(|found| ChangeEvent { in_recycle_bin: true, ..found }.into());
    Ok(found.unwrap_or(if odd { ReadOutcome::Gone } else { ReadOutcome::Hidden }))
}
