//! One page of a log: filtered, sorted by any column either way, cut by position and never by count.

use domain::{
    CompanyId, CorId, Currency, Money, ProjectId,
    cor::{CorNumber, Status},
    procore::{Side, push_state::ProcoreState},
};
use jiff::Timestamp;

use super::{
    Log,
    filter::{Conditions, LogFilter},
    procore_of, row, status_of,
};
use crate::{
    db::{Row, StoreError, Val},
    dialect::Dialect,
    many,
    scope::CompanyTx,
};

/// The column a log is sorted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum SortBy {
    /// COR number, as people read numbers.
    Number,
    /// Title, folded.
    Title,
    /// The other company's name, folded.
    Counterparty,
    /// The customer's reference, folded.
    Reference,
    /// The life of a COR.
    Status,
    /// The amount requested.
    Total,
    /// When it was submitted; not submitted sorts as the oldest.
    Submitted,
    /// The state in Procore.
    Procore,
    /// The change event, the oldest first; none sorts first.
    Event,
}

impl SortBy {
    /// All columns.
    pub const ALL: [Self; 9] = [
        Self::Number,
        Self::Title,
        Self::Counterparty,
        Self::Reference,
        Self::Status,
        Self::Total,
        Self::Submitted,
        Self::Procore,
        Self::Event,
    ];

    /// The word in URLs and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Title => "title",
            Self::Counterparty => "counterparty",
            Self::Reference => "reference",
            Self::Status => "status",
            Self::Total => "total",
            Self::Submitted => "submitted",
            Self::Procore => "procore",
            Self::Event => "event",
        }
    }

    /// The column of a [`SortBy::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.code() == code)
    }

    const fn column(self) -> &'static str {
        match self {
            Self::Number => "number_key",
            Self::Title => "title_key",
            Self::Counterparty => "counterparty_key",
            Self::Reference => "reference_key",
            Self::Status => "status_key",
            Self::Total => "total",
            Self::Submitted => "submitted_key",
            Self::Procore => "procore_key",
            Self::Event => "event_id",
        }
    }

    const fn is_text(self) -> bool {
        matches!(self, Self::Number | Self::Title | Self::Counterparty | Self::Reference)
    }
}

domain::words_in_json! {
    /// The column a log is sorted by.
    SortBy, "SortBy";
}

/// An order of a log. Equal rows are told apart by the COR's id, in the same direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// The greatest first.
    pub descending: bool,
}

impl Default for Sort {
    /// What was submitted last comes first.
    fn default() -> Self {
        Self { by: SortBy::Submitted, descending: true }
    }
}

/// The place of a row in an order. Good only with the order it came from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cursor {
    key: Key,
    cor: CorId,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Key {
    Int(i64),
    Text(String),
}

impl Cursor {
    /// As it stands in a URL.
    pub fn encode(&self) -> String {
        match &self.key {
            Key::Int(n) => format!("{}.{n}", self.cor),
            Key::Text(text) => format!("{}.{text}", self.cor),
        }
    }

    /// The cursor of [`Cursor::encode`] in an order by `by`; nothing if it cannot be one.
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
    After(Cursor),
    /// Right before this row.
    Before(Cursor),
}

impl Position {
    fn cursor(&self) -> Option<&Cursor> {
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

/// A row of a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogLine {
    /// The COR.
    pub cor: CorId,
    /// Its number.
    pub number: CorNumber,
    /// Its title.
    pub title: String,
    /// The customer's reference.
    pub customer_reference: String,
    /// The company at the other end.
    pub counterparty: CompanyId,
    /// Its name.
    pub counterparty_name: String,
    /// Where it stands.
    pub status: Status,
    /// The sender recorded that approval.
    pub recorded: bool,
    /// The project's currency.
    pub currency: Currency,
    /// The amount requested.
    pub total: Money,
    /// When it was submitted.
    pub submitted_at: Option<Timestamp>,
    /// Its state in Procore, on this company's side.
    pub procore: ProcoreState,
    /// Why it is in that state, where a person acts on it; else empty.
    pub reason: String,
    /// Its change event.
    pub event: Option<EventOfRow>,
}

/// The change event of a row, as last read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EventOfRow {
    /// Procore's id.
    pub id: i64,
    /// Its number; empty until it was read.
    pub number: String,
    /// Its title.
    pub title: String,
    /// Its status by the name Procore shows.
    pub status: String,
    /// No longer listed in Procore.
    pub gone: bool,
}

