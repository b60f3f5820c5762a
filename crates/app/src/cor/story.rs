//! What the verbs about CORs share: who sees the project, and how they write entries of the feed.

use domain::{
    ActivityId, CompanyId, CorId, ProjectId,
    activity::{Audience, Entry, EntryKind},
    role::Actor,
};
use jiff::Timestamp;
use store::{
    CompanyTx, StoreError,
    repo::{
        cor::{Cor, NUMBER_TAKEN},
        project::Project,
    },
};

use crate::{App, Error};

/// The COR changed while somebody edited it.
const CHANGED: &str =
    "Somebody changed this COR in the meantime. Open it again to see how it is now, then make your change.";

/// A project that the actor sees, or *not found*.
pub(crate) fn visible(us: &mut CompanyTx<'_>, actor: &Actor, id: ProjectId) -> Result<Project, Error> {
    let project = us.project(id, actor.person)?.ok_or(Error::NotFound)?;
    if actor.sees_project(project.standing()) { Ok(project) } else { Err(Error::NotFound) }
}

/// A COR that the actor sees, with its project.
pub(crate) fn visible_cor(us: &mut CompanyTx<'_>, actor: &Actor, id: CorId) -> Result<(Cor, Project), Error> {
    actor.may_see_log()?;
    let cor = us.cor(id)?.ok_or(Error::NotFound)?;
    let project = visible(us, actor, cor.project)?;
    Ok((cor, project))
}

/// What the store refused, as a sentence for the person.
pub(crate) fn in_words(error: StoreError, number: &str) -> Error {
    match error {
        StoreError::Conflict { constraint } if constraint == NUMBER_TAKEN => {
            Error::invalid("number", format!("COR {number} exists already on this project. Choose another number."))
        }
        StoreError::Expected1Row { .. } => Error::Conflict(CHANGED.to_owned()),
        other => other.into(),
    }
}

/// The error for a change that was made on an old revision.
pub(crate) fn changed_meanwhile() -> Error {
    Error::Conflict(CHANGED.to_owned())
}

/// Writes entries of the feed. Person, time and ids are fixed before the unit of work, because that may run twice.
#[derive(Clone)]
pub(crate) struct FeedWriter {
    actor: Actor,
    pub at: Timestamp,
    ids: [ActivityId; 3],
}

impl FeedWriter {
    pub fn new(app: &App, actor: &Actor) -> Self {
        let at = app.now();
        let id = || ActivityId::fresh(at, app.entropy.as_ref());
        let mut ids = [id(), id(), id()];
        // Ids of the same millisecond sort by chance, and entries have an order.
        ids.sort();
        Self { actor: actor.clone(), at, ids }
    }

    /// Writes entry `n` of this unit.
    pub fn write(
        &self,
        us: &mut CompanyTx<'_>,
        n: usize,
        about: (ProjectId, Option<CorId>),
        audience: Audience,
        what: (EntryKind, String),
    ) -> Result<(), StoreError> {
        us.record(&self.entry(n, about, audience, what))
    }

    /// Entry `n` of this unit, for another verb to write.
    pub fn entry(
        &self,
        n: usize,
        (project, cor): (ProjectId, Option<CorId>),
        audience: Audience,
        (kind, text): (EntryKind, String),
    ) -> Entry {
        Entry {
            id: self.ids[n],
            project,
            cor,
            audience,
            actor: Some(self.actor.person),
            actor_name: self.actor.name.clone(),
            at: self.at,
            kind,
            text,
        }
    }
}

/// Who reads about a COR. A Draft is its sender's alone.
pub(crate) fn audience(cor: &Cor, company: CompanyId) -> Audience {
    if cor.status.is_shared() { Audience::Both } else { Audience::Only(company) }
}
