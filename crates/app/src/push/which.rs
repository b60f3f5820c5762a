//! Which push is meant, for whoever follows or steers one.

use domain::{DraftId, PushId, role::Actor};
use store::{
    CompanyTx, StoreError,
    repo::{project::Project, push::Push},
};
use sync::words::UNREADABLE;

use super::draft::body_of;
use crate::{Error, integration::acting};

/// What names a push: the draft that it was confirmed in, or its own id. A removal was confirmed in no draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The push that this draft became.
    Draft(DraftId),
    /// This push.
    Push(PushId),
}

impl Which {
    /// How a push is named where people follow it: by its draft, if it has one.
    pub fn of(push: PushId, draft: Option<DraftId>) -> Self {
        draft.map_or(Self::Push(push), Self::Draft)
    }
}

impl From<DraftId> for Which {
    fn from(draft: DraftId) -> Self {
        Self::Draft(draft)
    }
}

impl From<PushId> for Which {
    fn from(push: PushId) -> Self {
        Self::Push(push)
    }
}

/// A push of the actor's company with its project, for one who may push from there. Anybody else's is *not found*.
pub(crate) fn find(tx: &mut CompanyTx<'_>, actor: &Actor, which: Which) -> Result<(Push, Project), Error> {
    match which {
        Which::Push(id) => {
            let push = readable(tx, id)?;
            let project = pushable_project(tx, actor, push.project)?;
            Ok((push, project))
        }
        Which::Draft(id) => {
            let draft = tx.draft(id)?.ok_or(Error::NotFound)?;
            let project = pushable_project(tx, actor, draft.project)?;
            let push =
                body_of(&draft)?.push.ok_or_else(|| Error::Conflict("This push is not confirmed yet.".into()))?;
            Ok((readable(tx, push)?, project))
        }
    }
}

fn pushable_project(tx: &mut CompanyTx<'_>, actor: &Actor, id: domain::ProjectId) -> Result<Project, Error> {
    let project = acting::visible_project(tx, actor, id)?;
    actor.may_push(project.standing())?;
    Ok(project)
}

/// A push, or the sentence that it can't be read.
fn readable(tx: &mut CompanyTx<'_>, id: PushId) -> Result<Push, Error> {
    match tx.push(id) {
        Err(StoreError::Corrupt(_)) => Err(Error::Conflict(UNREADABLE.into())),
        read => read?.ok_or(Error::NotFound),
    }
}
