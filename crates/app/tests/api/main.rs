//! The JSON API as a program uses it: every answer is held against the OpenAPI document.

mod caller;
mod document;
mod gate;
mod log;
