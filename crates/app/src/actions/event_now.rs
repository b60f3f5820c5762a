//! One change event as Procore has it now, read as whoever acts, and what it means when Procore doesn't show it.

use domain::role::Actor;
use procore::{
    Answered, ChangeEventFilter, Deleted, Session,
    model::{self, ChangeEvent, ChangeEventId},
};

use store::repo::{change_event::EventRow, mapping::Mapping};

use super::acting::reading;
use crate::{
    App, Error,
    sync::{
        observe::{Reading, observe},
        translate,
    },
};

/// Deleted, and known to be.
pub const DELETED: &str = "This Change Event was deleted in Procore. Choose another one, or restore it there.";

/// 404 for an event that is not listed as deleted.
const HIDDEN: &str = "Procore doesn't show this Change Event to you, and doesn't list it as deleted either. Ask your \
     Procore administrator for permission to see it, then try again. What was pushed there before is left as it is.";

/// Reads an event, and stores what it tells about the CORs in it. `None` when it was deleted, which is stored as well. One
/// that is only hidden from this person is [`Error::ProcoreRefused`]: nobody may take that for what Procore holds.
pub async fn read(app: &App, actor: &Actor, mapping: &Mapping, event: i64) -> Result<Option<ChangeEvent>, Error> {
    let (project, account, read_at) = (mapping.project, mapping.procore_company_id, app.now());
    let theirs = model::ProjectId(mapping.procore_project_id);
    let call = |session: Session| async move {
        match session.change_event(theirs, ChangeEventId(event), true).await {
            Ok(found) => Ok(Answered {
                value: Some(found.value),
                rate: found.rate,
                date: found.date,
                request_id: found.request_id,
            }),
            Err(procore::Error::NotFound) => Ok(Answered { value: None, rate: None, date: None, request_id: None }),
            Err(error) => Err(error),
        }
    };
    let mut found = reading(app, actor, Some(account), call).await?.value;
    if found.is_none() {
        found = listed_as_deleted(app, actor, mapping, event).await?;
    }
    if found.is_none() {
        // Somebody else may see it, and the worker finds out.
        let company = actor.company;
        app.store.write(move |tx| tx.of(company).watch_soon(project, Some(event), read_at)).await?;
        app.wake.notify_waiters();
        return Err(Error::ProcoreRefused(HIDDEN.to_owned()));
    }
    observe(app, actor.company, project, vec![Reading { event, found: found.clone(), read_at }]).await?;
    let (company, row) = (actor.company, found.as_ref().map(translate::event_row));
    app.store
        .write(move |tx| {
            let mut us = tx.of(company);
            // An event that nothing is linked to is no business of `observe`, and stands in the list all the same.
            let before = us.change_event(project, event)?;
            match row.clone().or(before.map(|before| EventRow { gone: true, ..before })) {
                Some(row) => us.store_change_event(project, &row, read_at),
                None => Ok(()),
            }
        })
        .await?;
    Ok(found.filter(|event| event.deleted_at.is_none() && !event.in_recycle_bin))
}

/// Only the list of deleted events tells one that was deleted from one that this person may not see, or that is too new to
/// be shown.
async fn listed_as_deleted(
    app: &App,
    actor: &Actor,
    mapping: &Mapping,
    event: i64,
) -> Result<Option<ChangeEvent>, Error> {
    let theirs = model::ProjectId(mapping.procore_project_id);
    let call = |session: Session| async move {
        session.change_events(theirs, &ChangeEventFilter { deleted: Deleted::Only, ..Default::default() }).await
    };
    let listed = reading(app, actor, Some(mapping.procore_company_id), call).await?;
    let found = listed.value.into_iter().find(|listed| listed.id.0 == event);
    Ok(found.map(|found| ChangeEvent { in_recycle_bin: true, ..found }))
}
