//! What talks to Procore on our behalf and serves no page.
//!
//! - [`connection`]: a person's sign-in, the account's budget of requests, Procore's errors in words
//! - [`link`]: what of our CORs is in Procore, as it was read and as we left it
//! - [`push`]: the worker and the push protocol
//! - [`reconcile`]: reading on schedule what somebody changed there
//! - [`mod@reference`]: what is kept of Procore's lists
//! - [`webhooks`]: being told of changes, and what comes of it
//!
//! A push moves one transition at a time, and between two of them the process may die. *Sending* is committed before the
//! first byte leaves; an answer that never came is looked for before anything is written again. The states are drawn in
//! `docs/push-states.md`, why each part is needed is told in `docs/adr/0002-quarantine-then-look.md`.

pub mod clock;
pub mod connection;
mod context;
pub mod error;
pub mod link;
pub mod logged_once;
pub mod push;
pub mod reconcile;
pub mod reference;
pub mod vault;
pub mod vitals;
pub mod webhooks;
pub mod words;

pub use context::{Context, Settings};
pub use error::Error;
pub use push::{Attempt, Worker};
pub use webhooks::Listener;
