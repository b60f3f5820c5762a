//! What can go wrong with the database, sorted by who acts next.

use rusqlite::{ErrorCode, ffi};
use tokio_postgres::error::SqlState;

/// A failure of the store. The texts are for logs and operators; only [`StoreError::Conflict`], [`StoreError::MissingReference`] and
/// [`StoreError::Expected1Row`] mean something to a caller, who turns them into words of the trade.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    // The caller acts: somebody else was there first.
    /// A unique rule was broken.
    #[error("another row already has this {constraint}")]
    Conflict {
        /// The columns, as `table.a, table.b`, the same on both databases; the index's name where it is on an expression.
        constraint: String,
    },
    /// A row refers to one that does not exist, or is still referred to.
    #[error("a row that this one refers to is missing, or others still refer to it")]
    MissingReference,
    /// A change that had to meet exactly one row met another number: it is gone, or it changed since it was read.
    #[error("expected to change one row, but changed {changed}")]
    Expected1Row {
        /// How many rows were changed.
        changed: u64,
    },

    // Nobody acts: try again in a moment.
    /// Others kept the database busy for too long; trying again may do.
    #[error("the database is busy: {0}")]
    Busy(String),

    // The operator acts.
    /// The database cannot be reached, or the connection to it broke; nothing was stored.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The connection broke while a unit was being committed: whether it is stored is unknown.
    #[error("the connection broke during a commit, so whether it was stored is unknown: {0}")]
    OutcomeUnknown(String),
    /// No space left.
    #[error("the database's disk is full: {0}")]
    DiskFull(String),
    /// The database, or the unit of work, may not write.
    #[error("the database is read-only: {0}")]
    ReadOnly(String),
    /// A setting is wrong; the text says which and what to do.
    #[error("{0}")]
    Configuration(String),
    /// The database's migrations and this program's do not fit together; the text says what to do.
    #[error("{0}")]
    Migration(String),
    /// What is stored cannot be what this program wrote.
    #[error("the database holds something it must not: {0}")]
    Corrupt(String),

    // A developer acts.
    /// A mistake in this program.
    #[error("a mistake in the program's use of the database: {0}")]
    Internal(String),
}

impl StoreError {
    pub(crate) fn from_sqlite(error: &rusqlite::Error) -> Self {
        let text = error.to_string();
        let Some(failure) = error.sqlite_error() else { return Self::Internal(text) };
        match (failure.code, failure.extended_code) {
            (_, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => {
                let columns = text.strip_prefix("UNIQUE constraint failed: ").unwrap_or(&text);
                let name = columns.strip_prefix("index '").map_or(columns, |name| name.trim_end_matches('\''));
                Self::Conflict { constraint: name.to_owned() }
            }
            (_, ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => Self::MissingReference,
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::OperationInterrupted, _) => {
                Self::Busy(text)
            }
            (ErrorCode::DiskFull, _) => Self::DiskFull(text),
            (ErrorCode::ReadOnly, _) => Self::ReadOnly(text),
            (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => Self::Corrupt(text),
            (ErrorCode::CannotOpen | ErrorCode::SystemIoFailure | ErrorCode::PermissionDenied, _) => {
                Self::Unavailable(text)
            }
            _ => Self::Internal(text),
        }
    }

    pub(crate) fn from_postgres(error: &tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            let text = with_causes(error);
            return if breaks_connection(error) { Self::Unavailable(text) } else { Self::Internal(text) };
        };
        let text = format!("{} ({})", db.message(), db.code().code());
        match db.code() {
            &SqlState::UNIQUE_VIOLATION => Self::Conflict { constraint: columns_of(db) },
            &SqlState::FOREIGN_KEY_VIOLATION => Self::MissingReference,
            code if is_retryable(code) => Self::Busy(text),
            &SqlState::LOCK_NOT_AVAILABLE | &SqlState::QUERY_CANCELED => Self::Busy(text),
            &SqlState::DISK_FULL => Self::DiskFull(text),
            &SqlState::READ_ONLY_SQL_TRANSACTION => Self::ReadOnly(text),
            &SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED => Self::Corrupt(text),
            &SqlState::INVALID_PASSWORD
            | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION
            | &SqlState::INVALID_CATALOG_NAME => {
                Self::Configuration(format!("PostgreSQL refuses the database URL: {text}"))
            }
            code if is_operators(code) => Self::Unavailable(text),
            _ => Self::Internal(text),
        }
    }
}

/// Whether running the whole unit again may succeed: two units met, and PostgreSQL chose this one to give way.
pub(crate) fn is_retryable(code: &SqlState) -> bool {
    *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED
}

/// Whether the connection is broken.
pub(crate) fn breaks_connection(error: &tokio_postgres::Error) -> bool {
    match error.code() {
        Some(code) => is_operators(code),
        None => {
            error.is_closed()
                || std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
        }
    }
}

/// Classes 08 (connection), 53 (resources) and 57P (shut down by an operator).
fn is_operators(code: &SqlState) -> bool {
    ["08", "53", "57P"].iter().any(|class| code.code().starts_with(class))
}

/// `table.a, table.b` out of `Key (a, b)=(1, 2) already exists.`, which is also how SQLite names the columns. The values are left out.
fn columns_of(db: &tokio_postgres::error::DbError) -> String {
    let columns =
        db.detail().and_then(|detail| detail.split_once(")=(")?.0.split_once('(')).map(|(_, columns)| columns);
    match (db.table(), columns) {
        (Some(table), Some(columns)) if !columns.contains('(') => {
            columns.split(", ").map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ")
        }
        _ => db.constraint().unwrap_or_default().to_owned(),
    }
}

fn with_causes(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
