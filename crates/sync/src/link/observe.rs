//! What somebody changed in Procore: an event as read, by whomever, held against every link to it.
//!
//! Findings, link states, activity and the cached event are stored in one transaction. What we wrote ourselves is no
//! finding: each push leaves a baseline, and a reading that began before it says nothing; nor does one that began before
//! Procore surely showed what a push had just written to the event.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ActivityId, CompanyId, Currency, ProjectId,
    activity::{Audience, Entry, EntryKind},
    procore::{
        comparison::{self, EventFacts, Finding, Left, LeftLine},
        push_plan::Event,
        push_state::{CorOutcome, ProcoreState},
        reference::{Mark, Reference},
    },
};
use jiff::{SignedDuration, Timestamp};
use procore::{
    Answered,
    model::{ChangeEvent, Odd},
};
use store::{
    CompanyTx,
    repo::{
        change_event::EventRow,
        link::{Link, LinkLine},
        observation::{Baseline, Observation, Seen},
    },
};

use super::{event_now::SETTLED, filled, locks, priced, strays, translate};
use crate::{Context, Error};

/// How many events are stored in one transaction.
const TOGETHER: usize = 25;
/// When an event is looked at again that we wrote to lately and that Procore shows nowhere.
const UNSHOWN: SignedDuration = SignedDuration::from_mins(5);
/// When an event is looked at again whose reading was overtaken by a push of ours.
const AGAIN: SignedDuration = SignedDuration::from_secs(5);

/// One event as read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Procore's id.
    pub event: i64,
    /// What Procore answered.
    pub found: ReadOutcome,
    /// When the request left, by our clock.
    pub read_at: Timestamp,
}

/// What a reading of an event found.
#[derive(Debug, Clone)]
pub enum ReadOutcome {
    /// The event.
    Event(Box<ChangeEvent>),
    /// The list shows it as deleted, and nothing else of it can be read.
    Gone,
    /// 404, and no list shows it as deleted: deleted for good, or out of sight. Nobody may take that for an event without lines.
    Hidden,
    /// It is there, and is not as documented: "status is null". What it holds is not known, and nothing of it is gone.
    Odd {
        /// Number and title, as far as they can be read; may be empty.
        name: String,
        /// What is wrong with it.
        why: String,
    },
}

impl ReadOutcome {
    /// The event, if it could be read.
    pub fn event(&self) -> Option<&ChangeEvent> {
        match self {
            Self::Event(event) => Some(event),
            Self::Gone | Self::Hidden | Self::Odd { .. } => None,
        }
    }

    /// Sorts the answer to a read of one event. An error is one that says nothing of the event. What is `Hidden` only the list
    /// of deleted events can call deleted.
    pub fn of(answer: Result<Answered<ChangeEvent>, procore::Error>) -> Result<Answered<Self>, procore::Error> {
        let nothing_more = |value| Answered { value, rate: None, date: None, request_id: None };
        match answer {
            Ok(Answered { value, rate, date, request_id }) => {
                Ok(Answered { value: Self::Event(Box::new(value)), rate, date, request_id })
            }
            Err(procore::Error::NotFound) => Ok(nothing_more(Self::Hidden)),
            Err(procore::Error::Odd(why)) => Ok(nothing_more(Self::Odd { name: String::new(), why })),
            Err(error) => Err(error),
        }
    }
}

impl From<ChangeEvent> for ReadOutcome {
    fn from(event: ChangeEvent) -> Self {
        Self::Event(Box::new(event))
    }
}

impl From<&Odd> for ReadOutcome {
    fn from(odd: &Odd) -> Self {
        Self::Odd { name: odd.name.clone(), why: odd.why.clone() }
    }
}

/// Stores what `readings` tell about a company's links in a project. Links that a push owns are left alone: the push has
/// the event read again when it ends. An event that was written to just now is read again soon instead. In events that no link
/// is tied to only our marks are looked for.
pub async fn observe(
    context: &Context,
    company: CompanyId,
    project: ProjectId,
    readings: Vec<Reading>,
) -> Result<(), Error> {
    let readings = told_in_time(context, company, project, readings).await?;
    readings.iter().filter_map(|reading| reading.found.event()).for_each(|found| locks::note_unknown(context, found));
    strays::observe(context, company, project, &readings).await?;
    let linked = context.store.read(move |tx| tx.of(company).linked_events(project)).await?;
    let told: Vec<Reading> = readings.into_iter().filter(|r| linked.binary_search(&r.event).is_ok()).collect();
    for some in told.chunks(TOGETHER) {
        let (shared, some) = (context.clone(), some.to_vec());
        context
            .store
            .write(move |tx| {
                let mut us = tx.of(company);
                some.iter().try_for_each(|reading| observe_event(&shared, &mut us, project, reading))
            })
            .await?;
    }
    Ok(())
}

