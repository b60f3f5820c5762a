//! The transitions of an attempt: read and check, record *sending*, send, and store the answer.

use std::collections::BTreeSet;

use domain::{
    audit::ProcoreResponse,
    procore::{
        currency::CurrencyTrouble,
        push::{Batch, Target},
        push_plan::{EventLine, EventLines, PlanComparison, Work},
        push_state::{CorOutcome, PushState},
        reference::Mark,
    },
};
use jiff::{SignedDuration, Timestamp};
use procore::model::{ChangeEvent, ChangeEventId, ChangeEventPatch, ContractId, ItemWrite, ProjectId};
use store::repo::push::Push;

use super::{
    attempt::{Attempt, AttemptStage, Request, Sent, lease},
    audited,
    batch_outcome::BatchOutcome,
    unread::{NotNow, Unread},
};
use crate::{
    Error,
    connection::Acting,
    link::translate,
    words::{self, ReadFailure},
};

/// A process that sleeps longer than this between recording *sending* and sending does not send: its lease may be over.
const SENDS_WITHIN: SignedDuration = SignedDuration::from_secs(5);

impl Attempt {
    /// The next transition. `None` when the attempt is over.
    pub async fn advance(self) -> Result<Option<Self>, Error> {
        // On the heap: a transition holds the event, its plan and a request.
        Box::pin(self.transition()).await
    }

    async fn transition(self) -> Result<Option<Self>, Error> {
        let Self { context, claim, push, permits, stage, .. } = self;
        let attempt =
            |stage| Self { stage, permits: permits.clone(), ..Self::new(context.clone(), claim.clone(), push.clone()) };
        match stage {
            AttemptStage::Claimed if push.requested.is_some() => {
                Box::pin(attempt(AttemptStage::Claimed).carry_out()).await
            }
            AttemptStage::Claimed => match push.state.clone() {
                PushState::Queued { .. } => Box::pin(attempt(AttemptStage::Claimed).prepare()).await,
                PushState::Sending { since } => attempt(AttemptStage::Claimed).rescue(since).await,
                PushState::Uncertain { .. } => Box::pin(attempt(AttemptStage::Claimed).look()).await,
                state => Err(Error::internal(format!("a {} push is in the outbox", state.code()))),
            },
            AttemptStage::Ready { request } => attempt(AttemptStage::Claimed).record_sending(request).await,
            AttemptStage::Recorded { request, since, left_before } => {
                let Some(sent) = attempt(AttemptStage::Claimed).send(*request, since).await else {
                    // Nothing left, so nothing is uncertain.
                    let mut late = attempt(AttemptStage::Claimed);
                    "it had not left in time".clone_into(&mut late.response.message);
                    return late.requeue(context.now()).await;
                };
                let sent = Sent { left_before, ..sent };
                Ok(Some(attempt(AttemptStage::Answered { sent: Box::new(sent), since })))
            }
            AttemptStage::Answered { sent, since } => {
                let attempt = attempt(AttemptStage::Claimed);
                #[cfg(feature = "sabotage")]
                let attempt = attempt.recorded_too_late(since).await?;
                Box::pin(attempt.answered(*sent, since)).await
            }
        }
    }

    /// Reads the event and finds out what is still to be written.
    async fn prepare(mut self) -> Result<Option<Self>, Error> {
        let Some(batch) = self.batch().cloned() else { return self.finish().await };
        let is_new = self.push.event.is_none() && batch.first_sent.is_none();
        // One to write a new event; one to read and one to write where something may be there.
        if batch.left_unread {
            self.reads_first();
        } else if let Err(due) = self.permits.take(if is_new { 1 } else { 2 }).await? {
            // It keeps its place: the claims of all pushes pass over the account until then.
            let place = if let PushState::Queued { due } = self.push.state { due } else { due };
            return self.requeue(place).await;
        }
        let found = if is_new {
            // There is nothing to read yet. Check before *sending* that somebody is signed in to send as.
            match self.session().await? {
                Ok(_) => None,
                Err(why) => return self.not_now(why, false).await,
            }
        } else {
            match self.found().await? {
                Ok(found) => found,
                Err(unread) => return self.could_not_read(unread, false).await,
            }
        };
        if let Some(found) = &found {
            self.push.event = Some(found.value.id.0);
            self.response = audited::found(found);
        }
        let event = found.as_ref().map(|f| self.live(&f.value));
        let settled = self.push.order.plan.compare(event.as_ref(), &batch.cors);
        if !settled.changed.is_empty() || settled.missing.is_empty() {
            // Record what is done and ask about what was changed; the next attempt sends the rest.
            let batch_outcome = BatchOutcome::of(&self, &settled, found.as_ref());
            return self.record(batch_outcome).await;
        }
        // Checked only now, so that lines already there are recorded whatever became of the event.
        if let Some(why) = found.as_ref().and_then(|f| self.event_forbids(&f.value)) {
            let batch_outcome = BatchOutcome::all_else(&self, &settled, found.as_ref(), &CorOutcome::Changed { why });
            return self.record(batch_outcome).await;
        }
        if let Err(trouble) = self.in_its_currency(found.as_ref().map(|f| &f.value)).await? {
            let why = trouble.with_remedy();
            let batch_outcome = BatchOutcome::all_else(&self, &settled, found.as_ref(), &CorOutcome::Changed { why });
            return self.record(batch_outcome).await;
        }
        let overtaken = self.overtaken(&batch).await?;
        if !overtaken.is_empty() {
            let mut batch_outcome = BatchOutcome::of(&self, &settled, found.as_ref());
            batch_outcome.leave_out(&overtaken);
            return self.record(batch_outcome).await;
        }
        let has_prime = found.as_ref().is_some_and(|f| f.value.prime_contract_for_estimates.is_some());
        let request = Box::new(self.request(&batch, (event.as_ref(), has_prime), &settled));
        Ok(Some(Self { stage: AttemptStage::Ready { request }, ..self }))
    }

