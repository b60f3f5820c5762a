//! The statements, a file a noun. Records stand beside the statements that read them.
pub mod change_event;
pub mod integration;
pub mod login;
pub mod mapping;
pub mod reference;
