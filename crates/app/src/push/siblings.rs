//! The pushes that one selection became: one for each change event that its CORs are linked to.

use domain::{DraftId, role::Actor};

use super::draft::{OpenedDraft, opened};
use crate::{App, Error};

/// One of the pushes of a selection.
#[derive(Debug, Clone)]
pub struct Sibling {
    pub draft: DraftId,
    /// The number of the change event that its CORs are linked to.
    pub event: Option<String>,
    pub cors: usize,
    pub pushed: bool,
}

/// All pushes of the selection that a draft came from, if there are several.
pub(crate) async fn siblings(app: &App, actor: &Actor, of: &OpenedDraft) -> Result<Vec<Sibling>, Error> {
    let drafts = of.body.siblings.clone();
    if drafts.len() < 2 {
        return Ok(Vec::new());
    }
    let actor = actor.clone();
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let mut siblings = Vec::with_capacity(drafts.len());
            for draft in drafts {
                let sibling = match opened(&mut us, &actor, draft) {
                    Ok(sibling) => sibling,
                    // Over, or not to be read: the others go on without it.
                    Err(Error::NotFound | Error::Conflict(_) | Error::Unreadable(_)) => continue,
                    Err(error) => return Err(error),
                };
                let event = match sibling.body.tied {
                    Some(event) => {
                        let row = us.change_event(sibling.project.id, event)?;
                        Some(row.map_or_else(|| event.to_string(), |row| row.number))
                    }
                    None => None,
                };
                let pushed = sibling.body.push.is_some();
                siblings.push(Sibling { draft, event, cors: sibling.cors.len(), pushed });
            }
            Ok(siblings)
        })
        .await
}
