//! Security events: who got in or failed to, who may get in, and what left the company. Kept in the transaction of what they
//! tell of, with where it came from.

#![allow(missing_docs, reason = "most fields say by their names what they are")]

pub(crate) mod api;
pub(crate) mod copy;
mod note;
pub(crate) mod pages;
pub(crate) mod samples;
pub mod whence;

use domain::{PersonId, role::Actor};
use jiff::Timestamp;
use serde::Serialize;
use store::repo::security_event::{SecurityEvent, SecurityFilter};
use utoipa::ToSchema;

pub use self::note::{SecurityNote, exported};
use crate::{App, Error};

/// Events of a page.
const PAGE: usize = 100;
/// The most events of a file.
const MOST_IN_A_FILE: usize = 100_000;

/// A page of a company's events, the newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SecurityEvents {
    pub events: Vec<SecurityEventSeen>,
    /// `cursor` of the next page; null on the last.
    pub next: Option<String>,
}

/// What happened, who did it, and from where.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SecurityEventSeen {
    /// Its number; a later event’s is greater.
    pub seq: i64,
    pub at: Timestamp,
    /// What happened, as a code.
    pub kind: &'static str,
    /// What happened, in words.
    pub what: &'static str,
    /// False: it was tried and refused.
    pub succeeded: bool,
    /// Who did it, or whose sign-in failed; null for your operator and for another company's people.
    pub person_id: Option<PersonId>,
    pub person_name: String,
    /// Whom or what it is about; may be empty.
    pub subject: String,
    /// The network address it came from; empty for the command line.
    pub address: String,
    /// The browser or program, such as “Firefox on Windows”.
    pub browser: String,
}

impl From<SecurityEvent> for SecurityEventSeen {
    fn from(event: SecurityEvent) -> Self {
        let SecurityEvent { seq, at, kind, succeeded, person, person_name, subject, address, browser } = event;
        let (kind, what) = (kind.code(), kind.name());
        Self { seq, at, kind, what, succeeded, person_id: person, person_name, subject, address, browser }
    }
}

/// A page of events. Only the Account Owner reads them.
pub async fn page(app: &App, actor: &Actor, filter: SecurityFilter) -> Result<SecurityEvents, Error> {
    actor.may_see_security()?;
    let company = actor.company;
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut events = app.store.read(move |tx| tx.of(company).security_events(&filter, most)).await?;
    let more = events.len() > PAGE;
    events.truncate(PAGE);
    let next = events.last().filter(|_| more).map(|last| last.seq.to_string());
    Ok(SecurityEvents { events: events.into_iter().map(Into::into).collect(), next })
}

/// All events under a filter as comma-separated values (RFC 4180), the newest first.
pub async fn csv(app: &App, actor: &Actor, filter: SecurityFilter) -> Result<String, Error> {
    actor.may_see_security()?;
    exported(app, actor, "Security events").await?;
    let company = actor.company;
    let most = i64::try_from(MOST_IN_A_FILE).unwrap_or(i64::MAX);
    let events = app.store.read(move |tx| tx.of(company).security_events(&filter, most)).await?;
    // Excel takes a file without the byte order mark for one in its own old encoding.
    let mut text = format!("\u{FEFF}{}\r\n", copy::CSV_HEADINGS);
    for event in events {
        let outcome = if event.succeeded { copy::DONE } else { copy::REFUSED };
        let person = event.person.map(|person| person.to_string()).unwrap_or_default();
        let fields = [
            event.at.to_string(),
            event.kind.name().to_owned(),
            outcome.to_owned(),
            event.person_name,
            person,
            event.subject,
            event.address,
            event.browser,
        ];
        text += &fields.map(|field| csv_field(&field)).join(",");
        text += "\r\n";
    }
    Ok(text)
}

/// A field that no spreadsheet takes for a formula.
fn csv_field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_formula() {
        assert_eq!(csv_field("=1+1"), "\"'=1+1\"");
        assert_eq!(csv_field("Ruth \"Boss\" Calloway, Jr."), "\"Ruth \"\"Boss\"\" Calloway, Jr.\"");
    }
}
