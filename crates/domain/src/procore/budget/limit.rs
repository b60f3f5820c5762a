//! One limit, as far as answers have shown it.
//!
//! Procore's documents say that a window is renewed as a whole; callers saw it roll, so that each request counts for as long
//! as the window is. Both are kept by one rule: within any span of a window's length never more leave than the limit allows.
//! What was used beyond what we sent is others': other programs of the same app in the same account.

use jiff::{SignedDuration, Timestamp};

use super::{LONGEST, Priority, RateHeaders, later};

/// Slots in which what was sent within a window is counted.
const SLOTS: i32 = 60;
/// A person may wait so long: what is free again by then need not be kept for them.
const SOON: SignedDuration = SignedDuration::from_secs(5);
/// A window is taken to be so long at least until answers show another length: that was seen of the limit for bursts.
const A_MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// What a window that is shorter holds is soon free again.
const SHORT: SignedDuration = SignedDuration::from_secs(15);
/// Longer windows are the hourly limit's: pushes use them up as fast as they may.
const LONG: SignedDuration = SignedDuration::from_mins(10);
/// One part of so many of the pushes' share may leave at once.
const AT_ONCE: i64 = 3;
/// So many of five parts are kept for people where pushes leave evenly, ...
const FIFTHS_FOR_PEOPLE: i64 = 2;
/// ... and elsewhere one part of so many, ...
const SMALL_SHARE_OF_PEOPLE: i64 = 12;
/// ... but never more than this.
const MOST_FOR_PEOPLE: i64 = 20;
/// One part of so many is for pushes where they leave evenly, whatever people do.
const SHARE_OF_PUSHES: i64 = 6;
/// Two resets nearer to each other are the same one, rounded or read on clocks that differ.
const SAME: SignedDuration = SignedDuration::from_secs(2);
/// For so many windows the most that others used at once is left to them.
const REMEMBERED: i32 = 10;

/// Requests that left at about the same time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot {
    /// When the first was let through.
    pub since: Timestamp,
    /// When the last was let through, or answered: by then Procore had counted it.
    pub at: Timestamp,
    /// How many.
    pub all: i64,
    /// How many of them are not answered yet.
    pub unanswered: i64,
    /// How many of them were for pushes.
    pub pushes: i64,
}

/// One limit with what was lately used of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limit {
    /// Requests in a window.
    pub allowed: i64,
    /// How long a window is, as far as headers have shown.
    pub length: SignedDuration,
    /// What we sent within the last window, oldest first.
    pub sent: Vec<Slot>,
    /// What was used beyond that, by the last word on it. It counts until `ends_at`.
    pub beyond: i64,
    /// When some of it is renewed, as it was last told.
    pub ends_at: Timestamp,
    /// What was sent before is not in `sent`.
    pub known_since: Timestamp,
    /// The most that others were lately seen to use of it at once.
    pub others: i64,
    /// When that was.
    pub others_at: Timestamp,
}

impl Limit {
    /// A limit that is named for the first time, in the answer to a request that left at `since`.
    pub(super) fn named(said: RateHeaders, since: Timestamp, now: Timestamp) -> Self {
        let (used, ahead) = (said.allowed - said.remaining, said.resets_at.duration_since(since));
        // Where nobody else used it, the window began with this request.
        let length = if used <= 1 { whole(ahead) } else { whole(ahead).max(A_MINUTE) };
        Self {
            allowed: said.allowed,
            length,
            sent: vec![Slot { since, at: now, all: used.min(1), unanswered: 0, pushes: 0 }],
            beyond: (used - 1).max(0),
            ends_at: said.resets_at,
            known_since: now,
            others: 0,
            others_at: now,
        }
    }

    /// Whether it can be believed: what an earlier version stored may be none.
    pub(super) fn can_be(&self, now: Timestamp) -> bool {
        self.ends_at <= later(now, LONGEST) && self.length <= LONGEST
    }

    /// Whether it was used up without being named since its last reset: then it is no limit any more, since the nearest is
    /// always named.
    pub(super) fn is_stale(&self) -> bool {
        let since_then = self.sent.last().is_some_and(|last| last.since >= self.ends_at);
        since_then && self.own() >= self.allowed && self.unanswered() == 0
    }

    /// Time passes.
    pub(super) fn roll(&mut self, now: Timestamp) {
        // What left in time to come left before a clock was set back.
        let (length, soon) = (self.length, later(now, A_MINUTE));
        self.sent.retain(|slot| slot.all > 0 && later(slot.at, length) > now && slot.at <= soon);
        if self.ends_at <= now {
            self.beyond = 0;
        }
    }

    /// What we sent that may count still.
    fn own(&self) -> i64 {
        self.sent.iter().map(|slot| slot.all).sum()
    }

