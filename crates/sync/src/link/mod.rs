//! Our CORs in Procore: a change event as it was read, compared with what we left there.

mod activity;
mod as_html;
pub(crate) mod baseline;
pub(crate) mod copies_elsewhere;
pub mod event_now;
pub(crate) mod filled;
mod locks;
pub mod observe;
pub mod priced;
pub mod reading;
pub mod translate;
