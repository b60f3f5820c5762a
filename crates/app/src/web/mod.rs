//! The pages: embedded assets and the views that draw them.

pub mod assets;
pub mod views;
