//! Settling one COR: which lines are ours, what its link says, what the log and the activity tell.

use domain::{
    ActivityId,
    activity::{Audience, Entry, Kind},
    audit::Fact,
    cor::LineKey,
    procore::{
        Amount,
        push::Purpose,
        push_plan::{Action, PlanCor, PlanLine, Values},
        push_state::{CorOutcome, ProcoreState},
    },
};
use store::{
    CompanyTx,
    repo::{
        link::LinkLine,
        push::{Push, PushCor},
    },
};

use super::{audited::Teller, removed, turned::turned, verdict::Verdict};
use crate::{Error, link::observe};

/// Settles one COR of a push: its lines, its link, what the log and the activity say. Answers what the record keeps of it.
pub(super) fn settle(
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
    let outcome = &match (outcome, part_of_it(plan, verdict)) {
        (CorOutcome::Refused { why }, Some(part)) => {
            link.pushed_amount = part;
            CorOutcome::Refused { why: with_part(why, part, plan) }
        }
        (CorOutcome::Changed { why }, Some(part)) => {
            link.pushed_amount = part;
            CorOutcome::Changed { why: with_part(why, part, plan) }
        }
        (outcome, _) => outcome.clone(),
    };
    let reached = there.is_some() || verdict.settled.done.keys().any(|(c, _)| *c == cor.cor);
    if reached {
        link.event = push.event;
    }
    let (state, reason, text) = match outcome {
        CorOutcome::Written => {
            let held = there.unwrap_or_default();
            forget_the_others(tx, plan)?;
            let current = tx.cor(cor.cor)?.map_or(cor.priced, |c| c.priced);
            let kept_out = kept_out(plan, held);
            // What a lock keeps out stays to be written, whatever is found and gone in between.
            link.pushed = if kept_out.is_none() { cor.priced } else { cor.priced - 1 };
            (link.event, link.pushed_amount, link.pushed_at) = (push.event, held, Some(now));
            link.breakdown = push.order.breakdown;
            let number = verdict.event.as_ref().map_or("", |e| e.number.as_str());
            let text = if plan.taken_out {
                taken_out(plan, number, held)
            } else {
                format!("pushed it to Change Event {number}: {held}, before {}", cor.previous)
            };
            let (state, reason) = after(plan, verdict, held, kept_out, current == cor.priced);
            (state, reason, text)
        }
        CorOutcome::Refused { why } => (ProcoreState::Refused, why.clone(), format!("could not push it. {why}")),
        CorOutcome::Changed { why } => (ProcoreState::ChangedInProcore, why.clone(), format!("stopped a push. {why}")),
        CorOutcome::Cancelled => {
            let owes = tx.owes(&link)?;
            let turned = !turned(tx, &push.order.plan, &[cor.cor])?.is_empty();
            let (state, reason) = taken_back(push, cor, reached, owes);
            match (turned, plan.taken_out) {
                (false, _) => (state, reason, "cancelled the push before it was written.".to_owned()),
                (true, false) if reached => {
                    (state, reason, "stopped pushing it: it was set to Void before all of it was written.".to_owned())
                }
                (true, false) => (state, reason, "did not push it: it was set to Void before.".to_owned()),
                (true, true) => {
                    let text = "did not have its lines removed: it is no longer void.".to_owned();
                    (ProcoreState::UpdateNeeded, String::new(), text)
                }
            }
        }
        CorOutcome::Pending => return Ok(None),
    };
    (link.state, link.reason) =
        observe::leave(tx, &link, outcome, verdict.seen.as_ref(), now)?.unwrap_or((state, reason));
    tx.show_link(&link)?;
    if *outcome == CorOutcome::Written && plan.taken_out {
        removed::end_if_gone(teller.context, tx, &link, verdict.seen.as_ref())?;
    }
    tx.settle_push_cor(push.id, cor.cor, outcome)?;
    tell(teller, tx, cor, text)?;
    Ok(teller.cor(plan, outcome, &verdict.settled))
}

