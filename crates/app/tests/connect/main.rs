//! The connection to Procore: signing in, tokens, offices, mappings and what is read. The emulator is Procore.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cast;
mod mapping;
mod offices;
mod pages;
mod reads;
mod sandbox;
mod sign_in;
mod tokens;
