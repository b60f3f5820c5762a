//! One unit of work's view of its connection.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::{Row, StoreError, Val, error, postgres, sqlite, unreadable::Unreadable};
use crate::dialect::Dialect;

/// A connection of either database, given back to its pool after the unit.
pub(super) enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(postgres::Session),
}

/// How a unit uses the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TxMode {
    /// Statements on their own, which read.
    Read,
    /// Statements on one snapshot, which read.
    Snapshot,
    Write,
    /// Changes to the schema.
    Migrate,
}

/// What the database said to a statement of the unit; the unit can no longer be committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The same statements would fail again.
    Failed,
    /// Two units met, or the connection was lost before the commit: nothing is stored, and running the unit again may succeed.
    Again,
}

/// What a unit of work may do with the database. SQL is written once, with `$1`, `$2`, … as placeholders.
///
/// After a statement has failed, the unit fails as a whole, on both databases: where a conflict is expected, say `ON CONFLICT`.
pub struct Tx {
    link: Connection,
    access: TxMode,
    pub(super) trouble: Option<Trouble>,
    /// Nothing is left to be undone.
    committed: bool,
    unreadable: Arc<Unreadable>,
    /// How many statements all units ran.
    statements: Arc<AtomicU64>,
    /// How to connect again when a reading unit finds its connection lost.
    reconnect: Option<Box<dyn Fn() -> Result<Connection, StoreError> + Send>>,
}

impl Tx {
    /// Begins a unit on a connection from the pool.
    pub(super) fn begin(
        link: Connection,
        access: TxMode,
        (unreadable, statements): (&Arc<Unreadable>, &Arc<AtomicU64>),
        reconnect: impl Fn() -> Result<Connection, StoreError> + Send + 'static,
    ) -> Result<Self, StoreError> {
        let (unreadable, statements) = (unreadable.clone(), statements.clone());
        let reconnect = Some(Box::new(reconnect) as Box<_>);
        let mut tx = Self { link, access, trouble: None, committed: false, unreadable, statements, reconnect };
        let dialect = tx.dialect();
        match access {
            TxMode::Write => tx.batch(dialect.begin_write())?,
            TxMode::Migrate => tx.batch(dialect.begin_migration())?,
            TxMode::Snapshot => tx.batch(dialect.begin_snapshot())?,
            // One statement is one snapshot anyway, and BEGIN and COMMIT would be two more trips to PostgreSQL; to SQLite they cost
            // nothing and spare it a lock per statement.
            TxMode::Read if dialect == Dialect::Sqlite => tx.batch(dialect.begin_snapshot())?,
            TxMode::Read => {}
        }
        Ok(tx)
    }

    /// All rows of an answer, each through `map`.
    pub fn query<T>(
        &mut self,
        sql: &str,
        params: &[Val],
        mut map: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.run(sql, params, |link, sql| match link {
            Connection::Sqlite(conn) => sqlite::query(conn, sql, params, &mut map).map_err(Failure::Sqlite),
            Connection::Postgres(session) => session.query(sql, params, &mut map).map_err(Failure::Postgres),
        })?;
        if let Err(StoreError::Corrupt(because)) = &rows {
            self.unreadable.note(because);
        }
        rows
    }

