//! The integration in the API.

pub mod mapping;
pub mod reference;
