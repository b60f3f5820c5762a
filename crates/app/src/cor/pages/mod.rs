//! A COR's page and its editor.

pub mod cor_page;
pub mod editor;
pub mod editor_page;
pub mod posted;
pub mod status;
