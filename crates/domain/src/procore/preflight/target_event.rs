//! Whether the change event takes the push, and what it holds of its CORs already.

use super::{Former, Level, PreflightCheck, PreflightFinding, Surplus, TargetEvent, Who, folded, found, ok, unknown};
use crate::procore::{Amount, push_plan::Work};

pub(super) fn event(event: Option<&TargetEvent>, work: Work) -> PreflightFinding {
    let Some(event) = event else { return ok(PreflightCheck::Event, "A new one is created.") };
    let is = format!("{} is {}", event.name, event.status);
    let meaning = folded(&event.mapped_to);
    let counts = meaning != "void";
    let mend = |says: String| {
        found(PreflightCheck::Event, Level::Stop, says, "Correct it in Procore, then look again.", Who::You)
    };
    if let Some((line, amount)) = event.unreadable.first().filter(|_| counts) {
        let more = match event.unreadable.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        return mend(format!("{}: the amount of “{line}”{more} {}.", event.name, why(*amount)));
    }
    if counts && !event.sum.is_readable() {
        return mend(format!("{}: an amount in it {}.", event.name, why(event.sum)));
    }
    match meaning.as_str() {
        "void" if work == Work::TakesOut => {
            ok(PreflightCheck::Event, format!("{is}; lines can be removed from it all the same."))
        }
        "void" => {
            let remedy = match work {
                Work::MakesUp => "Reopen it in Procore, or leave what is locked in it as it is.",
                Work::TakesOut | Work::Writes => "Reopen it in Procore, or choose another event.",
            };
            found(
                PreflightCheck::Event,
                Level::Stop,
                format!("{is}, and costs in a void event don't count."),
                remedy,
                Who::You,
            )
        }
        "closed" => found(
            PreflightCheck::Event,
            Level::Warn,
            format!("{is}, and Procore may refuse changes to it."),
            "Reopen it in Procore if the push is refused.",
            Who::You,
        ),
        "open" | "pending" => ok(PreflightCheck::Event, format!("{is}.")),
        _ => unknown(PreflightCheck::Event, meaningless(event)),
    }
}

/// Adds to the event's finding the CORs that the event holds already: pushing them again would count them twice. Lines that add
/// up to zero double no cost, but the person is warned.
pub(super) fn counted_already(event: PreflightFinding, former: &[Former]) -> PreflightFinding {
    if former.is_empty() || event.level == Level::Stop {
        return event;
    }
    let says = former.iter().map(Former::sentence).collect::<Vec<_>>().join(" ");
    if former.iter().any(|former| !former.sum().is_zero()) {
        let remedy = "Remove these lines in Procore first, then look again: pushed now, it would count twice.";
        return found(PreflightCheck::Event, Level::Stop, says, remedy, Who::You);
    }
    let before = event.correction.map(|correction| format!("{} ", correction.says)).unwrap_or_default();
    let remedy = format!("{before}Remove these lines in Procore; this push leaves them there.");
    found(PreflightCheck::Event, Level::Warn, format!("{} {says}", event.says), &remedy, Who::You)
}

impl Former {
    fn sum(&self) -> Amount {
        self.lines.iter().map(|(_, amount)| *amount).sum()
    }

    fn sentence(&self) -> String {
        let (number, sum) = (&self.number, self.sum());
        let first = self.lines.first().map(|(says, _)| says.as_str()).unwrap_or_default();
        match self.lines.len() {
            1 => format!(
                "COR {number}: 1 line of {sum} is in this Change Event from before it was unlinked (“{first}”), and no push \
                 accounts for it."
            ),
            lines => format!(
                "COR {number}: {lines} lines of {sum} are in this Change Event from before it was unlinked (“{first}” and {} \
                 more), and no push accounts for them.",
                lines - 1
            ),
        }
    }
}

/// Adds to the event's finding the copies of its CORs elsewhere in Procore.
pub(super) fn beside(event: PreflightFinding, surplus: &Surplus) -> PreflightFinding {
    if surplus.says.is_empty() || event.level == Level::Stop {
        return event;
    }
    let says = surplus.says.join(" ");
    if surplus.anew {
        let remedy =
            "Remove that surplus first, in the COR's comparison with Procore: pushed now, it would count twice.";
        return found(PreflightCheck::Event, Level::Stop, says, remedy, Who::You);
    }
    let remedy = "Remove that surplus in the COR's comparison with Procore; this push leaves it there.";
    let before = event.correction.map(|correction| format!("{} ", correction.says)).unwrap_or_default();
    found(PreflightCheck::Event, Level::Warn, format!("{} {says}", event.says), &format!("{before}{remedy}"), Who::You)
}

/// What to say of an event whose status doesn't show whether it accepts changes.
fn meaningless(event: &TargetEvent) -> String {
    let status = match event.status.trim() {
        "" => format!("Procore names no status of {}", event.name),
        status => format!("{} is “{status}”", event.name),
    };
    match event.mapped_to.trim() {
        "" => format!("{status}, and Procore doesn't say what that means: open, pending, closed or void."),
        meaning => {
            format!("{status}. To Procore that means “{meaning}”, which is none of open, pending, closed and void.")
        }
    }
}

const fn why(amount: Amount) -> &'static str {
    match amount {
        Amount::TooLarge => "is too large to read",
        Amount::NotComparable => "is in another currency",
        Amount::Exact(_) | Amount::Unreadable => "could not be read",
    }
}
