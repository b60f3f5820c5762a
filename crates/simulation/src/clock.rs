//! Clocks: the world's, and that of each process, which may be wrong.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use ledgerboard::clock::{Clock, ManualClock};

/// The clock of one process: the world's time and an error.
#[derive(Clone)]
pub(crate) struct ProcessClock {
    world: ManualClock,
    /// Seconds ahead, for this process.
    wrong: Arc<AtomicI64>,
    /// Seconds ahead, for all of ours.
    all_wrong: Arc<AtomicI64>,
}

impl ProcessClock {
    pub(crate) fn new(world: &ManualClock, all_wrong: &Arc<AtomicI64>) -> Self {
        Self { world: world.clone(), wrong: Arc::default(), all_wrong: all_wrong.clone() }
    }

    pub(crate) fn jump(&self, seconds: i64) {
        self.wrong.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Seconds that this clock is ahead of its fellows.
    pub(crate) fn error(&self) -> i64 {
        self.wrong.load(Ordering::Relaxed)
    }

    pub(crate) fn set_right(&self) {
        self.wrong.store(0, Ordering::Relaxed);
    }
}

impl Clock for ProcessClock {
    fn now(&self) -> Timestamp {
        let wrong = self.wrong.load(Ordering::Relaxed) + self.all_wrong.load(Ordering::Relaxed);
        let now = self.world.now();
        now.saturating_add(SignedDuration::from_secs(wrong)).unwrap_or(now)
    }
}
