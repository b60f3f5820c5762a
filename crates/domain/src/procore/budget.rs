//! The budget of requests to one Procore account: what may leave now, and when the next may.
//!
//! Procore has at least two limits, an hourly one and one for bursts, each a fixed window that begins with its first
//! request. Headers name only the one that is nearest to being used up, by how many requests it allows, how many are left
//! and when it is renewed. So limits are known by how many they allow, our own count is kept for each, and headers
//! correct it. Nothing is assumed about a limit that was never named: it is named before it is used up.
//!
//! What headers say comes from outside: no wait is longer than the longest window of any limit, and what an earlier version
//! stored of a longer one is forgotten.

use jiff::{SignedDuration, Timestamp};

/// The longest window of Procore's limits, by its documents, and so the longest wait that anything it says leads to.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// More limits than any account was seen to have. Where answers name ever others, those told longest ago are forgotten.
const MOST_LIMITS: usize = 8;

/// How soon to ask again for what depends on an answer under way.
const ANSWERS_WITHIN: SignedDuration = SignedDuration::from_millis(500);

/// What the first answer of a window is waited for at most: longer than any request lasts.
const FIRST_WITHIN: SignedDuration = SignedDuration::from_mins(1);

/// Who is waiting for the answer. Those before leave some of each window to those above them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Priority {
    /// A person looks at the screen.
    Interactive,
    /// Reads that keep what we know fresh.
    Background,
    /// Pushes: they can wait, and there may be thousands.
    Bulk,
}

impl Priority {
    /// How much of a window is left to those above, until its last tenth, when what nobody wanted is given away.
    fn leaves(self, allowed: i64) -> i64 {
        match self {
            Self::Interactive => 0,
            Self::Background => (allowed / 24).min(10),
            Self::Bulk => (allowed / 12).min(20),
        }
    }
}

/// One limit with its current window.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limit {
    /// Requests in a window.
    pub allowed: i64,
    /// Requests that may still leave in this window.
    pub left: i64,
    /// Requests let through in this window that are not answered yet.
    pub unanswered: i64,
    /// When the window began, as far as we know.
    pub opened_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// How long a window is, as far as headers have shown.
    pub length: SignedDuration,
    /// Whether a header told when this window ends; else it is our guess.
    pub told: bool,
}

impl Limit {
    fn roll(&mut self, now: Timestamp) {
        if now >= self.ends_at {
            self.opened_at = now;
            self.ends_at = later(now, self.length);
            (self.left, self.unanswered, self.told) = (self.allowed, 0, false);
        }
    }

    /// When `requests` may leave: now, or then.
    fn opens(&self, requests: i64, priority: Priority, now: Timestamp) -> Option<Timestamp> {
        let released = self.ends_at.saturating_sub(self.length / 10).unwrap_or(self.ends_at);
        let keeps = if now >= released { 0 } else { priority.leaves(self.allowed) };
        if self.left >= requests + keeps {
            None
        } else if self.left >= requests {
            Some(released)
        } else {
            Some(self.ends_at)
        }
    }

    /// Whether it was used up without ever being named in its window: then it is no limit any more, since the nearest is
    /// always named.
    fn is_stale(&self) -> bool {
        self.left <= 0 && self.unanswered == 0 && !self.told
    }

    fn hear(&mut self, said: Said) {
        let second = SignedDuration::from_secs(1);
        let apart = said.resets_at.duration_since(self.ends_at);
        if self.told && apart <= -second {
            // An answer that was long under way, from a window that is over.
            return;
        }
        if self.told && apart >= second {
            // A window that we had not seen begin.
            (self.opened_at, self.left) = (self.ends_at, self.allowed);
        }
        if !self.told {
            self.length = self.length.max(said.resets_at.duration_since(self.opened_at));
        }
        (self.ends_at, self.told) = (said.resets_at, true);
        if said.remaining < self.left {
            // Somebody else uses the limit too, and what is still on its way may not have been counted there.
            self.left = (said.remaining - self.unanswered).max(0);
        }
    }
}

/// What headers say about the nearest limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Said {
    /// Requests in its window.
    pub allowed: i64,
    /// Requests left in it.
    pub remaining: i64,
    /// When it ends.
    pub resets_at: Timestamp,
}

