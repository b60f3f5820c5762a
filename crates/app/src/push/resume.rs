//! Pushes that waited for their person, or for their office to be connected, go on by themselves.

use domain::{OfficeId, PersonId, audit::ProcoreResponse, procore::push_state::PushState};
use jiff::{SignedDuration, Timestamp};
use store::{CompanyTx, repo::push::Push};
use sync::push::audited;

use crate::Error;

/// Lets the parked pushes of a person go on, in the transaction that stores their new sign-in. What may have been sent
/// is looked for first.
pub fn resume(
    tx: &mut CompanyTx<'_>,
    person: PersonId,
    now: Timestamp,
    quarantine: SignedDuration,
) -> Result<usize, Error> {
    let parked = tx.parked_pushes_of(person)?;
    go_on(tx, &parked, now, quarantine)
}

/// Lets the parked pushes of an office go on, in the transaction that connects it to the account: the app may have been
/// missing there. Those whose person still has to sign in are parked again, without a request.
pub fn resume_office(
    tx: &mut CompanyTx<'_>,
    office: OfficeId,
    account: i64,
    now: Timestamp,
    quarantine: SignedDuration,
) -> Result<usize, Error> {
    let parked = tx.parked_pushes_at(office, account)?;
    go_on(tx, &parked, now, quarantine)
}

/// Has the pushes of an office that wait for a time to come tried at once. Answers how many. One in question still waits for its
/// quarantine, and one that a worker holds goes on by itself.
pub fn hurry_office(tx: &mut CompanyTx<'_>, office: OfficeId, account: i64, now: Timestamp) -> Result<usize, Error> {
    let mut hurried = 0;
    for push in tx.waiting_pushes_at(office, account)? {
        if matches!(push.state, PushState::Queued { due } if due > now) && !tx.queue_is_held(&push.queue, now)? {
            let next = Push { state: PushState::Queued { due: now }, ..push.clone() };
            tx.advance_push(&push, &next, now)?;
            hurried += 1;
        }
    }
    Ok(hurried)
}

/// Holds back the pushes of an office that is being disconnected, in the transaction that does it. Answers how many; one
/// that is being sent just now is held back before its next step.
pub fn hold_office(tx: &mut CompanyTx<'_>, office: OfficeId, account: i64, now: Timestamp) -> Result<u64, Error> {
    const WHY: &str = "The office was disconnected from Procore. It goes on when it is connected again.";
    let waiting = tx.waiting_pushes_at(office, account)?;
    let mut facts = Vec::new();
    for push in &waiting {
        let uncertain = matches!(push.state, PushState::Uncertain { .. });
        let next = Push { state: PushState::Parked { why: WHY.to_owned(), uncertain }, ..push.clone() };
        tx.advance_push(push, &next, now)?;
        facts.extend(audited::moved(push, &next, None, &ProcoreResponse::default(), now));
        for mut link in tx.links_of_push(push.id)?.into_iter().filter(|l| l.state.is_busy()) {
            link.state = next.state.shown_as();
            WHY.clone_into(&mut link.reason);
            tx.show_link(&link)?;
        }
    }
    tx.append_audit(&facts)?;
    let sending = tx.park_office_queue(office, account)?;
    Ok(sending + waiting.len() as u64)
}

/// A push in question may have been parked before its quarantine had ended, and when it left is not kept with it: so the
/// whole of it begins again, which is never too short.
fn go_on(tx: &mut CompanyTx<'_>, parked: &[Push], now: Timestamp, quarantine: SignedDuration) -> Result<usize, Error> {
    let look_at = now.saturating_add(quarantine).unwrap_or(Timestamp::MAX);
    let mut facts = Vec::new();
    for push in parked {
        let state = match &push.state {
            PushState::Parked { uncertain: true, .. } => PushState::Uncertain { look_at },
            PushState::Stopped { look_at: Some(at), .. } => PushState::Uncertain { look_at: now.max(*at) },
            PushState::Parked { .. } | PushState::Stopped { .. } => PushState::Queued { due: now },
            _ => continue,
        };
        let next = Push { state, ..push.clone() };
        tx.advance_push(push, &next, now)?;
        facts.extend(audited::moved(push, &next, None, &ProcoreResponse::default(), now));
        sync::push::show_waiting(tx, &next)?;
    }
    tx.append_audit(&facts)?;
    Ok(parked.len())
}
