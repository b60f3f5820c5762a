//! The two rate limits: an hourly one and one for spikes, each a fixed window that begins with its first call.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// How many calls are let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimits {
    /// Calls in 60 minutes.
    pub hourly: u32,
    /// Calls in one spike window.
    pub spike: u32,
    /// Seconds of a spike window; documented as 10, seen as 60.
    pub spike_seconds: i64,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { hourly: 36_000, spike: 2_000, spike_seconds: 10 }
    }
}

/// What the three headers say, and whether the call is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// Unix second at which the window ends.
    pub(crate) reset: i64,
    pub(crate) refused: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Window {
    ends: i64,
    used: u32,
}

impl Window {
    fn at(&mut self, now: i64, length: i64) -> &mut Self {
        if now >= self.ends {
            *self = Window { ends: now + length, used: 0 };
        }
        self
    }
}

/// The windows in use.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rates(HashMap<String, (Window, Window)>);

impl Rates {
    /// Counts a call at `now` (unix seconds) and says how the nearest limit stands. A refused call is not counted.
    pub(crate) fn count(&mut self, key: &str, limits: RateLimits, now: i64) -> Reading {
        let (hour, spike) = self.0.entry(key.to_owned()).or_default();
        let (hour, spike) = (hour.at(now, 3600), spike.at(now, limits.spike_seconds));
        let refused = hour.used >= limits.hourly || spike.used >= limits.spike;
        if !refused {
            hour.used += 1;
            spike.used += 1;
        }
        let left = |window: &Window, limit: u32| (limit.saturating_sub(window.used), limit, window.ends);
        let (by_hour, by_spike) = (left(hour, limits.hourly), left(spike, limits.spike));
        let (remaining, limit, reset) = if by_hour.0 <= by_spike.0 { by_hour } else { by_spike };
        Reading { limit, remaining, reset, refused }
    }
}

#[cfg(test)]
mod tests {
    use super::{RateLimits, Rates};

    #[test]
    fn a_spike_is_refused_until_its_window_ends() {
        let limits = RateLimits { hourly: 100, spike: 2, spike_seconds: 10 };
        let mut rates = Rates::default();
        assert_eq!(rates.count("a", limits, 1000).remaining, 1);
        assert!(!rates.count("a", limits, 1001).refused);
        let third = rates.count("a", limits, 1002);
        assert!(third.refused);
        assert_eq!((third.limit, third.remaining, third.reset), (2, 0, 1010));
        assert!(!rates.count("b", limits, 1002).refused, "another company has its own");
        assert!(!rates.count("a", limits, 1010).refused);
    }

    #[test]
    fn the_hourly_limit_outlasts_spike_windows() {
        let limits = RateLimits { hourly: 2, spike: 10, spike_seconds: 10 };
        let mut rates = Rates::default();
        for at in [0, 20] {
            assert!(!rates.count("a", limits, at).refused);
        }
        assert!(rates.count("a", limits, 40).refused);
        assert!(!rates.count("a", limits, 3600).refused);
    }
}
