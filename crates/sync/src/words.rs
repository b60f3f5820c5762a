//! Messages for people when Procore refuses or does not answer, and what happens next.

use domain::procore::budget::LONGEST;
use jiff::{SignedDuration, Timestamp};
use procore::{Error, LONGEST_WAIT, Message};

/// The wait after a failure that names none.
const PATIENCE: SignedDuration = SignedDuration::from_secs(15);

/// What follows from a failed read.
pub enum ReadFailure {
    /// Try again at the time that Procore named.
    Later(Timestamp),
    /// Procore could not be reached: try again, not before this time if Procore named one.
    Unreached(Option<Timestamp>),
    /// A person has to sign in first, or have the app installed.
    Park(String),
    /// The record is not there.
    Gone(String),
    /// Procore refused.
    Refused(String),
    /// The record exists, but not as documented.
    Odd(String),
}

/// Sorts a failed read.
pub fn read_failure(error: &Error, now: Timestamp) -> ReadFailure {
    match error {
        Error::RateLimited { until, retry_after } => ReadFailure::Later(wait(now, *until, *retry_after)),
        Error::Unavailable { retry_after, .. } => {
            ReadFailure::Unreached(retry_after.map(|after| wait(now, None, Some(after))))
        }
        Error::NotSent(_) | Error::Uncertain { .. } | Error::NoSuchPath | Error::Unexpected(_) | Error::Misused(_) => {
            ReadFailure::Unreached(None)
        }
        Error::SignInAgain(_) => ReadFailure::Park(SIGN_IN.into()),
        Error::AppNotConnected => ReadFailure::Park(NOT_CONNECTED.into()),
        Error::NotFound => ReadFailure::Gone(NO_PROJECT.into()),
        Error::Odd(why) => ReadFailure::Odd(odd(why)),
        Error::Forbidden(messages) => ReadFailure::Refused(forbidden(messages)),
        Error::Refused { messages, .. } | Error::Contended { messages, .. } => ReadFailure::Refused(refused(messages)),
    }
}

/// Whether Procore refused the read: the record is not there, or hidden from this person.
pub fn is_refusal(error: &Error) -> bool {
    matches!(error, Error::NotFound | Error::Forbidden(_) | Error::Refused { .. })
}

/// The record in Procore is not as documented.
pub fn odd(why: &str) -> String {
    format!("The Change Event in Procore could not be read: {why}. Correct it there, then select Try again.")
}

/// When to try again: after the wait that Procore named, but no longer than its longest limit. A time by Procore's clock counts
/// only if it named no span, and for a quarter of an hour at most, since that clock may be wrong.
pub fn wait(now: Timestamp, until: Option<Timestamp>, after: Option<std::time::Duration>) -> Timestamp {
    let told = told(now, until, after).filter(|told| *told > now);
    told.unwrap_or(now.saturating_add(PATIENCE).unwrap_or(now))
}

/// The wait that Procore named, if any.
fn told(now: Timestamp, until: Option<Timestamp>, after: Option<std::time::Duration>) -> Option<Timestamp> {
    let ahead = |span: SignedDuration| now.saturating_add(span).unwrap_or(now);
    match after {
        Some(after) => Some(ahead(SignedDuration::try_from(after).unwrap_or(LONGEST).min(LONGEST))),
        None => until.map(|until| until.min(ahead(LONGEST_WAIT))),
    }
}

/// The person's Procore login no longer works.
pub const SIGN_IN: &str = "Sign in to Procore again; the push then goes on by itself.";

/// The app is not installed in the Procore account.
pub const NOT_CONNECTED: &str = "Ledgerboard is not connected to this company in Procore. A Procore administrator \
     installs it under Company Admin → App Management. Where that has no Install button, custom apps are switched off for the \
     account: ask Procore to allow them.";

/// Procore answers every write with an error.
pub const UNANSWERED: &str = "Procore answered every attempt to write this with an error, or not at all. We looked each time: \
     nothing more was written. Ask your Procore administrator whether something is wrong there, then select Try again.";

/// A new event was refused, and we look whether Procore made it anyway.
pub const REFUSED_AND_LOOKED_FOR: &str = "Procore refused it but may have made the Change Event anyway. We look for it before \
     we send anything else.";

