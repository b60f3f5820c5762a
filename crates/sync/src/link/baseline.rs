//! How we left a COR's lines in Procore: the baseline that later readings are compared with. Each push and each removal of ours
//! records it, so that what we wrote ourselves is no finding.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Currency,
    procore::{
        comparison::{self, EventFacts, Finding, LastPushed},
        push_plan::{EventLines, KnownLine},
        push_state::{CorOutcome, ProcoreState},
        reference::{Mark, Reference},
    },
};
use jiff::Timestamp;
use store::{
    CompanyTx,
    repo::{
        link::Link,
        observation::{Baseline, Observation, Seen},
    },
};

use super::{copies_elsewhere, filled};
use crate::{Context, Error};

/// A link and its COR, as known when the push that owned the link ends.
pub(crate) struct Known<'a> {
    pub(crate) before: Option<&'a Observation>,
    /// Its lines, as the push left them.
    pub(crate) lines: &'a [KnownLine],
    pub(crate) currency: Currency,
    /// The marks that its COR's lines had before it was moved or unlinked.
    pub(crate) former: &'a BTreeSet<Reference>,
    /// The number of the event as it is stored.
    pub(crate) number: &'a str,
}

/// How a push left a link, to be stored as the baseline; and the state that the answer itself calls for, such as a copy of our
/// lines that was there all along.
pub(crate) fn record_baseline(
    link: &Link,
    known: &Known<'_>,
    outcome: &CorOutcome,
    seen_by_push: Option<&(EventFacts, EventLines)>,
    at: Timestamp,
) -> (Option<Observation>, Option<(ProcoreState, String)>) {
    let Some((facts, event)) = seen_by_push.filter(|_| *outcome == CorOutcome::Written) else {
        return (known.before.map(|before| Observation { baseline_at: at, ..before.clone() }), None);
    };
    // Nobody confirmed that the event became void during the push, so the baseline keeps its old status.
    let was = match known.before.and_then(|b| b.baseline.event.clone()) {
        _ if !facts.is_void() => facts.clone(),
        Some(was) if !was.is_void() => EventFacts { status: was.status, meaning: was.meaning, ..facts.clone() },
        _ => EventFacts { status: String::new(), meaning: String::new(), ..facts.clone() },
    };
    let baseline = Baseline { event: Some(was), locks: locks(known.lines, Some(event)) };
    let mut now = Observation::new(link.id, baseline, at);
    let pushed = as_pushed(link, known.currency, known.lines.to_vec(), &now);
    now.found = comparison::compare(&pushed, facts, Some(event));
    now.found
        .extend(known.before.into_iter().flat_map(elsewhere).filter(|copy| !copies_elsewhere::is_in(copy, event.id)));
    now.found.extend(copies_elsewhere::among(link, known.former, known.number, (facts, event)));
    comparison::by_rank(&mut now.found);
    // A person saw everything else in the plan and confirmed it.
    let told = |finding: &&Finding| !finding.may_stay() || matches!(finding, Finding::EventVoided { .. });
    now.left_alone = now.found.iter().filter(|f| !told(f)).cloned().collect();
    now.seen = Some(seen(&pushed, facts.clone(), Some(event)));
    let worst = comparison::worst(&now.open()).map(|finding| (finding.state(), finding.sentence()));
    (Some(now), worst)
}

/// Compares a link with the event after a removal of ours: the baseline stays, and the removed lines are no findings anymore.
pub(crate) fn look_again(
    context: &Context,
    us: &mut CompanyTx<'_>,
    link: &Link,
    facts: &EventFacts,
    event: &EventLines,
    at: Timestamp,
) -> Result<(), Error> {
    let fresh = || Observation::new(link.id, Baseline::default(), at);
    let mut now = us.observation(link.id)?.unwrap_or_else(fresh);
    let lines = filled::take_in(context, us, link.id, (&now, Some(event), at))?;
    let pushed = last_pushed(us, link, lines, &now)?;
    let copies = elsewhere(&now);
    now.found = comparison::compare(&pushed, facts, Some(event));
    now.found.extend(copies.into_iter().filter(|copy| !copies_elsewhere::is_in(copy, event.id)));
    now.found.extend(copies_in(us, link, facts, event)?);
    comparison::by_rank(&mut now.found);
    now.left_alone.retain(|finding| now.found.contains(finding));
    now.seen = Some(seen(&pushed, facts.clone(), Some(event)));
    now.baseline_at = at;
    us.save_observation(&now)?;
    // A state that findings may replace, so that the log shows what is found now.
    let held = comparison::held(&pushed, Some(event));
    Ok(us.show_found(Link { state: ProcoreState::Surplus, pushed_amount: held, ..link.clone() }, &now)?)
}