/// A page of a log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LogPage {
    /// Its rows, in the order asked for.
    pub lines: Vec<LogLine>,
    /// Rows that belong here and can't be read.
    pub unreadable: usize,
    /// What [`Position::Before`] needs for the page before it, if there is one.
    pub previous: Option<Cursor>,
    /// What [`Position::After`] needs for the page after it, if there is one.
    pub next: Option<Cursor>,
}

impl CompanyTx<'_> {
    /// A page of this company's log of one side of a project.
    pub fn log_page(&mut self, project: ProjectId, side: Side, wanted: &PageWanted) -> Result<LogPage, StoreError> {
        let log = Log { project, company: self.company, side };
        let (sql, params) = statement(self.tx.dialect(), log, wanted);
        let by = wanted.sort.by;
        let (mut rows, unreadable) = self.tx.query_readable(&sql, &params, |row| Ok((key(row, by)?, line(row)?)))?;
        // Rows that were looked up by their keys come in no order.
        rows.sort_by(|(a, line), (b, other)| (a, line.cor).cmp(&(b, other.cor)));
        // One row more than the page says whether there is another.
        let more = rows.len() + unreadable > wanted.rows;
        if wanted.descends() {
            rows.reverse();
        }
        rows.truncate(wanted.rows);
        if matches!(wanted.position, Position::Before(_)) {
            rows.reverse();
        }
        self.read_events(project, &mut rows)?;
        let cursor = |(key, line): &(Key, LogLine)| Cursor { key: key.clone(), cor: line.cor };
        let (first, last) = (rows.first().map(cursor), rows.last().map(cursor));
        let (earlier, later) = match wanted.position {
            Position::First => (false, more),
            Position::After(_) => (true, more),
            Position::Before(_) => (more, true),
        };
        Ok(LogPage {
            previous: first.filter(|_| earlier),
            next: last.filter(|_| later),
            lines: rows.into_iter().map(|(_, line)| line).collect(),
            unreadable,
        })
    }

    /// Fills in what was last read of the rows' change events.
    fn read_events(&mut self, project: ProjectId, rows: &mut [(Key, LogLine)]) -> Result<(), StoreError> {
        let mut ids: Vec<i64> = rows.iter().filter_map(|(_, line)| Some(line.event.as_ref()?.id)).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut events: Vec<EventOfRow> = Vec::with_capacity(ids.len());
        for some in many::chunks(&ids) {
            let sql = format!(
                "SELECT event_id, number, title, status, gone FROM change_event WHERE project_id = $1 AND company_id = $2 \
                 AND event_id IN ({})",
                many::placeholders(3, some.len())
            );
            let params: Vec<Val> = [project.into(), self.company.into()].into_iter().chain(some).collect();
            events.append(&mut self.tx.readable(&sql, &params, event)?);
        }
        for event in rows.iter_mut().filter_map(|(_, line)| line.event.as_mut()) {
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
pub(crate) fn statement(dialect: Dialect, log: Log, wanted: &PageWanted) -> (String, Vec<Val>) {
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

fn line(row: &Row) -> Result<LogLine, StoreError> {
    let event = Some(row.get(12)?).filter(|id| *id != 0);
    Ok(LogLine {
        cor: row.get(0)?,
        number: row.get(1)?,
        title: row.get(2)?,
        customer_reference: row.get(3)?,
        counterparty: row.get(4)?,
        counterparty_name: row.get(5)?,
        status: status_of(row.get(6)?)?,
        recorded: row.get(13)?,
        currency: row.get(7)?,
        total: row.get(8)?,
        submitted_at: row::moment(row.get(9)?)?,
        procore: procore_of(row.get(10)?)?,
        reason: row.get(11)?,
        event: event.map(|id| EventOfRow { id, ..EventOfRow::default() }),
    })
}

fn event(row: &Row) -> Result<EventOfRow, StoreError> {
    Ok(EventOfRow { id: row.get(0)?, number: row.get(1)?, title: row.get(2)?, status: row.get(3)?, gone: row.get(4)? })
}

fn key(row: &Row, by: SortBy) -> Result<Key, StoreError> {
    if by.is_text() { row.get(14).map(Key::Text) } else { row.get(14).map(Key::Int) }
}
