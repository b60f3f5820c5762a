//! What of our CORs is in Procore: a change event as it is read, held against what we left there.

pub mod event_now;
pub(crate) mod filled;
mod locks;
pub mod observe;
pub mod priced;
pub(crate) mod strays;
pub mod translate;
