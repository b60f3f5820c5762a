//! Copies of our lines, found by their marks where no push put them: somebody cloned our event, or restored one whose CORs had
//! moved, or Procore carried out a request long after; or the marks are from before the COR was moved or unlinked. The cost
//! counts twice until the copies are removed.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    CompanyId, ProjectId,
    procore::{
        comparison::{EventFacts, Finding, by_rank},
        push_plan::{EventLine, EventLines},
        push_state::ProcoreState,
        reference::{Mark, Reference},
    },
};
use store::{
    CompanyTx, StoreError,
    repo::{
        link::Link,
        observation::{Baseline, Observation},
    },
};

use super::{
    activity::tell,
    reading::{ReadOutcome, Reading},
    translate,
};
use crate::{Context, Error};

/// The copies of a link's lines in an event: lines with its mark in an event that it is not tied to, and in any event lines with
/// the marks that its COR had before it was moved or unlinked.
pub(super) fn in_event(
    us: &mut CompanyTx<'_>,
    link: &Link,
    number: &str,
    (facts, event): (&EventFacts, &EventLines),
) -> Result<Vec<Finding>, Error> {
    let former = us.former_references(&[link.cor])?.remove(&link.cor).unwrap_or_default();
    Ok(among(link, &former, number, (facts, event)))
}

/// The same for a COR whose earlier marks are known.
pub(super) fn among(
    link: &Link,
    former: &BTreeSet<Reference>,
    number: &str,
    (facts, event): (&EventFacts, &EventLines),
) -> Vec<Finding> {
    if facts.gone || facts.is_void() {
        return Vec::new();
    }
    let tied = link.event == Some(event.id);
    let ours = |line: &&EventLine| {
        let copy = |mark: Mark| {
            if mark.reference == link.reference { !tied } else { former.contains(&mark.reference) }
        };
        !line.deleted && Mark::find(&line.values.description).is_some_and(copy)
    };
    let finding = |line: &EventLine| Finding::SurplusElsewhere {
        event: event.id,
        number: number.to_owned(),
        line: line.id,
        is: line.values.clone(),
    };
    // Procore answers lines in no particular order.
    let lines: BTreeMap<i64, &EventLine> = event.lines.iter().filter(ours).map(|line| (line.id, line)).collect();
    lines.into_values().map(finding).collect()
}

/// Whether a finding is about a copy in that event.
pub(super) const fn is_in(finding: &Finding, there: i64) -> bool {
    matches!(finding, Finding::SurplusElsewhere { event, .. } if *event == there)
}

/// Looks for our marks in events as read. Without marks, now or before, this costs one read of the database.
pub(super) async fn observe(
    context: &Context,
    company: CompanyId,
    project: ProjectId,
    readings: &[Reading],
) -> Result<(), Error> {
    let marked: BTreeMap<i64, BTreeSet<Reference>> = readings.iter().map(|r| (r.event, references(r))).collect();
    let asked = marked.clone();
    let concerned = context
        .store
        .read(move |tx| {
            let mut us = tx.of(company);
            let mut concerned: BTreeSet<(i64, Reference)> = BTreeSet::new();
            for link in us.links_in_state(project, ProcoreState::Surplus)? {
                // The store reports what can't be read; we skip it.
                let found = match us.observation(link.id) {
                    Err(StoreError::Corrupt(_)) => continue,
                    read => read?.map(|o| o.found).unwrap_or_default(),
                };
                let copies = asked.keys().filter(|event| found.iter().any(|finding| is_in(finding, **event)));
                concerned.extend(copies.map(|event| (*event, link.reference.clone())));
            }
            for (event, references) in &asked {
                for reference in references {
                    if us
                        .link_by_reference(project, reference)?
                        .is_some_and(|link| link.event != Some(*event) || link.reference != *reference)
                    {
                        concerned.insert((*event, reference.clone()));
                    }
                }
            }
            Ok::<_, Error>(concerned)
        })
        .await?;
    for reading in readings {
        let of: Vec<Reference> =
            concerned.iter().filter(|(event, _)| *event == reading.event).map(|(_, r)| r.clone()).collect();
        if of.is_empty() {
            continue;
        }
        let (shared, reading) = (context.clone(), reading.clone());
        context
            .store
            .write(move |tx| {
                let mut us = tx.of(company);
                for reference in &of {
                    if let Some(link) = us.link_by_reference(project, reference)? {
                        match note(&shared, &mut us, &link, &reading) {
                            Err(Error::Unreadable(because)) => {
                                tracing::error!(link = %link.id, because, "copies of a link can't be noted");
                            }
                            noted => noted?,
                        }
                    }
                }
                Ok::<_, Error>(())
            })
            .await?;
    }
    Ok(())
}

fn references(reading: &Reading) -> BTreeSet<Reference> {
    let items = reading.found.event().into_iter().flat_map(|found| &found.change_items);
    items.filter_map(|item| Mark::find(&item.description)).map(|mark| mark.reference).collect()
}

/// Stores what one reading says about one link. A link that a push owns is skipped, as everywhere.
fn note(context: &Context, us: &mut CompanyTx<'_>, link: &Link, reading: &Reading) -> Result<(), Error> {
    let mut now =
        us.observation(link.id)?.unwrap_or_else(|| Observation::new(link.id, Baseline::default(), reading.read_at));
    if let (true, Some(push), None, ReadOutcome::Event(_)) =
        (link.state.is_busy(), link.push, link.event, &reading.found)
    {
        // Its own push may be looking for it.
        us.push_is_seen(push, reading.event, context.now())?;
    }
    if link.state.is_busy() || now.baseline_at > reading.read_at {
        return Ok(());
    }
    let copies = match &reading.found {
        ReadOutcome::Event(found) => {
            in_event(us, link, &found.number, (&translate::facts(found), &translate::event(found, link.side)))?
        }
        ReadOutcome::Gone | ReadOutcome::Hidden => Vec::new(),
        // An unreadable event does not take earlier findings back.
        ReadOutcome::Odd { .. } => return Ok(()),
    };
    let fresh = replace(&mut now, reading.event, copies);
    let Some(fresh) = fresh else { return Ok(()) };
    us.save_observation(&now)?;
    us.show_found(link.clone(), &now)?;
    let text = if fresh.is_empty() {
        "Lines too many are gone from another Change Event.".to_owned()
    } else {
        fresh.iter().map(Finding::sentence).collect::<Vec<_>>().join(" ")
    };
    tell(context, us, link, text)
}

/// Replaces the copies found in one event before. Answers the new ones; `None` if nothing changed.
pub(super) fn replace(now: &mut Observation, event: i64, copies: Vec<Finding>) -> Option<Vec<Finding>> {
    let before: Vec<Finding> = now.found.iter().filter(|finding| is_in(finding, event)).cloned().collect();
    if before == copies {
        return None;
    }
    now.found.retain(|finding| !is_in(finding, event));
    let fresh = copies.iter().filter(|finding| !before.contains(finding)).cloned().collect();
    now.found.extend(copies);
    by_rank(&mut now.found);
    Some(fresh)
}
