//! A COR's page and its editor.

pub mod editor;
pub mod posted;
pub mod show;
pub mod status;
