//! An event to be told: made before the unit of work, kept within it.

use domain::{PersonId, role::Actor, security::SecurityEventKind, text::shortened};
use jiff::{SignedDuration, Timestamp};
use store::{CompanyTx, StoreError, repo::security_event::SecurityEvent};

use super::{copy, whence::Whence};
use crate::{App, Error};

/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 200;
/// How long events are kept if nothing else is set.
pub const KEPT_DAYS: u32 = 365;

/// An event to be told in the transaction of what it tells of.
#[derive(Debug, Clone)]
pub struct SecurityNote {
    event: SecurityEvent,
    kept_since: Timestamp,
}

impl SecurityNote {
    /// What the actor does.
    pub fn new(app: &App, actor: &Actor, kind: SecurityEventKind) -> Self {
        Self::of_person(app, actor.person, &actor.name, kind)
    }

    /// What a person does who has no session yet.
    pub fn of_person(app: &App, person: PersonId, name: &str, kind: SecurityEventKind) -> Self {
        let days = i64::from(app.serving.security_kept_days.unwrap_or(KEPT_DAYS));
        Self::made(app.now(), (Some(person), name), kind, days)
    }

    /// What the operator does at the command line.
    pub fn of_operator(now: Timestamp, kind: SecurityEventKind) -> Self {
        Self::made(now, (None, copy::OPERATOR), kind, i64::from(u16::MAX))
    }

    fn made(at: Timestamp, (person, name): (Option<PersonId>, &str), kind: SecurityEventKind, kept_days: i64) -> Self {
        let Whence { address, browser } = Whence::here();
        let event = SecurityEvent {
            seq: 0,
            at,
            kind,
            succeeded: true,
            person,
            person_name: name.to_owned(),
            subject: String::new(),
            address,
            browser,
        };
        let kept = SignedDuration::from_hours(24 * kept_days);
        Self { event, kept_since: at.saturating_sub(kept).unwrap_or(Timestamp::MIN) }
    }

    /// The same, by somebody known only within the unit.
    pub fn by(&self, actor: &Actor) -> Self {
        let (person, person_name) = (Some(actor.person), actor.name.clone());
        Self { event: SecurityEvent { person, person_name, ..self.event.clone() }, ..self.clone() }
    }

    /// The same for another company, which doesn't know the person.
    pub fn for_others(&self) -> Self {
        let (address, browser) = (String::new(), String::new());
        Self { event: SecurityEvent { person: None, address, browser, ..self.event.clone() }, ..self.clone() }
    }

    /// The same, if it was refused.
    pub fn refused(mut self) -> Self {
        self.event.succeeded = false;
        self
    }

    /// The same as another kind, known only within the unit.
    pub fn as_kind(&self, kind: SecurityEventKind) -> Self {
        Self { event: SecurityEvent { kind, ..self.event.clone() }, ..self.clone() }
    }

    /// Keeps it.
    pub fn keep(&self, us: &mut CompanyTx<'_>, subject: &str) -> Result<(), StoreError> {
        let subject = shortened(subject, LONGEST_SUBJECT);
        us.add_security_event(&SecurityEvent { subject, ..self.event.clone() }, self.kept_since)
    }
}

/// Tells that something leaves as a file, or is read whole by a program. If the disk is full it leaves all the same: reading
/// still works then.
pub async fn exported(app: &App, actor: &Actor, what: &str) -> Result<(), Error> {
    let (note, company, what) =
        (SecurityNote::new(app, actor, SecurityEventKind::Exported), actor.company, what.to_owned());
    match app.store.write(move |tx| note.keep(&mut tx.of(company), &what)).await.map_err(Error::from) {
        Err(error @ Error::Storage(..)) => {
            tracing::error!(%error, by = %actor.person, "an export could not be recorded");
            Ok(())
        }
        told => told,
    }
}
