//! Applies the outcome of a push that removed lines: copies, or all lines of a COR.

use domain::{
    LinkId,
    audit::Fact,
    procore::{
        Amount,
        comparison::{EventFacts, Finding},
        push::Purpose,
        push_plan::{EventLines, PlanComparison},
        push_state::{CorOutcome, ProcoreState},
        reference::{Mark, Reference},
    },
};
use store::{
    CompanyTx,
    repo::{
        link::Link,
        push::{Push, PushCor},
    },
};

use super::audited::PushReporter;
use crate::{Context, Error, link::baseline};

/// Applies the outcome of a removal's COR, and answers the fact for the record.
pub(super) fn apply(
    reporter: &PushReporter<'_>,
    tx: &mut CompanyTx<'_>,
    cor: &PushCor,
    outcome: &CorOutcome,
    seen: Option<&(EventFacts, EventLines)>,
    settled: &PlanComparison,
) -> Result<Option<Fact>, Error> {
    let (context, push) = (reporter.context, reporter.push);
    let link = tx.link_of(cor.cor)?.ok_or_else(|| Error::internal("a link is missing"))?;
    let event = push.order.target.name();
    let lines = push.order.plan.cor(cor.cor).map_or(0, |plan| plan.lines.len());
    let what = count(lines);
    let text = match (outcome, push.order.purpose) {
        (CorOutcome::Pending, _) => return Ok(None),
        (CorOutcome::Written, Purpose::RemoveSurplus | Purpose::Write) => {
            as_seen(reporter, tx, &link, seen, None)?;
            end_if_gone(context, tx, &link, seen)?;
            format!("removed {what} of {} too many from {event}", cor.previous)
        }
        (CorOutcome::Written, Purpose::Unlink | Purpose::Move) if is_left(&link, seen) => {
            // Somebody restored it, or a late request wrote it, during the removal.
            if let Some((facts, there)) = seen {
                baseline::look_again(context, tx, &link, facts, there, reporter.at)?;
            }
            format!("removed {what} from {event}, and a line of it is there all the same. Remove that one too.")
        }
        (CorOutcome::Written, Purpose::Unlink) => {
            tx.end_link(&link)?;
            format!("unlinked it from {event} and removed {what} of {} there", cor.previous)
        }
        (CorOutcome::Written, Purpose::Move) => {
            tx.end_link(&link)?;
            let reason = format!(
                "{} was removed from {event} to be moved. Push it to the Change Event where it belongs.",
                cor.previous
            );
            between(context, tx, &link, ProcoreState::UpdateNeeded, reason)?;
            format!("removed {what} of {} from {event}, to move it to another Change Event", cor.previous)
        }
        (CorOutcome::Refused { why }, _) => {
            stay(tx, push, link, ProcoreState::Refused, why)?;
            format!("could not remove {what} from {event}. {why}")
        }
        (CorOutcome::Changed { why }, _) => {
            stay(tx, push, link, ProcoreState::ChangedInProcore, why)?;
            format!("stopped a removal from {event}. {why}")
        }
        (CorOutcome::Cancelled, _) => {
            let gone = settled.done.keys().filter(|(of, _)| *of == cor.cor).count();
            let before = as_before(cor, tx.owes(&link)?);
            if gone == 0 {
                let (state, reason) = before;
                tx.show_link(&Link { state, reason, ..link })?;
                format!("cancelled the removal of {what} from {event}.")
            } else {
                as_seen(reporter, tx, &link, seen, Some(before))?;
                format!("cancelled the removal of {what} from {event}, of which {} went before.", count(gone))
            }
        }
    };
    tx.end_push_cors(push.id, &[(cor.cor, outcome.clone())])?;
    tx.record(&reporter.activity(cor, text))?;
    Ok(push.order.plan.cor(cor.cor).and_then(|plan| reporter.cor(plan, outcome, settled)))
}

