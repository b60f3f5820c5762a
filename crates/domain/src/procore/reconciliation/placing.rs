//! Sorts a COR into its category.

use std::collections::BTreeMap;

use super::{Category, CorRead, Counts, EventRead, ReportCor};
use crate::procore::{Amount, currency::CurrencyTrouble, push_state::ProcoreState};

/// A COR in its category; `trouble` is why amounts of its project can't be compared with Procore's, if they can't.
pub(super) fn placed(
    read: CorRead,
    events: &BTreeMap<i64, &EventRead>,
    trouble: Option<&CurrencyTrouble>,
) -> ReportCor {
    let event = read.event.and_then(|id| events.get(&id)).copied();
    let kept = holds_unseen(&read);
    let lives = event.filter(|event| match event.counts {
        Counts::Void => false,
        Counts::Gone => kept,
        Counts::Yes | Counts::OtherCurrency | Counts::UnknownCurrency => true,
    });
    let of_event = lives.and_then(|event| event.trouble.as_ref());
    let trouble = of_event.or(trouble).filter(|_| is_compared(&read, event.is_none() || lives.is_some())).cloned();
    let counts = event.is_none_or(|event| event.counts == Counts::Yes || event.counts == Counts::Gone && kept);
    // What lies in an event that doesn't count is in no forecast.
    let there = match read.state {
        _ if trouble.is_some() => Amount::NotComparable,
        _ if !counts || read.event.is_none() => Amount::ZERO,
        // An earlier reading doesn't show what is there now.
        ProcoreState::EventUnreadable if event.is_some_and(|event| !event.amount.is_readable()) => Amount::Unreadable,
        _ => read.there,
    };
    ReportCor {
        category: if trouble.is_some() { Category::NotComparable } else { category(&read, counts, there) },
        cor: read.cor,
        number: read.number,
        title: read.title,
        party: read.party,
        status: read.status,
        state: read.state,
        event: read.event,
        event_number: event.map(|event| event.number.clone()).unwrap_or_default(),
        ours: read.ours,
        there,
        trouble,
    }
}

/// Whether something of a COR that has no place in Procore may be in an event that is not shown any more. Where it surely went with
/// the event, nothing is said to be there.
fn holds_unseen(read: &CorRead) -> bool {
    !read.status.belongs_in_procore() && read.state != ProcoreState::NotInProcore && !read.there.is_zero()
}

/// Whether an amount of it is to be compared with Procore's: it belongs in a forecast, or something of it is there, in an
/// event that `lives`.
fn is_compared(read: &CorRead, lives: bool) -> bool {
    let held = read.event.is_some() && lives && (!read.there.is_zero() || read.state == ProcoreState::UpdateNeeded);
    held || read.status.belongs_in_procore()
}

fn category(read: &CorRead, counts: bool, there: Amount) -> Category {
    use ProcoreState as S;
    if !read.status.belongs_in_procore() {
        let is_there = !there.is_zero() || read.state == S::UpdateNeeded;
        return if is_there { Category::ToTakeOut } else { Category::NotToPush };
    }
    match read.state {
        S::InProgress | S::WaitingForSignIn | S::Stopped | S::Paused | S::Checking => Category::Waiting,
        S::NotInProcore | S::EventVoided | S::EventDeleted => Category::NotInProcore,
        // Whatever else was found, only the amount decides whether the forecast is right.
        S::UpToDate
        | S::UpdateNeeded
        | S::Refused
        | S::ChangedInProcore
        | S::Surplus
        | S::OtherCurrency
        | S::LineChanged
        | S::LineRemoved
        | S::LineLocked
        | S::ContractMoved
        | S::EventStatusChanged
        | S::EventRestored
        | S::EventUnreadable => match read.event {
            Some(_) if counts && there == read.ours => Category::Matched,
            Some(_) if counts => Category::AmountDiffers,
            _ => Category::NotInProcore,
        },
    }
}
