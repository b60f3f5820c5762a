//! A COR: read, written, sent, given a status.

pub(crate) mod api;
pub mod copy;
pub mod input;
pub mod line_input;
pub(crate) mod pages;
pub mod read_cor;
pub mod set_status;
pub mod settled_price;
pub mod story;
pub mod typed_price;
pub mod write;

pub(crate) mod samples;
