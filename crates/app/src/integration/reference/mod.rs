//! Reference data of a mapped project: the choices in the push wizard.
//!
//! Stored as last read, so that pages open at once; read from Procore the first time and on demand. It is stored per project
//! and company, not per person, although Procore shows some people less (see `MAY_BE_HIDDEN`).

mod assemble;
pub(crate) mod fetch;
mod lists;
pub mod names;
pub mod unseen;

use domain::{ProjectId, procore::Side, role::Actor};
use jiff::{SignedDuration, Timestamp};
use procore::model;
use store::repo::{mapping::Mapping, reference::ReferenceRow};
use sync::{connection::reading, reference::Stored};

pub use sync::reference::BudgetCode;

use self::{
    assemble::{assemble, assemble_kind},
    fetch::fetch,
};
pub use self::{
    lists::{EventStatus, ProcoreContract, ReferenceData, ReferenceList, TypeOrReason, UnreadRecord},
    names::Names,
    unseen::Unseen,
};
use super::acting::mapping_to_read;
use crate::{App, Error};

/// The wizard reads older lists again, in the background.
pub const FRESH_FOR: SignedDuration = SignedDuration::from_hours(1);
/// An empty list is read again after this: its reader may have lacked the permission (Procore answers `200 []`).
const MAY_BE_HIDDEN: SignedDuration = SignedDuration::from_mins(10);

/// A project's reference data as last read. Lists that were never read are read now, as the actor and all at once.
pub async fn get(app: &App, actor: &Actor, project: ProjectId) -> Result<ReferenceData, Error> {
    let mapping = mapping_to_read(app, actor, project).await?;
    let company = actor.company;
    let mut rows = app.store.read(move |tx| tx.of(company).reference(project)).await?;
    let now = app.now();
    let missing: Vec<_> = ReferenceList::ALL
        .into_iter()
        .filter(|kind| {
            let row = rows.iter().find(|row| row.kind == kind.code());
            row.is_none_or(|row| {
                // A list stored in another format counts as never read.
                let old = assemble_kind(*kind, row, &mut ReferenceData::nothing(row.fetched_at)).is_err();
                let hidden = kind.may_be_hidden() && lists_nothing(row);
                old || hidden && now.duration_since(row.fetched_at) >= MAY_BE_HIDDEN
            })
        })
        .collect();
    let mut fresh = if missing.is_empty() { Vec::new() } else { read(app, actor, &mapping, &missing).await? };
    let outdated = |kind: &ReferenceList| rows.iter().any(|row| row.kind == kind.code() && row.is_outdated());
    let outdated: Vec<_> =
        ReferenceList::ALL.into_iter().filter(|kind| !missing.contains(kind) && outdated(kind)).collect();
    match read(app, actor, &mapping, &outdated).await {
        Ok(read) => fresh.extend(read),
        // The stored lists serve until the new ones can be read.
        Err(Error::SignInToProcore(_) | Error::ProcoreRefused(_) | Error::ProcoreUnavailable(_)) => {}
        Err(error) => return Err(error),
    }
    rows.retain(|row| fresh.iter().all(|new| new.kind != row.kind));
    rows.extend(fresh);
    match assemble(&rows) {
        // The stored lists are damaged; read them again.
        Err(Error::Internal(because)) => {
            tracing::warn!(because, "stored reference data can't be read and is read anew");
            refresh(app, actor, project).await
        }
        assembled => assembled,
    }
}

/// When the stored lists were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ages {
    /// The budget codes.
    pub codes: Timestamp,
    /// The oldest part of all.
    pub oldest: Timestamp,
}

/// When the stored lists were read; `None` if none was.
pub async fn ages(app: &App, actor: &Actor, project: ProjectId) -> Result<Option<Ages>, Error> {
    mapping_to_read(app, actor, project).await?;
    let company = actor.company;
    let rows = app.store.read(move |tx| tx.of(company).reference(project)).await?;
    let times = || ReferenceList::ALL.iter().filter_map(|kind| rows.iter().find(|row| row.kind == kind.code()));
    let oldest = times().map(|row| row.fetched_at).min();
    let codes = times().find(|row| row.kind == ReferenceList::BudgetCodes.code()).map(|row| row.fetched_at);
    Ok(oldest.map(|oldest| Ages { codes: codes.unwrap_or(oldest), oldest }))
}

/// Whether a list read then should be read again.
pub fn is_stale(read_at: Option<Timestamp>, now: Timestamp) -> bool {
    read_at.is_none_or(|at| now.duration_since(at) >= FRESH_FOR)
}

