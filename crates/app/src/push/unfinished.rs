//! A push that somebody left before it was confirmed, to go on with or to discard.

use std::collections::BTreeSet;

use domain::{
    CorId, DraftId, ProjectId,
    procore::{Side, push_state::ProcoreState},
    role::Actor,
};
use store::CompanyTx;

use super::draft::body_of;
use crate::{App, Error};

/// How many drafts are looked at: most were left before anything was chosen in them.
const LOOKED_AT: i64 = 20;

/// A push that was left with something chosen in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    pub draft: DraftId,
    /// Its CORs. None of them is up to date in Procore, or being pushed by now.
    pub cors: BTreeSet<CorId>,
}

/// The push of a project that the actor left last.
pub(crate) fn unfinished(
    us: &mut CompanyTx<'_>,
    actor: &Actor,
    project: ProjectId,
    side: Side,
) -> Result<Option<Unfinished>, Error> {
    for draft in us.unfinished_drafts(actor.person, project, side, LOOKED_AT)? {
        // One that can't be read is nothing to go on with.
        let Ok(body) = body_of(&draft) else { continue };
        if body.target.is_none() {
            continue;
        }
        let links = us.links_of(&body.cors)?;
        let over = |link: &store::repo::link::Link| link.state == ProcoreState::UpToDate || link.state.is_busy();
        if links.values().any(over) {
            continue;
        }
        return Ok(Some(Unfinished { draft: draft.id, cors: body.cors.into_iter().collect() }));
    }
    Ok(None)
}

/// The push of the same CORs that the actor left before they began this one.
pub(crate) async fn begun_before(
    app: &App,
    actor: &Actor,
    (project, side): (ProjectId, Side),
    cors: &[CorId],
) -> Result<Option<DraftId>, Error> {
    let (actor, cors) = (actor.clone(), cors.iter().copied().collect::<BTreeSet<_>>());
    let left = app.store.read(move |tx| unfinished(&mut tx.of(actor.company), &actor, project, side)).await?;
    Ok(left.filter(|left| left.cors == cors).map(|left| left.draft))
}

/// Discards a push that was not confirmed. One that is gone already is no error.
pub async fn discard(app: &App, actor: &Actor, id: DraftId) -> Result<(), Error> {
    actor.may_write()?;
    let (company, person) = (actor.company, actor.person);
    Ok(app.store.write(move |tx| tx.of(company).discard_draft(id, person).map(drop)).await?)
}
