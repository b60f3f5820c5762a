//! Rows that this process could not read, for the operator.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// A row not met again for this long is repaired, or nobody reads it anymore.
const KEPT: Duration = Duration::from_hours(1);
/// The most rows to keep; more of them have one cause.
const MOST: usize = 100;

/// What was wrong with rows that were met lately.
#[derive(Debug, Default)]
pub(crate) struct Unreadable(Mutex<BTreeMap<String, Instant>>);

impl Unreadable {
    /// Notes that a row could not be read.
    pub(crate) fn note(&self, because: &str) {
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if met.len() < MOST || met.contains_key(because) {
            met.insert(because.to_owned(), Instant::now());
        }
    }

    /// What was met lately, each once.
    pub(crate) fn met(&self) -> Vec<String> {
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        met.retain(|_, at| at.elapsed() < KEPT);
        met.keys().cloned().collect()
    }
}
