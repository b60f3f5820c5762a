//! A COR's page and its editor.

pub mod editor;
pub mod editor_page;
pub mod posted;
pub mod show;
pub mod status;
