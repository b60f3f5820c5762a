//! What the JSON API's handlers share: who calls, what a request may be, how failures and words are written.

pub mod bearer;
pub mod extract;
pub mod guard;
pub mod problem;
pub mod words;
