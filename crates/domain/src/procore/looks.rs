//! When to look for what a request did whose answer never came, and when what isn't there won't come any more.
//!
//! Two things make a look that finds nothing worth nothing: the request may still be executed (the quarantine), and lists may
//! show a new event later than it was made (the lag). What a look finds whole is there, whenever it is made.

use jiff::{SignedDuration, Timestamp};

/// How long after the silence the first look comes: a request that was executed mostly was so at once.
pub const EARLY: SignedDuration = SignedDuration::from_secs(15);

/// The looks in a list after the quarantine, in twelfths of the lag.
const TWELFTHS: [i32; 4] = [0, 1, 3, 12];

/// The looks for one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Looks {
    /// When it can't be executed any more.
    pub quiet: Timestamp,
    /// How much later lists show what it did; nothing where the event is read by its id.
    pub lag: SignedDuration,
}

impl Looks {
    /// The first look, when its answer turns out at `now` not to come.
    pub fn first(&self, now: Timestamp) -> Timestamp {
        now.saturating_add(EARLY).unwrap_or(now).min(self.quiet).max(now)
    }

    /// The look after one at `now` that didn't find everything. `None` when what isn't there won't come any more.
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

    /// The looks after a silence noticed at `noticed`, until nothing is expected any more.
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
