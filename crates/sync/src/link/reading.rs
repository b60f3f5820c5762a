//! One change event as it was read, and how long after a write of ours a reading is sure to show it.

use jiff::{SignedDuration, Timestamp};
use procore::{
    Answered,
    model::{ChangeEvent, Odd},
};

/// Procore was seen to answer a half-changed record 1.5 seconds after a change. So we wait this long after our own write before we
/// read what a plan or a write depends on, and an earlier reading counts as nobody's change.
pub const SETTLED: SignedDuration = SignedDuration::from_secs(2);

/// One event as read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Procore's id.
    pub event: i64,
    /// The event, or why there is none.
    pub found: ReadOutcome,
    /// When the request left, by our clock.
    pub read_at: Timestamp,
}

/// The result of reading an event.
#[derive(Debug, Clone)]
pub enum ReadOutcome {
    /// The event.
    Event(Box<ChangeEvent>),
    /// The list shows it as deleted, and it can't be read otherwise.
    Gone,
    /// 404, and no list shows it as deleted: deleted for good, or hidden. It must not count as an event without lines.
    Hidden,
    /// It exists, but not as documented: "status is null". Its content is unknown, and none of it counts as gone.
    Odd {
        /// Number and title, as far as they can be read.
        name: String,
        /// What is wrong with it.
        why: String,
    },
}

impl ReadOutcome {
    /// The event, if it could be read.
    pub fn event(&self) -> Option<&ChangeEvent> {
        match self {
            Self::Event(event) => Some(event),
            Self::Gone | Self::Hidden | Self::Odd { .. } => None,
        }
    }

    /// Sorts the answer to a read of one event. An `Err` says nothing about the event. Only the list of deleted events can show that
    /// a `Hidden` one was deleted.
    pub fn of(answer: Result<Answered<ChangeEvent>, procore::Error>) -> Result<Answered<Self>, procore::Error> {
        let nothing_more = |value| Answered { value, rate: None, date: None, request_id: None };
        match answer {
            Ok(Answered { value, rate, date, request_id }) => {
                Ok(Answered { value: Self::Event(Box::new(value)), rate, date, request_id })
            }
            Err(procore::Error::NotFound) => Ok(nothing_more(Self::Hidden)),
            Err(procore::Error::Odd(why)) => Ok(nothing_more(Self::Odd { name: String::new(), why })),
            Err(error) => Err(error),
        }
    }
}

impl From<ChangeEvent> for ReadOutcome {
    fn from(event: ChangeEvent) -> Self {
        Self::Event(Box::new(event))
    }
}

impl From<&Odd> for ReadOutcome {
    fn from(odd: &Odd) -> Self {
        Self::Odd { name: odd.name.clone(), why: odd.why.clone() }
    }
}