/// Tells in the company's activity how a COR of a push ended.
pub(super) fn tell(teller: &Teller<'_>, tx: &mut CompanyTx<'_>, cor: &PushCor, text: String) -> Result<(), Error> {
    let push = teller.push;
    tx.record(&Entry {
        id: ActivityId::fresh(teller.at, &*teller.context.entropy),
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

/// What the log says of a COR that was taken back: what it said before, unless that is no longer true.
fn taken_back(push: &Push, cor: &PushCor, reached: bool, owes: bool) -> (ProcoreState, String) {
    let may_be_half = push.batches.iter().any(|batch| batch.has_left() && batch.cors.contains(&cor.cor));
    if reached && may_be_half {
        let why = "The push was cancelled after a part of it was written. Push it again to write the rest.";
        return (ProcoreState::UpdateNeeded, why.to_owned());
    }
    as_before(cor, owes)
}

/// What the log said before a push took the link, unless something is owed since.
pub(super) fn as_before(cor: &PushCor, owes: bool) -> (ProcoreState, String) {
    match &cor.before {
        (ProcoreState::UpToDate, _) if owes => (ProcoreState::UpdateNeeded, String::new()),
        before => before.clone(),
    }
}

/// Stores which lines are ours now and what they say. Answers what they add up to, if anything is known.
fn keep_lines(tx: &mut CompanyTx<'_>, plan: &PlanCor, verdict: &Verdict) -> Result<Option<Amount>, Error> {
    let mut held = None;
    for line in &plan.lines {
        match verdict.settled.done.get(&(plan.cor, line.key)) {
            Some((id, Some(values))) => {
                keep(tx, plan, line.key, line.ordinal, *id, values)?;
                held = Some(held.unwrap_or_default() + values.amount);
            }
            Some((_, None)) => {
                tx.forget_link_line(plan.link, line.key)?;
                held.get_or_insert(Amount::ZERO);
            }
            None => {}
        }
    }
    Ok(held)
}

/// What Procore has of a COR that was not written whole, if a part of what was to be written is there all the same: Procore may
/// refuse a request and have carried out half of it, so that money is missing or there twice.
fn part_of_it(plan: &PlanCor, verdict: &Verdict) -> Option<Amount> {
    let done = |line: &PlanLine| verdict.settled.done.get(&(plan.cor, line.key));
    let has = |line: &PlanLine| match done(line) {
        Some((_, values)) => values.as_ref().map_or(Amount::ZERO, |values| values.amount),
        None => line.previous(),
    };
    let part = plan.lines.iter().any(|line| line.action.writes() && done(line).is_some());
    part.then(|| plan.lines.iter().map(has).sum())
}

fn with_part(why: &str, part: Amount, plan: &PlanCor) -> String {
    let wanted = asked_for(plan);
    format!("{why} A part of it was written all the same: Procore has {part} of it now, and the COR asks for {wanted}.")
}

/// Forgets the lines that a plan which was carried out has no place for: somebody removed them in Procore, and nothing asks for
/// them any more. Restored, such a line is found by its mark, as money too many. One that was never confirmed keeps its number, since
/// a request for it may yet be carried out.
fn forget_the_others(tx: &mut CompanyTx<'_>, plan: &PlanCor) -> Result<(), Error> {
    let planned = |key: LineKey| plan.lines.iter().any(|line| line.key == key);
    for line in tx.link_lines(plan.link)?.into_iter().filter(|line| line.line.is_some() && !planned(line.key)) {
        tx.forget_link_line(plan.link, line.key)?;
    }
    Ok(())
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

/// What is told of a COR whose lines were to go, and of what of it was made up for instead.
fn taken_out(plan: &PlanCor, number: &str, held: Amount) -> String {
    const WHY: &str = "because the COR is void";
    let (removed, made_up, before) = (plan.removed(), plan.made_up(), plan.change().previous);
    let count = plan.lines.iter().filter(|line| line.action == Action::Remove).count();
    let lines = if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
    let event = format!("Change Event {number}");
    let did = match (count, made_up.is_zero()) {
        (n, _) if n == plan.lines.len() => return format!("removed {lines} of {before} from {event}, {WHY}"),
        (0, true) => format!("could remove nothing of it from {event}, where it is locked, though the COR is void"),
        (0, false) => format!("made up for {made_up} of it that is locked in {event}, {WHY}"),
        (_, true) => format!("removed {lines} of {removed} from {event}, {WHY}"),
        (_, false) => {
            format!("removed {lines} of {removed} from {event} and made up for {made_up} that is locked there, {WHY}")
        }
    };
    let is_locked = plan.lines.iter().any(|line| matches!(line.action, Action::Locked { .. }));
    let left = if is_locked { "stays" } else { "counts" };
    format!("{did}: {held} of it {left} there, before {before}")
}

/// What the log says of a COR that was written.
fn after(
    plan: &PlanCor,
    verdict: &Verdict,
    held: Amount,
    kept_out: Option<String>,
    current: bool,
) -> (ProcoreState, String) {
    let edited = plan.lines.iter().any(|line| {
        let done = verdict.settled.done.get(&(plan.cor, line.key)).and_then(|(_, values)| values.as_ref());
        line.action == Action::Create && done.is_some_and(|d| Some(d.amount) != line.wanted.as_ref().map(|w| w.amount))
    });
    let removed = plan.lines.iter().filter(|l| l.action == Action::RemovedThere).count();
    let wanted = asked_for(plan);
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
    } else if let Some(why) = kept_out {
        (ProcoreState::UpdateNeeded, why)
    } else if current {
        (ProcoreState::UpToDate, String::new())
    } else {
        (ProcoreState::UpdateNeeded, String::new())
    }
}

/// Says that locks keep Procore from having what the COR asks for, if they do.
fn kept_out(plan: &PlanCor, held: Amount) -> Option<String> {
    let locked: Vec<_> = plan.lines.iter().filter(|line| matches!(line.action, Action::Locked { .. })).collect();
    let gap: Amount = locked.iter().map(|line| line.gap()).sum();
    let lines =
        if locked.len() == 1 { "1 of its lines is".to_owned() } else { format!("{} of its lines are", locked.len()) };
    (!gap.is_zero()).then(|| format!("{lines} locked in Procore, which has {held} of {}.", asked_for(plan)))
}

fn asked_for(plan: &PlanCor) -> Amount {
    plan.lines.iter().filter_map(|l| l.wanted.as_ref()).map(|v| v.amount).sum()
}
