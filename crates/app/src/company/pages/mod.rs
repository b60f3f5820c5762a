//! The company's settings.

pub mod people;
pub mod settings;
