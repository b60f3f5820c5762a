//! The budget of requests to one Procore account: what may leave now, and when the next may.
//!
//! Procore has at least two limits, an hourly one and one for bursts, for all that an app sends in an account. Headers name only
//! the one nearest to its end: how many requests it allows, how many are left and when it is renewed. So we know a limit by how
//! many it allows, keep our own count of each, and let headers correct it. We assume nothing about a limit that was never
//! named: Procore names it before it is used up.
//!
//! We keep a part of each limit for people at a screen, ahead of readings and pushes. Of a limit for bursts we leave other
//! programs of the same app what they used lately.
//!
//! Headers come from outside, so no wait is longer than the longest window of any limit. A longer one that an earlier version
//! stored is forgotten.

mod limit;

use jiff::{SignedDuration, Timestamp};

pub use self::limit::{Limit, Slot};

/// The longest window of Procore's limits, by its documents, and so the longest wait that anything it says leads to.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// A limit that allows more is no real limit.
const MOST_ALLOWED: i64 = 1 << 40;
/// More limits than any account was seen to have. If answers name more, the limits named longest ago are forgotten.
const MOST_LIMITS: usize = 8;

/// Shorter waits are not shown to anybody.
const WORTH_TELLING: SignedDuration = SignedDuration::from_secs(10);

/// How soon to ask again for what depends on an answer under way.
const ANSWERS_WITHIN: SignedDuration = SignedDuration::from_millis(500);

/// The longest wait for the first answer of a window: longer than any request takes.
const FIRST_WITHIN: SignedDuration = SignedDuration::from_mins(1);

/// Who waits for the answer. Each priority leaves some of a window to the ones above it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Priority {
    /// A person looks at the screen.
    Interactive,
    /// Reads that keep our copy fresh.
    Background,
    /// Pushes: they can wait, and there may be thousands.
    Bulk,
}

/// What headers say about the nearest limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RateHeaders {
    /// Requests in its window.
    pub allowed: i64,
    /// Requests left in it.
    pub remaining: i64,
    /// When it ends.
    pub resets_at: Timestamp,
}

/// What an answer says about the budget.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AnsweredLimits {
    /// What it says about the nearest limit, on Procore's clock.
    pub said: Option<RateHeaders>,
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

/// The shortest wait before the same is asked again.
const A_MOMENT: SignedDuration = SignedDuration::from_millis(1);

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
            // Whoever asked again at once would do nothing else.
            let at = at.max(later(now, A_MOMENT));
            if priority == Priority::Bulk {
                self.bulk_until = at;
            }
            return Err(at);
        }
        self.limits.iter_mut().for_each(|limit| limit.take(requests, priority, now));
        Ok(())
    }

    /// Forgets waits and windows that end later than Procore can ask for: an earlier version stored them, or this machine's clock
    /// was set back.
    fn forget_what_cannot_be(&mut self, now: Timestamp) {
        for until in [&mut self.blocked_until, &mut self.quiet_until, &mut self.bulk_until] {
            if *until > later(now, LONGEST) {
                *until = now;
            }
        }
        self.limits.retain(|limit| limit.can_be(now));
    }

    /// A person ends a wait that Procore asked for. Its limits count as unknown until the next answer names them.
    pub fn lift(&mut self, now: Timestamp) {
        (self.blocked_until, self.quiet_until, self.bulk_until) = (now, now, now);
        self.limits.retain(|limit| limit.free(now) > 0);
    }

    /// Until when nothing leaves by itself, if that is so far ahead that somebody may want to know: Procore asked to be left
    /// alone, or a limit is used up.
    pub fn held_until(&self, now: Timestamp) -> Option<Timestamp> {
        let used_up = self.limits.iter().filter(|limit| limit.free(now) == 0).map(|limit| limit.renewed_at(now));
        let until = used_up.chain([self.blocked_until, self.quiet_until]);
        until.filter(|until| *until > later(now, WORTH_TELLING) && *until <= later(now, LONGEST)).max()
    }

    /// While only one limit was ever named, another may be about to end: the first request of a window goes alone, and its
    /// answer names it. Pushes wait for it; the few reads of people don't.
    fn first_to_answer(&self, now: Timestamp) -> Option<Timestamp> {
        let [only] = self.limits.as_slice() else { return None };
        let last = only.sent.last().filter(|last| last.unanswered > 0 && only.ends_at <= now)?;
        // No answer takes a minute; and what left in time to come left before a clock was set back.
        let may_come = (-ANSWERS_WITHIN..FIRST_WITHIN).contains(&now.duration_since(last.at));
        may_come.then(|| later(now, ANSWERS_WITHIN))
    }

    /// Takes back permits of `since` that were not used.
    pub fn give_back(&mut self, requests: i64, since: Timestamp) {
        self.limits.iter_mut().for_each(|limit| limit.give_back(requests, since));
    }

    /// Takes in the answer to a request that was let through at `since`.
    pub fn hear(&mut self, heard: AnsweredLimits, since: Timestamp, now: Timestamp) {
        self.limits.iter_mut().for_each(|limit| limit.answered(since, now));
        if let Some(date) = heard.date {
            self.set_clock(date, since, now);
        }
        let took = now.duration_since(since).max(SignedDuration::ZERO);
        self.request = if self.request.is_zero() { took } else { (self.request * 7 + took) / 8 };
        let on_our_clock = |said: RateHeaders| {
            let ahead = self.ahead.unwrap_or_default();
            let resets_at = said.resets_at.saturating_sub(ahead).unwrap_or(said.resets_at);
            let allowed = said.allowed.clamp(0, MOST_ALLOWED);
            RateHeaders {
                resets_at: resets_at.min(later(now, LONGEST)),
                allowed,
                remaining: said.remaining.clamp(0, allowed),
            }
        };
        if let Some(said) = heard.said.map(on_our_clock).filter(|said| said.resets_at > now && said.allowed > 0) {
            match self.limits.iter_mut().find(|limit| limit.allowed == said.allowed) {
                Some(limit) => limit.hear(said, heard.refused_until.is_some(), since, now),
                None => self.name(said, since, now),
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
    fn name(&mut self, said: RateHeaders, since: Timestamp, now: Timestamp) {
        if self.limits.len() >= MOST_LIMITS
            && let Some(oldest) = (0..self.limits.len()).min_by_key(|n| self.limits[*n].ends_at)
        {
            self.limits.remove(oldest);
        }
        self.limits.push(Limit::named(said, since, now));
    }

    fn set_clock(&mut self, date: Timestamp, since: Timestamp, now: Timestamp) {
        let (least, most) = (date.duration_since(now), date.duration_since(since) + SignedDuration::from_secs(1));
        // Outside of what this answer allows it is another clock: somebody set it.
        self.ahead = Some(self.ahead.filter(|known| (least..=most).contains(known)).unwrap_or(least));
    }

    /// The limit that is nearest to being used up: how many are left, and until when.
    pub fn nearest(&self, now: Timestamp) -> Option<(i64, Timestamp)> {
        let known = self.limits.iter().map(|limit| (limit.free(now), limit.renewed_at(now)));
        let live = known.filter(|(_, renewed_at)| *renewed_at > now);
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
        let by = |limit: &Limit| limit.left_by(requests, now);
        self.limits.iter().map(by).chain([held]).max().unwrap_or(now)
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod crowd;
#[cfg(test)]
mod tests;
