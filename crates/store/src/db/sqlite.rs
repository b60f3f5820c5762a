//! SQLite behind the façade.

use std::{fs::OpenOptions, path::Path, time::Duration};

use rusqlite::{
    Connection,
    config::DbConfig,
    functions::{Context, FunctionFlags},
    types::{ToSql, ToSqlOutput, ValueRef},
};

use super::{Cell, Row, StoreError, Val};

/// Longer than any unit of work should take; only another process (a second `serve`, a backup) makes a unit wait for it.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// More than the statements of the program, so that each is compiled once a connection.
const CACHED_STATEMENTS: usize = 256;

/// Opens one connection. `synchronous=FULL`: what was answered as accepted is on disk.
pub(super) fn open(path: &Path, writes: bool) -> Result<Connection, StoreError> {
    make_private(path)?;
    let connect = || -> rusqlite::Result<Connection> {
        let conn = Connection::open(path)?;
        conn.busy_timeout(BUSY_TIMEOUT)?;
        conn.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        // Else SQLite plans a statement anew for every value that is bound where a partial index might serve.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;
             PRAGMA cache_size = -16384; PRAGMA mmap_size = 268435456; PRAGMA temp_store = MEMORY;
             PRAGMA journal_size_limit = 67108864;",
        )?;
        conn.create_scalar_function("contains", 2, FUNCTION, contains)?;
        if !writes {
            conn.execute_batch("PRAGMA query_only = ON")?;
        }
        Ok(conn)
    };
    connect().map_err(|error| match StoreError::from_sqlite(&error) {
        StoreError::Unavailable(text) => StoreError::Unavailable(format!("{}: {text}", path.display())),
        other => other,
    })
}

/// The same arguments give the same answer, and nothing is touched.
const FUNCTION: FunctionFlags =
    FunctionFlags::SQLITE_UTF8.union(FunctionFlags::SQLITE_DETERMINISTIC).union(FunctionFlags::SQLITE_INNOCUOUS);

/// `contains(text, part)`: see [`crate::dialect::Dialect::contains`].
fn contains(arguments: &mut Context<'_>) -> rusqlite::Result<bool> {
    let (text, part) = (arguments.get_raw(0).as_bytes()?, arguments.get_raw(1).as_bytes()?);
    Ok(memchr::memmem::find(text, part).is_some())
}

/// Makes the file, if it is missing, readable by its owner alone; SQLite gives the log beside it the same rights.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Unavailable(format!("cannot make the database {}: {error}", path.display()))),
    }
}

pub(super) fn query<T>(
    conn: &Connection,
    sql: &str,
    params: &[Val],
    mut map: impl FnMut(&Row) -> Result<T, StoreError>,
) -> Result<Result<Vec<T>, StoreError>, rusqlite::Error> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(params))?;
    let mut mapped = Vec::new();
    while let Some(row) = rows.next()? {
        match map(&Row::sqlite(row)) {
            Ok(value) => mapped.push(value),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(mapped))
}

pub(super) fn exec(conn: &Connection, sql: &str, params: &[Val]) -> Result<u64, rusqlite::Error> {
    let mut statement = conn.prepare_cached(sql)?;
    Ok(statement.execute(rusqlite::params_from_iter(params))? as u64)
}

pub(super) fn cell<'a>(row: &'a rusqlite::Row<'_>, i: usize) -> Result<Cell<'a>, StoreError> {
    Ok(match row.get_ref(i).map_err(|error| StoreError::from_sqlite(&error))? {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(n) => Cell::Int(n),
        ValueRef::Text(bytes) => {
            let text =
                std::str::from_utf8(bytes).map_err(|_| StoreError::Corrupt(format!("field {i} is not UTF-8")))?;
            Cell::Text(text)
        }
        ValueRef::Blob(bytes) => Cell::Blob(bytes),
        ValueRef::Real(_) => return Err(StoreError::Internal(format!("field {i} is a float; cast it in the query"))),
    })
}

impl ToSql for Val {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(n) => ValueRef::Integer(*n),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
            Self::Uuid(id) => ValueRef::Blob(id.as_bytes()),
            Self::Bool(yes) => ValueRef::Integer((*yes).into()),
        }))
    }
}