/// The same after the event with the copies is gone: its copies no longer count.
pub(crate) fn look_at_none(us: &mut CompanyTx<'_>, link: &Link, event: i64, at: Timestamp) -> Result<(), Error> {
    let mut now = us.observation(link.id)?.unwrap_or_else(|| Observation::new(link.id, Baseline::default(), at));
    copies_elsewhere::replace(&mut now, event, Vec::new());
    if link.event == Some(event) {
        now.found.retain(|finding| !matches!(finding, Finding::Surplus { .. }));
        // The next reading finds that its own lines went too.
        us.watch_soon(link.project, Some(event), at)?;
    }
    us.save_observation(&now)?;
    Ok(us.show_found(Link { state: ProcoreState::Surplus, ..link.clone() }, &now)?)
}

/// Copies of a link's lines in an event, which is named by its stored number.
fn copies_in(
    us: &mut CompanyTx<'_>,
    link: &Link,
    facts: &EventFacts,
    event: &EventLines,
) -> Result<Vec<Finding>, Error> {
    let number = us.change_event(link.project, event.id)?.map_or_else(String::new, |row| row.number);
    copies_elsewhere::in_event(us, link, &number, (facts, event))
}

/// The same after a removal from an event that the link is not tied to.
pub(crate) fn look_elsewhere(
    us: &mut CompanyTx<'_>,
    link: &Link,
    (number, facts, event): (&str, &EventFacts, &EventLines),
    at: Timestamp,
) -> Result<(), Error> {
    let mut now = us.observation(link.id)?.unwrap_or_else(|| Observation::new(link.id, Baseline::default(), at));
    let copies = copies_elsewhere::in_event(us, link, number, (facts, event))?;
    copies_elsewhere::replace(&mut now, event.id, copies);
    us.save_observation(&now)?;
    Ok(us.show_found(Link { state: ProcoreState::Surplus, ..link.clone() }, &now)?)
}

/// Findings in events that the link is not tied to. A reading of its own event says nothing about them.
pub(super) fn elsewhere(now: &Observation) -> Vec<Finding> {
    now.found.iter().filter(|finding| matches!(finding, Finding::SurplusElsewhere { .. })).cloned().collect()
}

pub(super) fn last_pushed(
    us: &mut CompanyTx<'_>,
    link: &Link,
    lines: Vec<KnownLine>,
    now: &Observation,
) -> Result<LastPushed, Error> {
    let currency = us.cor(link.cor)?.ok_or_else(|| Error::internal("a link has no COR"))?.currency;
    Ok(as_pushed(link, currency, lines, now))
}

fn as_pushed(link: &Link, currency: Currency, lines: Vec<KnownLine>, now: &Observation) -> LastPushed {
    LastPushed {
        side: link.side,
        reference: link.reference.clone(),
        currency,
        event: now.baseline.event.clone(),
        lines,
        locks: now.baseline.locks.clone(),
        found_before: now.found.clone(),
    }
}

/// What a comparison shows as Procore's column: the event, our lines, and every line with one of our marks.
pub(super) fn seen(pushed: &LastPushed, facts: EventFacts, event: Option<&EventLines>) -> Seen {
    let known = |id: i64| pushed.lines.iter().any(|line| line.line == Some(id));
    let marked = |text: &str| Mark::find(text).is_some_and(|mark| mark.reference == pushed.reference);
    let lines = event.into_iter().flat_map(|e| &e.lines);
    let lines = lines.filter(|l| known(l.id) || marked(&l.values.description)).cloned().collect();
    Seen { event: facts, lines }
}

pub(super) fn locks(ours: &[KnownLine], event: Option<&EventLines>) -> BTreeMap<i64, String> {
    let ours = |id: i64| ours.iter().any(|line| line.line == Some(id));
    let lines = event.into_iter().flat_map(|e| &e.lines).filter(|line| ours(line.id));
    lines.filter_map(|line| Some((line.id, line.lock()?))).collect()
}
