//! Being told of changes: our hooks at Procore, and what comes of a delivery.

mod hook_calls;
mod hooks;
mod inbox;
mod listener;

pub use hook_calls::place;
pub use hooks::{PATH, remove_now};
pub use listener::Listener;
