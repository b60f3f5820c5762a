//! Storing what a pass found out: state, links, activity and outbox in one transaction, and only while the lane is held.

use std::collections::BTreeMap;

use domain::{
    ActivityId, CorId, Money,
    activity::{Audience, Entry, Kind},
    audit::Fact,
    cor::LineKey,
    procore::{
        drift::EventFacts,
        push::{Batch, Purpose},
        push_plan::{Action, Event, PlanCor, Settlement, Values},
        push_state::{CorOutcome, ProcoreState, PushState},
    },
};
use jiff::Timestamp;
use procore::{Answered, model::ChangeEvent};
use store::{
    CompanyTx,
    repo::{
        change_event::EventRow,
        integration::RateBudget,
        link::{Link, LinkLine},
        outbox::Claim,
        push::{Push, PushCor},
    },
};

use super::{
    audited::{self, Teller},
    observe,
    pass::Pass,
    removed, translate, words,
};
use crate::{
    Error,
    actions::acting::{self, Acting},
};

/// Why a pass cannot act as its person yet.
pub(super) enum NotNow {
    /// The person has to sign in.
    Park(String),
    /// Procore's login host is not answering.
    Later(Timestamp),
}

/// What a look or an answer told about the current batch.
pub(super) struct Verdict {
    settled: Settlement,
    outcomes: BTreeMap<CorId, CorOutcome>,
    /// What of the current batch is still to be sent; two when it was halved.
    current: Vec<Batch>,
    later: Vec<Batch>,
    /// The event as it was read or answered.
    pub(super) event: Option<EventRow>,
    /// The same, for telling later what somebody changed since.
    seen: Option<(EventFacts, Event)>,
    /// The event is not shown any more.
    gone: Option<i64>,
    /// How many lines that the request didn't mention are gone after it.
    pub(super) dropped: usize,
    rate: Option<RateBudget>,
}

impl Verdict {
    /// CORs of the current batch that are in the event as planned are written, those that somebody changed there are
    /// asked about, the others stay in the batch.
    pub(super) fn of(pass: &Pass, settled: &Settlement, found: Option<&Answered<ChangeEvent>>) -> Self {
        let (batch, later) = match pass.push.batches.split_first() {
            Some((batch, later)) => (batch.clone(), later.to_vec()),
            None => (Batch::fresh(Vec::new()), Vec::new()),
        };
        let mut outcomes = BTreeMap::new();
        for cor in &batch.cors {
            if let Some(((_, _), why)) = settled.changed.iter().find(|((c, _), _)| c == cor) {
                outcomes
                    .insert(*cor, CorOutcome::Changed { why: format!("{why}. Look at the plan again and decide.") });
            } else if settled.is_settled(*cor) {
                outcomes.insert(*cor, CorOutcome::Written);
            }
        }
        let open: Vec<CorId> = batch.cors.iter().copied().filter(|c| !outcomes.contains_key(c)).collect();
        let current =
            if open.is_empty() { Vec::new() } else { vec![Batch { cors: open, token_refused: false, ..batch }] };
        let rate = found
            .and_then(|f| f.rate.as_ref())
            .map(|r| RateBudget { remaining: r.remaining.into(), resets_at: r.reset });
        let event = found.map(|f| translate::event_row(&f.value));
        let side = pass.push.order.plan.side;
        let seen = found.map(|f| (translate::facts(&f.value), translate::event(&f.value, side)));
        Self { settled: settled.clone(), outcomes, current, later, event, seen, gone: None, dropped: 0, rate }
    }

    /// The same outcome for everything that is not settled yet.
    pub(super) fn all(pass: &Pass, outcome: &CorOutcome) -> Self {
        let outcomes = pass.push.batches.iter().flat_map(|b| &b.cors).map(|c| (*c, outcome.clone())).collect();
        let nothing = Self::of(pass, &Settlement::default(), None);
        Self { outcomes, current: Vec::new(), later: Vec::new(), ..nothing }
    }

