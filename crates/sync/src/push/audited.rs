//! Facts for the record of pushes: each step of a push, and how each COR ended.

use domain::{
    ActivityId,
    activity::{Audience, Entry, EntryKind},
    audit::{AuditEvent, Fact, Line, PrivateEntry, ProcoreResponse, SharedEntry, Step},
    procore::{
        Amount,
        push::Purpose,
        push_plan::{PlanComparison, PlanCor},
        push_state::{CorOutcome, PushState},
    },
};
use jiff::Timestamp;
use procore::{Answered, Failed, model::ChangeEvent};
use store::{
    CompanyTx, StoreError,
    repo::push::{Push, PushCor},
};

use crate::Context;

/// Procore's answer to a write.
pub(super) fn response(answer: &Result<Answered<ChangeEvent>, Failed>) -> ProcoreResponse {
    match answer {
        Ok(answer) => found(answer),
        Err(failed) => {
            let message = match &failed.error {
                procore::Error::Forbidden(messages)
                | procore::Error::Refused { messages, .. }
                | procore::Error::Contended { messages, .. } => {
                    messages.iter().map(|m| m.text.as_str()).collect::<Vec<_>>().join("; ")
                }
                error => error.to_string(),
            };
            ProcoreResponse { status: failed.status, request_id: failed.request_id.clone(), message }
        }
    }
}

/// Procore's answer to a read that found the event.
pub(super) fn found(answer: &Answered<ChangeEvent>) -> ProcoreResponse {
    ProcoreResponse { request_id: answer.request_id.clone(), ..ProcoreResponse::default() }
}

/// The Procore login that a push is made with.
pub fn login(us: &mut CompanyTx<'_>, push: &Push) -> Result<Option<String>, StoreError> {
    Ok(us.login_of(push.person)?.map(|login| login.procore_user))
}

/// The step from one state of a push to the next, if the record keeps it. Waiting a little longer is no step.
pub fn moved(
    was: &Push,
    next: &Push,
    login: Option<String>,
    response: &ProcoreResponse,
    at: Timestamp,
) -> Option<Fact> {
    let attempt = next.attempt;
    let (sent, response) = (matches!(was.state, PushState::Sending { .. }), response.clone());
    let step = match (&was.state, &next.state) {
        (_, PushState::Sending { .. }) => {
            let cors = next.batches.first().map_or(0, |batch| batch.cors.len());
            Step::Sending { attempt, login, event: next.event, cors }
        }
        (PushState::Sending { .. }, PushState::Queued { .. }) => Step::NotExecuted { attempt, response },
        (PushState::Sending { .. }, PushState::Uncertain { look_at }) => {
            Step::Uncertain { attempt, response, look_at: *look_at }
        }
        (
            PushState::Sending { .. },
            PushState::Paused { look_at: Some(look_at) } | PushState::Stopped { look_at: Some(look_at), .. },
        ) => Step::Uncertain { attempt, response, look_at: *look_at },
        (PushState::Sending { .. }, PushState::Paused { .. } | PushState::Stopped { .. }) => {
            Step::NotExecuted { attempt, response }
        }
        (PushState::Uncertain { .. }, PushState::Uncertain { .. }) if has_looked(was, next) => {
            Step::Looked { attempt, response, event: next.event, settled: 0, next: next.state.code().to_owned() }
        }
        (_, PushState::Parked { uncertain: true, .. }) if sent => {
            Step::Refused { attempt, response, settled: 0, next: next.state.code().to_owned() }
        }
        (_, PushState::Parked { .. }) if sent => Step::NotExecuted { attempt, response },
        (_, PushState::Parked { why, uncertain }) => Step::Parked { why: why.clone(), uncertain: *uncertain },
        (_, PushState::Stopped { why, look_at }) => Step::Stopped { why: why.clone(), uncertain: look_at.is_some() },
        (_, PushState::Paused { look_at }) => Step::Paused { uncertain: look_at.is_some() },
        (was, PushState::Queued { .. }) if was.waits_for_a_person() => Step::Resumed { uncertain: false },
        (was, PushState::Uncertain { .. }) if was.waits_for_a_person() => Step::Resumed { uncertain: true },
        _ => return None,
    };
    Some(of(next, at, AuditEvent::Push(step)))
}

/// Whether a look ended between the two states without finding everything, so that another will follow.
fn has_looked(was: &Push, next: &Push) -> bool {
    let looked_at = |push: &Push| push.batches.first().and_then(|batch| batch.looked_at);
    looked_at(next).is_some() && looked_at(was) != looked_at(next)
}

