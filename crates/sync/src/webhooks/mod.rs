//! Procore's notices of changes: our hooks there, and what a delivery leads to.

mod hook_calls;
mod hooks;
mod inbox;
mod listener;

pub use hook_calls::place;
pub use hooks::{PATH, remove_now};
pub use listener::Listener;
