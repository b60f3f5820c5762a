//! The worker and the push protocol: one transition at a time, each stored before it is acted on.

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
