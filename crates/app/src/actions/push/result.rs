//! Step 4: how a push stands.

use std::collections::BTreeMap;

use domain::{CorId, DraftId, role::Actor};
use store::repo::{
    change_event::EventRow,
    push::{Push, PushCor},
};

use super::draft::{Opened, opened};
use crate::{App, Error};

/// A push with its CORs, for the result page and the API.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The draft it was confirmed in.
    pub opened: Opened,
    /// The push.
    pub push: Push,
    /// How each COR stands.
    pub cors: BTreeMap<CorId, PushCor>,
    /// The change event, once known.
    pub event: Option<EventRow>,
}

/// How the push of a draft stands.
pub async fn result(app: &App, actor: &Actor, id: DraftId) -> Result<Standing, Error> {
    let actor = actor.clone();
    app.store
        .read(move |tx| {
            let mut tx = tx.of(actor.company);
            let opened = opened(&mut tx, &actor, id)?;
            let push = opened.body.push.ok_or_else(|| Error::Conflict("This push is not confirmed yet.".into()))?;
            let push = tx.push(push)?.ok_or(Error::NotFound)?;
            let cors = tx.push_cors(push.id)?.into_iter().map(|c| (c.cor, c)).collect();
            let event = push.event.map(|event| tx.change_event(push.project, event)).transpose()?.flatten();
            Ok(Standing { opened, push, cors, event })
        })
        .await
}
