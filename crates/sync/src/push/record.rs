//! Storing what an attempt found out: state, links, activity and outbox in one transaction, and only while the queue is held.

use std::sync::Arc;

use domain::procore::{
    push::Target,
    push_state::{CorOutcome, PushState, RequestedAction},
};
use jiff::Timestamp;
use store::repo::{change_event::EventRow, outbox::Claim, push::Push};

use super::{
    apply::apply,
    attempt::Attempt,
    audited,
    batch_outcome::{BatchOutcome, rest},
    overtaken::held_back,
    requested::{show_waiting, with_requested},
    retries,
    unread::NotNow,
};
use crate::{
    Error,
    connection::{self, Acting},
    link::{observe, priced, translate},
    words,
};

impl Attempt {
    /// A session as the person who pushes, or what has to happen first. Nothing is sent meanwhile.
    pub(super) async fn session(&self) -> Result<Result<Acting, NotNow>, Error> {
        let p = &self.push;
        match connection::session(
            &self.context,
            p.company,
            p.person,
            Some(p.procore_company),
            Some(self.permits.clone()),
        )
        .await
        {
            Ok(acting) => Ok(Ok(acting)),
            Err(Error::SignInToProcore(why)) => Ok(Err(NotNow::Park(why))),
            // A refresh that was refused without burning the token: neither lost nor renewed, so it is tried again.
            Err(Error::ProcoreUnavailable(_) | Error::ProcoreRefused(_)) => Ok(Err(NotNow::Unreached)),
            Err(other) => Err(other),
        }
    }

    /// Waits, because the person can't be acted for right now.
    pub(super) async fn not_now(self, why: NotNow, uncertain: bool) -> Result<Option<Self>, Error> {
        match why {
            NotNow::Park(why) => self.park(why, uncertain).await,
            NotNow::Unreached => self.unreached(None, uncertain).await,
        }
    }

    /// Not executed: sent again at that time.
    pub(super) async fn requeue(self, due: Timestamp) -> Result<Option<Self>, Error> {
        self.end_in(PushState::Queued { due }).await
    }

    /// Waits as long as Procore said. `uncertain` says whether a request may have been sent.
    pub(super) async fn wait_until(self, at: Timestamp, uncertain: bool) -> Result<Option<Self>, Error> {
        let state = if uncertain { PushState::Uncertain { look_at: at } } else { PushState::Queued { due: at } };
        self.end_in(state).await
    }

    /// Procore could not be reached: tries again after longer and longer pauses, and in the end waits for a person.
    pub(super) async fn unreached(
        mut self,
        not_before: Option<Timestamp>,
        uncertain: bool,
    ) -> Result<Option<Self>, Error> {
        let tries = self.push.batches.first_mut().map_or(0, |batch| {
            batch.unreached += 1;
            batch.unreached
        });
        if tries >= retries::TRIES {
            return self.stop(words::UNREACHED.into(), uncertain).await;
        }
        let now = self.context.now();
        let at = now.saturating_add(retries::pause(tries, &*self.context.entropy)).unwrap_or(now);
        self.wait_until(at.max(not_before.unwrap_or(at)), uncertain).await
    }

    /// A write got no answer: nobody knows what Procore received until we look.
    pub(super) async fn unanswered(mut self, look_at: Timestamp) -> Result<Option<Self>, Error> {
        if let Some(batch) = self.push.batches.first_mut() {
            batch.unanswered();
        }
        self.end_in(PushState::Uncertain { look_at }).await
    }

    /// Waits until a person fixes something and selects *Try again*.
    pub(super) async fn stop(mut self, why: String, uncertain: bool) -> Result<Option<Self>, Error> {
        self.push.batches.iter_mut().for_each(domain::procore::push::Batch::try_anew);
        let look_at = uncertain.then(|| self.context.now());
        self.end_in(PushState::Stopped { why, look_at }).await
    }

    /// Waits for its person to sign in, or for the app to be installed.
    pub(super) async fn park(mut self, why: String, uncertain: bool) -> Result<Option<Self>, Error> {
        if let Some(batch) = self.push.batches.first_mut() {
            batch.token_refused = false;
        }
        self.end_in(PushState::Parked { why, uncertain }).await
    }

    /// Every COR has its outcome.
    pub(super) async fn finish(self) -> Result<Option<Self>, Error> {
        self.record(BatchOutcome::none()).await
    }

    /// The same outcome for every COR that has none yet.
    pub(super) async fn end_all(self, outcome: CorOutcome) -> Result<Option<Self>, Error> {
        let batch_outcome = BatchOutcome::all(&self, &outcome);
        self.record(batch_outcome).await
    }

