//! Pages of the integration: an office's, a project's, the sign-in pop-up, and where webhooks arrive.

pub mod age;
pub mod office;
pub mod popup;
pub mod project;
pub mod webhooks;
