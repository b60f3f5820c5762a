//! Which CORs are in Procore's forecast and which are not: read, signed off, compared with the next month's.

pub(crate) mod api;
pub mod compare;
pub(crate) mod pages;
pub mod read;
pub(crate) mod samples;
pub mod sign_off;
pub(crate) mod views;

pub use compare::{Compared, compare};
pub use read::{Office, Project, Seen, office, project};
pub use sign_off::{Kept, Typed, kept, list, sign_off_office, sign_off_project};
