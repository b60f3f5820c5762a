//! One page of a log: filtered, sorted by any column either way, cut by position and never by count.

use domain::{
    CorId, Currency, Money, Named, NamedCompany, ProcoreId, ProjectId,
    cor::{CorNumber, Status},
    procore::{Side, push_state::ProcoreState},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    LogKey,
    filter::{Conditions, LogFilter},
    procore_of, row,
    sort::{Sort, SortBy},
    status_of,
};
use crate::{
    db::{Row, StoreError, Val},
    dialect::Dialect,
    many,
    scope::CompanyTx,
};

/// The place of a row in an order. Good only with the order it came from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogCursor {
    key: Key,
    cor: CorId,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Key {
    Int(i64),
    Text(String),
}

impl LogCursor {
    /// As it stands in a URL.
    pub fn encode(&self) -> String {
        match &self.key {
            Key::Int(n) => format!("{}.{n}", self.cor),
            Key::Text(text) => format!("{}.{text}", self.cor),
        }
    }

    /// The cursor of [`LogCursor::encode`] in an order by `by`; nothing if it cannot be one.
    pub fn decode(text: &str, by: SortBy) -> Option<Self> {
        let (cor, key) = text.split_once('.').filter(|_| !text.contains('\0'))?;
        let key = if by.is_text() { Key::Text(key.to_owned()) } else { Key::Int(key.parse().ok()?) };
        Some(Self { key, cor: cor.parse().ok()? })
    }

    fn key(&self) -> Val {
        match &self.key {
            Key::Int(n) => (*n).into(),
            Key::Text(text) => text.into(),
        }
    }
}

/// Where a page lies in its order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Position {
    /// At the beginning.
    #[default]
    First,
    /// After this row.
    After(LogCursor),
    /// Right before this row.
    Before(LogCursor),
}

impl Position {
    fn cursor(&self) -> Option<&LogCursor> {
        match self {
            Self::First => None,
            Self::After(cursor) | Self::Before(cursor) => Some(cursor),
        }
    }
}

/// Which page is wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PageWanted {
    /// The rows.
    pub filter: LogFilter,
    /// Their order.
    pub sort: Sort,
    /// The part of them.
    pub position: Position,
    /// How many at the most.
    pub rows: usize,
}

/// A COR in a log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct LogRow {
    /// The COR.
    pub id: CorId,
    /// Its number.
    #[schema(value_type = String)]
    pub number: CorNumber,
    /// Its title.
    pub title: String,
    /// May be empty.
    pub customer_reference: String,
    /// The company at the other end.
    pub counterparty: NamedCompany,
    /// Where it stands.
    pub status: Status,
    /// It is an approval that the sender recorded, because the receiver had not joined.
    pub recorded_by_sender: bool,
    /// The amount requested.
    pub amount: Money,
    /// The project's currency.
    pub currency: Currency,
    /// Null for what was never submitted.
    pub submitted_at: Option<Timestamp>,
    /// How it stands in Procore, on this company's side.
    pub procore: ProcoreStanding,
}

/// How a COR stands in Procore.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct ProcoreStanding {
    /// Its state there.
    pub state: ProcoreState,
    /// Why, where a person acts on it; else empty.
    pub reason: String,
    /// Its change event.
    pub event: Option<EventName>,
}

/// A change event, as last read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct EventName {
    /// Procore's id.
    pub id: ProcoreId,
    /// Empty until it was read.
    pub number: String,
    /// Its title.
    pub title: String,
    /// By the name Procore shows.
    pub status: String,
    /// No longer listed in Procore.
    pub gone: bool,
}

impl EventName {
    /// One of which nothing but the id is known.
    pub fn unread(id: i64) -> Self {
        Self { id: id.into(), number: String::new(), title: String::new(), status: String::new(), gone: false }
    }
}

/// A page of a log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LogRows {
    /// In the order asked for.
    pub rows: Vec<LogRow>,
    /// Rows that belong here and can't be read.
    pub unreadable: usize,
    /// What [`Position::Before`] needs for the page before it, if there is one.
    pub previous: Option<LogCursor>,
    /// What [`Position::After`] needs for the page after it, if there is one.
    pub next: Option<LogCursor>,
}

impl LogRows {
    /// The state in Procore of each COR.
    pub fn states(&self) -> impl Iterator<Item = (CorId, ProcoreState)> {
        self.rows.iter().map(|row| (row.id, row.procore.state))
    }
}

