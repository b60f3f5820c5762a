//! The log's state for a COR that has no place in Procore, such as a void one, when Procore still holds lines of it.

use super::{Amount, comparison::Finding, push_plan::makes_up, push_state::ProcoreState as State};
use crate::cor::{LineKey, Status};

/// What of such a COR lives in its event.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Leftovers {
    /// Its lines that Procore still counts: what each stands for, and its amount.
    pub lines: Vec<(LineKey, Amount)>,
    /// Why lines can't be removed, one for each that is locked: "tied to RFQ 3 in Procore".
    pub locks: Vec<String>,
    /// They are as they were last seen: Procore doesn't show the event any more, and doesn't list it as deleted.
    pub hidden: bool,
}

impl Leftovers {
    /// What they add up to.
    pub fn sum(&self) -> Amount {
        self.lines.iter().map(|(_, amount)| *amount).sum()
    }
}

/// The state and its reason. `open` are the findings that wait for a person, `said` is what the log would say of any other
/// COR. Whatever somebody did to the lines, they are to go: only money in another place, and an event that counts nowhere,
/// are told instead, and a push that ended badly stays told.
pub fn shown(status: Status, left: &Leftovers, open: &[Finding], said: (State, &str)) -> (State, String) {
    let lines = left.lines.as_slice();
    let about = |told: fn(&Finding) -> bool| {
        let sentences: Vec<String> = open.iter().filter(|finding| told(finding)).map(Finding::sentence).collect();
        (!sentences.is_empty()).then(|| sentences.join(" "))
    };
    if let Some(surplus) = about(Finding::is_surplus) {
        return (State::Surplus, surplus);
    }
    if lines.is_empty() {
        return (State::NotInProcore, String::new());
    }
    if let Some(voided) = about(|finding| matches!(finding, Finding::EventVoided { .. })) {
        return (State::EventVoided, voided);
    }
    let is = if status == Status::Draft { "It is a Draft" } else { "It is void" };
    if are_made_up_for(lines) {
        let locked: Amount =
            lines.iter().filter(|(key, _)| key.adjustment().is_some()).map(|(_, amount)| *amount).sum();
        return (State::UpToDate, format!("{is}. {locked} of it is locked in Procore and made up for there."));
    }
    match said {
        (State::Refused | State::ChangedInProcore, why) => (said.0, why.to_owned()),
        _ => (State::UpdateNeeded, format!("{is}, and {}", still_there(left))),
    }
}

/// Whether every line has one beside it that makes up for it, so that nothing of the COR counts.
pub fn are_made_up_for(lines: &[(LineKey, Amount)]) -> bool {
    let of = |key: LineKey| lines.iter().find(|(other, _)| *other == key);
    let taken_back = |(key, amount): &(LineKey, Amount)| {
        let other = key.adjustment().and_then(of);
        other.is_some_and(|(_, other)| makes_up(Amount::ZERO, *amount) == Some(*other))
    };
    let (adjustments, locked): (Vec<_>, Vec<_>) = lines.iter().partition(|(key, _)| key.adjustment().is_none());
    adjustments.len() == locked.len() && locked.into_iter().all(taken_back)
}