    /// What of that is not answered yet.
    pub(super) fn unanswered(&self) -> i64 {
        self.sent.iter().map(|slot| slot.unanswered).sum()
    }

    fn pushes(&self) -> i64 {
        self.sent.iter().map(|slot| slot.pushes).sum()
    }

    /// What is left to others: what they lately used at once, and never so much that nothing remains for us.
    fn for_others(&self) -> i64 {
        self.others.min(self.allowed * 2 / 3)
    }

    /// What we may use of a window beside others.
    fn usable(&self) -> i64 {
        self.allowed - self.for_others()
    }

    fn share_of_people(&self) -> i64 {
        let usable = self.usable();
        let share = if self.is_for_bursts() { usable * FIFTHS_FOR_PEOPLE / 5 } else { usable / SMALL_SHARE_OF_PEOPLE };
        share.min(MOST_FOR_PEOPLE)
    }

    /// Whether a window is so long that people would have to wait for the next, and so short that pushes need not have all of it.
    fn is_for_bursts(&self) -> bool {
        SHORT < self.length && self.length <= LONG
    }

    /// What is kept free for those above, as far as they would have to wait for it otherwise.
    fn for_people(&self, priority: Priority, now: Timestamp) -> i64 {
        let kept = match priority {
            Priority::Interactive => 0,
            Priority::Background => self.share_of_people() / 2,
            Priority::Bulk if self.is_for_bursts() && self.pushes() < self.usable() / SHARE_OF_PUSHES => 0,
            Priority::Bulk => self.share_of_people(),
        };
        let soon = later(now, SOON);
        let freed: i64 = self.sent.iter().filter(|slot| later(slot.at, self.length) <= soon).map(|slot| slot.all).sum();
        (kept - freed).max(0)
    }

    /// When the next push may leave: evenly, after a few at once, so that they don't all count until the same moment. A person
    /// who finds none left then waits for seconds, not for a window.
    fn paced(&self, priority: Priority) -> Option<Timestamp> {
        if priority != Priority::Bulk || !self.is_for_bursts() {
            return None;
        }
        let share = self.usable() - self.share_of_people();
        let at_once = share / AT_ONCE;
        let last = self.sent.iter().rev().find(|slot| slot.pushes > 0).filter(|_| self.pushes() >= at_once)?;
        let evenly = self.length / i32::try_from((share - at_once).max(1)).unwrap_or(i32::MAX);
        Some(later(last.at, evenly))
    }

    fn fits(&self, requests: i64, priority: Priority, now: Timestamp) -> bool {
        // People use some of what others may still come for: a refusal now and then is better than that they wait.
        let margin = i64::from(self.others > 0 && priority != Priority::Interactive);
        let theirs = self.beyond.max((self.for_others() + margin).min(self.allowed - 1));
        // A limit that allows fewer than belong together is used up by them.
        let wanted = (requests + self.for_people(priority, now)).min((self.allowed - theirs).max(1));
        self.own() + wanted + theirs <= self.allowed && self.paced(priority).is_none_or(|at| at <= now)
    }

    /// When `requests` may leave: now, or then.
    pub(super) fn opens(&self, requests: i64, priority: Priority, now: Timestamp) -> Option<Timestamp> {
        if self.fits(requests, priority, now) {
            return None;
        }
        let renewed = self.sent.iter().map(|slot| later(slot.at, self.length)).chain([self.ends_at]);
        let mut moments: Vec<Timestamp> =
            renewed.flat_map(|at| [at, at.saturating_sub(SOON).unwrap_or(at)]).chain(self.paced(priority)).collect();
        moments.retain(|at| *at > now);
        moments.sort_unstable();
        let fits = |at: &Timestamp| {
            let mut then = self.clone();
            then.roll(*at);
            then.fits(requests, priority, *at)
        };
        Some(moments.into_iter().find(fits).unwrap_or_else(|| later(now, self.length)))
    }

    /// Lets requests leave.
    pub(super) fn take(&mut self, requests: i64, priority: Priority, now: Timestamp) {
        let pushes = if priority == Priority::Bulk { requests } else { 0 };
        let width = self.length / SLOTS;
        match self.sent.last_mut().filter(|slot| now.duration_since(slot.since).abs() < width) {
            Some(slot) => {
                slot.at = slot.at.max(now);
                slot.all += requests;
                slot.unanswered += requests;
                slot.pushes += pushes;
            }
            None => self.sent.push(Slot { since: now, at: now, all: requests, unanswered: requests, pushes }),
        }
    }

    fn slot_of(&mut self, since: Timestamp) -> Option<&mut Slot> {
        self.sent.iter_mut().rev().find(|slot| slot.since <= since && since <= slot.at)
    }

