//! The worker, and what it does with a push: one transition at a time, each stored before what it stands for is done.

mod answer;
mod apply;
mod attempt;
pub mod audited;
mod batch_outcome;
mod code_names;
mod look;
mod not_shown;
mod overtaken;
mod record;
mod removal;
mod requested;
mod retries;
mod transitions;
mod unread;
mod worker;

pub use attempt::Attempt;
pub use requested::{show_waiting, take_back};
pub use worker::Worker;
