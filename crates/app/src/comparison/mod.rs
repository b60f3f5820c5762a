//! When Procore says something else than we do: what a person sees of it, and what they may decide.

pub(crate) mod api;
pub mod copy;
pub mod decide;
pub mod known;
pub mod line;
pub mod look;
pub(crate) mod pages;
pub mod remove;
pub mod resolutions;
pub(crate) mod samples;

pub use decide::{Decided, Unlinked, accept, leave, unlink, unlink_all};
pub use known::known_now;
pub use line::{ComparedLine, Difference};
pub use look::{Comparison, EventThen, LinkedEvent, look, read_now};
pub use remove::{RemovalAsked, RemovalConfirmed, RemovalPlan, plan, plan_removal, remove, remove_surplus};
pub use resolutions::{OfferedResolution, Resolution};
