//! Ledgerboard: a COR Log that pushes change order requests into Procore change events, exactly once.
//!
//! `web` and `api` parse and present, `actions` decide, `cli` puts it all together; the crate `sync` below them talks to
//! Procore, outside any transaction. The map and the walk-throughs are in `ARCHITECTURE.md`.

pub mod actions;
pub mod api;
pub mod cli;
pub mod context;
pub mod demo_data;
pub mod error;
pub mod listen;
pub mod procore_check;
pub mod testing;
pub mod web;

pub use context::{App, Serving};
pub use error::{Error, FieldErrors};
pub use sync::{Settings, clock, vault};