    /// The rows of an answer that can be read, and how many can't: for lists in which one damaged row must not hide the
    /// others. Never for what must be whole, as the lines of a push.
    pub fn query_readable<T>(
        &mut self,
        sql: &str,
        params: &[Val],
        mut map: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<(Vec<T>, usize), StoreError> {
        let mut readable = Vec::new();
        let mut damaged = Vec::new();
        self.query(sql, params, |row| match map(row) {
            Ok(value) => {
                readable.push(value);
                Ok(())
            }
            Err(StoreError::Corrupt(because)) => {
                damaged.push(because);
                Ok(())
            }
            Err(other) => Err(other),
        })?;
        for because in &damaged {
            tracing::error!(because, "a row can't be read and is left out");
            self.unreadable.note(because);
        }
        Ok((readable, damaged.len()))
    }

    /// The rows of an answer that can be read: [`Tx::query_readable`] for lists that need not say how many can't.
    /// The operator is told what they are.
    pub fn readable<T>(
        &mut self,
        sql: &str,
        params: &[Val],
        map: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        Ok(self.query_readable(sql, params, map)?.0)
    }

    /// All rows of an answer; one that can't be read is read by `instead`, which says so in what it makes of the row: for
    /// lists in which a row that is left out would be taken for one that isn't there.
    pub fn query_or<T>(
        &mut self,
        sql: &str,
        params: &[Val],
        map: impl Fn(&Row) -> Result<T, StoreError>,
        instead: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut damaged = Vec::new();
        let rows = self.readable(sql, params, |row| match map(row) {
            Err(StoreError::Corrupt(because)) => {
                damaged.push(because);
                instead(row)
            }
            read => read,
        })?;
        for because in &damaged {
            tracing::error!(because, "a row can't be read, and others go on");
            self.unreadable.note(because);
        }
        Ok(rows)
    }

    /// The row of an answer, or nothing. More than one is a mistake: [`StoreError::Internal`].
    pub fn one<T>(
        &mut self,
        sql: &str,
        params: &[Val],
        map: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut rows = self.query(sql, params, map)?;
        match rows.len() {
            0 | 1 => Ok(rows.pop()),
            n => Err(StoreError::Internal(format!("one row at most was expected, but {n} came from: {sql}"))),
        }
    }

    /// Changes rows and says how many. [`StoreError::ReadOnly`] in a unit that reads.
    pub fn exec(&mut self, sql: &str, params: &[Val]) -> Result<u64, StoreError> {
        if !matches!(self.access, TxMode::Write | TxMode::Migrate) {
            return Err(StoreError::ReadOnly("a unit of work that reads tried to write".to_owned()));
        }
        self.run(sql, params, |link, sql| match link {
            Connection::Sqlite(conn) => sqlite::exec(conn, sql, params).map_err(Failure::Sqlite),
            Connection::Postgres(session) => session.exec(sql, params).map_err(Failure::Postgres),
        })
    }

    /// Changes exactly one row, or answers [`StoreError::Expected1Row`]; return that from the unit, so that nothing is stored.
    pub fn exec_one(&mut self, sql: &str, params: &[Val]) -> Result<(), StoreError> {
        match self.exec(sql, params)? {
            1 => Ok(()),
            changed => Err(StoreError::Expected1Row { changed }),
        }
    }

    /// Which database this is; for the few statements that must differ, and for tests.
    pub fn dialect(&self) -> Dialect {
        match self.link {
            Connection::Sqlite(_) => Dialect::Sqlite,
            Connection::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The plan of a query, a line each: predicted by SQLite, measured by PostgreSQL (which runs it).
    pub fn explain(&mut self, sql: &str, params: &[Val]) -> Result<Vec<String>, StoreError> {
        let dialect = self.dialect();
        let column = if dialect == Dialect::Sqlite { 3 } else { 0 };
        self.query(&format!("{} {sql}", dialect.explain()), params, |row| row.get(column))
    }

    /// Several statements without parameters.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.run(sql, &[], |link, _| match link {
            Connection::Sqlite(conn) => conn.execute_batch(sql).map_err(Failure::Sqlite),
            Connection::Postgres(session) => session.batch(sql).map_err(Failure::Postgres),
        })
    }

    fn run<T>(
        &mut self,
        sql: &str,
        params: &[Val],
        mut statement: impl FnMut(&mut Connection, &str) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        if self.trouble.is_some() {
            return Err(StoreError::Internal("the unit of work went on after a statement had failed".to_owned()));
        }
        self.statements.fetch_add(1, Ordering::Relaxed);
        // PostgreSQL cannot store it; refused here so that both databases refuse it.
        if params.iter().any(|param| matches!(param, Val::Text(text) if text.contains('\0'))) {
            return Err(StoreError::Internal("a text contains the character NUL".to_owned()));
        }
        let sql = self.dialect().placeholders(sql);
        let mut result = statement(&mut self.link, &sql);
        if matches!(&result, Err(failure) if failure.breaks_connection())
            && self.access == TxMode::Read
            && let Some(reconnect) = self.reconnect.take()
        {
            // Statements of a reading unit stand on their own, so this one may run again; once a unit.
            self.link = reconnect()?;
            result = statement(&mut self.link, &sql);
        }
        result.map_err(|failure| {
            self.trouble = Some(if failure.may_succeed_again() { Trouble::Again } else { Trouble::Failed });
            failure.into_store_error(&sql)
        })
    }

    pub(super) fn access(&self) -> TxMode {
        self.access
    }

    /// Stores what the unit did.
    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        let result = self.batch("COMMIT");
        let lost = matches!(&self.link, Connection::Postgres(session) if session.is_closed());
        match result {
            Err(StoreError::Unavailable(text)) if lost => {
                self.trouble = Some(Trouble::Failed);
                Err(StoreError::OutcomeUnknown(text))
            }
            other => {
                self.committed = other.is_ok();
                other
            }
        }
    }

    /// Ends the unit, undoing what is not committed. The connection, if it may be used again.
    pub(super) fn end(self) -> Option<Connection> {
        match self.link {
            Connection::Sqlite(conn) => {
                let clean = conn.is_autocommit() || conn.execute_batch("ROLLBACK").is_ok();
                clean.then_some(Connection::Sqlite(conn))
            }
            Connection::Postgres(session) => {
                let clean = self.committed || self.access == TxMode::Read || session.batch("ROLLBACK").is_ok();
                (clean && !session.is_closed()).then_some(Connection::Postgres(session))
            }
        }
    }
}

/// What a driver answered.
enum Failure {
    Sqlite(rusqlite::Error),
    Postgres(tokio_postgres::Error),
}

impl Failure {
    fn breaks_connection(&self) -> bool {
        matches!(self, Self::Postgres(failure) if error::breaks_connection(failure))
    }

    fn may_succeed_again(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(failure) => failure.code().is_some_and(error::is_retryable) || self.breaks_connection(),
        }
    }

    fn into_store_error(self, sql: &str) -> StoreError {
        let error = match self {
            Self::Sqlite(failure) => StoreError::from_sqlite(&failure),
            Self::Postgres(failure) => StoreError::from_postgres(&failure),
        };
        match error {
            StoreError::Internal(text) => StoreError::Internal(format!("{text}, in: {sql}")),
            other => other,
        }
    }
}