/// Whether a live line of the link is in the event after its lines were removed.
fn is_left(link: &Link, seen: Option<&(EventFacts, EventLines)>) -> bool {
    let marked = |text: &str| Mark::find(text).is_some_and(|mark| mark.reference == link.reference);
    seen.is_some_and(|(facts, there)| {
        !facts.gone && there.lines.iter().any(|line| !line.deleted && marked(&line.values.description))
    })
}

fn count(lines: usize) -> String {
    if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") }
}

/// Shows a COR in the log after lines of it were removed: from the event as just read; without a reading, as `unseen` says, or as
/// it stands once the event itself is gone.
fn as_seen(
    reporter: &PushReporter<'_>,
    tx: &mut CompanyTx<'_>,
    link: &Link,
    seen: Option<&(EventFacts, EventLines)>,
    unseen: Option<(ProcoreState, String)>,
) -> Result<(), Error> {
    match seen {
        Some((facts, there)) if link.event != reporter.push.event => {
            baseline::look_elsewhere(tx, link, (reporter.number, facts, there), reporter.at)
        }
        Some((facts, there)) => baseline::look_again(reporter.context, tx, link, facts, there, reporter.at),
        None => match unseen {
            Some((state, reason)) => Ok(tx.show_link(&Link { state, reason, ..link.clone() })?),
            None => baseline::look_at_none(tx, link, reporter.push.event.unwrap_or_default(), reporter.at),
        },
    }
}

/// Ends the tie between a COR that has no place in Procore and its change event, once no line is left there. If the COR is taken
/// back, it may go into any event. Its marks stay known, so that a restored line is found.
pub(super) fn end_if_gone(
    context: &Context,
    tx: &mut CompanyTx<'_>,
    link: &Link,
    seen: Option<&(EventFacts, EventLines)>,
) -> Result<(), Error> {
    let Some(link) = tx.link_of(link.cor)?.filter(|now| now.id == link.id && now.event.is_some()) else {
        return Ok(());
    };
    let known = tx.link_lines(link.id)?.iter().any(|line| line.line.is_some());
    let elsewhere = tx.observation(link.id)?.is_some_and(|now| now.open().iter().any(Finding::is_surplus));
    if known || elsewhere || is_left(&link, seen) || tx.out_of_procore(&[link.cor])?.is_empty() {
        return Ok(());
    }
    tx.end_link(&link)?;
    between(context, tx, &link, ProcoreState::NotInProcore, String::new())
}

/// Gives the COR a new link without an event, between its removal here and its push there. The log says that cost is missing. New
/// lines get new marks, so that leftovers in the former event are not mistaken for them.
fn between(
    context: &Context,
    tx: &mut CompanyTx<'_>,
    former: &Link,
    state: ProcoreState,
    reason: String,
) -> Result<(), Error> {
    let link = Link {
        id: LinkId::fresh(context.now(), &*context.entropy),
        reference: Reference::fresh(&*context.entropy),
        event: None,
        state,
        reason,
        pushed: 0,
        pushed_amount: Amount::ZERO,
        pushed_at: None,
        push: None,
        ..former.clone()
    };
    tx.insert_links(std::slice::from_ref(&link))?;
    Ok(tx.show_link(&link)?)
}

/// The removal failed at least in part: the copies stay.
fn stay(tx: &mut CompanyTx<'_>, push: &Push, link: Link, state: ProcoreState, why: &str) -> Result<(), Error> {
    let state = if push.order.purpose == Purpose::RemoveSurplus { ProcoreState::Surplus } else { state };
    Ok(tx.show_link(&Link { state, reason: why.to_owned(), ..link })?)
}

/// The log state before the push took the link, unless the COR changed since.
pub(super) fn as_before(cor: &PushCor, owes: bool) -> (ProcoreState, String) {
    match &cor.before {
        (ProcoreState::UpToDate, _) if owes => (ProcoreState::UpdateNeeded, String::new()),
        before => before.clone(),
    }
}