    /// Procore no longer shows the event: a person chooses another one.
    pub(super) async fn event_is_gone(self, why: String) -> Result<Option<Self>, Error> {
        let mut batch_outcome = BatchOutcome::all(&self, &CorOutcome::Changed { why });
        batch_outcome.gone = self.push.event;
        self.record(batch_outcome).await
    }

    /// Commits another state of the same batch and releases the queue.
    pub(super) async fn end_in(self, state: PushState) -> Result<Option<Self>, Error> {
        let mut left = self.push.clone();
        left.state = state;
        self.commit(left, None).await?;
        Ok(None)
    }

    /// Commits `next`, changed by the requested action if there is one, and shows it on every open COR. Holds the queue until
    /// `until`, or releases it.
    pub(super) async fn commit(&self, next: Push, until: Option<Timestamp>) -> Result<Push, Error> {
        let (context, claim, was, response) =
            (self.context.clone(), self.claim.clone(), self.push.clone(), self.response.clone());
        self.context
            .store
            .write(move |tx| {
                let now = context.now();
                let requested = tx.of(claim.company).requested_action_of(was.id)?;
                let next = held_back(&mut tx.of(claim.company), &was, next.clone(), now)?;
                let next = with_requested(&was, next, requested, now);
                match until.filter(|_| matches!(next.state, PushState::Sending { .. })) {
                    Some(until) => tx.hold(&claim, until)?,
                    None => tx.release(&claim)?,
                }
                let mut tx = tx.of(claim.company);
                tx.advance_push(&was, &next, now)?;
                show_waiting(&mut tx, &next)?;
                let login = audited::login(&mut tx, &next)?;
                tx.append_audit(audited::moved(&was, &next, login, &response, now).as_slice())?;
                Ok::<_, Error>(next)
            })
            .await
    }

    /// Stores the outcome of the batch. The attempt is over.
    pub(super) async fn record(self, batch_outcome: BatchOutcome) -> Result<Option<Self>, Error> {
        let (context, claim, push, response) = (self.context.clone(), self.claim.clone(), self.push, self.response);
        let (open, taking_back) = (Arc::new(batch_outcome.clone()), Arc::new(batch_outcome.taking_back()));
        self.context
            .store
            .write(move |tx| {
                let now = context.now();
                let claim: &Claim = &claim;
                tx.release(claim)?;
                let mut tx = tx.of(claim.company);
                let was = tx.push(push.id)?.ok_or_else(|| Error::internal("a push is missing"))?;
                if (was.attempt, &was.state) != (push.attempt, &push.state) {
                    return Err(Error::internal("a push was moved by somebody else"));
                }
                let batch_outcome: &BatchOutcome =
                    if was.requested == Some(RequestedAction::Cancel) { &taking_back } else { &open };
                if let Some(event) = &batch_outcome.event {
                    let row = translate::event_row(event, &priced::by_us(&mut tx, push.project, event)?);
                    tx.store_change_event(push.project, &row, now)?;
                } else if let Some(event) =
                    batch_outcome.gone.map(|id| tx.change_event(push.project, id)).transpose()?.flatten()
                {
                    tx.store_change_event(push.project, &EventRow { gone: true, ..event }, now)?;
                }
                let cors = tx.push_cors(push.id)?;
                let person = tx.person(push.person)?.map_or_else(String::new, |p| p.name);
                let number = batch_outcome.event.as_ref().map_or("", |e| e.number.as_str());
                let login = audited::login(&mut tx, &push)?;
                let reporter = audited::PushReporter {
                    context: &context,
                    push: &push,
                    by: person,
                    login,
                    response: &response,
                    number,
                    at: now,
                };
                let open = cors.iter().filter(|cor| cor.outcome == CorOutcome::Pending);
                let ended: Vec<_> = open.filter_map(|cor| Some((cor, batch_outcome.outcomes.get(&cor.cor)?))).collect();
                let mut facts = apply(&reporter, &mut tx, &ended, batch_outcome)?;
                let mut next = push.clone();
                next.batches = batch_outcome.batches();
                next.state = rest(batch_outcome, &cors, now);
                let next = with_requested(&was, next, was.requested, now);
                tx.advance_push(&was, &next, now)?;
                show_waiting(&mut tx, &next)?;
                if next.state.is_at_rest() {
                    // Several requests may have made several events, so everything is read again.
                    let alone = matches!(next.order.target, Target::Existing { .. }) || next.attempt < 2;
                    observe::read_again_later(&context, &mut tx, next.project, next.event.filter(|_| alone))?;
                }
                facts.insert(0, audited::settled(&was, &next, &response, number, facts.len(), now));
                tx.append_audit(&facts)?;
                Ok::<_, Error>(())
            })
            .await?;
        self.context.wake.notify_waiters();
        Ok(None)
    }
}