fn still_there(left: &Leftovers) -> String {
    let (lines, sum) = (&left.lines, left.sum());
    let sum = if sum.is_readable() { sum.to_string() } else { format!("money ({sum})") };
    if left.hidden {
        return format!(
            "{sum} of it was in Procore when its Change Event was last read. Procore doesn't show that event any more, and \
             doesn't list it as deleted either. Ask your Procore administrator for permission to see it, then push the COR to \
             have its lines removed. If the event was deleted for good, unlink the COR."
        );
    }
    let Some(why) = left.locks.first() else {
        return format!("{sum} of it is still in Procore. Push it to have its lines removed there.");
    };
    let locked = left.locks.len();
    let are = if locked == 1 { "1 line is".to_owned() } else { format!("{locked} lines are") };
    if locked == lines.len() {
        format!(
            "{sum} of it stays in Procore: {are} locked there ({why}). A push can make up for it with a line of its own."
        )
    } else {
        format!(
            "{sum} of it is still in Procore. Push it to have its lines removed there; {are} locked ({why}) and can only be \
             made up for."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{money::Money, procore::push_plan::Values};

    /// A line, and why it is locked.
    type Line<'a> = (LineKey, Amount, Option<&'a str>);

    fn line(key: LineKey, cents: i64, lock: Option<&str>) -> Line<'_> {
        (key, Money::minor(cents).into(), lock)
    }

    fn values() -> Values {
        Values {
            description: String::new(),
            amount: Money::minor(500).into(),
            budget_code: None,
            contract: None,
            vendor: None,
        }
    }

    fn left(lines: &[Line<'_>]) -> Leftovers {
        Leftovers {
            lines: lines.iter().map(|(key, amount, _)| (*key, *amount)).collect(),
            locks: lines.iter().filter_map(|(_, _, lock)| lock.map(str::to_owned)).collect(),
            hidden: false,
        }
    }

    const CALM: (State, &str) = (State::UpToDate, "");

    #[test]
    fn a_void_cor_says_what_of_it_is_in_procore() {
        let rfq = Some("tied to RFQ 3 in Procore");
        let (total, rounding) = (line(LineKey::Total, 1_845_000, None), line(LineKey::Rounding, 100, None));
        let (held, makes_up) = (line(LineKey::Total, 1_845_000, rfq), line(LineKey::AdjustTotal, -1_845_000, None));
        let half = (LineKey::Total, Amount::of("33.335".parse().unwrap()), rfq);
        let table: [(&[Line<'_>], State, &str); 8] = [
            (
                &[half, line(LineKey::AdjustTotal, -3_334, None)],
                State::UpToDate,
                "It is void. 33.34 of it is locked in Procore and made up for there.",
            ),
            (&[], State::NotInProcore, ""),
            (
                std::slice::from_ref(&total),
                State::UpdateNeeded,
                "It is void, and 18,450.00 of it is still in Procore. Push it to have its lines removed there.",
            ),
            (
                &[held, rounding],
                State::UpdateNeeded,
                "It is void, and 18,451.00 of it is still in Procore. Push it to have its lines removed there; 1 line is \
                 locked (tied to RFQ 3 in Procore) and can only be made up for.",
            ),
            (
                std::slice::from_ref(&held),
                State::UpdateNeeded,
                "It is void, and 18,450.00 of it stays in Procore: 1 line is locked there (tied to RFQ 3 in Procore). A push \
                 can make up for it with a line of its own.",
            ),
            (
                &[held, makes_up],
                State::UpToDate,
                "It is void. 18,450.00 of it is locked in Procore and made up for there.",
            ),
            (
                &[held, line(LineKey::AdjustTotal, -1_840_000, None)],
                State::UpdateNeeded,
                "It is void, and 50.00 of it is still in Procore. Push it to have its lines removed there; 1 line is locked \
                 (tied to RFQ 3 in Procore) and can only be made up for.",
            ),
            (
                std::slice::from_ref(&makes_up),
                State::UpdateNeeded,
                "It is void, and (18,450.00) of it is still in Procore. Push it to have its lines removed there.",
            ),
        ];
        for (lines, state, reason) in table {
            assert_eq!(shown(Status::Void, &left(lines), &[], CALM), (state, reason.to_owned()), "{lines:?}");
        }
        let unread = (LineKey::Total, Amount::TooLarge, None);
        let (state, reason) = shown(Status::Void, &left(&[unread]), &[], CALM);
        assert_eq!(state, State::UpdateNeeded);
        assert!(reason.starts_with("It is void, and money (too large to read) of it is still"), "{reason}");
        // Lines that happen to add up to nothing are lines all the same.
        let nothing = [line(LineKey::Total, 100, None), line(LineKey::Rounding, -100, None)];
        assert_eq!(shown(Status::Void, &left(&nothing), &[], CALM).0, State::UpdateNeeded);
    }

    #[test]
    fn what_lies_in_an_event_that_nobody_sees_is_told_as_last_seen() {
        let hidden = |lines: &[Line<'_>]| Leftovers { hidden: true, ..left(lines) };
        let deleted = [Finding::EventDeleted];
        let total = hidden(&[line(LineKey::Total, 1_845_000, Some("tied to RFQ 3 in Procore"))]);
        let (state, reason) = shown(Status::Void, &total, &deleted, CALM);
        assert_eq!(state, State::UpdateNeeded);
        assert!(reason.starts_with("It is void, and 18,450.00 of it was in Procore when"), "{reason}");
        assert!(reason.ends_with("If the event was deleted for good, unlink the COR."), "{reason}");
        assert_eq!(shown(Status::Void, &hidden(&[]), &deleted, CALM).0, State::NotInProcore);
    }

    #[test]
    fn only_what_costs_more_is_told_instead() {
        let one = [line(LineKey::Total, 500, None)];
        let key = LineKey::Total;
        let surplus = Finding::Surplus { line: 7, is: values() };
        let voided = Finding::EventVoided { was: "Open".into(), is: "Void".into() };
        let removed = Finding::LineRemoved { key, line: 6, was: values() };
        let locked = Finding::LineLocked { key, line: 6, why: "locked in Procore".into() };
        let state = |lines: &[Line<'_>], open: &[Finding]| shown(Status::Void, &left(lines), open, CALM).0;
        assert_eq!(state(&[], std::slice::from_ref(&surplus)), State::Surplus);
        assert_eq!(state(&one, &[surplus, voided.clone()]), State::Surplus);
        assert_eq!(state(&one, std::slice::from_ref(&voided)), State::EventVoided);
        assert_eq!(state(&[], &[Finding::EventDeleted, removed, voided]), State::NotInProcore, "all that was wanted");
        assert_eq!(state(&one, &[locked]), State::UpdateNeeded);
        let refused = (State::Refused, "Procore refused: no.");
        assert_eq!(shown(Status::Void, &left(&one), &[], refused), (State::Refused, "Procore refused: no.".to_owned()));
        assert_eq!(shown(Status::Void, &left(&[]), &[], refused).0, State::NotInProcore);
    }
}
