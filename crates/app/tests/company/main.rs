//! Companies and their people, told through the pages: what a browser sends is sent, what it would show is read.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod doors;
mod forms;
mod guards;
mod guesses;
mod invitations;
mod notifications;
mod passwords;
mod people;
mod projects;
mod security;
mod storage;
mod tokens;
mod unsent;
mod visitor;