    /// Why the event must not be written to as it is now, if so.
    fn event_forbids(&self, found: &ChangeEvent) -> Option<String> {
        if found.in_recycle_bin || found.deleted_at.is_some() {
            return Some("This Change Event was deleted in Procore. Choose another one.".into());
        }
        if !self.removes() && translate::facts(found).is_void() {
            let or = match self.push.order.plan.work() {
                Work::MakesUp => "leave what is locked in it as it is",
                Work::TakesOut | Work::Writes => "move the COR to another one",
            };
            return Some(format!(
                "This Change Event was voided in Procore meanwhile: what is written into it counts nowhere. Open it there, or {or}."
            ));
        }
        None
    }

    /// Whether the project's currency, as it is known now, is the push's. Taking lines away needs no currency.
    async fn in_its_currency(&self, found: Option<&ChangeEvent>) -> Result<Result<(), CurrencyTrouble>, Error> {
        if self.removes() {
            return Ok(Ok(()));
        }
        let (company, project) = (self.push.company, self.push.project);
        let known = self.context.store.read(move |tx| tx.of(company).known_currency(project)).await?;
        let ours = self.push.order.plan.known_lines();
        let known = known.naming(found.into_iter().flat_map(|event| translate::currencies(event, &ours)));
        Ok(known.agrees_with(self.push.order.currency))
    }

    /// The request for the missing lines. A prime contract is set only where the event has none.
    fn request(
        &self,
        batch: &Batch,
        (event, has_prime): (Option<&EventLines>, bool),
        settled: &PlanComparison,
    ) -> Request {
        let plan = &self.push.order.plan;
        let lines: Vec<ItemWrite> = plan
            .cors
            .iter()
            .flat_map(|cor| cor.lines.iter().map(move |line| (cor, line)))
            .filter(|(cor, line)| settled.missing.contains(&(cor.cor, line.key)))
            .filter_map(|(_, line)| translate::write(line, plan.side, self.push.order.no_revenue))
            .collect();
        match (event, &self.push.order.target) {
            (None, Target::New(new)) => {
                let mut request = translate::new_event(new, &self.push.id.to_string(), lines);
                request.external_data = request.external_data.filter(|_| !batch.bare);
                Request::Create(request)
            }
            (event, target) => {
                let prime = match target {
                    Target::Existing { prime_contract, .. } => prime_contract.filter(|_| !has_prime).map(ContractId),
                    Target::New(_) => None,
                };
                let id = event.map(|e| e.id).or(self.push.event).unwrap_or_default();
                let named: BTreeSet<i64> = lines.iter().filter_map(|line| line.id).map(|id| id.0).collect();
                // Lines with our marks don't count: another push of ours may be removing them right now.
                let others = |line: &&EventLine| !line.deleted && Mark::find(&line.values.description).is_none();
                let live = event.into_iter().flat_map(|e| &e.lines).filter(others).map(|l| l.id);
                let bystanders = live.filter(|id| !named.contains(id)).collect();
                let patch =
                    ChangeEventPatch { change_items: lines, prime_contract_for_estimates: prime, ..Default::default() };
                Request::Patch { event: id, patch, bystanders }
            }
        }
    }

