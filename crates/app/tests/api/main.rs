//! The JSON API as a program uses it: every answer is held against the OpenAPI document.

mod caller;
mod cors;
mod document;
mod gate;
mod log;
mod pushes;
