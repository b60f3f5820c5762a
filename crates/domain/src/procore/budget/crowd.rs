//! One limit that many use: people who click, a reading behind them, pushes without end, and a stranger's program that knows
//! nothing of ours. In virtual time, with the three kinds of windows that were documented or seen.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::{AnsweredLimits, Budget, Priority, RateHeaders};

/// Requests in a window.
const ALLOWED: usize = 25;
/// Milliseconds of a window.
const WINDOW: i64 = 60_000;
/// Milliseconds of the whole story: two hours.
const STORY: i64 = 7_200_000;
/// A click is given up after so many milliseconds.
const PATIENCE: i64 = 30_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WindowKind {
    Fixed,
    /// The reset is when the oldest request counts no more.
    Rolling,
    /// The reset is when the last one counts no more.
    RollingToItsEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stranger {
    Absent,
    /// A third of the limit, evenly.
    Even,
    /// A third of the limit at once, every window.
    Bursts,
    /// At random, within its third.
    Random,
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + ms).unwrap()
}

fn ms(of: Timestamp) -> i64 {
    (of.duration_since(at(0)) + SignedDuration::from_nanos(999_999)).as_millis().try_into().unwrap()
}

/// The other side.
struct LimitedProcore {
    kind: WindowKind,
    calls: VecDeque<i64>,
}

impl LimitedProcore {
    /// Serves a request that arrives: whether it is refused, and what the headers say.
    fn serve(&mut self, now: i64) -> (bool, RateHeaders) {
        match self.kind {
            WindowKind::Fixed if self.calls.front().is_some_and(|first| now >= first + WINDOW) => self.calls.clear(),
            WindowKind::Fixed => {}
            _ => self.calls.retain(|call| now < call + WINDOW),
        }
        let refused = self.calls.len() >= ALLOWED;
        if !refused {
            self.calls.push_back(now);
        }
        let counted_from =
            if self.kind == WindowKind::RollingToItsEnd { self.calls.back() } else { self.calls.front() };
        let reset = (counted_from.unwrap() + WINDOW).div_euclid(1000) + 1;
        let remaining = i64::try_from(ALLOWED - self.calls.len()).unwrap();
        (refused, RateHeaders { allowed: 25, remaining, resets_at: at(reset * 1000) })
    }
}

/// Repeats itself.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % n).unwrap()
    }
}

/// What is going on next, and when.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Stranger,
    /// One of those who use the budget goes on.
    Goes(usize),
    /// A request of one of them, let through then, arrives at Procore.
    Arrives(usize, i64),
    /// Its answer is here.
    Answered(usize, i64, bool, RateHeaders, i64),
}

/// Somebody who uses the budget.
struct User {
    priority: Priority,
    /// Requests of what they are about.
    left: i64,
    /// Permits in hand.
    permits: i64,
    /// When they began to want it.
    since: i64,
    /// The first request of it has not left yet.
    waits: bool,
}

#[derive(Default, Debug)]
struct Ran {
    sent: u32,
    refused: u32,
    pushes: u32,
    readings: u32,
    /// Milliseconds from a click to its first request.
    clicks: Vec<i64>,
    strangers_refused: u32,
}

struct Crowd {
    procore: LimitedProcore,
    budget: Budget,
    dice: Dice,
    turns: BTreeMap<(i64, u64), Turn>,
    next: u64,
    users: Vec<User>,
    stranger: Stranger,
    theirs: VecDeque<i64>,
    ran: Ran,
}

impl Crowd {
    fn of(kind: WindowKind, stranger: Stranger, seed: u64) -> Self {
        let user = |priority| User { priority, left: 0, permits: 0, since: 0, waits: false };
        let users =
            [Priority::Bulk, Priority::Bulk, Priority::Background, Priority::Interactive, Priority::Interactive];
        Self {
            procore: LimitedProcore { kind, calls: VecDeque::new() },
            budget: Budget::default(),
            dice: Dice(seed),
            turns: BTreeMap::new(),
            next: 0,
            users: users.map(user).into(),
            stranger,
            theirs: VecDeque::new(),
            ran: Ran::default(),
        }
    }

    fn plan(&mut self, when: i64, turn: Turn) {
        self.next += 1;
        self.turns.insert((when, self.next), turn);
    }

    fn run(mut self) -> Ran {
        if self.stranger != Stranger::Absent {
            self.plan(-60_000, Turn::Stranger);
        }
        for n in 0..self.users.len() {
            let when = self.dice.below(5_000);
            self.plan(when, Turn::Goes(n));
        }
        while let Some(((now, _), turn)) = self.turns.pop_first().filter(|((now, _), _)| *now < STORY) {
            match turn {
                Turn::Stranger => self.stranger_goes(now),
                Turn::Goes(n) => self.goes(n, now),
                Turn::Arrives(n, left_at) => {
                    let (refused, said) = self.procore.serve(now);
                    let back = 50 + self.dice.below(400);
                    self.plan(now + back, Turn::Answered(n, left_at, refused, said, now));
                }
                Turn::Answered(n, left_at, refused, said, arrived) => {
                    self.answered(n, now, left_at, refused, said, arrived);
                }
            }
        }
        self.ran
    }

