//! The integration with Procore: an office's account, a person's sign-in, a project's place there, and what can be chosen in it.

pub mod acting;
pub(crate) mod api;
pub mod change_events;
pub mod connect;
pub mod copy;
pub mod currency;
pub mod deliveries;
pub mod map_project;
pub mod oauth;
pub(crate) mod pages;
pub mod project_mapping;
pub mod reference;
pub(crate) mod samples;