impl CompanyTx<'_> {
    /// A page of this company's log of one side of a project.
    pub fn log_page(&mut self, project: ProjectId, side: Side, wanted: &PageWanted) -> Result<LogRows, StoreError> {
        let log = LogKey { project, company: self.company, side };
        let (sql, params) = statement(self.tx.dialect(), log, wanted);
        let by = wanted.sort.by;
        let (mut rows, unreadable) = self.tx.query_readable(&sql, &params, |row| Ok((key(row, by)?, log_row(row)?)))?;
        // Rows that were looked up by their keys come in no order.
        rows.sort_by(|(a, row), (b, other)| (a, row.id).cmp(&(b, other.id)));
        // One row more than the page says whether there is another.
        let more = rows.len() + unreadable > wanted.rows;
        if wanted.descends() {
            rows.reverse();
        }
        rows.truncate(wanted.rows);
        if matches!(wanted.position, Position::Before(_)) {
            rows.reverse();
        }
        self.read_events(project, rows.iter_mut().map(|(_, row)| row))?;
        let cursor = |(key, row): &(Key, LogRow)| LogCursor { key: key.clone(), cor: row.id };
        let (first, last) = (rows.first().map(cursor), rows.last().map(cursor));
        let (earlier, later) = match wanted.position {
            Position::First => (false, more),
            Position::After(_) => (true, more),
            Position::Before(_) => (more, true),
        };
        Ok(LogRows {
            previous: first.filter(|_| earlier),
            next: last.filter(|_| later),
            rows: rows.into_iter().map(|(_, row)| row).collect(),
            unreadable,
        })
    }

    /// The rows of some CORs of this company's log of one side of a project.
    pub fn log_rows_of(&mut self, project: ProjectId, side: Side, cors: &[CorId]) -> Result<Vec<LogRow>, StoreError> {
        let mut rows = Vec::with_capacity(cors.len());
        for some in many::chunks(cors) {
            let sql = format!(
                "SELECT {COLUMNS} FROM log_row r JOIN log l ON l.id = r.log_id \
                 WHERE l.company_id = $1 AND l.project_id = $2 AND l.side = $3 AND r.cor_id IN ({})",
                many::placeholders(4, some.len())
            );
            let params: Vec<Val> = [self.company.into(), project.into(), side.into()].into_iter().chain(some).collect();
            rows.append(&mut self.tx.readable(&sql, &params, log_row)?);
        }
        self.read_events(project, rows.iter_mut())?;
        Ok(rows)
    }

    /// Fills in what was last read of the rows' change events.
    fn read_events<'a>(
        &mut self,
        project: ProjectId,
        rows: impl Iterator<Item = &'a mut LogRow>,
    ) -> Result<(), StoreError> {
        let mut named: Vec<&mut EventName> = rows.filter_map(|row| row.procore.event.as_mut()).collect();
        let mut ids: Vec<i64> = named.iter().map(|event| event.id.get()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut events: Vec<EventName> = Vec::with_capacity(ids.len());
        for some in many::chunks(&ids) {
            let sql = format!(
                "SELECT event_id, number, title, status, gone FROM change_event WHERE project_id = $1 AND company_id = $2 \
                 AND event_id IN ({})",
                many::placeholders(3, some.len())
            );
            let params: Vec<Val> = [project.into(), self.company.into()].into_iter().chain(some).collect();
            events.append(&mut self.tx.readable(&sql, &params, event)?);
        }
        for event in &mut named {
            if let Some(read) = events.iter().find(|read| read.id == event.id) {
                event.clone_from(read);
            }
        }
        Ok(())
    }
}

/// What a page reads of `log_row r`, before what it is sorted by.
const COLUMNS: &str = "r.cor_id, r.number, r.title, r.reference, r.counterparty_id, r.counterparty, r.status_key, r.currency, \
     r.total, r.submitted_key, r.procore_key, r.reason, r.event_id, r.recorded";

/// The statement of a page and what it binds. Rows lie in the table as they were submitted, so that this order is read as
/// it lies; in every other one the keys are sorted first, and the page's rows are looked up by them.
pub(crate) fn statement(dialect: Dialect, log: LogKey, wanted: &PageWanted) -> (String, Vec<Val>) {
    let conditions = if wanted.sort.by == SortBy::Total { Conditions::by_amount } else { Conditions::of };
    let mut conditions = conditions(dialect, log, &wanted.filter);
    let column = wanted.sort.by.column();
    let (compare, order) = if wanted.descends() { ("<", "DESC") } else { (">", "ASC") };
    if let Some(cursor) = wanted.position.cursor() {
        let (key, cor) = (conditions.bind(cursor.key()), conditions.bind(cursor.cor));
        conditions.sql.push_str(&format!(" AND (r.{column}, r.cor_id) {compare} ({key}, {cor})"));
    }
    let part = format!("{} ORDER BY r.{column} {order}, r.cor_id {order} LIMIT {}", conditions.sql, wanted.rows + 1);
    let sql = if wanted.sort.by == SortBy::Submitted {
        format!("SELECT {COLUMNS}, r.{column} FROM log_row r WHERE {part}")
    } else {
        format!(
            "SELECT {COLUMNS}, r.{column} FROM (SELECT r.log_id, r.submitted_key, r.cor_id FROM log_row r WHERE {part}) p \
             JOIN log_row r ON r.log_id = p.log_id AND r.submitted_key = p.submitted_key AND r.cor_id = p.cor_id"
        )
    };
    (sql, conditions.params)
}

impl PageWanted {
    /// Whether the greatest rows are read first, which going backwards turns round.
    fn descends(&self) -> bool {
        self.sort.descending != matches!(self.position, Position::Before(_))
    }
}

fn log_row(row: &Row) -> Result<LogRow, StoreError> {
    let event = Some(row.get(12)?).filter(|id| *id != 0);
    Ok(LogRow {
        id: row.get(0)?,
        number: row.get(1)?,
        title: row.get(2)?,
        customer_reference: row.get(3)?,
        counterparty: Named { id: row.get(4)?, name: row.get(5)? },
        status: status_of(row.get(6)?)?,
        recorded_by_sender: row.get(13)?,
        amount: row.get(8)?,
        currency: row.get(7)?,
        submitted_at: row::moment(row.get(9)?)?,
        procore: ProcoreStanding {
            state: procore_of(row.get(10)?)?,
            reason: row.get(11)?,
            event: event.map(EventName::unread),
        },
    })
}

fn event(row: &Row) -> Result<EventName, StoreError> {
    Ok(EventName {
        id: row.get::<i64>(0)?.into(),
        number: row.get(1)?,
        title: row.get(2)?,
        status: row.get(3)?,
        gone: row.get(4)?,
    })
}

fn key(row: &Row, by: SortBy) -> Result<Key, StoreError> {
    if by.is_text() { row.get(14).map(Key::Text) } else { row.get(14).map(Key::Int) }
}
