//! What an answer or a look says about the current batch, and what follows for the push.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::{
    CorId,
    procore::{
        comparison::EventFacts,
        push::Batch,
        push_plan::{EventLines, PlanComparison},
        push_state::{CorOutcome, PushState},
    },
};
use jiff::Timestamp;
use procore::{Answered, model::ChangeEvent};
use store::repo::push::PushCor;

use super::attempt::Attempt;
use crate::{link::translate, words};

/// What a look or an answer says about the current batch.
#[derive(Clone)]
pub(super) struct BatchOutcome {
    pub(super) settled: PlanComparison,
    pub(super) outcomes: BTreeMap<CorId, CorOutcome>,
    /// The rest of the current batch, still unsent; two batches when it was halved.
    current: Vec<Batch>,
    later: Vec<Batch>,
    /// What an unfinished push does next: go on at once, later, or wait for a person.
    then: Then,
    /// The event as it was read or answered.
    pub(super) event: Option<Arc<ChangeEvent>>,
    /// The same as the planner sees it, so that later changes by others show.
    pub(super) seen: Option<(EventFacts, EventLines)>,
    /// The event, if Procore no longer shows it.
    pub(super) gone: Option<i64>,
    /// How many lines that the request didn't mention disappeared.
    pub(super) dropped: usize,
}

/// When the rest of a push is sent.
#[derive(Debug, Clone, Default)]
enum Then {
    /// At once.
    #[default]
    AtOnce,
    /// Not before then.
    NotBefore(Timestamp),
    /// Only after looks have not found it; the first look is at this time.
    LookAt(Timestamp),
    /// A person has to act first.
    Stop(String),
}

impl BatchOutcome {
    /// CORs that are in the event as planned count as written. Those that somebody changed there wait for a decision. The others
    /// stay in the batch.
    pub(super) fn of(attempt: &Attempt, settled: &PlanComparison, found: Option<&Answered<ChangeEvent>>) -> Self {
        let (batch, later) = match attempt.push.batches.split_first() {
            Some((batch, later)) => (batch.clone(), later.to_vec()),
            None => (Batch::fresh(Vec::new()), Vec::new()),
        };
        let mut outcomes = BTreeMap::new();
        for cor in &batch.cors {
            if let Some(((_, _), why)) = settled.changed.iter().find(|((c, _), _)| c == cor) {
                let then = if attempt.removes() { "Compare the COR with Procore" } else { "Look at the plan again" };
                outcomes.insert(*cor, CorOutcome::Changed { why: format!("{why}. {then} and decide.") });
            } else if settled.is_done(*cor) {
                outcomes.insert(*cor, CorOutcome::Written);
            }
        }
        let open: Vec<CorId> = batch.cors.iter().copied().filter(|c| !outcomes.contains_key(c)).collect();
        let current = if open.is_empty() { Vec::new() } else { vec![batch.left_with(open)] };
        let event = found.map(|f| Arc::new(f.value.clone()));
        let side = attempt.push.order.plan.side;
        let seen = found.map(|f| (translate::facts(&f.value), translate::event(&f.value, side)));
        Self {
            settled: settled.clone(),
            seen,
            outcomes,
            current,
            later,
            then: Then::AtOnce,
            event,
            gone: None,
            dropped: 0,
        }
    }

    /// The same outcome for every COR that has none yet.
    pub(super) fn all(attempt: &Attempt, outcome: &CorOutcome) -> Self {
        let outcomes = attempt.push.batches.iter().flat_map(|b| &b.cors).map(|c| (*c, outcome.clone())).collect();
        let nothing = Self::of(attempt, &PlanComparison::default(), None);
        Self { outcomes, current: Vec::new(), later: Vec::new(), ..nothing }
    }

    /// The same outcome for every COR that the event, as it was read, does not decide.
    pub(super) fn all_else(
        attempt: &Attempt,
        settled: &PlanComparison,
        found: Option<&Answered<ChangeEvent>>,
        outcome: &CorOutcome,
    ) -> Self {
        let known = Self::of(attempt, settled, found);
        let mut outcomes = Self::all(attempt, outcome).outcomes;
        outcomes.extend(known.outcomes.clone());
        Self { outcomes, current: Vec::new(), later: Vec::new(), ..known }
    }

    /// The CORs that are neither written nor changed.
    pub(super) fn open(&self) -> Vec<CorId> {
        self.current.iter().flat_map(|b| &b.cors).copied().collect()
    }

    /// For a push that never sent anything.
    pub(super) fn none() -> Self {
        Self {
            settled: PlanComparison::default(),
            outcomes: BTreeMap::new(),
            current: Vec::new(),
            later: Vec::new(),
            then: Then::AtOnce,
            event: None,
            seen: None,
            gone: None,
            dropped: 0,
        }
    }

    /// Whether a look decided no COR.
    pub(super) fn is_empty_handed(&self) -> bool {
        self.outcomes.is_empty()
    }

    /// The rest is not sent before then.
    pub(super) fn not_before(&mut self, at: Timestamp) {
        self.then = Then::NotBefore(at);
    }

