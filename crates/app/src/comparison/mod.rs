//! When Procore says something else than we do: what a person sees of it, and what they may decide.

pub(crate) mod api;
pub mod decide;
pub mod look;
pub(crate) mod pages;
pub mod remove;
pub(crate) mod samples;
pub(crate) mod views;

pub use decide::{Unlinked, accept, leave, unlink, unlink_all};
pub use look::{Drift, NotTaken, Row, look, read_now};
pub use remove::{RemovalShown, plan, remove, remove_surplus};