/// The readings that surely show what we wrote. The events of the others are read again.
async fn told_in_time(
    context: &Context,
    company: CompanyId,
    project: ProjectId,
    readings: Vec<Reading>,
) -> Result<Vec<Reading>, Error> {
    let Some(first) = readings.iter().map(|reading| reading.read_at).min() else { return Ok(readings) };
    let now = context.now();
    let since = first.saturating_sub(SETTLED).unwrap_or(first);
    let written = context.store.read(move |tx| tx.of(company).written_between(project, since, now)).await?;
    let early = |reading: &Reading| {
        let at = written.get(&reading.event);
        at.is_some_and(|at| reading.read_at < at.saturating_add(SETTLED).unwrap_or(*at))
    };
    let (early, told): (Vec<Reading>, Vec<Reading>) = readings.into_iter().partition(early);
    if !early.is_empty() {
        let again = now.saturating_add(AGAIN).unwrap_or(Timestamp::MAX);
        let watch = move |tx: &mut store::Tx| {
            let mut us = tx.of(company);
            early.iter().try_for_each(|reading| us.watch_soon(project, Some(reading.event), again))
        };
        context.store.write(watch).await?;
    }
    Ok(told)
}

/// Whether we wrote to the event of a link so lately that Procore may not show it yet.
pub(crate) fn is_young(context: &Context, link: &Link) -> bool {
    let shown_after = context.settings.push_list_lag + context.settings.push_quarantine;
    link.pushed_at.is_some_and(|at| context.now().duration_since(at) < shown_after)
}

fn observe_event(
    context: &Context,
    us: &mut CompanyTx<'_>,
    project: ProjectId,
    reading: &Reading,
) -> Result<(), Error> {
    let links = us.links_to(project, reading.event)?;
    if matches!(reading.found, ReadOutcome::Gone | ReadOutcome::Hidden)
        && links.iter().any(|link| is_young(context, link))
    {
        let again = context.now().saturating_add(UNSHOWN).unwrap_or(Timestamp::MAX);
        return Ok(us.watch_soon(project, Some(reading.event), again)?);
    }
    let cached = us.change_event(project, reading.event)?;
    match &reading.found {
        ReadOutcome::Event(found) => {
            let row = translate::event_row(found, &priced::by_us(us, project, found)?);
            us.store_change_event(project, &row, reading.read_at)?;
        }
        ReadOutcome::Odd { name, why } => {
            let row = translate::odd_row(reading.event, name, why, cached.as_ref());
            us.store_change_event(project, &row, reading.read_at)?;
        }
        ReadOutcome::Gone | ReadOutcome::Hidden => {
            if let Some(before) = cached.clone() {
                us.store_change_event(project, &EventRow { gone: true, ..before }, reading.read_at)?;
            }
        }
    }
    let mut overtaken = false;
    for link in links {
        match observe_link(context, us, &link, reading, cached.as_ref()) {
            // What is stored of one COR can't be read: the others are compared all the same.
            Err(Error::Unreadable(because)) => {
                tracing::error!(link = %link.id, because, "a link can't be compared with Procore");
            }
            observed => overtaken |= !observed?,
        }
    }
    if overtaken {
        let again = context.now().saturating_add(AGAIN).unwrap_or(Timestamp::MAX);
        us.watch_soon(project, Some(reading.event), again)?;
    }
    Ok(())
}

