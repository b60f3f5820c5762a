//! The values that cross into the database and back.

use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use super::StoreError;

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
    // Microseconds: what both PostgreSQL's own timestamps and a person's patience resolve.
    Timestamp => |value| Self::Int(value.as_microsecond());
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
pub struct Row<'a>(Inner<'a>);

enum Inner<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl<'a> Row<'a> {
    pub(crate) fn sqlite(row: &'a rusqlite::Row<'a>) -> Self {
        Self(Inner::Sqlite(row))
    }

    pub(crate) fn postgres(row: &'a tokio_postgres::Row) -> Self {
        Self(Inner::Postgres(row))
    }

    fn cell(&self, i: usize) -> Result<Cell<'_>, StoreError> {
        match &self.0 {
            Inner::Sqlite(row) => super::sqlite::cell(row, i),
            Inner::Postgres(row) => super::postgres::cell(row, i),
        }
    }

    /// The bytes of field `i` where they lie, for reading many without a copy of each.
    pub(crate) fn bytes(&self, i: usize) -> Result<&[u8], StoreError> {
        match self.cell(i)? {
            Cell::Blob(bytes) => Ok(bytes),
            cell => Err(StoreError::Corrupt(format!("field {i} should be bytes but is {}", kind(cell)))),
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
    Timestamp: Cell::Int(n) => Self::from_microsecond(n).ok();
    Date: Cell::Text(text) => text.parse().ok();
}

impl<T: FromVal> FromVal for Option<T> {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        if cell == Cell::Null { Some(None) } else { T::from_cell(cell).map(Some) }
    }
}