    /// The CORs that are neither written nor changed.
    pub(super) fn open(&self) -> Vec<CorId> {
        self.current.iter().flat_map(|b| &b.cors).copied().collect()
    }

    fn batches(&self) -> Vec<Batch> {
        self.current.iter().chain(&self.later).filter(|b| !b.cors.is_empty()).cloned().collect()
    }

    /// Procore said yes and yet does not show a line: not to be sent for ever.
    pub(super) fn refuse_unconfirmed(&mut self, pass: &Pass) {
        let open = self.open();
        if pass.batch().is_some_and(|b| b.resent) {
            self.refuse(
                &open,
                "Procore accepted the push but doesn't show all of its lines. Look at the Change Event there.",
            );
        } else {
            self.resend();
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

    /// What remains of the current batch is sent once more.
    pub(super) fn resend(&mut self) {
        self.current.iter_mut().for_each(|b| b.resent = true);
    }

    /// A new event without our back-reference.
    pub(super) fn retry_bare(&mut self) {
        self.current.iter_mut().for_each(|b| b.bare = true);
    }

    /// Of the current batch nothing is in Procore and nothing on its way, so that it is sent without a look.
    pub(super) fn nothing_is_out(&mut self) {
        self.current.iter_mut().for_each(|b| b.first_sent = None);
    }

    /// The current batch is tried in halves.
    pub(super) fn halve(&mut self) {
        self.current = self.current.iter().flat_map(Batch::halves).collect();
    }
}

impl Pass {
    /// Whoever pushes, in Procore; or what has to happen first. Nothing of the push is sent meanwhile.
    pub(super) async fn session(&self) -> Result<Result<Acting, NotNow>, Error> {
        let p = &self.push;
        match acting::session(&self.app, p.company, p.person, Some(p.procore_company)).await {
            Ok(acting) => Ok(Ok(acting)),
            Err(Error::SignInToProcore(why)) => Ok(Err(NotNow::Park(why))),
            // A refresh that was refused without burning the token: neither lost nor renewed, so it is tried again.
            Err(Error::ProcoreUnavailable(_) | Error::ProcoreRefused(_)) => {
                Ok(Err(NotNow::Later(words::wait(self.app.now(), None, None))))
            }
            Err(other) => Err(other),
        }
    }

    /// Nobody to send as, for now.
    pub(super) async fn not_now(self, why: NotNow, uncertain: bool) -> Result<Option<Self>, Error> {
        match why {
            NotNow::Park(why) => self.park(why, uncertain).await,
            NotNow::Later(look_at) if uncertain => self.leave(PushState::Uncertain { look_at }).await,
            NotNow::Later(due) => self.requeue(due).await,
        }
    }

    /// When the rate limit is used up: until when.
    pub(super) async fn used_up(&self) -> Result<Option<Timestamp>, Error> {
        let (account, now) = (self.push.procore_company, self.app.now());
        let budget = self.app.store.read(move |tx| tx.rate_of(account, now)).await?;
        Ok(budget.filter(|b| b.remaining <= 1 && b.resets_at > now).map(|b| b.resets_at))
    }

    /// Not executed: to be sent again, then.
    pub(super) async fn requeue(self, due: Timestamp) -> Result<Option<Self>, Error> {
        self.leave(PushState::Queued { due }).await
    }

    /// Waits for a person.
    pub(super) async fn park(mut self, why: String, uncertain: bool) -> Result<Option<Self>, Error> {
        if let Some(batch) = self.push.batches.first_mut() {
            batch.token_refused = false;
        }
        self.leave(PushState::Parked { why, uncertain }).await
    }

    /// All CORs are settled.
    pub(super) async fn finish(self) -> Result<Option<Self>, Error> {
        let none = Settlement::default();
        let mut verdict = Verdict::of(&self, &none, None);
        verdict.current.clear();
        self.record(verdict).await
    }

    /// The same outcome for everything that is not settled yet.
    pub(super) async fn settle_all(self, outcome: CorOutcome) -> Result<Option<Self>, Error> {
        let verdict = Verdict::all(&self, &outcome);
        self.record(verdict).await
    }

    /// Procore doesn't show the event any more: a person chooses another one.
    pub(super) async fn event_is_gone(self, why: String) -> Result<Option<Self>, Error> {
        let mut verdict = Verdict::all(&self, &CorOutcome::Changed { why });
        verdict.gone = self.push.event;
        self.record(verdict).await
    }

    /// Commits another state of the same batch and lets go of the lane.
    pub(super) async fn leave(self, state: PushState) -> Result<Option<Self>, Error> {
        let mut left = self.push.clone();
        left.state = state;
        self.commit(left, self.app.now()).await?;
        Ok(None)
    }

    /// Commits `next` and shows it on every COR that is not settled; the lane is held until `until`.
    pub(super) async fn commit(&self, next: Push, until: Timestamp) -> Result<Push, Error> {
        let (app, claim, was, heard) = (self.app.clone(), self.claim.clone(), self.push.clone(), self.heard.clone());
        self.app
            .store
            .write(move |tx| {
                tx.hold(&claim, until)?;
                let mut tx = tx.of(claim.company);
                let now = app.now();
                tx.advance_push(&was, &next, now)?;
                show_waiting(&mut tx, &next)?;
                let login = audited::login(&mut tx, &next)?;
                tx.append_audit(audited::moved(&was, &next, login, &heard, now).as_slice())?;
                Ok::<_, Error>(next.clone())
            })
            .await
    }

    /// Stores a verdict. The pass is over; what remains is due at once.
    pub(super) async fn record(self, verdict: Verdict) -> Result<Option<Self>, Error> {
        let (app, claim, push, heard) = (self.app.clone(), self.claim.clone(), self.push, self.heard);
        let verdict = std::sync::Arc::new(verdict);
        self.app
            .store
            .write(move |tx| {
                let now = app.now();
                let claim: &Claim = &claim;
                tx.hold(claim, now)?;
                if let Some(rate) = verdict.rate {
                    tx.note_rate(push.procore_company, rate)?;
                }
                let mut tx = tx.of(claim.company);
                if let Some(event) = &verdict.event {
                    tx.store_change_event(push.project, event, now)?;
                } else if let Some(event) =
                    verdict.gone.map(|id| tx.change_event(push.project, id)).transpose()?.flatten()
                {
                    tx.store_change_event(push.project, &EventRow { gone: true, ..event }, now)?;
                }
                let cors = tx.push_cors(push.id)?;
                let person = tx.person(push.person)?.map_or_else(String::new, |p| p.name);
                let number = verdict.event.as_ref().map_or("", |e| e.number.as_str());
                let login = audited::login(&mut tx, &push)?;
                let teller =
                    audited::Teller { app: &app, push: &push, by: person, login, heard: &heard, number, at: now };
                let mut facts = Vec::new();
                for cor in cors.iter().filter(|c| c.outcome == CorOutcome::Pending) {
                    if let Some(outcome) = verdict.outcomes.get(&cor.cor) {
                        facts.extend(settle(&teller, &mut tx, cor, outcome, &verdict)?);
                    }
                }
                let mut next = push.clone();
                next.batches = verdict.batches();
                next.state = rest(&verdict, &cors, now);
                let was = tx.push(push.id)?.ok_or_else(|| Error::internal("a push is missing"))?;
                if (was.attempt, &was.state) != (push.attempt, &push.state) {
                    return Err(Error::internal("a push was moved by somebody else"));
                }
                tx.advance_push(&was, &next, now)?;
                show_waiting(&mut tx, &next)?;
                if let Some(event) = next.event.filter(|_| next.state.is_at_rest()) {
                    observe::audit(&app, &mut tx, next.project, event)?;
                }
                facts.insert(0, audited::settled(&was, &next, &heard, number, facts.len(), now));
                tx.append_audit(&facts)?;
                Ok::<_, Error>(())
            })
            .await?;
        self.app.wake.notify_waiters();
        Ok(None)
    }
}

/// Shows where a push is on every COR of it that is not settled.
fn show_waiting(tx: &mut CompanyTx<'_>, push: &Push) -> Result<(), Error> {
    let reason = match &push.state {
        PushState::Parked { why, .. } => why.as_str(),
        _ => "",
    };
    for mut link in tx.links_of_push(push.id)?.into_iter().filter(|l| l.state.is_busy()) {
        if (link.state, link.reason.as_str()) != (push.state.shown_as(), reason) {
            (link.state, link.reason) = (push.state.shown_as(), reason.to_owned());
            show(tx, &link)?;
        }
    }
    Ok(())
}

/// The state after a verdict: more to send, or at rest.
fn rest(verdict: &Verdict, cors: &[PushCor], now: Timestamp) -> PushState {
    if !verdict.batches().is_empty() {
        return PushState::Queued { due: now };
    }
    let outcome = |cor: &PushCor| verdict.outcomes.get(&cor.cor).cloned().unwrap_or_else(|| cor.outcome.clone());
    let changed = |cor: &PushCor| match outcome(cor) {
        CorOutcome::Changed { why } => Some(why),
        _ => None,
    };
    match cors.iter().map(changed).collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().next()) {
        Some(why) => PushState::Changed { why },
        None => PushState::Finished,
    }
}

/// Stores how one COR ended, and answers what the record keeps of it.
fn settle(
    teller: &Teller<'_>,
    tx: &mut CompanyTx<'_>,
    cor: &PushCor,
    outcome: &CorOutcome,
    verdict: &Verdict,
) -> Result<Option<Fact>, Error> {
    let (push, now) = (teller.push, teller.at);
    if push.order.purpose != Purpose::Write {
        return removed::settle(teller, tx, cor, outcome, verdict.seen.as_ref(), &verdict.settled);
    }
    let Some(plan) = push.order.plan.cor(cor.cor) else { return Err(Error::internal("a COR is missing in its plan")) };
    let mut link = tx.link_of(cor.cor)?.ok_or_else(|| Error::internal("a link is missing"))?;
    let there = keep_lines(tx, plan, verdict)?;
    let reached = there.is_some() || verdict.settled.done.keys().any(|(c, _)| *c == cor.cor);
    if reached {
        link.event = push.event;
    }
    let (state, reason, text) = match outcome {
        CorOutcome::Written => {
            let held = there.unwrap_or_default();
            let current = tx.cor(cor.cor)?.map_or(cor.priced, |c| c.priced);
            (link.event, link.pushed, link.pushed_amount, link.pushed_at) = (push.event, cor.priced, held, Some(now));
            link.breakdown = push.order.breakdown;
            let number = verdict.event.as_ref().map_or("", |e| e.number.as_str());
            let text = format!("pushed it to Change Event {number}: {held}, before {}", cor.previous);
            let (state, reason) = after(plan, verdict, held, current == cor.priced);
            (state, reason, text)
        }
        CorOutcome::Refused { why } => (ProcoreState::Refused, why.clone(), format!("could not push it. {why}")),
        CorOutcome::Changed { why } => (ProcoreState::ChangedInProcore, why.clone(), format!("stopped a push. {why}")),
        CorOutcome::Pending => return Ok(None),
    };
    (link.state, link.reason) =
        observe::leave(tx, &link, outcome, verdict.seen.as_ref(), now)?.unwrap_or((state, reason));
    show(tx, &link)?;
    tx.settle_push_cor(push.id, cor.cor, outcome)?;
    tell(teller, tx, cor, text)?;
    Ok(teller.cor(plan, outcome, &verdict.settled))
}

/// Tells in the company's activity how a COR of a push ended.
pub(super) fn tell(teller: &Teller<'_>, tx: &mut CompanyTx<'_>, cor: &PushCor, text: String) -> Result<(), Error> {
    let push = teller.push;
    tx.record(&Entry {
        id: ActivityId::fresh(teller.at, &*teller.app.entropy),
        project: push.project,
        cor: Some(cor.cor),
        audience: Audience::Only(push.company),
        actor: Some(push.person),
        actor_name: teller.by.clone(),
        at: teller.at,
        kind: Kind::Push,
        text,
    })?;
    Ok(())
}

/// Stores which lines are ours now and what they say. Answers what they add up to, if anything is known.
fn keep_lines(tx: &mut CompanyTx<'_>, plan: &PlanCor, verdict: &Verdict) -> Result<Option<Money>, Error> {
    let mut held = None;
    for line in &plan.lines {
        match verdict.settled.done.get(&(plan.cor, line.key)) {
            Some((id, Some(values))) => {
                keep(tx, plan, line.key, line.ordinal, *id, values)?;
                held = Some(held.unwrap_or_default() + values.amount);
            }
            Some((_, None)) => {
                tx.forget_link_line(plan.link, line.key)?;
                held.get_or_insert(Money::ZERO);
            }
            None => {}
        }
    }
    Ok(held)
}

fn keep(
    tx: &mut CompanyTx<'_>,
    plan: &PlanCor,
    key: LineKey,
    ordinal: u32,
    id: i64,
    values: &Values,
) -> Result<(), Error> {
    let line = LinkLine { key, ordinal, line: Some(id), values: values.clone() };
    Ok(tx.save_link_line(plan.link, &line)?)
}

/// What the log says of a COR that was written.
fn after(plan: &PlanCor, verdict: &Verdict, held: Money, current: bool) -> (ProcoreState, String) {
    let edited = plan.lines.iter().any(|line| {
        let done = verdict.settled.done.get(&(plan.cor, line.key)).and_then(|(_, values)| values.as_ref());
        line.action == Action::Create && done.is_some_and(|d| Some(d.amount) != line.wanted.as_ref().map(|w| w.amount))
    });
    let removed = plan.lines.iter().filter(|l| l.action == Action::RemovedThere).count();
    let locked = plan.lines.iter().filter(|l| matches!(l.action, Action::Locked { .. })).count();
    let wanted: Money = plan.lines.iter().filter_map(|l| l.wanted.as_ref()).map(|v| v.amount).sum();
    if edited {
        let why =
            format!("Somebody changed a line while it was pushed: Procore has {held}, the COR asks for {wanted}.");
        (ProcoreState::ChangedInProcore, why)
    } else if verdict.dropped > 0 {
        let why = format!(
            "{} other lines of this Change Event disappeared when it was written. Restore them in Procore, and tell whoever \
             looks after this installation.",
            verdict.dropped
        );
        (ProcoreState::ChangedInProcore, why)
    } else if removed > 0 {
        let why = format!("{removed} of its lines were removed in Procore, which has {held} of {wanted}.");
        (ProcoreState::ChangedInProcore, why)
    } else if locked > 0 && held != wanted {
        let why = format!("{locked} of its lines are locked in Procore, which has {held} of {wanted}.");
        (ProcoreState::UpdateNeeded, why)
    } else if current {
        (ProcoreState::UpToDate, String::new())
    } else {
        (ProcoreState::UpdateNeeded, String::new())
    }
}

/// Stores a link and what the log shows of it, together.
pub(crate) fn show(tx: &mut CompanyTx<'_>, link: &Link) -> Result<(), Error> {
    tx.update_link(link)?;
    let event = match link.event {
        Some(event) => Some((event, tx.change_event(link.project, event)?.map_or_else(String::new, |e| e.number))),
        None => None,
    };
    tx.set_procore_state(link.cor, link.state, event.as_ref().map(|(id, number)| (*id, number.as_str())))?;
    Ok(())
}
