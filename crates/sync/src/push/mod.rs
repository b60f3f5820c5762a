//! The worker, and what it does with a push: one transition at a time, each stored before what it stands for is done.

mod answer;
pub mod audited;
mod codes;
mod deleted;
mod look;
mod pass;
mod patience;
mod record;
mod removed;
mod settle;
mod turned;
mod verdict;
mod wishes;
mod worker;

pub use pass::Pass;
pub use wishes::{show_waiting, take_back};
pub use worker::Worker;
