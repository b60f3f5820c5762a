//! What of our CORs is in Procore: a change event as it is read, held against what we left there.

mod activity;
pub(crate) mod baseline;
pub(crate) mod copies_elsewhere;
pub mod event_now;
pub(crate) mod filled;
mod locks;
pub mod observe;
pub mod priced;
pub mod reading;
pub mod translate;
