//! The only crate that knows SQL: SQLite by default, PostgreSQL by configuration.

#![allow(missing_docs, reason = "a name often says it all; what it leaves open is described")]

mod codes;
pub mod db;
pub mod dialect;
mod many;
pub mod migrate;
pub mod migrations;
pub mod repo;
pub mod scope;
pub mod seed;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use db::{DatabaseUrl, FromVal, Row, Store, StoreError, Tx, Val};
pub use dialect::Dialect;
pub use scope::CompanyTx;