/// `false` when the reading is older than what we wrote since.
fn observe_link(
    context: &Context,
    us: &mut CompanyTx<'_>,
    link: &Link,
    reading: &Reading,
    cached: Option<&EventRow>,
) -> Result<bool, Error> {
    if link.state.is_busy() {
        return Ok(true);
    }
    let before = us.observation(link.id)?;
    if before.as_ref().is_some_and(|b| b.seen_at.is_some_and(|seen| seen > reading.read_at)) {
        return Ok(true);
    }
    if before.as_ref().is_some_and(|b| b.baseline_at >= reading.read_at) {
        return Ok(false);
    }
    if let ReadOutcome::Odd { why, .. } = &reading.found {
        return unreadable(context, us, link, before, reading, why);
    }
    let found = reading.found.event();
    let event = found.map(|found| translate::event(found, link.side));
    let facts = match found {
        Some(found) => translate::facts(found),
        // Not shown: what was known of it is all there is to tell. One that was listed as deleted before was purged since.
        None => EventFacts {
            gone: true,
            hidden: matches!(reading.found, ReadOutcome::Hidden)
                && !before.as_ref().is_some_and(Observation::saw_it_deleted),
            ..cached.map(known_facts).unwrap_or_default()
        },
    };
    let lines = us.link_lines(link.id)?;
    let mut now = before.unwrap_or_else(|| {
        // Never read since it was linked: as it is now is how we found it.
        let facts = found.map(translate::facts);
        let baseline = Baseline { event: facts, locks: locks(&lines, event.as_ref()) };
        Observation::new(link.id, baseline, reading.read_at)
    });
    let lines = filled::take_in(context, us, link.id, (&now, event.as_ref(), reading.read_at))?;
    let left = left(us, link, lines, &now)?;
    let mut found = comparison::compare(&left, &facts, event.as_ref());
    found.extend(elsewhere(&now));
    if facts.hidden && !us.out_of_procore(&[link.cor])?.is_empty() {
        // Of a COR that has no place there the log tells its lines, and this is part of what is known of them.
        let of_lines = |finding: &&Finding| matches!(finding, Finding::Surplus { .. } | Finding::LineRemoved { .. });
        found.extend(now.found.iter().filter(of_lines).cloned());
    }
    comparison::by_rank(&mut found);
    let fresh: Vec<Finding> = found.iter().filter(|f| !now.found.contains(f)).cloned().collect();
    let settled = !now.found.is_empty() && found.is_empty() && !us.owes(link)?;
    now.left_alone.retain(|finding| found.contains(finding));
    now.found = found;
    now.seen = Some(match now.seen.take() {
        Some(before) if facts.hidden => Seen { event: facts, ..before },
        _ => seen(&left, facts, event.as_ref()),
    });
    now.seen_at = Some(reading.read_at);
    us.save_observation(&now)?;
    let held = comparison::held(&left, event.as_ref().filter(|_| !now.seen.as_ref().is_some_and(|s| s.event.gone)));
    us.show_found(Link { pushed_amount: held, ..link.clone() }, &now)?;
    if !fresh.is_empty() || settled {
        let sentences: Vec<String> = fresh.iter().map(Finding::sentence).collect();
        let text = if settled { "Procore has again what was written.".to_owned() } else { sentences.join(" ") };
        tell(context, us, link, text)?;
    }
    Ok(true)
}

/// An event that is there and can't be read: what was known of it stays, and the log says that it is no longer sure.
fn unreadable(
    context: &Context,
    us: &mut CompanyTx<'_>,
    link: &Link,
    before: Option<Observation>,
    reading: &Reading,
    why: &str,
) -> Result<bool, Error> {
    let mut now = before.unwrap_or_else(|| Observation::new(link.id, Baseline::default(), reading.read_at));
    let found = comparison::unreadable(&now.found, why);
    if found == now.found {
        return Ok(true);
    }
    now.found = found;
    us.save_observation(&now)?;
    us.show_found(link.clone(), &now)?;
    tell(context, us, link, Finding::EventUnreadable { why: why.to_owned() }.sentence())?;
    Ok(true)
}

/// What is known of a link, and of its COR, when a push that owned it is settled.
pub(crate) struct Known<'a> {
    pub(crate) before: Option<&'a Observation>,
    /// Its lines as the push left them.
    pub(crate) lines: &'a [LinkLine],
    pub(crate) currency: Currency,
    /// What its COR's lines were marked with before it was moved or unlinked.
    pub(crate) former: &'a BTreeSet<Reference>,
    /// The number of the event as it is stored.
    pub(crate) number: &'a str,
}

