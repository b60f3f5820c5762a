//! Pages of the integration: an office's, a project's, and the window in which a person signs in.

pub mod office;
pub mod project;
pub mod sign_in;
pub mod webhooks;
