//! When to look for the result of a request whose answer never came, and when to stop looking.
//!
//! A look that finds nothing proves nothing while Procore may still execute the request (the quarantine) or its lists may not
//! show a new event yet (the lag). A look that finds everything is proof at any time.

use jiff::{SignedDuration, Timestamp};

/// The first look comes this long after the missing answer: most requests are executed at once.
pub const EARLY: SignedDuration = SignedDuration::from_secs(15);

/// The looks in a list after the quarantine, in twelfths of the lag.
const TWELFTHS: [i32; 4] = [0, 1, 3, 12];

/// The looks for one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Looks {
    /// When Procore can no longer execute it.
    pub quiet: Timestamp,
    /// How far lists may lag behind; zero where the event is read by its id.
    pub lag: SignedDuration,
}

impl Looks {
    /// The first look after the answer was given up at `now`.
    pub fn first(&self, now: Timestamp) -> Timestamp {
        now.saturating_add(EARLY).unwrap_or(now).min(self.quiet).max(now)
    }

    /// The look after one at `now` that didn't find everything. `None` when nothing more can appear.
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        TWELFTHS.into_iter().map(|part| self.at(part)).find(|look| *look > now)
    }

    /// The last look.
    pub fn last(&self) -> Timestamp {
        self.at(12)
    }

    fn at(&self, part: i32) -> Timestamp {
        self.quiet.saturating_add(self.lag * part / 12).unwrap_or(self.quiet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// The looks after a silence noticed at `noticed`, until nothing more is expected.
    fn all(looks: Looks, noticed: i64) -> Vec<i64> {
        let mut at = looks.first(second(noticed));
        let mut all = vec![at.as_second()];
        while let Some(next) = looks.next(at) {
            at = next;
            all.push(at.as_second());
        }
        all
    }

    #[test]
    fn a_list_is_looked_at_until_it_can_lag_no_longer_and_an_id_once() {
        let quiet = second(120);
        let (listed, by_id) = (SignedDuration::from_hours(1), SignedDuration::ZERO);
        assert_eq!(all(Looks { quiet, lag: listed }, 1), [16, 120, 420, 1020, 3720]);
        assert_eq!(all(Looks { quiet, lag: by_id }, 1), [16, 120]);
        assert_eq!(all(Looks { quiet, lag: by_id }, 110), [120], "the early look comes never after the quarantine");
        assert_eq!(all(Looks { quiet, lag: listed }, 90_000), [90_000], "after a night's sleep one look is enough");
        assert_eq!(Looks { quiet, lag: listed }.last().as_second(), 3720);
    }
}
