//! What people can do while it is being looked for what a request did whose answer never came.

use domain::{
    audit::{AuditEvent, Fact, Step},
    procore::{
        looks::Looks,
        push::Target,
        push_state::{PushState, RequestedAction},
    },
    role::Actor,
};
use jiff::Timestamp;
use store::repo::push::Push;

use super::{
    steer::{go, over, steer},
    which::Which,
};
use crate::{App, Error};

/// How a change event is looked for that we meant to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looking {
    /// When it was looked for last, and not found.
    pub looked_at: Option<Timestamp>,
    /// The request can't be executed any more from then on.
    pub quiet: Timestamp,
    /// Procore refused the request, and may have made the event all the same; else its answer did not come.
    pub refused: bool,
    /// The last look. If it isn't there then, it is made again.
    pub last: Timestamp,
}

impl Looking {
    /// Of a push that is looking for one.
    pub fn of(app: &App, push: &Push) -> Option<Self> {
        let (PushState::Uncertain { .. }, None, Target::New(_)) = (&push.state, push.event, &push.order.target) else {
            return None;
        };
        let at = |time: Option<i64>| time.and_then(|us| Timestamp::from_microsecond(us).ok());
        let batch = push.batches.first()?;
        let sent = at(batch.last_sent.or(batch.first_sent))?;
        let quiet = sent.saturating_add(app.settings.push_quarantine).unwrap_or(sent);
        let last = Looks { quiet, lag: app.settings.push_list_lag }.last();
        Some(Self { looked_at: at(batch.looked_at), quiet, refused: batch.refused, last })
    }

    /// Whether somebody who looks into Procore now sees all that there will be.
    pub fn may_be_said_absent(&self, now: Timestamp) -> bool {
        now >= self.quiet
    }
}

/// Has what a request without an answer did looked for now. If it isn't there, nothing follows from that before its time.
pub async fn look_now(app: &App, actor: &Actor, which: impl Into<Which>) -> Result<(), Error> {
    steer(app, actor, which.into(), true, |app, tx, push| {
        let now = app.now();
        match &push.state {
            PushState::Uncertain { look_at } if *look_at <= now || tx.queue_is_held(&push.queue, now)? => {}
            PushState::Uncertain { .. } => go(tx, push, PushState::Uncertain { look_at: now }, push.requested, now)?,
            state if state.is_at_rest() => return Err(over(push)),
            _ => return Err(Error::Conflict("Nothing is being looked for in Procore just now.".to_owned())),
        }
        Ok(None)
    })
    .await
}

/// A person looked into Procore and didn't find the change event that we meant to make. It is made again, after one more
/// look, without waiting for a list that may lag behind; if the push is being cancelled, it is cancelled.
pub async fn not_there(app: &App, actor: &Actor, which: impl Into<Which>) -> Result<(), Error> {
    let by = actor.name.clone();
    steer(app, actor, which.into(), true, move |app, tx, push| {
        let now = app.now();
        if push.state.is_at_rest() {
            return Err(over(push));
        }
        let Some(looking) = Looking::of(app, push) else {
            let why = "No Change Event is being looked for in Procore just now, so that nobody has to say whether it is there.";
            return Err(Error::Conflict(why.to_owned()));
        };
        if !looking.may_be_said_absent(now) {
            let seconds = looking.quiet.duration_since(now).as_secs().max(1);
            let why = format!("It may still be on its way to Procore. Look there again in {seconds} seconds, then say so.");
            return Err(Error::Conflict(why));
        }
        if tx.queue_is_held(&push.queue, now)? {
            return Err(Error::Conflict("It is being looked for at this moment. Wait for what comes of it.".to_owned()));
        }
        let mut said = push.clone();
        if let Some(batch) = said.batches.first_mut() {
            batch.said_absent = true;
        }
        said.state = PushState::Uncertain { look_at: now };
        tx.advance_push(push, &said, now)?;
        let step = Step::SaidAbsent { by: by.clone(), attempt: push.attempt };
        tx.append_audit(&[Fact { at: now, project: push.project, push: Some(push.id), event: AuditEvent::Push(step) }])?;
        sync::push::show_waiting(tx, &said)?;
        let then = if push.requested == Some(RequestedAction::Cancel) { "cancelled" } else { "sent again" };
        Ok(Some(format!("said that it is not in Procore, so that it is {then}")))
    })
    .await
}
