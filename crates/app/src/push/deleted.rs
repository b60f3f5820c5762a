//! Before a COR is pushed into another event because its own is gone: was that one really deleted?
//!
//! Procore answers 404 for an event that was deleted and for one that this person may not see. Only the list of deleted
//! events tells them apart, and a wrong guess counts the same money twice.

use std::collections::BTreeSet;

use domain::role::Actor;
use procore::{ChangeEventFilter, Deleted, model::ProjectId};
use store::repo::{change_event::EventRow, cor::Cor};
use sync::connection::reading;

use super::draft::{OpenedDraft, is_gone};
use crate::{App, Error, record::Decision};

/// Makes sure that the events which CORs of this draft leave, for `target` or a new one, were deleted in Procore. One
/// list call, and only where a COR leaves an event; [`Error::Conflict`] when one of them may still be there.
pub(crate) async fn surely_deleted(
    app: &App,
    actor: &Actor,
    opened: &OpenedDraft,
    target: Option<i64>,
) -> Result<(), Error> {
    let left: BTreeSet<i64> =
        opened.links.values().filter_map(|link| link.event).filter(|event| Some(*event) != target).collect();
    if left.is_empty() || opened.body.push.is_some() {
        return Ok(());
    }
    let (company, project) = (actor.company, opened.project.id);
    let asked = left.clone();
    let gone = app
        .store
        .read(move |tx| {
            let mut us = tx.of(company);
            let mut gone = Vec::new();
            for event in asked {
                if is_gone(&mut us, project, event)? {
                    gone.extend(us.change_event(project, event)?);
                }
            }
            Ok::<_, Error>(gone)
        })
        .await?;
    if gone.is_empty() {
        return Ok(());
    }
    let theirs = ProjectId(opened.mapping.procore_project_id);
    let listed = reading(app, actor, Some(opened.mapping.procore_company_id), |session| async move {
        session.change_events(theirs, &ChangeEventFilter { deleted: Deleted::Only, ..Default::default() }).await
    })
    .await?;
    // One that can't be read is on the list all the same.
    let mut deleted: BTreeSet<i64> = listed.value.records.iter().map(|event| event.id.0).collect();
    deleted.extend(listed.value.odd.iter().filter_map(|odd| odd.id));
    match gone.into_iter().find(|event| !deleted.contains(&event.event_id)) {
        None => Ok(()),
        Some(event) => {
            refused(app, actor, opened, &event).await?;
            Err(Error::Conflict(format!(
                "Procore doesn't show CE {} to you, and doesn't list it as deleted either: it may still hold this COR, and \
             the money would be counted twice. Ask somebody who sees it in Procore to look, or unlink the COR first.",
                event.number
            )))
        }
    }
}

/// Keeps in the record that another event was refused, once however often the plan is looked at.
async fn refused(app: &App, actor: &Actor, opened: &OpenedDraft, event: &EventRow) -> Result<(), Error> {
    let leave = |cor: &&Cor| opened.links.get(&cor.id).is_some_and(|link| link.event == Some(event.event_id));
    let cors: Vec<Cor> = opened.cors.iter().filter(leave).cloned().collect();
    let (shared, actor, number, event) = (app.clone(), actor.clone(), event.number.clone(), event.event_id);
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let mut facts = Vec::new();
            for cor in &cors {
                let says =
                    format!("was refused another Change Event for it: nobody knows whether CE {number} was deleted");
                let decision = Decision { says, why: String::new(), event: Some(event), push: None };
                let fact = decision.fact(&shared, &mut us, &actor, cor)?;
                let (told, _) = fact.event.parts().map_err(Error::internal)?;
                let newest = us.audit_of_cor(cor.id)?.into_iter().next();
                if newest.is_none_or(|entry| entry.told != told) {
                    facts.push(fact);
                }
            }
            Ok::<_, Error>(us.append_audit(&facts)?)
        })
        .await
}
