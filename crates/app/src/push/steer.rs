//! Pausing, resuming, cancelling a push that is under way, and having one tried again that stopped. A removal is a push.
//!
//! While a worker holds the push, the action is noted beside it and carried out before the next request.

use domain::{
    ActivityId,
    activity::{Audience, Entry, EntryKind},
    audit::ProcoreResponse,
    procore::{
        push::Batch,
        push_state::{CorOutcome, PushState, RequestedAction},
    },
    role::Actor,
};
use jiff::Timestamp;
use store::{CompanyTx, repo::push::Push};
use sync::{
    connection::{self, tokens},
    push::audited,
};

use super::which::{Which, find};
use crate::{App, Error};

/// Lets nothing more of a push leave until somebody resumes it. A request that is on its way is not cut off.
pub async fn pause(app: &App, actor: &Actor, which: impl Into<Which>) -> Result<(), Error> {
    steer(app, actor, which.into(), false, |app, tx, push| {
        let (now, noun) = (app.now(), push.order.purpose.noun());
        match &push.state {
            PushState::Queued { .. } | PushState::Sending { .. } | PushState::Uncertain { .. } => {}
            PushState::Paused { .. } => return Ok(None),
            state if state.is_at_rest() => return Err(over(push)),
            _ => {
                let why = format!("This {noun} waits for a person already; nothing of it is being sent.");
                return Err(Error::Conflict(why));
            }
        }
        let next = match push.state {
            PushState::Queued { .. } => PushState::Paused { look_at: None },
            PushState::Uncertain { look_at } => PushState::Paused { look_at: Some(look_at) },
            _ => return note(tx, push, RequestedAction::Pause, format!("asked for a pause of the {noun}")),
        };
        if tx.queue_is_held(&push.queue, now)? {
            return note(tx, push, RequestedAction::Pause, format!("asked for a pause of the {noun}"));
        }
        go(tx, push, next, None, now)?;
        Ok(Some(format!("paused the {noun}")))
    })
    .await
}

/// Lets a paused push go on. What may have been sent is looked for first.
pub async fn resume(app: &App, actor: &Actor, which: impl Into<Which>) -> Result<(), Error> {
    steer(app, actor, which.into(), true, |app, tx, push| {
        let noun = push.order.purpose.noun();
        match &push.state {
            PushState::Paused { look_at } => go(tx, push, on(*look_at, app.now()), None, app.now())?,
            state if state.is_at_rest() => return Err(over(push)),
            _ if push.requested == Some(RequestedAction::Pause) => tx.request_action(push.id, None)?,
            _ => return Err(Error::Conflict(format!("This {noun} is not paused."))),
        }
        Ok(Some(format!("resumed the {noun}")))
    })
    .await
}

/// Takes back what was not written yet. What may have been written is looked for first and kept if it is there.
pub async fn cancel(app: &App, actor: &Actor, which: impl Into<Which>) -> Result<(), Error> {
    steer(app, actor, which.into(), false, |app, tx, push| {
        let (now, says) = (app.now(), format!("asked for the {} to be cancelled", push.order.purpose.noun()));
        if push.state.is_at_rest() {
            return Err(over(push));
        }
        if push.requested == Some(RequestedAction::Cancel) {
            return Ok(None);
        }
        if tx.queue_is_held(&push.queue, now)? {
            return note(tx, push, RequestedAction::Cancel, says);
        }
        let has_left = push.batches.iter().any(Batch::has_left);
        match &push.state {
            state if !state.is_in_question() && !has_left => {
                sync::push::take_back(app, tx, push)?;
                return Ok(None);
            }
            PushState::Paused { look_at } | PushState::Stopped { look_at, .. } => {
                go(tx, push, on(*look_at, now), Some(RequestedAction::Cancel), now)?;
            }
            PushState::Queued { .. } => go(tx, push, on(None, now), Some(RequestedAction::Cancel), now)?,
            _ => return note(tx, push, RequestedAction::Cancel, says),
        }
        Ok(Some(says))
    })
    .await
}

