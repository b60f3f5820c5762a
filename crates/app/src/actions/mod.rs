//! The verbs, one a file: each checks who may, changes the state and tells the story in one transaction.

pub mod acting;
pub mod change_events;
pub mod forms;
pub mod integrate;
pub mod map_project;
pub mod password;
pub mod procore_sign_in;
pub mod procore_tokens;
pub mod reference;
pub mod secret;
pub mod setup;
pub mod sign_in;