/// How a push left a link, to be stored, so that what it wrote is nobody's change; and the state that the answer itself
/// already calls for: a copy of our lines that was there all along.
pub(crate) fn leave(
    link: &Link,
    known: &Known<'_>,
    outcome: &CorOutcome,
    seen_by_push: Option<&(EventFacts, Event)>,
    at: Timestamp,
) -> (Option<Observation>, Option<(ProcoreState, String)>) {
    let Some((facts, event)) = seen_by_push.filter(|_| *outcome == CorOutcome::Written) else {
        return (known.before.map(|before| Observation { baseline_at: at, ..before.clone() }), None);
    };
    // That an event became void while a push was on its way is nothing that anybody confirmed.
    let was = match known.before.and_then(|b| b.baseline.event.clone()) {
        _ if !facts.is_void() => facts.clone(),
        Some(was) if !was.is_void() => EventFacts { status: was.status, meaning: was.meaning, ..facts.clone() },
        _ => EventFacts { status: String::new(), meaning: String::new(), ..facts.clone() },
    };
    let baseline = Baseline { event: Some(was), locks: locks(known.lines, Some(event)) };
    let mut now = Observation::new(link.id, baseline, at);
    let left = left_of(link, known.currency, known.lines.to_vec(), &now);
    now.found = comparison::compare(&left, facts, Some(event));
    now.found.extend(known.before.into_iter().flat_map(elsewhere).filter(|stray| !strays::is_in(stray, event.id)));
    now.found.extend(strays::among(link, known.former, known.number, (facts, event)));
    comparison::by_rank(&mut now.found);
    // The plan showed everything else, and a person confirmed it.
    let told = |finding: &&Finding| !finding.may_stay() || matches!(finding, Finding::EventVoided { .. });
    now.left_alone = now.found.iter().filter(|f| !told(f)).cloned().collect();
    now.seen = Some(seen(&left, facts.clone(), Some(event)));
    let worst = comparison::worst(&now.open()).map(|finding| (finding.state(), finding.sentence()));
    (Some(now), worst)
}

/// Holds a link against the event as a removal of ours left it: the baseline stays, only what went is no finding any more.
pub(crate) fn look_again(
    context: &Context,
    us: &mut CompanyTx<'_>,
    link: &Link,
    facts: &EventFacts,
    event: &Event,
    at: Timestamp,
) -> Result<(), Error> {
    let fresh = || Observation::new(link.id, Baseline::default(), at);
    let mut now = us.observation(link.id)?.unwrap_or_else(fresh);
    let lines = filled::take_in(context, us, link.id, (&now, Some(event), at))?;
    let left = left(us, link, lines, &now)?;
    let strays = elsewhere(&now);
    now.found = comparison::compare(&left, facts, Some(event));
    now.found.extend(strays.into_iter().filter(|stray| !strays::is_in(stray, event.id)));
    now.found.extend(strays_in(us, link, facts, event)?);
    comparison::by_rank(&mut now.found);
    now.left_alone.retain(|finding| now.found.contains(finding));
    now.seen = Some(seen(&left, facts.clone(), Some(event)));
    now.baseline_at = at;
    us.save_observation(&now)?;
    // A drift state, so that what the log says follows from what is found now.
    let held = comparison::held(&left, Some(event));
    Ok(us.show_found(Link { state: ProcoreState::Surplus, pushed_amount: held, ..link.clone() }, &now)?)
}

/// What was found in events that the link is not tied to; a reading of its own event says nothing about those.
fn elsewhere(now: &Observation) -> Vec<Finding> {
    now.found.iter().filter(|finding| matches!(finding, Finding::SurplusElsewhere { .. })).cloned().collect()
}

/// The same after the event with the copies is gone: nothing of them counts any more.
pub(crate) fn look_at_none(us: &mut CompanyTx<'_>, link: &Link, event: i64, at: Timestamp) -> Result<(), Error> {
    let mut now = us.observation(link.id)?.unwrap_or_else(|| Observation::new(link.id, Baseline::default(), at));
    strays::replace(&mut now, event, Vec::new());
    if link.event == Some(event) {
        now.found.retain(|finding| !matches!(finding, Finding::Surplus { .. }));
        // Its own lines went with it, which the next reading finds.
        us.watch_soon(link.project, Some(event), at)?;
    }
    us.save_observation(&now)?;
    Ok(us.show_found(Link { state: ProcoreState::Surplus, ..link.clone() }, &now)?)
}