/// An answer, as far as the budget is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Heard {
    /// What it says about the nearest limit, on Procore's clock.
    pub said: Option<Said>,
    /// Procore's clock when it answered, cut to the second.
    pub date: Option<Timestamp>,
    /// It was refused for its rate: nothing more leaves before then.
    pub refused_until: Option<Timestamp>,
    /// Procore is under heavy load and asks to be left alone until then.
    pub quiet_until: Option<Timestamp>,
}

/// What is known of the limits of one app in one account.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Budget {
    /// The limits that were named so far.
    pub limits: Vec<Limit>,
    /// Nothing leaves before.
    pub blocked_until: Timestamp,
    /// Nothing but people's own reads leaves before.
    pub quiet_until: Timestamp,
    /// No push was let through until then: their claims pass over the account.
    pub bulk_until: Timestamp,
    /// How far Procore's clock is ahead of ours, at least. Its `Date` is cut to the second and takes its way, so of many
    /// the largest is nearest to the truth; taken for the truth, it makes us come late rather than early.
    pub ahead: Option<SignedDuration>,
    /// How long a request takes, smoothed; zero before the first.
    pub request: SignedDuration,
}

impl Budget {
    /// Lets `requests` leave, all of them or none: then the time to ask again, which is never further ahead than
    /// [`LONGEST`].
    pub fn reserve(&mut self, requests: i64, priority: Priority, now: Timestamp) -> Result<(), Timestamp> {
        self.forget_what_cannot_be(now);
        self.limits.iter_mut().for_each(|limit| limit.roll(now));
        self.limits.retain(|limit| !limit.is_stale());
        let quiet = if priority == Priority::Interactive { now } else { self.quiet_until };
        let held = Some(self.blocked_until.max(quiet)).filter(|until| *until > now);
        let opens = self.limits.iter().filter_map(|limit| limit.opens(requests, priority, now));
        let first = self.first_to_answer(now).filter(|_| priority == Priority::Bulk);
        let opens = opens.chain(held).chain(first).max();
        if let Some(at) = opens {
            if priority == Priority::Bulk {
                self.bulk_until = at;
            }
            return Err(at);
        }
        for limit in &mut self.limits {
            limit.left -= requests;
            limit.unanswered += requests;
        }
        Ok(())
    }

    /// Forgets waits and windows that end later than anything said by Procore may: an earlier version stored them, or the
    /// clock of this machine was set back.
    fn forget_what_cannot_be(&mut self, now: Timestamp) {
        for until in [&mut self.blocked_until, &mut self.quiet_until, &mut self.bulk_until] {
            if *until > later(now, LONGEST) {
                *until = now;
            }
        }
        self.limits.retain(|limit| limit.ends_at <= later(now, LONGEST) && limit.length <= LONGEST);
    }

    /// A person ends a wait that Procore asked for: what is left of its limits counts as unknown, and the next answer says
    /// it anew.
    pub fn lift(&mut self, now: Timestamp) {
        (self.blocked_until, self.quiet_until, self.bulk_until) = (now, now, now);
        self.limits.retain(|limit| limit.left > 0);
    }

    /// Until when nothing leaves by itself, if that is still ahead: Procore asked to be left alone, or a limit is used up.
    pub fn held_until(&self, now: Timestamp) -> Option<Timestamp> {
        let used_up = self.limits.iter().filter(|limit| limit.left <= 0).map(|limit| limit.ends_at);
        let until = used_up.chain([self.blocked_until, self.quiet_until]);
        until.filter(|until| *until > now && *until <= later(now, LONGEST)).max()
    }

    /// While only one limit was ever named, another may be about to end: the first request of a window goes alone, and its
    /// answer names it. Pushes wait for it; the few reads of people don't.
    fn first_to_answer(&self, now: Timestamp) -> Option<Timestamp> {
        let [only] = self.limits.as_slice() else { return None };
        // No answer takes a minute; and a window that began in time to come began before a clock was set back.
        let begun = now.duration_since(only.opened_at);
        let may_come = (-ANSWERS_WITHIN..FIRST_WITHIN).contains(&begun);
        (!only.told && only.unanswered > 0 && may_come).then(|| later(now, ANSWERS_WITHIN).min(only.ends_at))
    }

