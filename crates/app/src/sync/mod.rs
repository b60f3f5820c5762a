//! Everything that talks to Procore behind the pages: the worker and the push protocol.
//!
//! A push moves one transition at a time, and between two of them the process may die. *Sending* is committed before the
//! first byte leaves; an answer that never came is looked for before anything is written again. The states are drawn in
//! `docs/push-states.md`, why each part is needed is told in `docs/adr/0002-quarantine-then-look.md`.

mod answer;
pub(crate) mod audited;
pub(crate) mod hooks;
mod inbox;
mod listener;
mod look;
pub mod observe;
mod pass;
pub mod reconcile;
mod record;
mod removed;
pub mod translate;
mod words;
mod worker;

pub use listener::Listener;
pub use pass::Pass;
pub(crate) use record::show;
pub(crate) use removed::forget;
pub use worker::Worker;
