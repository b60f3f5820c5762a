//! When Procore says something else than we do: what a person sees of it, and what they may decide.

pub mod decide;
pub mod look;
pub mod remove;

pub use decide::{Unlinked, accept, leave, unlink, unlink_all};
pub use look::{Drift, NotTaken, Row, look, read_now};
pub use remove::{RemovalShown, plan, remove, remove_surplus};