    /// Commits *sending*, with the attempt counted, before the first byte leaves.
    async fn record_sending(self, request: Box<Request>) -> Result<Option<Self>, Error> {
        let since = self.context.now();
        let left_before = self.batch().is_some_and(Batch::has_left);
        let sending = self.sending(since);
        #[cfg(feature = "sabotage")]
        if domain::sabotage::is(domain::sabotage::Sabotage::SendingUnrecorded) {
            return Ok(Some(Self { stage: AttemptStage::Recorded { request, since, left_before }, ..self }));
        }
        let push = self.commit(sending, Some(lease(&self.context, since))).await?;
        if !matches!(push.state, PushState::Sending { .. }) {
            // A person paused it or took it back just now: nothing has left.
            return Ok(None);
        }
        Ok(Some(Self { push, stage: AttemptStage::Recorded { request, since, left_before }, ..self }))
    }

    /// The push with one attempt more, on its way since then.
    fn sending(&self, since: Timestamp) -> Push {
        let mut sending = self.push.clone();
        sending.state = PushState::Sending { since };
        sending.attempt += 1;
        if let Some(batch) = sending.batches.first_mut() {
            batch.sending(since.as_microsecond());
        }
        sending
    }

    /// Records *sending* after the request instead of before, so that a test can show what that breaks.
    #[cfg(feature = "sabotage")]
    async fn recorded_too_late(self, since: Timestamp) -> Result<Self, Error> {
        if !domain::sabotage::is(domain::sabotage::Sabotage::SendingUnrecorded) {
            return Ok(self);
        }
        let push = self.commit(self.sending(since), Some(lease(&self.context, since))).await?;
        Ok(Self { push, ..self })
    }

    /// Sends the request recorded at `since`; nothing if that was too long ago.
    async fn send(&self, request: Request, since: Timestamp) -> Option<Sent> {
        let unsent = |error: procore::Error| {
            let response = ProcoreResponse { message: error.to_string(), ..ProcoreResponse::default() };
            Some(Sent { answer: Err(error), response, access: None, bystanders: BTreeSet::new(), left_before: false })
        };
        // The sign-in was good when the attempt began. If it is lost by now, nothing has left yet.
        let Acting { session, access } = match self.session().await {
            Ok(Ok(acting)) => acting,
            Ok(Err(NotNow::Park(why))) => return unsent(procore::Error::SignInAgain(why)),
            Ok(Err(NotNow::Unreached)) => return unsent(procore::Error::NotSent("no token could be had".into())),
            Err(error) => return unsent(procore::Error::NotSent(error.to_string())),
        };
        // Checked last, because getting a token or a turn may have taken time.
        if self.context.now().duration_since(since) > SENDS_WITHIN {
            return None;
        }
        self.permits.close_at(since.saturating_add(SENDS_WITHIN).unwrap_or(since));
        let project = ProjectId(self.push.procore_project);
        let occasion = format!("push {} {}", self.push.id, self.batch().map_or(0, |batch| batch.turn));
        let (answer, bystanders) = match request {
            Request::Create(new) => (session.create_change_event(project, &new, &occasion).await, BTreeSet::new()),
            Request::Patch { event, patch, bystanders } => {
                (session.update_change_event(project, ChangeEventId(event), &patch, &occasion).await, bystanders)
            }
        };
        self.permits.close_at(Timestamp::MAX);
        let response = audited::response(&answer);
        let answer = answer.map_err(procore::Error::from);
        Some(Sent { answer, response, access: Some(access), bystanders, left_before: false })
    }

    /// Picks up after a crash while *sending*: nobody knows what Procore received.
    pub(super) async fn rescue(mut self, since: Timestamp) -> Result<Option<Self>, Error> {
        "the process that sent it ended before the answer was stored".clone_into(&mut self.response.message);
        let look_at = self.looks(since).first(self.context.now());
        self.unanswered(look_at).await
    }

    /// A read failed: the push waits, is parked, or is refused. `uncertain` says whether a request may have been sent.
    pub(super) async fn could_not_read(self, unread: Unread, uncertain: bool) -> Result<Option<Self>, Error> {
        let now = self.context.now();
        let error = match unread {
            Unread::NotNow(why) => return self.not_now(why, uncertain).await,
            Unread::Failed(error) => error,
        };
        match words::read_failure(&error, now) {
            ReadFailure::Later(due) => self.wait_until(due, uncertain).await,
            ReadFailure::Unreached(not_before) => self.unreached(not_before, uncertain).await,
            ReadFailure::Park(why) => self.park(why, uncertain).await,
            ReadFailure::Gone(_) if self.push.event.is_some() => Box::pin(self.not_shown(uncertain)).await,
            ReadFailure::Gone(_) | ReadFailure::Refused(_) if uncertain || self.may_be_half() => {
                self.stop(words::may_not_look(error.messages()), uncertain).await
            }
            ReadFailure::Odd(why) => self.stop(why, uncertain).await,
            ReadFailure::Gone(why) => self.end_all(CorOutcome::Changed { why }).await,
            ReadFailure::Refused(why) => self.end_all(CorOutcome::Refused { why }).await,
        }
    }
}
