//! Rows that could not be read, as they were met: for whoever looks after the installation.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What was not met again for so long is mended, or nobody looks at it any more.
const KEPT: Duration = Duration::from_hours(1);
/// The most that are kept; more of them are one trouble.
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
