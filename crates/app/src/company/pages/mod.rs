//! The company's settings.

pub mod office_settings;
pub mod people_settings;
