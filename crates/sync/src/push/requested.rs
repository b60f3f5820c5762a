//! Carries out what a person asked of a push under way, between two requests.

use domain::{
    audit::ProcoreResponse,
    procore::{
        push::Batch,
        push_state::{CorOutcome, PushState, RequestedAction},
    },
};
use jiff::Timestamp;
use store::{CompanyTx, repo::push::Push};

use super::{
    apply::apply,
    attempt::Attempt,
    audited::{self, PushReporter},
    batch_outcome::{BatchOutcome, rest},
};
use crate::{Context, Error, link::observe, words};

impl Attempt {
    /// Carries out a requested action on a claimed push, before anything is sent.
    pub(super) async fn carry_out(mut self) -> Result<Option<Self>, Error> {
        match (self.push.requested, self.push.state.clone()) {
            (_, PushState::Sending { since }) => self.rescue(since).await,
            (Some(RequestedAction::Cancel), PushState::Queued { .. })
                if !self.push.batches.iter().any(Batch::has_left) =>
            {
                let (context, claim, push) = (self.context.clone(), self.claim.clone(), self.push);
                self.context
                    .store
                    .write(move |tx| {
                        tx.release(&claim)?;
                        take_back(&context, &mut tx.of(claim.company), &push)
                    })
                    .await?;
                Ok(None)
            }
            (Some(RequestedAction::Cancel), _) => {
                // A batch that may be in Procore is looked for before the others.
                self.push.batches.sort_by_key(|batch| !batch.has_left());
                Box::pin(self.look()).await
            }
            (_, state) => self.end_in(state).await,
        }
    }
}

/// The push that a worker stores, changed by the requested action. Cancelling waits for the next claim, unless the push is over.
pub(super) fn with_requested(was: &Push, next: Push, requested: Option<RequestedAction>, now: Timestamp) -> Push {
    let Some(action) = requested else { return Push { requested: None, ..next } };
    // *Sending* is not begun: nothing has left yet.
    let next = match next.state {
        PushState::Sending { .. } => Push { state: PushState::Queued { due: now }, ..was.clone() },
        _ => next,
    };
    match action {
        RequestedAction::Pause => {
            let state = match next.state {
                PushState::Queued { .. } => PushState::Paused { look_at: None },
                PushState::Uncertain { look_at } => PushState::Paused { look_at: Some(look_at) },
                other => other,
            };
            Push { state, requested: None, ..next }
        }
        RequestedAction::Cancel => Push { requested: Some(action), ..next },
    }
}

/// Cancels a push that sent nothing, or whose sent CORs all have their outcome.
pub fn take_back(context: &Context, tx: &mut CompanyTx<'_>, push: &Push) -> Result<(), Error> {
    let now = context.now();
    let cors = tx.push_cors(push.id)?;
    let (by, login) = (tx.person(push.person)?.map_or_else(String::new, |p| p.name), audited::login(tx, push)?);
    let reporter =
        PushReporter { context, push, by, login, response: &ProcoreResponse::default(), number: "", at: now };
    let mut batch_outcome = BatchOutcome::none();
    let open = || cors.iter().filter(|cor| cor.outcome == CorOutcome::Pending);
    let ended: Vec<_> = open().map(|cor| (cor, &CorOutcome::Cancelled)).collect();
    let mut facts = apply(&reporter, tx, &ended, &batch_outcome)?;
    batch_outcome.outcomes.extend(open().map(|cor| (cor.cor, CorOutcome::Cancelled)));
    let next = Push { batches: Vec::new(), state: rest(&batch_outcome, &cors, now), requested: None, ..push.clone() };
    tx.advance_push(push, &next, now)?;
    // Readings skipped its links while the push held them.
    observe::read_again_later(context, tx, push.project, next.event)?;
    facts.insert(0, audited::taken_back(push, facts.len(), now));
    Ok(tx.append_audit(&facts)?)
}

/// Shows the push's state on each of its open CORs.
pub fn show_waiting(tx: &mut CompanyTx<'_>, push: &Push) -> Result<(), Error> {
    let reason = match &push.state {
        PushState::Parked { why, .. } | PushState::Stopped { why, .. } => why.as_str(),
        PushState::Uncertain { .. } if push.event.is_none() && push.batches.first().is_some_and(|b| b.refused) => {
            words::REFUSED_AND_LOOKED_FOR
        }
        _ => "",
    };
    let mut links = tx.links_of_push(push.id)?;
    links.retain(|link| link.state.is_busy() && (link.state, link.reason.as_str()) != (push.state.shown_as(), reason));
    for link in &mut links {
        (link.state, link.reason) = (push.state.shown_as(), reason.to_owned());
    }
    Ok(tx.show_links(links)?)
}
