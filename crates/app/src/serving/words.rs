//! How pages print statuses, currencies and what a person may do, beside the words that verbs use as well.

use domain::{Currency, cor::Status, role::Denied};

use super::views::{ActionLink, Choice, Pill, Tone};
pub use crate::words::{ago, count, date, day, day_in_utc, moment, today};

/// A status as the pages show it.
pub fn status(status: Status) -> Pill {
    let tone = match status {
        Status::Draft | Status::Placeholder => Tone::Quiet,
        Status::InReview => Tone::Warn,
        Status::ReviseAndResubmit => Tone::Bad,
        Status::ApprovedToProceed => Tone::Info,
        Status::ApprovedCoIssued => Tone::Good,
        Status::Void => Tone::Void,
    };
    Pill::new(tone, status.name())
}

/// The note beside an approval that its sender recorded.
pub const RECORDED: &str = "recorded by sender";

/// An action at `url`, or why the person may not take it.
pub fn action(allowed: Result<(), Denied>, url: impl Into<String>) -> ActionLink {
    match allowed {
        Ok(()) => ActionLink::May(url.into()),
        Err(denied) => ActionLink::MayNot(denied.to_string()),
    }
}

/// The currencies as entries of a drop-down.
pub fn currencies(chosen: Option<Currency>) -> Vec<Choice> {
    let choice = |currency: Currency| Choice::new(currency.code(), currency.code()).chosen_if(chosen == Some(currency));
    Currency::ALL.into_iter().map(choice).collect()
}
