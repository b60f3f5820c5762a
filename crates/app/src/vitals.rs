//! How the worker of a process fares, for the operator's monitoring.

use std::sync::atomic::{AtomicU32, Ordering};

/// So many failures in a row are more than a database that was busy.
const MANY: u32 = 3;

/// Failures of this process's worker since it last worked.
#[derive(Debug, Default)]
pub struct Vitals(AtomicU32);

impl Vitals {
    /// The worker did something, or found nothing to do.
    pub(crate) fn works(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// The worker could not go on. What went wrong is in the log.
    pub(crate) fn fails(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the worker fails again and again.
    pub fn is_failing(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= MANY
    }
}
