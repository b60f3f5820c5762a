//! The network and Procore behind it, shared by all processes of a run.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use emulator::Emulator;
use jiff::{SignedDuration, Timestamp};
use ledgerboard::clock::{Clock as _, ManualClock};
use procore::Transport;

use crate::{
    dice::Dice,
    trouble::{Coverage, Step, Trouble},
};

/// The network and Procore behind it, shared by all processes of a run.
pub(crate) struct Net {
    pub(crate) procore: Emulator,
    pub(crate) clock: ManualClock,
    /// Requests over real sockets instead of within the process.
    pub(crate) sockets: Option<Transport>,
    state: Mutex<State>,
}

pub(crate) struct State {
    pub(crate) dice: Dice,
    /// Of a hundred requests, how many meet trouble.
    pub(crate) trouble: u64,
    /// Whether requests may live longer than the quarantine.
    pub(crate) outlive: bool,
    coverage: Coverage,
    trace: Vec<String>,
    /// As whom, and for which account, each request of the journal should have gone.
    pub(crate) expected: BTreeMap<u64, (String, i64)>,
    /// Late requests that outlived the quarantine.
    pub(crate) outlived: u64,
    /// Until when requests that sleeping processes hold must have left, by process.
    pub(crate) deadlines: BTreeMap<String, Timestamp>,
}

impl Net {
    pub(crate) fn new(procore: Emulator, clock: ManualClock, sockets: Option<Transport>, dice: Dice) -> Arc<Self> {
        let state = State {
            dice,
            trouble: 0,
            outlive: false,
            coverage: Coverage::default(),
            trace: Vec::new(),
            expected: BTreeMap::new(),
            outlived: 0,
            deadlines: BTreeMap::new(),
        };
        Arc::new(Self { procore, clock, sockets, state: Mutex::new(state) })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on, so many requests of a hundred meet trouble.
    pub(crate) fn be(&self, trouble: u64, outlive: bool) {
        let mut state = self.state();
        (state.trouble, state.outlive) = (trouble, outlive);
    }

    pub(crate) fn say(&self, text: impl AsRef<str>) {
        let now = self.clock.now();
        self.state().trace.push(format!("{} {}", now.strftime("%H:%M:%S%.3f"), text.as_ref()));
    }

    pub(crate) fn trace(&self) -> Vec<String> {
        self.state().trace.clone()
    }

    pub(crate) fn note(&self, trouble: Trouble, step: Step) {
        self.state().coverage.note(trouble, step);
    }

    pub(crate) fn coverage(&self) -> Coverage {
        self.state().coverage.clone()
    }

    pub(crate) fn outlived(&self) -> u64 {
        self.state().outlived
    }

    pub(crate) fn expected(&self) -> BTreeMap<u64, (String, i64)> {
        self.state().expected.clone()
    }

    /// Time passes, though not beyond the moment at which a held request must leave; what is due in Procore happens at its
    /// time, since how far lists lag behind it counts from then.
    pub(crate) fn pass(&self, by: SignedDuration) {
        let now = self.clock.now();
        let until = self.state().deadlines.values().min().copied();
        let most = until.map_or(by, |until| until.duration_since(now).max(SignedDuration::ZERO));
        let until = now + by.min(most);
        while let Some(due) = self.procore.next_late().filter(|due| *due <= until) {
            self.clock.advance(due.duration_since(self.clock.now()).max(SignedDuration::ZERO));
            self.procore.run_late_due();
        }
        self.clock.advance(until.duration_since(self.clock.now()).max(SignedDuration::ZERO));
    }

    /// The process whose held request must leave now.
    pub(crate) fn must_leave(&self) -> Option<String> {
        let now = self.clock.now();
        let state = self.state();
        state.deadlines.iter().find(|(_, until)| **until <= now).map(|(name, _)| name.clone())
    }
}
