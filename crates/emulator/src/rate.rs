//! The two rate limits: an hourly one, a fixed window that begins with its first call, and one for spikes, whose window rolls
//! unless the switch says otherwise.

use std::collections::{HashMap, VecDeque};

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

const HOUR: i64 = 3600;

/// How the window of the limit for spikes goes, and what its reset is. Documented as fixed, seen as rolling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpikeWindow {
    /// It begins with its first call and ends as a whole, at the reset.
    Fixed,
    /// Each call counts for the length of the window; the reset is when the oldest one no longer counts.
    #[default]
    Rolling,
    /// The same, but the reset is when the last one no longer counts.
    RollingToItsEnd,
}

impl RateLimits {
    /// What was seen of an ordinary app in one company: 25 calls in a rolling minute, 600 in an hour.
    pub const fn seen() -> Self {
        Self { hourly: 600, spike: 25, spike_seconds: 60 }
    }
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

/// The calls of one limit that count at present.
#[derive(Debug, Clone, Default)]
struct Window {
    /// Unix second and number of calls, oldest first.
    calls: VecDeque<(i64, u32)>,
    used: u32,
}

impl Window {
    /// Forgets the calls that no longer count at `now`.
    fn at(&mut self, now: i64, length: i64, kind: SpikeWindow) -> &mut Self {
        match kind {
            // The whole window ends together.
            SpikeWindow::Fixed => {
                if self.calls.front().is_some_and(|(first, _)| now >= first + length) {
                    *self = Self::default();
                }
            }
            SpikeWindow::Rolling | SpikeWindow::RollingToItsEnd => {
                while let Some((_, gone)) = self.calls.pop_front_if(|(at, _)| now >= *at + length) {
                    self.used -= gone;
                }
            }
        }
        self
    }

    fn count(&mut self, now: i64) {
        self.used += 1;
        match self.calls.back_mut() {
            Some((at, calls)) if *at == now => *calls += 1,
            _ => self.calls.push_back((now, 1)),
        }
    }

    /// What the header calls the reset.
    fn reset(&self, now: i64, length: i64, kind: SpikeWindow) -> i64 {
        let counted_from = match kind {
            SpikeWindow::Fixed | SpikeWindow::Rolling => self.calls.front(),
            SpikeWindow::RollingToItsEnd => self.calls.back(),
        };
        counted_from.map_or(now, |(at, _)| *at) + length
    }
}

/// The windows in use.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rates(HashMap<String, (Window, Window)>);

impl Rates {
    /// Counts a call at `now` (unix seconds) and says how the nearest limit stands. A refused call is not counted.
    pub(crate) fn count(&mut self, key: &str, limits: RateLimits, spikes: SpikeWindow, now: i64) -> Reading {
        let (hour, spike) = self.0.entry(key.to_owned()).or_default();
        let hour = hour.at(now, HOUR, SpikeWindow::Fixed);
        let spike = spike.at(now, limits.spike_seconds, spikes);
        let refused = hour.used >= limits.hourly || spike.used >= limits.spike;
        if !refused {
            hour.count(now);
            spike.count(now);
        }
        let by_hour =
            (limits.hourly.saturating_sub(hour.used), limits.hourly, hour.reset(now, HOUR, SpikeWindow::Fixed));
        let reset = spike.reset(now, limits.spike_seconds, spikes);
        let by_spike = (limits.spike.saturating_sub(spike.used), limits.spike, reset);
        let (remaining, limit, reset) = if by_hour.0 <= by_spike.0 { by_hour } else { by_spike };
        Reading { limit, remaining, reset, refused }
    }
}

#[cfg(test)]
mod tests {
    use super::{RateLimits, Rates, SpikeWindow};

    #[test]
    fn a_spike_is_refused_until_its_window_ends() {
        let limits = RateLimits { hourly: 100, spike: 2, spike_seconds: 10 };
        let mut rates = Rates::default();
        assert_eq!(rates.count("a", limits, SpikeWindow::Fixed, 1000).remaining, 1);
        assert!(!rates.count("a", limits, SpikeWindow::Fixed, 1001).refused);
        let third = rates.count("a", limits, SpikeWindow::Fixed, 1002);
        assert!(third.refused);
        assert_eq!((third.limit, third.remaining, third.reset), (2, 0, 1010));
        assert!(!rates.count("b", limits, SpikeWindow::Fixed, 1002).refused, "another company has its own");
        assert!(!rates.count("a", limits, SpikeWindow::Fixed, 1010).refused);
    }

    #[test]
    fn the_hourly_limit_outlasts_spike_windows() {
        let limits = RateLimits { hourly: 2, spike: 10, spike_seconds: 10 };
        let mut rates = Rates::default();
        for at in [0, 20] {
            assert!(!rates.count("a", limits, SpikeWindow::Fixed, at).refused);
        }
        assert!(rates.count("a", limits, SpikeWindow::Fixed, 40).refused);
        assert!(!rates.count("a", limits, SpikeWindow::Fixed, 3600).refused);
    }

    #[test]
    fn calls_leave_a_rolling_window_one_by_one() {
        let limits = RateLimits { hourly: 100, spike: 2, spike_seconds: 60 };
        for (kind, resets) in [(SpikeWindow::Rolling, [60, 60, 80]), (SpikeWindow::RollingToItsEnd, [60, 80, 120])] {
            let mut rates = Rates::default();
            let read = [0, 20, 60].map(|at| rates.count("a", limits, kind, at));
            assert_eq!(read.map(|read| (read.remaining, read.refused)), [(1, false), (0, false), (0, false)]);
            assert_eq!(read.map(|read| read.reset), resets, "{kind:?}");
            assert!(rates.count("a", limits, kind, 79).refused, "only the first one had left");
            assert!(!rates.count("a", limits, kind, 80).refused);
        }
    }
}
