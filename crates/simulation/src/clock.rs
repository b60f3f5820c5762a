//! Clocks: the world's, and that of each process, which may be wrong.

use std::{
    future::{Future, ready},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use ledgerboard::clock::Clock;

use crate::net::Net;

/// The clock of one process: the world's time and an error. Whoever waits by it makes time pass for all.
#[derive(Clone)]
pub(crate) struct ProcessClock {
    net: Arc<Net>,
    /// Seconds ahead, for this process.
    wrong: Arc<AtomicI64>,
    /// Seconds ahead, for all of ours.
    all_wrong: Arc<AtomicI64>,
}

impl ProcessClock {
    pub(crate) fn new(net: &Arc<Net>, all_wrong: &Arc<AtomicI64>) -> Self {
        Self { net: net.clone(), wrong: Arc::default(), all_wrong: all_wrong.clone() }
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
        let now = self.net.clock.now();
        now.saturating_add(SignedDuration::from_secs(wrong)).unwrap_or(now)
    }

    fn pause(&self, by: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.net.pass(SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX));
        Box::pin(ready(()))
    }
}
