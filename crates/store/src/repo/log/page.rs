//! One page of a log: filtered, sorted by any column either way, cut by position and never by count.

use domain::{
    CompanyId, CorId, Currency, Money, ProjectId,
    cor::{CorNumber, Status},
    procore::{Side, push_state::ProcoreState},
};
use jiff::Timestamp;

use super::{
    filter::{Conditions, LogFilter},
    log_id, procore_of, status_of,
};
use crate::{
    db::{Row, StoreError, Val},
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
    pub(super) key: Key,
    pub(super) cor: CorId,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Key {
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
    pub(super) fn cursor(&self) -> Option<&Cursor> {
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

impl PageWanted {
    /// Whether the greatest rows are read first, which going backwards turns round.
    pub(super) fn descends(&self) -> bool {
        self.sort.descending != matches!(self.position, Position::Before(_))
    }

    /// Conditions narrowed to what follows a place, and the order and number of the next rows `r`.
    pub(super) fn part(&self, conditions: &mut Conditions, after: Option<&Cursor>, rows: usize) -> String {
        let column = self.sort.by.column();
        let (compare, order) = if self.descends() { ("<", "DESC") } else { (">", "ASC") };
        if let Some(cursor) = after {
            let (key, cor) = (conditions.bind(cursor.key()), conditions.bind(cursor.cor));
            conditions.sql.push_str(&format!(" AND (r.{column}, r.cor_id) {compare} ({key}, {cor})"));
        }
        format!(" ORDER BY r.{column} {order}, r.cor_id {order} LIMIT {rows}")
    }
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
#[derive(Clone, PartialEq, Eq, Debug)]
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
        let Some(log) = log_id(self.tx, project, self.company, side)? else { return Ok(LogPage::default()) };
        let (sql, params) = if wanted.filter.is_indexed() {
            self.page_statement(log, project, wanted)
        } else {
            let found = self.sifted_page(log, project, wanted)?;
            if found.is_empty() {
                return Ok(LogPage::default());
            }
            self.rows_statement(log, project, wanted, &found)
        };
        let by = wanted.sort.by;
        let (mut rows, unreadable) = self.tx.query_readable(&sql, &params, |row| Ok((line(row)?, key(row, by)?)))?;
        let more = rows.len() + unreadable > wanted.rows;
        rows.truncate(wanted.rows);
        let backwards = matches!(wanted.position, Position::Before(_));
        if backwards {
            rows.reverse();
        }
        let cursor = |(line, key): &(LogLine, Key)| Cursor { key: key.clone(), cor: line.cor };
        let (first, last) = (rows.first().map(cursor), rows.last().map(cursor));
        let (earlier, later) = match wanted.position {
            Position::First => (false, more),
            Position::After(_) => (true, more),
            Position::Before(_) => (more, true),
        };
        Ok(LogPage {
            previous: first.filter(|_| earlier),
            next: last.filter(|_| later),
            lines: rows.into_iter().map(|(line, _)| line).collect(),
            unreadable,
        })
    }

    /// The statement of [`CompanyTx::log_page`] and what it binds, for measuring it by itself and for looking at its plan;
    /// nothing without a log, and good only for filters by status, state and event.
    pub fn log_page_statement(
        &mut self,
        project: ProjectId,
        side: Side,
        wanted: &PageWanted,
    ) -> Result<Option<(String, Vec<Val>)>, StoreError> {
        let log = log_id(self.tx, project, self.company, side)?;
        Ok(log.map(|log| self.page_statement(log, project, wanted)))
    }

    /// The statement of a page that indexes answer, which reads one row more to know whether there is another page. Rows are
    /// found in the log alone; what else they show is looked up for the page only.
    pub(crate) fn page_statement(&self, log: i64, project: ProjectId, wanted: &PageWanted) -> (String, Vec<Val>) {
        let mut conditions = Conditions::of_log(log);
        conditions.narrow(&wanted.filter);
        let part = wanted.part(&mut conditions, wanted.position.cursor(), wanted.rows + 1);
        self.shown(project, wanted, conditions, &part)
    }

    /// The statement of a page whose rows are known.
    fn rows_statement(&self, log: i64, project: ProjectId, wanted: &PageWanted, cors: &[CorId]) -> (String, Vec<Val>) {
        // As many places as a page has, so that one text serves every page.
        let last = cors.last().copied().into_iter().cycle();
        let places = cors.iter().copied().chain(last).take(wanted.rows + 1);
        let mut conditions = Conditions::of_log(log);
        conditions.any("r.cor_id", places.map(Val::from).collect());
        self.shown(project, wanted, conditions, "")
    }

    /// Rows of a log with what else a page shows of them.
    fn shown(
        &self,
        project: ProjectId,
        wanted: &PageWanted,
        mut conditions: Conditions,
        part: &str,
    ) -> (String, Vec<Val>) {
        let order = if wanted.descends() { "DESC" } else { "ASC" };
        let (project, company) = (conditions.bind(project), conditions.bind(self.company));
        let sql = format!(
            "SELECT p.cor_id, c.number, c.title, c.customer_reference, p.counterparty_id, o.name, p.status_key, p.currency, \
             p.total, c.submitted_at, p.procore_key, p.event_id, e.number, e.title, e.status, e.gone, p.sort_key, l.reason \
             FROM (SELECT r.cor_id, r.counterparty_id, r.status_key, r.currency, r.total, r.procore_key, r.event_id, \
             r.{column} AS sort_key FROM log_row r WHERE {where}{part}) p \
             LEFT JOIN cor c ON c.id = p.cor_id LEFT JOIN company o ON o.id = p.counterparty_id \
             LEFT JOIN change_event e ON e.project_id = {project} AND e.company_id = {company} AND e.event_id = p.event_id \
             LEFT JOIN link l ON l.company_id = {company} AND l.cor_id = p.cor_id \
             ORDER BY p.sort_key {order}, p.cor_id {order}",
            column = wanted.sort.by.column(),
            where = conditions.sql,
        );
        (sql, conditions.params)
    }
}

fn line(row: &Row) -> Result<LogLine, StoreError> {
    let event = match row.get::<i64>(11)? {
        0 => None,
        id => Some(EventOfRow {
            id,
            number: row.get::<Option<String>>(12)?.unwrap_or_default(),
            title: row.get::<Option<String>>(13)?.unwrap_or_default(),
            status: row.get::<Option<String>>(14)?.unwrap_or_default(),
            gone: row.get::<Option<bool>>(15)?.unwrap_or(false),
        }),
    };
    Ok(LogLine {
        cor: row.get(0)?,
        number: row.get(1)?,
        title: row.get(2)?,
        customer_reference: row.get(3)?,
        counterparty: row.get(4)?,
        counterparty_name: row.get(5)?,
        status: status_of(row.get(6)?)?,
        currency: row.get(7)?,
        total: row.get(8)?,
        submitted_at: row.get(9)?,
        procore: procore_of(row.get(10)?)?,
        reason: row.get::<Option<String>>(17)?.unwrap_or_default(),
        event,
    })
}

fn key(row: &Row, by: SortBy) -> Result<Key, StoreError> {
    if by.is_text() { row.get(16).map(Key::Text) } else { row.get(16).map(Key::Int) }
}
