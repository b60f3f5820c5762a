//! How a process fares, for the operator's monitoring.

use std::sync::atomic::{AtomicU32, Ordering};

/// So many failures in a row are more than a database that was busy.
const MANY: u32 = 3;

/// What this process knows of its health.
#[derive(Debug, Default)]
pub struct Vitals {
    /// Failures of its worker since it last worked.
    failures: AtomicU32,
}

impl Vitals {
    /// The worker did something, or found nothing to do.
    pub(crate) fn works(&self) {
        self.failures.store(0, Ordering::Relaxed);
    }

    /// The worker could not go on. What went wrong is in the log.
    pub(crate) fn fails(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the worker fails again and again.
    pub fn is_failing(&self) -> bool {
        self.failures.load(Ordering::Relaxed) >= MANY
    }
}