/// The step that an answer or a look was.
pub(super) fn settled(
    was: &Push,
    next: &Push,
    response: &ProcoreResponse,
    number: &str,
    settled: usize,
    at: Timestamp,
) -> Fact {
    let (attempt, response, next_state) = (was.attempt, response.clone(), next.state.code().to_owned());
    let step = match &was.state {
        PushState::Sending { .. } if response.status.is_some() => {
            Step::Refused { attempt, response, settled, next: next_state }
        }
        PushState::Sending { .. } => {
            let (event, number) = (next.event, number.to_owned());
            Step::Answered { attempt, response, event, number, settled, next: next_state }
        }
        _ => Step::Looked { attempt, response, event: next.event, settled, next: next_state },
    };
    of(next, at, AuditEvent::Push(step))
}

/// A push was cancelled before any of it was sent.
pub(super) fn taken_back(push: &Push, cors: usize, at: Timestamp) -> Fact {
    of(push, at, AuditEvent::Push(Step::Cancelled { cors }))
}

/// Who pushes, and what Procore answered: what an entry about a COR says beside its outcome.
pub(super) struct PushReporter<'a> {
    pub context: &'a Context,
    pub push: &'a Push,
    pub by: String,
    pub login: Option<String>,
    pub response: &'a ProcoreResponse,
    /// The number of the change event.
    pub number: &'a str,
    pub at: Timestamp,
}

impl PushReporter<'_> {
    /// The activity's entry about how one COR of the push ended.
    pub(super) fn activity(&self, cor: &PushCor, text: String) -> Entry {
        Entry {
            id: ActivityId::fresh(self.at, &*self.context.entropy),
            project: self.push.project,
            cor: Some(cor.cor),
            audience: Audience::Only(self.push.company),
            actor: Some(self.push.person),
            actor_name: self.by.clone(),
            at: self.at,
            kind: EntryKind::Push,
            text,
        }
    }

    /// How one COR of the push ended.
    pub(super) fn cor(&self, plan: &PlanCor, outcome: &CorOutcome, settlement: &PlanComparison) -> Option<Fact> {
        let (number, by, request_id) = (plan.number.clone(), self.by.clone(), self.response.request_id.clone());
        let mut kept = PrivateEntry {
            login: self.login.clone(),
            event: self.push.event,
            ..PrivateEntry::salted(&*self.context.entropy)
        };
        kept.lines = plan
            .lines
            .iter()
            .filter_map(|line| {
                let (id, values) = settlement.done.get(&(plan.cor, line.key))?;
                let now = values.as_ref();
                let (amount, budget_code) = (now.map(|v| v.amount), now.and_then(|v| v.budget_code));
                let contract = now.and_then(|v| v.contract);
                Some(Line { id: *id, ordinal: line.ordinal, amount, budget_code, contract })
            })
            .collect();
        let told = match outcome {
            CorOutcome::Written if self.push.order.purpose != Purpose::Write => SharedEntry::CorRemoved {
                number,
                by,
                event: self.number.to_owned(),
                amount: plan.change().previous,
                made_up: Amount::ZERO,
                currency: self.push.order.currency.code().to_owned(),
                request_id,
            },
            CorOutcome::Written if plan.taken_out => SharedEntry::CorRemoved {
                number,
                by,
                event: self.number.to_owned(),
                amount: plan.removed(),
                made_up: made_up(plan, settlement),
                currency: self.push.order.currency.code().to_owned(),
                request_id,
            },
            CorOutcome::Written => SharedEntry::CorWritten {
                number,
                by,
                event: self.number.to_owned(),
                amount: kept.lines.iter().filter_map(|line| line.amount).sum(),
                before: plan.change().previous,
                currency: self.push.order.currency.code().to_owned(),
                request_id,
            },
            CorOutcome::Refused { why } => {
                kept.why.clone_from(why);
                SharedEntry::CorRefused { number, by, request_id }
            }
            CorOutcome::Changed { why } => {
                kept.why.clone_from(why);
                SharedEntry::CorStopped { number, by }
            }
            CorOutcome::Cancelled => SharedEntry::CorTakenBack { number, by },
            CorOutcome::Pending => return None,
        };
        Some(of(self.push, self.at, AuditEvent::Cor { cor: plan.cor, told, kept }))
    }
}

/// What the written adjustment lines make up for, as Procore shows them.
fn made_up(plan: &PlanCor, settlement: &PlanComparison) -> Amount {
    let written = plan.lines.iter().filter(|line| line.puts_money().is_some());
    let there = written.filter_map(|line| settlement.done.get(&(plan.cor, line.key))?.1.as_ref());
    -there.map(|values| values.amount).sum::<Amount>()
}

fn of(push: &Push, at: Timestamp, event: AuditEvent) -> Fact {
    Fact { at, project: push.project, push: Some(push.id), event }
}
