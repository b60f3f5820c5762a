//! A mapped project's change events as last read, for choosing one and for the log's filter.

use domain::{
    ProcoreId, ProjectId,
    procore::{Amount, Side},
    text::natural_key,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::reference::ReferenceRow;
use crate::{CompanyTx, Row, StoreError};

/// The kind of reference row that says when the list was read; the list itself may be empty.
const LIST_READ: &str = "change_events";

/// What is said of an event of which not all that is stored can be read.
const DAMAGED: &str = "what was stored of it is damaged";

/// A change event as last read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ChangeEvent)]
pub struct EventRow {
    #[serde(rename = "id", with = "domain::ids::as_procore_id")]
    #[schema(value_type = ProcoreId)]
    pub event_id: i64,
    /// As people know it.
    pub number: String,
    /// Short.
    pub title: String,
    /// The company's own word in Procore.
    pub status: String,
    /// What the word means to Procore: `open`, `pending`, `closed`, `void`, or something new.
    #[serde(rename = "mapped_to")]
    pub mapped_status: String,
    /// The estimated cost of its lines.
    pub cost: Amount,
    /// The estimated revenue of its lines, but for what follows their cost.
    pub revenue: Amount,
    /// The prime contract of its revenue.
    #[serde(with = "domain::ids::as_procore_id::option")]
    #[schema(value_type = Option<ProcoreId>)]
    pub prime_contract_id: Option<i64>,
    /// ISO 4217, as Procore names it; empty when it names none.
    pub currency: String,
    /// Those that its lines name besides ("CAD, EUR"): a line is kept in its contract's, whatever the event is kept in.
    pub line_currencies: String,
    /// No longer listed.
    #[serde(skip)]
    pub gone: bool,
    /// What Procore adds to the revenue as markup: no line's, and not in `revenue`.
    pub markup: Amount,
    /// Whether somebody changed the markup there by hand.
    pub markup_edited: bool,
    /// The revenue of lines that nobody priced and that Procore shows the owner at their cost: not in `revenue`.
    #[serde(rename = "revenue_that_follows_cost")]
    pub following: Amount,
    /// Why it could not be read the last time: "status is null". Nothing can be pushed into it until it can. Empty when it could.
    #[serde(rename = "could_not_be_read")]
    pub trouble: String,
    /// Procore's id of the person who made it; nothing when Procore doesn't say.
    #[serde(skip)]
    pub created_by: Option<i64>,
    /// How many lines it has.
    pub lines: i64,
    /// How many of them have a cost that Procore doesn't let anybody change or remove.
    #[serde(rename = "cost_locked_lines")]
    pub cost_locked: i64,
    /// The same of their revenue.
    #[serde(rename = "revenue_locked_lines")]
    pub revenue_locked: i64,
}

impl EventRow {
    /// What its lines add up to in the field that pushes of a side write.
    pub const fn amount(&self, side: Side) -> Amount {
        match side {
            Side::Received => self.cost,
            Side::Sent => self.revenue,
        }
    }

    /// How many of its lines have money locked in that field.
    pub const fn locked(&self, side: Side) -> i64 {
        match side {
            Side::Received => self.cost_locked,
            Side::Sent => self.revenue_locked,
        }
    }
}

pub(super) const EVENT: &str = "SELECT event_id, number, title, status, mapped_status, cost, revenue, prime_contract_id, gone, \
     currency, line_currencies, trouble, created_by, lines, cost_locked, revenue_locked, markup, markup_edited, \
     following_cost \
     FROM change_event WHERE company_id = $1";

pub(super) fn event(row: &Row) -> Result<EventRow, StoreError> {
    Ok(EventRow {
        event_id: row.get(0)?,
        number: row.get(1)?,
        title: row.get(2)?,
        status: row.get(3)?,
        mapped_status: row.get(4)?,
        cost: row.get(5)?,
        revenue: row.get(6)?,
        prime_contract_id: row.get(7)?,
        gone: row.get(8)?,
        currency: row.get(9)?,
        line_currencies: row.get(10)?,
        trouble: row.get(11)?,
        created_by: row.get(12)?,
        lines: row.get(13)?,
        cost_locked: row.get(14)?,
        revenue_locked: row.get(15)?,
        markup: row.get(16)?,
        markup_edited: row.get(17)?,
        following: row.get(18)?,
    })
}

/// An event of which not all that is stored can be read, told as one that could not be read from Procore: it has no amounts,
/// nothing is written to it, and the next reading stores it anew.
fn damaged(row: &Row) -> Result<EventRow, StoreError> {
    fn or_nothing(row: &Row, field: usize) -> String {
        row.get(field).unwrap_or_default()
    }
    Ok(EventRow {
        event_id: row.get(0)?,
        number: or_nothing(row, 1),
        title: or_nothing(row, 2),
        status: or_nothing(row, 3),
        mapped_status: or_nothing(row, 4),
        cost: Amount::Unreadable,
        revenue: Amount::Unreadable,
        prime_contract_id: row.get(7).unwrap_or_default(),
        gone: row.get(8).unwrap_or_default(),
        currency: or_nothing(row, 9),
        line_currencies: or_nothing(row, 10),
        markup: Amount::Unreadable,
        markup_edited: row.get(17).unwrap_or_default(),
        following: Amount::Unreadable,
        trouble: DAMAGED.to_owned(),
        created_by: row.get(12).unwrap_or_default(),
        lines: row.get(13).unwrap_or_default(),
        cost_locked: row.get(14).unwrap_or_default(),
        revenue_locked: row.get(15).unwrap_or_default(),
    })
}

impl CompanyTx<'_> {
    /// The change events of a project that are still listed, the newest number first.
    pub fn change_events(&mut self, project: ProjectId) -> Result<Vec<EventRow>, StoreError> {
        let sql = format!("{EVENT} AND project_id = $2 AND gone = 0 ORDER BY number_key DESC, event_id DESC");
        self.tx.query_or(&sql, &[self.company.into(), project.into()], event, damaged)
    }

    /// All change events of a project that were ever read, also those that are no longer listed.
    pub fn change_events_ever(&mut self, project: ProjectId) -> Result<Vec<EventRow>, StoreError> {
        let sql = format!("{EVENT} AND project_id = $2 ORDER BY number_key, event_id");
        self.tx.query_or(&sql, &[self.company.into(), project.into()], event, damaged)
    }

    /// One change event as last read, also one that is no longer listed.
    pub fn change_event(&mut self, project: ProjectId, event_id: i64) -> Result<Option<EventRow>, StoreError> {
        let sql = format!("{EVENT} AND project_id = $2 AND event_id = $3");
        let found = self.tx.query_or(&sql, &[self.company.into(), project.into(), event_id.into()], event, damaged)?;
        Ok(found.into_iter().next())
    }

    /// When the list of a project's change events was last read from Procore.
    pub fn change_events_read_at(&mut self, project: ProjectId) -> Result<Option<Timestamp>, StoreError> {
        self.tx.one(
            "SELECT fetched_at FROM procore_reference WHERE company_id = $1 AND project_id = $2 AND kind = $3",
            &[self.company.into(), project.into(), LIST_READ.into()],
            |row| row.get(0),
        )
    }

    /// What was wrong, in words, with records of the last list that bear no id: each may be any of the events.
    pub fn change_events_nameless(&mut self, project: ProjectId) -> Result<Vec<String>, StoreError> {
        let body: Option<String> = self.tx.one(
            "SELECT body FROM procore_reference WHERE company_id = $1 AND project_id = $2 AND kind = $3",
            &[self.company.into(), project.into(), LIST_READ.into()],
            |row| row.get(0),
        )?;
        // An earlier version wrote other things, or nothing.
        Ok(body.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default())
    }

    /// Stores the whole list as read at a moment; events that it lacks are marked as gone, unless it holds records that
    /// can't be told apart: each of `nameless` may be any of them, and says in words what is wrong with it. `false` if a newer list is
    /// stored already, or if the project is no longer mapped to where the list came from; then nothing is changed.
    ///
    /// A list read before a push was answered may not know the event that the push made: events stored after `read_at`
    /// are left alone.
    pub fn store_change_events(
        &mut self,
        project: ProjectId,
        procore_project: i64,
        events: &[EventRow],
        nameless: &[String],
        read_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let body = serde_json::to_string(nameless).map_err(|e| StoreError::Internal(e.to_string()))?;
        let newest = ReferenceRow { kind: LIST_READ.to_owned(), body, fetched_at: read_at };
        if !self.store_reference(project, procore_project, &newest)? {
            return Ok(false);
        }
        for event in events {
            self.store_change_event(project, event, read_at)?;
        }
        if !nameless.is_empty() {
            return Ok(true);
        }
        self.tx.exec(
            "UPDATE change_event SET gone = 1 WHERE company_id = $1 AND project_id = $2 AND read_at < $3 AND gone = 0",
            &[self.company.into(), project.into(), read_at.into()],
        )?;
        Ok(true)
    }

    /// Stores one change event as read at a moment, such as the answer to a push; an older reading changes nothing. A new
    /// number is told to the log, whose CORs are found by it.
    pub fn store_change_event(
        &mut self,
        project: ProjectId,
        event: &EventRow,
        read_at: Timestamp,
    ) -> Result<(), StoreError> {
        let before = self.change_event(project, event.event_id)?;
        let changed = self.tx.exec(
            "INSERT INTO change_event (project_id, company_id, event_id, number, number_key, title, status, \
             mapped_status, cost, revenue, prime_contract_id, gone, read_at, currency, line_currencies, trouble, created_by, \
             lines, cost_locked, revenue_locked, markup, markup_edited, following_cost) \
             VALUES ($2, $1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23) \
             ON CONFLICT (project_id, company_id, event_id) DO UPDATE SET number = excluded.number, \
             number_key = excluded.number_key, title = excluded.title, status = excluded.status, \
             mapped_status = excluded.mapped_status, cost = excluded.cost, revenue = excluded.revenue, \
             prime_contract_id = excluded.prime_contract_id, gone = excluded.gone, read_at = excluded.read_at, \
             currency = excluded.currency, line_currencies = excluded.line_currencies, trouble = excluded.trouble, \
             created_by = excluded.created_by, lines = excluded.lines, cost_locked = excluded.cost_locked, \
             revenue_locked = excluded.revenue_locked, markup = excluded.markup, markup_edited = excluded.markup_edited, \
             following_cost = excluded.following_cost \
             WHERE change_event.read_at <= excluded.read_at",
            &[
                self.company.into(),
                project.into(),
                event.event_id.into(),
                (&event.number).into(),
                natural_key(&event.number).into(),
                (&event.title).into(),
                (&event.status).into(),
                (&event.mapped_status).into(),
                event.cost.into(),
                event.revenue.into(),
                event.prime_contract_id.into(),
                event.gone.into(),
                read_at.into(),
                (&event.currency).into(),
                (&event.line_currencies).into(),
                (&event.trouble).into(),
                event.created_by.into(),
                event.lines.into(),
                event.cost_locked.into(),
                event.revenue_locked.into(),
                event.markup.into(),
                event.markup_edited.into(),
                event.following.into(),
            ],
        )?;
        if changed == 1 && before.is_some_and(|before| before.number != event.number) {
            self.number_change_event(project, event.event_id, &event.number)?;
        }
        Ok(())
    }
}
