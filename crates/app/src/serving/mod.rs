//! What all rooms use: the frame of a page, sessions, guards, forms, assets, problems. It names no room.

pub mod api;
pub mod assets;
pub mod cookie;
pub mod download;
pub mod filters;
pub mod flash;
pub mod forms;
pub mod guard;
pub mod once;
pub mod problem_page;
pub mod session;
pub mod shell;
pub mod tabs;
pub mod unsent;
pub mod views;
pub mod words;
