//! A company: its offices and its people.

pub mod offices;
pub(crate) mod pages;
pub mod people;

pub(crate) mod samples;
