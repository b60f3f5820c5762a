//! Security events: what happened to who may get in, and to what leaves the company. Only ever added to; old ones go.

use domain::{
    PersonId,
    security::{SecurityEventKind, SecurityTopic},
};
use jiff::Timestamp;

use crate::{CompanyTx, Row, StoreError};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityEvent {
    /// Its number; a later event's is greater. The database gives it.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: SecurityEventKind,
    /// Whether it was done; a sign-in may have been refused.
    pub succeeded: bool,
    /// Who did it, or whose sign-in failed; nobody for the operator and for other companies' people.
    pub person: Option<PersonId>,
    /// Their name then.
    pub person_name: String,
    /// What it was about.
    pub subject: String,
    /// The address it came from; empty for the command line.
    pub address: String,
    /// The browser or program in a few words.
    pub browser: String,
}

/// Which events to list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SecurityFilter {
    /// Those of a topic alone.
    pub topic: Option<SecurityTopic>,
    /// Those of a person alone.
    pub person: Option<PersonId>,
    /// Those that failed alone.
    pub failed: bool,
    /// Those before this one alone.
    pub before: Option<i64>,
}

fn event(row: &Row) -> Result<SecurityEvent, StoreError> {
    Ok(SecurityEvent {
        seq: row.get(0)?,
        at: row.get(1)?,
        kind: row.get(2)?,
        succeeded: row.get(3)?,
        person: row.get(4)?,
        person_name: row.get(5)?,
        subject: row.get(6)?,
        address: row.get(7)?,
        browser: row.get(8)?,
    })
}

impl CompanyTx<'_> {
    /// Adds an event, and forgets the company's events before `kept_since`.
    pub fn add_security_event(&mut self, event: &SecurityEvent, kept_since: Timestamp) -> Result<(), StoreError> {
        self.tx.exec_one(
            "INSERT INTO security_event (company_id, at, kind, succeeded, person_id, person_name, subject, address, browser) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                self.company.into(),
                event.at.into(),
                event.kind.into(),
                event.succeeded.into(),
                event.person.into(),
                (&event.person_name).into(),
                (&event.subject).into(),
                (&event.address).into(),
                (&event.browser).into(),
            ],
        )?;
        self.tx.exec(
            "DELETE FROM security_event WHERE company_id = $1 AND at < $2",
            &[self.company.into(), kept_since.into()],
        )?;
        Ok(())
    }

    /// The newest events under a filter that can be read.
    pub fn security_events(&mut self, filter: &SecurityFilter, most: i64) -> Result<Vec<SecurityEvent>, StoreError> {
        let kinds =
            SecurityEventKind::ALL.into_iter().filter(|kind| filter.topic.is_none_or(|topic| kind.topic() == topic));
        let kinds: Vec<String> = kinds.map(|kind| format!("'{}'", kind.code())).collect();
        let sql = format!(
            "SELECT seq, at, kind, succeeded, person_id, person_name, subject, address, browser FROM security_event \
             WHERE company_id = $1 AND kind IN ({}) AND ($2 = 0 OR person_id = $3) AND ($4 = 0 OR succeeded = 0) \
             AND ($5 = 0 OR seq < $6) ORDER BY seq DESC LIMIT $7",
            kinds.join(", ")
        );
        let nobody = PersonId(uuid::Uuid::nil());
        self.tx.readable(
            &sql,
            &[
                self.company.into(),
                i64::from(filter.person.is_some()).into(),
                filter.person.unwrap_or(nobody).into(),
                i64::from(filter.failed).into(),
                i64::from(filter.before.is_some()).into(),
                filter.before.unwrap_or(0).into(),
                most.into(),
            ],
            event,
        )
    }

    /// How many sign-ins of a person failed since `since`, as far as they were told.
    pub fn failed_sign_ins(&mut self, person: PersonId, since: Timestamp) -> Result<i64, StoreError> {
        let count = self.tx.one(
            "SELECT COUNT(*) FROM security_event WHERE company_id = $1 AND person_id = $2 AND at > $3 AND succeeded = 0",
            &[self.company.into(), person.into(), since.into()],
            |row| row.get(0),
        )?;
        Ok(count.unwrap_or(0))
    }
}
