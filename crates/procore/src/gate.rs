//! Who is asked before a request leaves, and told what came back.

use std::{pin::Pin, time::Duration};

use jiff::Timestamp;

use crate::{error::Error, rate::Rate};

/// A future in a box, so that a gate can be a value.
pub type Passing<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Stands before every request of a session, each page of a list included: the place to keep a budget.
pub trait Gate: Send + Sync {
    /// May a request leave? An error keeps it here, and is what the caller of the session gets.
    fn enter(&self) -> Passing<'_, Result<(), Error>>;

    /// What came back for a request that was let through; without a status if no answer came.
    fn passed(&self, seen: Seen) -> Passing<'_, ()>;
}

/// What an answer of any status says about limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// HTTP status; absent if no answer came.
    pub status: Option<u16>,
    /// What is left of the nearest limit.
    pub rate: Option<Rate>,
    /// Procore's clock when it answered, cut to the second.
    pub date: Option<Timestamp>,
    /// How long Procore asks us to wait.
    pub retry_after: Option<Duration>,
}
