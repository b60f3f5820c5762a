//! Finds what people changed in Procore: compares an event, as anybody read it, with every link to it.
//!
//! Findings, link states, activity and the cached event are stored in one transaction. Our own writes are no findings: each
//! push records a baseline. A reading that began before the baseline doesn't count, nor does one that began before Procore was
//! sure to show what we had just written.

use domain::{
    CompanyId, ProjectId,
    procore::comparison::{self, EventFacts, Finding},
};
use jiff::{SignedDuration, Timestamp};
use store::{
    CompanyTx,
    repo::{
        change_event::EventRow,
        link::Link,
        observation::{Baseline, Observation, Seen},
    },
};

use super::{
    activity::tell,
    baseline::{elsewhere, last_pushed, locks, seen},
    copies_elsewhere, filled,
    locks::note_unknown,
    priced,
    reading::{ReadOutcome, Reading, SETTLED},
    translate,
};
use crate::{Context, Error};

/// How many events are stored in one transaction.
const TOGETHER: usize = 25;
/// When to read an event again that we wrote to lately and that Procore shows nowhere.
const UNSHOWN: SignedDuration = SignedDuration::from_mins(5);
/// When to read an event again after a push of ours overtook its reading.
const AGAIN: SignedDuration = SignedDuration::from_secs(5);

/// Stores what `readings` say about a company's links in a project. Links that a push owns are skipped: the push has the event
/// read again when it ends. An event that we wrote to just now is read again soon instead. In events without a link we look
/// only for our marks.
pub async fn observe(
    context: &Context,
    company: CompanyId,
    project: ProjectId,
    readings: Vec<Reading>,
) -> Result<(), Error> {
    let readings = told_in_time(context, company, project, readings).await?;
    readings.iter().filter_map(|reading| reading.found.event()).for_each(|found| note_unknown(context, found));
    copies_elsewhere::observe(context, company, project, &readings).await?;
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

/// The readings that are sure to show what we wrote. The events of the others are read again.
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

/// Whether we wrote to the link's event so lately that Procore may not show it yet.
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
            // One COR's stored data can't be read; the others are still compared.
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

/// `false` if we wrote to the event after the reading began.
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
        // Not shown, so only earlier knowledge remains. An event that was listed as deleted before has been purged.
        None => EventFacts {
            gone: true,
            hidden: matches!(reading.found, ReadOutcome::Hidden)
                && !before.as_ref().is_some_and(Observation::saw_it_deleted),
            ..cached.map(known_facts).unwrap_or_default()
        },
    };
    let lines = us.link_lines(link.id)?;
    let mut now = before.unwrap_or_else(|| {
        // Never read since it was linked: its present state is the baseline.
        let facts = found.map(translate::facts);
        let baseline = Baseline { event: facts, locks: locks(&lines, event.as_ref()) };
        Observation::new(link.id, baseline, reading.read_at)
    });
    let lines = filled::take_in(context, us, link.id, (&now, event.as_ref(), reading.read_at))?;
    let pushed = last_pushed(us, link, lines, &now)?;
    let mut found = comparison::compare(&pushed, &facts, event.as_ref());
    found.extend(elsewhere(&now));
    if facts.hidden && !us.out_of_procore(&[link.cor])?.is_empty() {
        // The log still shows the lines of a COR that has no place in Procore, so what was found of them stays.
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
        _ => seen(&pushed, facts, event.as_ref()),
    });
    now.seen_at = Some(reading.read_at);
    us.save_observation(&now)?;
    let held = comparison::held(&pushed, event.as_ref().filter(|_| !now.seen.as_ref().is_some_and(|s| s.event.gone)));
    us.show_found(Link { pushed_amount: held, ..link.clone() }, &now)?;
    if !fresh.is_empty() || settled {
        let sentences: Vec<String> = fresh.iter().map(Finding::sentence).collect();
        let text = if settled { "Procore has again what was written.".to_owned() } else { sentences.join(" ") };
        tell(context, us, link, text)?;
    }
    Ok(true)
}

/// An event that exists but can't be read: earlier findings stay, and the log says that they are no longer sure.
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

/// Has the event of a finished push read again: once its requests are either executed or dead, and a day later. Whole minutes,
/// so that the pushes of a busy hour share a reading. A push that ended without an event has all changes read, because it may
/// have made one.
pub(crate) fn read_again_later(
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