    /// Takes back permits of `since` that were not used.
    pub(super) fn give_back(&mut self, requests: i64, since: Timestamp) {
        if let Some(slot) = self.slot_of(since) {
            slot.all = (slot.all - requests).max(0);
            slot.unanswered = (slot.unanswered - requests).max(0);
            slot.pushes = slot.pushes.min(slot.all);
        }
    }

    /// A request that was let through at `since` is answered.
    pub(super) fn answered(&mut self, since: Timestamp, now: Timestamp) {
        if let Some(slot) = self.slot_of(since) {
            slot.unanswered = (slot.unanswered - 1).max(0);
            // It was counted at Procore at some time until now.
            slot.at = slot.at.max(now);
        }
    }

    /// Takes in what the answer to a request says that was let through at `since`; one that was refused counts for nothing.
    pub(super) fn hear(&mut self, said: RateHeaders, refused: bool, since: Timestamp, now: Timestamp) {
        let moved = said.resets_at.duration_since(self.ends_at);
        if self.ends_at > now && moved <= -SAME {
            // An answer that was long under way.
            return;
        }
        self.roll(now);
        let used = self.allowed - said.remaining;
        self.learn_length(said, used - i64::from(!refused), since, now);
        let beyond = (used - self.own() + self.unanswered()).max(0);
        // Answers overtake each other: until the next reset, what is used only grows.
        self.beyond = if moved.abs() < SAME { self.beyond.max(beyond) } else { beyond };
        self.ends_at = said.resets_at;
        self.see_others(used, now);
    }

    /// No reset is further ahead of a request than a window is long. Where less counts than was surely counted before that
    /// request left, it is shorter, or it was renewed as a whole: what left first counts no more.
    fn learn_length(&mut self, said: RateHeaders, used_before: i64, since: Timestamp, now: Timestamp) {
        let ahead = whole(said.resets_at.duration_since(since));
        let last = self.length - SAME;
        let certain = |slot: &Slot| slot.at < since && slot.unanswered == 0 && later(slot.since, last) > now;
        let counted: i64 = self.sent.iter().filter(|slot| certain(slot)).map(|slot| slot.all).sum();
        let mut gone = counted - used_before;
        if ahead > self.length {
            // What left earlier than the shorter one reached is forgotten.
            (self.length, self.known_since) = (ahead, now);
        } else if gone > 0 {
            self.length = ahead;
        }
        for slot in self.sent.iter_mut().filter(|slot| certain(slot)) {
            let part = gone.clamp(0, slot.all);
            (slot.all, gone) = (slot.all - part, gone - part);
            slot.pushes = slot.pushes.min(slot.all);
        }
    }

    /// What is used and not by us is used by others. Nothing can be told before we have counted for a window; and in an hour
    /// others come and go.
    fn see_others(&mut self, used: i64, now: Timestamp) {
        if later(self.known_since, self.length) > now || self.length > LONG {
            return;
        }
        let others = (used - self.own()).max(0);
        let remembered = (self.length * REMEMBERED).min(LONGEST);
        if others >= self.others || now.duration_since(self.others_at) > remembered {
            (self.others, self.others_at) = (others, now);
        }
    }

    /// How many may leave now, at any priority.
    pub(super) fn free(&self, now: Timestamp) -> i64 {
        let mut then = self.clone();
        then.roll(now);
        (then.allowed - then.own() - then.beyond.max(then.for_others())).max(0)
    }

    /// When the next is renewed.
    pub(super) fn renewed_at(&self, now: Timestamp) -> Timestamp {
        let ours = self.sent.iter().map(|slot| later(slot.at, self.length)).find(|at| *at > now);
        Some(self.ends_at).filter(|at| *at > now).or(ours).unwrap_or(now)
    }

    /// When so many requests will have left, if nobody else sends more than before: an estimate for people, not a promise.
    pub(super) fn left_by(&self, requests: i64, now: Timestamp) -> Timestamp {
        let beyond = requests - self.free(now);
        if beyond <= 0 {
            return now;
        }
        let windows = i32::try_from((beyond - 1) / self.usable().max(1)).unwrap_or(i32::MAX);
        self.length.checked_mul(windows).map_or(Timestamp::MAX, |wait| later(self.renewed_at(now), wait))
    }
}

/// The length of a window of which so much was seen, by moments that are cut to the second: bursts were documented by ten seconds
/// and seen by the minute, and what is longer is an hour's.
fn whole(seen: SignedDuration) -> SignedDuration {
    let second = SignedDuration::from_secs(1);
    if seen > LONG {
        return LONGEST;
    }
    let known = [second * 10, A_MINUTE].into_iter().find(|known| (*known - seen).abs() <= second);
    known.unwrap_or_else(|| SignedDuration::from_secs(seen.as_secs() + 1).max(SAME))
}
