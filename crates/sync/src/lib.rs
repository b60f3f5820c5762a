//! What talks to Procore on our behalf and serves no page.
//!
//! - [`connection`]: a person's sign-in, the account's budget of requests, Procore's errors in words
//! - [`link`]: our CORs in Procore, as we left them and as they were read since
//! - [`push`]: the worker and the push protocol
//! - [`reconcile`]: scheduled readings of what people changed there
//! - [`mod@reference`]: Procore's lists, as we keep them
//! - [`webhooks`]: Procore's notices of changes
//!
//! A push moves one transition at a time, and the process may die between any two. *Sending* is committed before the first
//! byte leaves; when an answer never came, we look in Procore before we write again. `docs/push-states.md` draws the states,
//! `docs/adr/0002-quarantine-then-look.md` says why each part is needed.

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
