//! Being told of changes: our hooks at Procore, and what comes of a delivery.

mod hands;
mod hooks;
mod inbox;
mod listener;

pub use hooks::{PATH, place, remove_now};
pub use listener::Listener;
