//! Reads that are behind: for a while after a change an event shows its lines as they were, though everything else of it is
//! as it is now.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::state::State;
use crate::world::{ChangeEvent, ChangeItem};

/// What reads still show. Kept only while they are behind at all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lag {
    /// The lines of all events as they were last looked at.
    seen: Option<BTreeMap<i64, Vec<ChangeItem>>>,
    /// The lines of an event before its last change, and when that was.
    before: BTreeMap<i64, (Timestamp, Vec<ChangeItem>)>,
}

impl State {
    /// Notes what changed since the last look.
    pub(crate) fn note_lag(&mut self, now: Timestamp) {
        if self.switches.reads_lag_ms == 0 {
            self.lag = Lag::default();
            return;
        }
        let events = &self.world.change_events;
        for (id, was) in self.lag.seen.iter().flatten() {
            if events.get(id).is_some_and(|event| event.items != *was) {
                self.lag.before.insert(*id, (now, was.clone()));
            }
        }
        self.lag.seen = Some(events.values().map(|event| (event.id, event.items.clone())).collect());
    }

    /// An event as a read shows it.
    pub(crate) fn as_read<'e>(&self, event: &'e ChangeEvent, now: Timestamp) -> Cow<'e, ChangeEvent> {
        let lag = SignedDuration::from_millis(self.switches.reads_lag_ms);
        match self.lag.before.get(&event.id) {
            Some((at, items)) if now < *at + lag => Cow::Owned(ChangeEvent { items: items.clone(), ..event.clone() }),
            _ => Cow::Borrowed(event),
        }
    }
}