/// Procore was out of reach for a long time.
pub const UNREACHED: &str = "Procore could not be reached for about twelve hours. Nothing was lost. When it answers again, \
     select Try again.";

/// Something else keeps writing to the same event.
pub fn contended(messages: &[Message]) -> String {
    let said = said(messages);
    let said = if said.is_empty() { String::new() } else { format!(" (\u{201c}{said}\u{201d})") };
    format!(
        "Procore refused this again and again because something else was writing to the same Change Event{said}. Nothing \
         was lost. Find out what writes there, then select Try again."
    )
}

/// Procore says that a new event exists already, but no list shows it.
pub fn taken(messages: &[Message]) -> String {
    let said = said(messages);
    let said = if said.is_empty() { String::new() } else { format!(" (\u{201c}{said}\u{201d})") };
    format!(
        "Procore says that this Change Event exists already{said}, but no list of Procore shows it. An earlier attempt probably \
         made it, and Procore hides it: it may do so once all lines of an event are part of something else. Find it in Procore, \
         make sure it is listed again, then select Try again: we look for it first, and nothing counts twice."
    )
}

/// The same after somebody cancelled the push.
pub const TAKEN_BACK: &str = "It was cancelled, but it may be in Procore: Procore says that the Change Event exists already, \
     and no list of Procore shows it. Find it there before you push this again, or the cost may count twice.";

/// The push can't be read from the database.
pub const UNREADABLE: &str = "This push can't be read from the database any more, so we set it aside and send no \
     more of it. Ask whoever looks after this installation to repair it; until then this COR can't be pushed.";

/// 403 or 404 to a look: we can't find out what Procore received.
pub fn may_not_look(messages: &[Message]) -> String {
    let said = said(messages);
    let said = if said.is_empty() { String::new() } else { format!(" (\u{201c}{said}\u{201d})") };
    format!(
        "Procore doesn't let you see this project's Change Events any more{said}, so nobody knows what it received. Ask \
         your Procore administrator for permission on Change Events, then select Try again: we look first, and nothing \
         counts twice."
    )
}

/// 404 for a project.
pub const NO_PROJECT: &str = "Procore doesn't show this project to you any more. Ask your Procore administrator.";

/// The change event is in the list of those that were deleted.
pub const GONE: &str =
    "Procore doesn't show this Change Event any more: somebody deleted it. Choose another one, or restore it there.";

/// 404 for a change event that is not listed as deleted.
pub const HIDDEN: &str = "Procore doesn't show this Change Event to you, and doesn't list it as deleted either. Ask your \
     Procore administrator for permission to see it, then push again; what was pushed there before is left as it is.";

/// Procore made our event and no longer shows it.
pub const DELETED_MEANWHILE: &str = "Procore had made this Change Event and doesn't show it any more: somebody deleted it. \
     Restore it there, or push again to make another.";

/// 403: this person may not.
pub fn forbidden(messages: &[Message]) -> String {
    let said = said(messages);
    let advice = "You need Standard permission on Change Events in Procore to create one, and Admin to change one that \
         somebody else created. The app needs as much, since the lower of both counts; and a changed template \
         doesn't reach projects you are already in. Ask your Procore administrator, then push again.";
    if said.is_empty() {
        format!("Procore doesn't allow you to do this. {advice}")
    } else {
        format!("{said}. {advice}")
    }
}

/// 400, 409, 422: Procore understood the request and refused it.
pub fn refused(messages: &[Message]) -> String {
    let said = said(messages);
    let advice = if said.to_ascii_lowercase().contains("wbs code") || said.to_ascii_lowercase().contains("budget code")
    {
        "Choose another budget code and push again."
    } else if said.contains("already been taken") {
        "Choose another number, or leave it to Procore."
    } else {
        "Correct it and push again."
    };
    if said.is_empty() {
        "Procore refused this without saying why. Check in Procore whether the Change Event can be edited and whether the budget \
         codes and contracts are still there, then push again. If it is refused again, ask your Procore administrator."
            .to_owned()
    } else {
        format!("Procore refused: {said}. {advice}")
    }
}

fn said(messages: &[Message]) -> String {
    let text = |m: &Message| m.text.trim().trim_end_matches('.').to_owned();
    messages.iter().map(text).filter(|t| !t.is_empty()).collect::<Vec<_>>().join("; ")
}
