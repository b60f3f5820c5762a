//! What the JSON API's handlers share: the caller, extractors, layers, problems.

pub mod bearer;
pub mod extract;
pub mod layers;
pub mod once;
pub mod problem;