    /// The rest is looked for from then on, before it is sent.
    pub(super) fn look_at(&mut self, at: Timestamp) {
        self.then = Then::LookAt(at);
    }

    /// The rest waits for a person.
    pub(super) fn stop(&mut self, why: &str) {
        self.then = Then::Stop(why.to_owned());
        self.current.iter_mut().for_each(Batch::try_anew);
    }

    /// The outcome where a person cancelled the push: open CORs and unsent batches are cancelled. A batch that was cut off this one
    /// and may be half written stays, to be looked for first.
    pub(super) fn taking_back(mut self) -> Self {
        let (left, never): (Vec<Batch>, Vec<Batch>) =
            std::mem::take(&mut self.later).into_iter().partition(Batch::has_left);
        let outcome = self.taken_back();
        for cor in self.open() {
            self.outcomes.insert(cor, outcome.clone());
        }
        for cor in never.into_iter().flat_map(|batch| batch.cors) {
            self.outcomes.insert(cor, CorOutcome::Cancelled);
        }
        Self { current: Vec::new(), later: left, then: Then::AtOnce, ..self }
    }

    /// The outcome of a cancelled COR that a look did not find. Where Procore said that it exists already, it does not count as
    /// absent.
    fn taken_back(&self) -> CorOutcome {
        if self.current.iter().any(|batch| batch.taken > 0) {
            return CorOutcome::Changed { why: words::TAKEN_BACK.to_owned() };
        }
        CorOutcome::Cancelled
    }

    /// Leaves these CORs out, as far as they are still open.
    pub(super) fn leave_out(&mut self, cors: &BTreeSet<CorId>) {
        for cor in self.open().into_iter().filter(|cor| cors.contains(cor)) {
            self.outcomes.insert(cor, self.taken_back());
        }
        for batch in &mut self.current {
            batch.cors.retain(|cor| !cors.contains(cor));
        }
    }

    pub(super) fn batches(&self) -> Vec<Batch> {
        self.current.iter().chain(&self.later).filter(|b| !b.cors.is_empty()).cloned().collect()
    }

    /// Procore accepted the request but doesn't show a line of it: it is sent once more, then refused, never for ever.
    pub(super) fn refuse_unconfirmed(&mut self, attempt: &Attempt, not_before: Timestamp) {
        let open = self.open();
        if open.is_empty() {
            return;
        }
        if attempt.batch().is_some_and(|b| b.resent) {
            let why = if attempt.removes() {
                "Procore accepted the removal but still shows lines of it. Look at the Change Event there."
            } else {
                "Procore accepted the push but doesn't show all of its lines. Look at the Change Event there."
            };
            self.refuse(&open, why);
        } else {
            self.resend();
            self.not_before(not_before);
        }
    }

    /// Refuses CORs of the current batch.
    pub(super) fn refuse(&mut self, cors: &[CorId], why: &str) {
        for cor in cors {
            self.outcomes.insert(*cor, CorOutcome::Refused { why: why.to_owned() });
        }
        for batch in &mut self.current {
            batch.cors.retain(|c| !cors.contains(c));
        }
    }

    /// Sends the rest of the current batch once more.
    pub(super) fn resend(&mut self) {
        self.current.iter_mut().for_each(|b| b.resent = true);
    }

    /// Makes the new event without our back-reference.
    pub(super) fn retry_bare(&mut self) {
        self.current.iter_mut().for_each(|b| b.bare = true);
    }

    /// Nothing of the current batch is in Procore or on its way, so it is sent without a look.
    pub(super) fn nothing_is_out(&mut self) {
        self.current.iter_mut().for_each(|b| b.first_sent = None);
    }

    /// Halves the current batch.
    pub(super) fn halve(&mut self) {
        self.current = self.current.iter().flat_map(Batch::halves).collect();
    }
}

/// The state after a batch's outcome: more to send, or at rest.
pub(super) fn rest(batch_outcome: &BatchOutcome, cors: &[PushCor], now: Timestamp) -> PushState {
    if !batch_outcome.batches().is_empty() {
        return match &batch_outcome.then {
            Then::AtOnce => PushState::Queued { due: now },
            Then::NotBefore(due) => PushState::Queued { due: *due },
            Then::LookAt(at) => PushState::Uncertain { look_at: *at },
            Then::Stop(why) => PushState::Stopped { why: why.clone(), look_at: None },
        };
    }
    let outcome = |cor: &PushCor| batch_outcome.outcomes.get(&cor.cor).cloned().unwrap_or_else(|| cor.outcome.clone());
    let changed = |cor: &PushCor| match outcome(cor) {
        CorOutcome::Changed { why } => Some(why),
        _ => None,
    };
    if !cors.is_empty() && cors.iter().all(|cor| outcome(cor) == CorOutcome::Cancelled) {
        return PushState::Cancelled;
    }
    match cors.iter().map(changed).collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().next()) {
        Some(why) => PushState::Changed { why },
        None => PushState::Finished,
    }
}
