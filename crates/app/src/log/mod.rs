//! The COR Log of a project: read, filtered, and what a person picks in it.

pub(crate) mod api;
pub mod copy;
pub mod in_procore;
pub(crate) mod pages;
pub mod query;
pub mod read_log;
pub mod selection;

pub(crate) mod samples;