/// Reads the lists that are older than [`FRESH_FOR`]. Returns whether the choices changed. A read-only actor changes
/// nothing.
pub async fn refresh_if_stale(app: &App, actor: &Actor, project: ProjectId) -> Result<bool, Error> {
    let mapping = mapping_to_read(app, actor, project).await?;
    if actor.may_write().is_err() {
        return Ok(false);
    }
    let (company, now) = (actor.company, app.now());
    let rows = app.store.read(move |tx| tx.of(company).reference(project)).await?;
    let before = |kind: ReferenceList| rows.iter().find(|row| row.kind == kind.code());
    let stale = |kind: &ReferenceList| before(*kind).is_none_or(|row| is_stale(Some(row.fetched_at), now));
    let stale: Vec<_> = ReferenceList::ALL.into_iter().filter(stale).collect();
    if stale.is_empty() {
        return Ok(false);
    }
    let fresh = read(app, actor, &mapping, &stale).await?;
    Ok(fresh.iter().any(|new| rows.iter().find(|row| row.kind == new.kind).is_none_or(|old| old.body != new.body)))
}

/// Reads the lists that looked empty again: somebody may see them now, and a push would miss them. If they can't be read, the
/// known ones stay.
pub(crate) async fn look_again(
    app: &App,
    actor: &Actor,
    mapping: &Mapping,
    side: Side,
    data: &mut ReferenceData,
) -> Result<(), Error> {
    let kinds: Vec<ReferenceList> = data.unseen(side).into_iter().filter_map(ReferenceList::of_unseen).collect();
    if kinds.is_empty() {
        return Ok(());
    }
    match read(app, actor, mapping, &kinds).await {
        Ok(rows) => kinds.iter().zip(&rows).try_for_each(|(kind, row)| assemble_kind(*kind, row, data)),
        Err(Error::SignInToProcore(_) | Error::ProcoreRefused(_) | Error::ProcoreUnavailable(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Reads all lists again.
pub async fn refresh(app: &App, actor: &Actor, project: ProjectId) -> Result<ReferenceData, Error> {
    let mapping = mapping_to_read(app, actor, project).await?;
    assemble(&read(app, actor, &mapping, &ReferenceList::ALL).await?)
}

/// Whether the list was empty when it was read.
fn lists_nothing(row: &ReferenceRow) -> bool {
    Stored::<serde_json::Value>::of(row).is_ok_and(|stored| stored.items.is_empty() && stored.unread.is_empty())
}

/// Reads some lists at the same time and stores them.
async fn read(
    app: &App,
    actor: &Actor,
    mapping: &Mapping,
    kinds: &[ReferenceList],
) -> Result<Vec<ReferenceRow>, Error> {
    let fetched_at = app.now();
    let (account, procore_project) = (mapping.procore_company_id, mapping.procore_project_id);
    let one = |kind: ReferenceList| async move {
        let ids = (model::CompanyId(account), model::ProjectId(procore_project));
        let body = reading(app, actor, Some(account), move |session| fetch(kind, session, ids)).await?.value;
        Ok::<_, Error>(ReferenceRow { kind: kind.code().to_owned(), body, fetched_at })
    };
    let rows = futures_util::future::try_join_all(kinds.iter().copied().map(one)).await?;
    if rows.is_empty() {
        return Ok(rows);
    }
    let (company, project) = (actor.company, mapping.project);
    app.store
        .write(move |tx| {
            let mut us = tx.of(company);
            let before = us.reference(project)?;
            let rows = rows.iter().cloned().map(|row| with_names(row, &before)).collect::<Result<Vec<_>, Error>>()?;
            for row in &rows {
                us.store_reference(project, procore_project, row)?;
            }
            Ok(rows)
        })
        .await
}

/// A list as read now, with names known from before.
fn with_names(row: ReferenceRow, before: &[ReferenceRow]) -> Result<ReferenceRow, Error> {
    let was = before.iter().find(|was| was.kind == row.kind).filter(|_| row.kind == ReferenceList::BudgetCodes.code());
    // A damaged row has no names to keep.
    let Some(was) = was.and_then(|was| Stored::<BudgetCode>::of(was).ok()) else { return Ok(row) };
    let body = Stored::<BudgetCode>::of(&row)?.keeping(was).body().map_err(Error::internal)?;
    Ok(ReferenceRow { body, ..row })
}