    /// Takes back permits of `since` that were not used.
    pub fn give_back(&mut self, requests: i64, since: Timestamp) {
        for limit in self.limits.iter_mut().filter(|limit| limit.opened_at <= since) {
            limit.left = (limit.left + requests).min(limit.allowed);
            limit.unanswered = (limit.unanswered - requests).max(0);
        }
    }

    /// Takes in the answer to a request that was let through at `since`.
    pub fn hear(&mut self, heard: Heard, since: Timestamp, now: Timestamp) {
        for limit in self.limits.iter_mut().filter(|limit| limit.opened_at <= since && limit.unanswered > 0) {
            limit.unanswered -= 1;
        }
        if let Some(date) = heard.date {
            self.set_clock(date, since, now);
        }
        let took = now.duration_since(since).max(SignedDuration::ZERO);
        self.request = if self.request.is_zero() { took } else { (self.request * 7 + took) / 8 };
        let on_our_clock = |said: Said| {
            let ahead = self.ahead.unwrap_or_default();
            let resets_at = said.resets_at.saturating_sub(ahead).unwrap_or(said.resets_at);
            Said { resets_at: resets_at.min(later(now, LONGEST)), ..said }
        };
        if let Some(said) = heard.said.map(on_our_clock).filter(|said| said.resets_at > now && said.allowed > 0) {
            match self.limits.iter_mut().find(|limit| limit.allowed == said.allowed) {
                Some(limit) => limit.hear(said),
                None => self.name(said, now),
            }
        }
        if let Some(until) = heard.refused_until {
            self.blocked_until = self.blocked_until.max(until.min(later(now, LONGEST)));
        }
        if let Some(until) = heard.quiet_until {
            self.quiet_until = self.quiet_until.max(until.min(later(now, LONGEST)));
        }
    }

    /// A limit is named for the first time.
    fn name(&mut self, said: Said, now: Timestamp) {
        if self.limits.len() >= MOST_LIMITS
            && let Some(oldest) = (0..self.limits.len()).min_by_key(|n| self.limits[*n].ends_at)
        {
            self.limits.remove(oldest);
        }
        self.limits.push(Limit {
            allowed: said.allowed,
            left: said.remaining,
            unanswered: 0,
            opened_at: now,
            ends_at: said.resets_at,
            length: said.resets_at.duration_since(now),
            told: true,
        });
    }

    fn set_clock(&mut self, date: Timestamp, since: Timestamp, now: Timestamp) {
        let (least, most) = (date.duration_since(now), date.duration_since(since) + SignedDuration::from_secs(1));
        // Outside of what this answer allows it is another clock: somebody set it.
        self.ahead = Some(self.ahead.filter(|known| (least..=most).contains(known)).unwrap_or(least));
    }

    /// The limit that is nearest to being used up: how many are left, and until when.
    pub fn nearest(&self, now: Timestamp) -> Option<(i64, Timestamp)> {
        let live = self.limits.iter().filter(|limit| limit.ends_at > now).map(|l| (l.left.max(0), l.ends_at));
        let blocked = (self.blocked_until > now).then_some((0, self.blocked_until));
        live.chain(blocked).min()
    }

    /// When so many requests will have been answered, sent one after the other and if nobody else sends any: an estimate
    /// for people, not a promise.
    pub fn answered_by(&self, requests: i64, now: Timestamp) -> Timestamp {
        let taking =
            self.request.checked_mul(i32::try_from(requests).unwrap_or(i32::MAX)).unwrap_or(SignedDuration::MAX);
        self.left_by(requests, now).max(later(now, taking))
    }

    /// When so many requests will have left, if nobody else sends any: an estimate for people, not a promise.
    pub fn left_by(&self, requests: i64, now: Timestamp) -> Timestamp {
        let held = self.blocked_until.max(self.quiet_until).max(now);
        let by = |limit: &Limit| {
            let (left, ends) = if now >= limit.ends_at {
                (limit.allowed, later(now, limit.length))
            } else {
                (limit.left, limit.ends_at)
            };
            let beyond = requests - left.max(0);
            if beyond <= 0 {
                return now;
            }
            let windows = i32::try_from((beyond - 1) / limit.allowed.max(1)).unwrap_or(i32::MAX);
            limit.length.checked_mul(windows).map_or(Timestamp::MAX, |wait| later(ends, wait))
        };
        self.limits.iter().map(by).chain([held]).max().unwrap_or(now)
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