/// Has a push that stopped tried again, with its counts of failures begun anew. What may have been sent is looked for
/// first.
pub async fn try_again(app: &App, actor: &Actor, which: impl Into<Which>) -> Result<(), Error> {
    steer(app, actor, which.into(), true, |app, tx, push| {
        let noun = push.order.purpose.noun();
        match &push.state {
            PushState::Stopped { look_at, .. } => go(tx, push, on(*look_at, app.now()), None, app.now())?,
            // Signed in and connected: what was missing is the app in the account, and only another try shows that it is back.
            PushState::Parked { uncertain, .. } if signed_in(app, tx, push)? => {
                let quarantine = app.settings.push_quarantine;
                let look_at = uncertain.then(|| app.now().saturating_add(quarantine).unwrap_or(Timestamp::MAX));
                go(tx, push, on(look_at, app.now()), None, app.now())?;
            }
            PushState::Parked { why, .. } => return Err(Error::Conflict(why.clone())),
            state if state.is_at_rest() => return Err(over(push)),
            _ => return Err(Error::Conflict(format!("This {noun} goes on by itself."))),
        }
        Ok(Some(format!("had the {noun} tried again")))
    })
    .await
}

/// Whether the login that a push goes as is good, as far as is known here.
fn signed_in(app: &App, tx: &mut CompanyTx<'_>, push: &Push) -> Result<bool, Error> {
    let login = tx.login_of(push.person)?;
    let live = |login| tokens::health_of(&login, app.now(), app.settings.procore_timeout).is_live();
    Ok(login.is_some_and(live))
}

pub(crate) fn over(push: &Push) -> Error {
    Error::Conflict(format!("This {} is over: every COR of it is settled.", push.order.purpose.noun()))
}

/// Where a push goes on: with a look, where something may have been sent.
fn on(look_at: Option<Timestamp>, now: Timestamp) -> PushState {
    look_at.map_or(PushState::Queued { due: now }, |at| PushState::Uncertain { look_at: at.max(now) })
}

pub(crate) fn go(
    tx: &mut CompanyTx<'_>,
    push: &Push,
    state: PushState,
    requested: Option<RequestedAction>,
    now: Timestamp,
) -> Result<(), Error> {
    let next = Push { state, requested, ..push.clone() };
    tx.advance_push(push, &next, now)?;
    tx.append_audit(audited::moved(push, &next, None, &ProcoreResponse::default(), now).as_slice())?;
    Ok(sync::push::show_waiting(tx, &next)?)
}

fn note(
    tx: &mut CompanyTx<'_>,
    push: &Push,
    requested: RequestedAction,
    says: String,
) -> Result<Option<String>, Error> {
    if push.requested == Some(requested) {
        return Ok(None);
    }
    tx.request_action(push.id, Some(requested))?;
    Ok(Some(says))
}

/// Finds a push for one who may push, does `verb` with it, and tells in the feed of each COR that is not settled what
/// `verb` answers. What goes on needs a connected office; what stops does not.
pub(crate) async fn steer(
    app: &App,
    actor: &Actor,
    which: Which,
    goes_on: bool,
    verb: impl Fn(&App, &mut CompanyTx<'_>, &Push) -> Result<Option<String>, Error> + Send + 'static,
) -> Result<(), Error> {
    actor.may_write()?;
    let (shared, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            let mut tx = tx.of(actor.company);
            let (push, project) = find(&mut tx, &actor, which)?;
            if goes_on {
                connection::live_mapping(&mut tx, project.id, project.standing())?;
            }
            let Some(says) = verb(&shared, &mut tx, &push)? else { return Ok(()) };
            let pending = tx.push_cors(push.id)?.into_iter().filter(|cor| cor.outcome == CorOutcome::Pending);
            for cor in pending.collect::<Vec<_>>() {
                tx.record(&Entry {
                    id: ActivityId::fresh(shared.now(), &*shared.entropy),
                    project: push.project,
                    cor: Some(cor.cor),
                    audience: Audience::Only(push.company),
                    actor: Some(actor.person),
                    actor_name: actor.name.clone(),
                    at: shared.now(),
                    kind: EntryKind::Push,
                    text: format!("{says}."),
                })?;
            }
            Ok::<_, Error>(())
        })
        .await?;
    app.wake.notify_waiters();
    Ok(())
}