    fn stranger_goes(&mut self, now: i64) {
        self.theirs.retain(|call| now < call + WINDOW);
        let third = ALLOWED / 3;
        let (calls, next) = match self.stranger {
            Stranger::Even => (1, WINDOW / 8),
            Stranger::Bursts => (third, WINDOW + 500),
            _ => (usize::from(self.theirs.len() < third), 1_000 + self.dice.below(9_000)),
        };
        for _ in 0..calls {
            self.ran.strangers_refused += u32::from(self.procore.serve(now).0);
            self.theirs.push_back(now);
        }
        self.plan(now + next, Turn::Stranger);
    }

    fn goes(&mut self, n: usize, now: i64) {
        if self.users[n].left == 0 {
            let left = match self.users[n].priority {
                Priority::Bulk => 1 + self.dice.below(2),
                Priority::Background => 2,
                Priority::Interactive => 1 + self.dice.below(3),
            };
            let user = &mut self.users[n];
            (user.left, user.since, user.waits) = (left, now, true);
        }
        let (priority, left, permits, since) =
            (self.users[n].priority, self.users[n].left, self.users[n].permits, self.users[n].since);
        if permits == 0 {
            // A push takes what belongs together at once.
            let wanted = if priority == Priority::Bulk { left } else { 1 };
            match self.budget.reserve(wanted, priority, at(now)) {
                Ok(()) => self.users[n].permits = wanted,
                Err(until) => {
                    let until = ms(until);
                    assert!(until > now, "no busy waiting");
                    if priority == Priority::Interactive && until - since > PATIENCE {
                        // "Try again at …": the person does something else.
                        self.ran.clicks.push(until - since);
                        self.users[n].left = 0;
                        let pause = self.pause(priority);
                        return self.plan(now + pause, Turn::Goes(n));
                    }
                    return self.plan(until, Turn::Goes(n));
                }
            }
        }
        let user = &mut self.users[n];
        user.permits -= 1;
        if std::mem::take(&mut user.waits) && priority == Priority::Interactive {
            self.ran.clicks.push(now - since);
        }
        self.ran.sent += 1;
        let way = 20 + self.dice.below(200);
        self.plan(now + way, Turn::Arrives(n, now));
    }

    fn pause(&mut self, priority: Priority) -> i64 {
        match priority {
            Priority::Bulk => 10,
            Priority::Background => 60_000,
            Priority::Interactive => 5_000 + self.dice.below(40_000),
        }
    }

    fn answered(&mut self, n: usize, now: i64, left_at: i64, refused: bool, said: RateHeaders, arrived: i64) {
        let date = at(arrived - arrived.rem_euclid(1000));
        let until = said.resets_at.max(at(now + 1));
        let heard = AnsweredLimits {
            said: Some(said),
            date: Some(date),
            refused_until: refused.then_some(until),
            quiet_until: None,
        };
        self.budget.hear(heard, at(left_at), at(now));
        let priority = self.users[n].priority;
        if refused {
            self.ran.refused += 1;
            // Nothing was executed: what is in hand is given back, and it is tried again then.
            let permits = std::mem::take(&mut self.users[n].permits);
            self.budget.give_back(permits, at(left_at));
            return self.plan(ms(until), Turn::Goes(n));
        }
        self.users[n].left -= 1;
        if self.users[n].left > 0 {
            return self.plan(now + 5, Turn::Goes(n));
        }
        match priority {
            Priority::Bulk => self.ran.pushes += 1,
            Priority::Background => self.ran.readings += 1,
            Priority::Interactive => {}
        }
        let pause = self.pause(priority);
        self.plan(now + pause, Turn::Goes(n));
    }
}

fn share(clicks: &mut [i64], percent: usize) -> i64 {
    clicks.sort_unstable();
    clicks[(clicks.len() * percent / 100).min(clicks.len() - 1)]
}

#[test]
fn people_come_first_pushes_advance_and_hardly_anything_is_refused() {
    let mut failed = Vec::new();
    for kind in [WindowKind::Fixed, WindowKind::Rolling, WindowKind::RollingToItsEnd] {
        for stranger in [Stranger::Absent, Stranger::Even, Stranger::Bursts, Stranger::Random] {
            for seed in 1..=3 {
                let mut ran = Crowd::of(kind, stranger, seed).run();
                let (half, most) = (share(&mut ran.clicks, 50), share(&mut ran.clicks, 95));
                println!(
                    "{kind:?}, stranger {stranger:?}: {} sent, {} refused; {} pushes, {} readings; of {} clicks half began \
                     within {half} ms, 95 % within {most} ms; {} of the stranger's refused",
                    ran.sent,
                    ran.refused,
                    ran.pushes,
                    ran.readings,
                    ran.clicks.len(),
                    ran.strangers_refused
                );
                let fine = most <= 10_000
                    && ran.pushes >= 150
                    && ran.readings >= 90
                    && ran.refused * 50 <= ran.sent
                    && (stranger != Stranger::Absent || ran.refused == 0);
                if !fine {
                    failed.push(format!("{kind:?}, stranger {stranger:?}, seed {seed}"));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
