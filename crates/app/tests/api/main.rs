//! The JSON API as a program uses it: every answer is held against the OpenAPI document.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on stops where it stands")]

mod adjustments;
mod caller;
mod cors;
mod document;
mod drift;
mod gate;
mod log;
mod once;
mod pushes;
mod reading;
mod reconciliation;
mod record;
mod removals;
mod security;
