//! Everything that talks to Procore behind the pages: the worker and the push protocol.
//!
//! A push moves one transition at a time, and between two of them the process may die. *Sending* is committed before the
//! first byte leaves; an answer that never came is looked for before anything is written again. The states are drawn in
//! `docs/push-states.md`, why each part is needed is told in `docs/adr/0002-quarantine-then-look.md`.

mod answer;
pub(crate) mod audited;
pub mod clock;
mod codes;
pub mod connection;
pub mod context;
mod deleted;
pub mod error;
pub mod event_now;
mod filled;
pub(crate) mod hooks;
mod inbox;
mod listener;
mod locks;
mod look;
pub mod noted;
pub mod observe;
mod pass;
mod patience;
pub(crate) mod priced;
pub mod reconcile;
mod record;
mod removed;
mod settle;
mod strays;
pub mod translate;
mod turned;
pub mod vault;
mod verdict;
pub mod vitals;
mod wishes;
pub mod words;
mod worker;

pub use context::{Context, Settings};
pub use error::Error;
pub use listener::Listener;
pub use pass::Pass;
pub(crate) use wishes::{show_waiting, take_back};
pub(crate) use words::{UNANSWERED, UNREADABLE};
pub use worker::Worker;