/// Strays of a link in an event that is stored under its number.
fn strays_in(us: &mut CompanyTx<'_>, link: &Link, facts: &EventFacts, event: &Event) -> Result<Vec<Finding>, Error> {
    let number = us.change_event(link.project, event.id)?.map_or_else(String::new, |row| row.number);
    strays::in_event(us, link, &number, (facts, event))
}

/// The same after a removal in an event that the link is not tied to.
pub(crate) fn look_elsewhere(
    us: &mut CompanyTx<'_>,
    link: &Link,
    (number, facts, event): (&str, &EventFacts, &Event),
    at: Timestamp,
) -> Result<(), Error> {
    let mut now = us.observation(link.id)?.unwrap_or_else(|| Observation::new(link.id, Baseline::default(), at));
    let left = strays::in_event(us, link, number, (facts, event))?;
    strays::replace(&mut now, event.id, left);
    us.save_observation(&now)?;
    Ok(us.show_found(Link { state: ProcoreState::Surplus, ..link.clone() }, &now)?)
}

/// Has the event of a push that came to rest read again: when whatever left is executed or dead, and a day later.
/// Whole minutes, so that the pushes of a busy hour share a reading. A push that ended without an event has whatever changed
/// read: what it sent may have made one all the same.
pub(crate) fn audit(
    context: &Context,
    us: &mut CompanyTx<'_>,
    project: ProjectId,
    event: Option<i64>,
) -> Result<(), Error> {
    let now = context.now();
    for wait in [context.settings.push_quarantine, SignedDuration::from_hours(24)] {
        let due = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
        let minute = due.as_second() - due.as_second().rem_euclid(60) + 60;
        us.watch_soon(project, event, Timestamp::from_second(minute).unwrap_or(due))?;
    }
    Ok(())
}

pub(super) fn tell(context: &Context, us: &mut CompanyTx<'_>, link: &Link, text: String) -> Result<(), Error> {
    let now = context.now();
    us.record(&Entry {
        id: ActivityId::fresh(now, &*context.entropy),
        project: link.project,
        cor: Some(link.cor),
        audience: Audience::Only(us.company),
        actor: None,
        actor_name: String::new(),
        at: now,
        kind: EntryKind::Push,
        text,
    })?;
    Ok(())
}

fn left(us: &mut CompanyTx<'_>, link: &Link, lines: Vec<LinkLine>, now: &Observation) -> Result<Left, Error> {
    let currency = us.cor(link.cor)?.ok_or_else(|| Error::internal("a link has no COR"))?.currency;
    Ok(left_of(link, currency, lines, now))
}

fn left_of(link: &Link, currency: Currency, lines: Vec<LinkLine>, now: &Observation) -> Left {
    let lines = lines.into_iter().map(|line| LeftLine {
        lock: line.line.and_then(|id| now.baseline.locks.get(&id).cloned()),
        key: line.key,
        ordinal: line.ordinal,
        line: line.line,
        values: line.values,
    });
    Left {
        side: link.side,
        reference: link.reference.clone(),
        currency,
        event: now.baseline.event.clone(),
        lines: lines.collect(),
        found_before: now.found.clone(),
    }
}

/// The third column: the event, our lines, and whatever carries a mark of theirs.
fn seen(left: &Left, facts: EventFacts, event: Option<&Event>) -> Seen {
    let known = |id: i64| left.lines.iter().any(|line| line.line == Some(id));
    let marked = |text: &str| Mark::find(text).is_some_and(|mark| mark.reference == left.reference);
    let lines = event.into_iter().flat_map(|e| &e.lines);
    let lines = lines.filter(|l| known(l.id) || marked(&l.values.description)).cloned().collect();
    Seen { event: facts, lines }
}

fn locks(ours: &[LinkLine], event: Option<&Event>) -> BTreeMap<i64, String> {
    let ours = |id: i64| ours.iter().any(|line| line.line == Some(id));
    let lines = event.into_iter().flat_map(|e| &e.lines).filter(|line| ours(line.id));
    lines.filter_map(|line| Some((line.id, line.lock()?))).collect()
}

fn known_facts(row: &EventRow) -> EventFacts {
    EventFacts {
        status: row.status.clone(),
        meaning: row.mapped_status.clone(),
        gone: row.gone,
        hidden: false,
        prime_contract: row.prime_contract_id,
        currency: row.currency.clone(),
    }
}
