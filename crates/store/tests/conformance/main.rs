//! What the store promises, kept on both databases: one binary, because each links a whole SQLite.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audit;
mod commit;
mod company;
mod connect;
mod cor;
mod facade;
mod log;
mod migrations;
mod push;
mod search;
mod security;
mod support;
mod watch;
