//! The values that cross into the database and back.

use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use super::StoreError;

/// The instants that can be stored and read back, in microseconds since 1970.
const FIRST_INSTANT: i64 = -377_705_023_201_000_000;
const LAST_INSTANT: i64 = 253_402_207_200_000_000;

/// A value bound to `$n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Val {
    /// `NULL`.
    Null,
    /// `BIGINT`: minor units, counts, microseconds since 1970 UTC.
    Int(i64),
    /// `TEXT`.
    Text(String),
    /// `BYTEA` or `BLOB`.
    Blob(Vec<u8>),
    /// `UUID`, or its 16 bytes on SQLite.
    Uuid(Uuid),
    /// `BIGINT` 0 or 1: SQLite has no booleans.
    Bool(bool),
}

macro_rules! val_from {
    ($($from:ty => |$value:ident| $make:expr;)+) => {$(
        impl From<$from> for Val {
            fn from($value: $from) -> Self {
                $make
            }
        }
    )+};
}

val_from! {
    i64 => |value| Self::Int(value);
    i32 => |value| Self::Int(value.into());
    u32 => |value| Self::Int(value.into());
    &str => |value| Self::Text(value.to_owned());
    &String => |value| Self::Text(value.clone());
    String => |value| Self::Text(value);
    Vec<u8> => |value| Self::Blob(value);
    &[u8] => |value| Self::Blob(value.to_vec());
    Uuid => |value| Self::Uuid(value);
    bool => |value| Self::Bool(value);
    // Microseconds: what both PostgreSQL's own timestamps and a person's patience resolve. The last instant there is has more
    // of them than can be read back, so it is cut to those.
    Timestamp => |value| Self::Int(value.as_microsecond().clamp(FIRST_INSTANT, LAST_INSTANT));
    // YYYY-MM-DD sorts as text.
    Date => |value| Self::Text(value.to_string());
}

impl<T: Into<Val>> From<Option<T>> for Val {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One field of a row as the database gave it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// `NULL`.
    Null,
    /// Any whole number; a boolean of PostgreSQL is 0 or 1.
    Int(i64),
    /// Any text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
    /// A `UUID` of PostgreSQL.
    Uuid(Uuid),
}

/// A row of an answer; its fields are taken by position.
pub struct Row<'a>(DriverRow<'a>);

enum DriverRow<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl<'a> Row<'a> {
    pub(crate) fn sqlite(row: &'a rusqlite::Row<'a>) -> Self {
        Self(DriverRow::Sqlite(row))
    }

    pub(crate) fn postgres(row: &'a tokio_postgres::Row) -> Self {
        Self(DriverRow::Postgres(row))
    }

    fn cell(&self, i: usize) -> Result<Cell<'_>, StoreError> {
        match &self.0 {
            DriverRow::Sqlite(row) => super::sqlite::cell(row, i),
            DriverRow::Postgres(row) => super::postgres::cell(row, i),
        }
    }

    /// Field `i`, counted from 0. [`StoreError::Corrupt`] if it is not a `T`, `NULL` included.
    pub fn get<T: FromVal>(&self, i: usize) -> Result<T, StoreError> {
        let cell = self.cell(i)?;
        T::from_cell(cell).ok_or_else(|| {
            StoreError::Corrupt(format!("field {i} should be {} but is {}", std::any::type_name::<T>(), kind(cell)))
        })
    }
}

/// Says what was found without quoting it: values stay out of logs.
fn kind(cell: Cell<'_>) -> &'static str {
    match cell {
        Cell::Null => "null",
        Cell::Int(_) => "another number",
        Cell::Text(_) => "another text",
        Cell::Blob(_) => "other bytes",
        Cell::Uuid(_) => "a UUID",
    }
}

/// What a field can be read as.
pub trait FromVal: Sized {
    /// The value, or nothing if the cell does not hold one.
    fn from_cell(cell: Cell<'_>) -> Option<Self>;
}

macro_rules! from_cell {
    ($($to:ty: $($pattern:pat => $value:expr),+;)+) => {$(
        impl FromVal for $to {
            fn from_cell(cell: Cell<'_>) -> Option<Self> {
                match cell {
                    $($pattern => $value,)+
                    _ => None,
                }
            }
        }
    )+};
}

from_cell! {
    i64: Cell::Int(n) => Some(n);
    i32: Cell::Int(n) => n.try_into().ok();
    u32: Cell::Int(n) => n.try_into().ok();
    u64: Cell::Int(n) => n.try_into().ok();
    bool: Cell::Int(0) => Some(false), Cell::Int(1) => Some(true);
    String: Cell::Text(text) => Some(text.to_owned());
    Vec<u8>: Cell::Blob(bytes) => Some(bytes.to_vec());
    Uuid: Cell::Uuid(id) => Some(id), Cell::Blob(bytes) => Self::from_slice(bytes).ok();
    // A number beyond all instants is the nearest one: whoever reads a time asks whether it is due, and what is due when time
    // ends is put right there.
    Timestamp: Cell::Int(n) => Self::from_microsecond(n.clamp(FIRST_INSTANT, LAST_INSTANT)).ok();
    Date: Cell::Text(text) => text.parse().ok();
}

impl<T: FromVal> FromVal for Option<T> {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        if cell == Cell::Null { Some(None) } else { T::from_cell(cell).map(Some) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_can_be_stored_that_cannot_be_read() {
        for at in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            let Val::Int(stored) = Val::from(at) else { panic!("a number") };
            let read = Timestamp::from_cell(Cell::Int(stored)).expect("it can be read");
            assert!(read.duration_since(at).as_secs().abs() < 1, "{at}: {read}");
        }
        for number in [i64::MIN, FIRST_INSTANT - 1, LAST_INSTANT + 1, Timestamp::MAX.as_microsecond(), i64::MAX] {
            assert!(Timestamp::from_cell(Cell::Int(number)).is_some(), "{number}");
        }
    }
}
