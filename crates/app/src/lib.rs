//! Ledgerboard: a COR Log that pushes change order requests into Procore change events, exactly once.
//!
//! Each feature is a room (`cor`, `log`, `push`, …): its verbs decide, its `pages` and `api` parse and present. All rooms use
//! `serving`, and `cli` puts everything together; the crate `sync` talks to Procore, outside any transaction. The map and the
//! walk-throughs are in `ARCHITECTURE.md`.

#![allow(missing_docs, reason = "a name often says it all; what it leaves open is described")]

pub mod account;
pub mod api;
pub mod cli;
pub mod company;
pub mod comparison;
pub mod context;
pub mod contracts;
pub mod cor;
pub mod demo_data;
pub mod error;
mod feed;
pub mod gallery;
pub mod health;
pub mod integration;
pub mod listen;
pub mod log;
pub mod notifications;
pub mod pages;
pub mod procore_check;
pub mod projects;
pub mod push;
pub mod reconciliation;
pub mod record;
pub mod security;
pub mod security_txt;
pub mod serving;
pub mod testing;
pub mod typed;
pub mod words;

pub use context::{App, Serving};
pub use error::{Error, FieldErrors};
pub use sync::{Settings, clock, vault};
