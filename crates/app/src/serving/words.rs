//! What pages print of currencies and of what a person may do, beside the words that verbs use as well.

use domain::{Currency, role::Denied};

use super::views::{ActionLink, Choice};
pub use crate::words::{RECORDED, ago, date, day, day_in_utc, event_label, moment, status, today};

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
