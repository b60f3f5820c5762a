//! What each connection is at, since when, and which has to go.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::Limits;

/// What a connection is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Between requests.
    Idle,
    /// A head has begun, or the connection has.
    Head,
    /// The body of a request comes in.
    Body,
    /// A request is being answered.
    Answer,
}

#[derive(Debug, Clone, Copy)]
struct Doing {
    at: At,
    since: Instant,
    /// Counts requests.
    turn: u64,
    /// Since when the other end takes nothing of what waits for it.
    blocked: Option<Instant>,
}

/// One connection's place.
pub(super) struct Seat {
    number: u64,
    doing: Mutex<Doing>,
    go: Notify,
}

impl Seat {
    fn doing(&self) -> MutexGuard<'_, Doing> {
        self.doing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes came in.
    pub fn heard(&self) {
        let mut doing = self.doing();
        if doing.at == At::Idle {
            (doing.at, doing.since) = (At::Head, Instant::now());
        }
    }

    /// A head is complete: a request. Answers its number.
    pub fn asked(&self) -> u64 {
        let mut doing = self.doing();
        *doing = Doing { at: At::Body, since: Instant::now(), turn: doing.turn + 1, ..*doing };
        doing.turn
    }

    /// The body of request `turn` is complete, or not wanted.
    pub fn received(&self, turn: u64) {
        let mut doing = self.doing();
        if doing.at == At::Body && doing.turn == turn {
            (doing.at, doing.since) = (At::Answer, Instant::now());
        }
    }

    /// The answer is complete, or will never be.
    pub fn answered(&self) {
        let mut doing = self.doing();
        (doing.at, doing.since) = (At::Idle, Instant::now());
    }

    /// Whether the other end takes what waits for it.
    pub fn wrote(&self, went_on: bool) {
        let mut doing = self.doing();
        doing.blocked = if went_on { None } else { doing.blocked.or_else(|| Some(Instant::now())) };
    }

    /// Whether a head has begun and is not complete.
    pub fn is_asking(&self) -> bool {
        self.doing().at == At::Head
    }

    /// Waits until the place is wanted, or until something took too long.
    pub async fn told_to_go(&self) {
        self.go.notified().await;
    }
}

impl Doing {
    fn is_overdue(&self, now: Instant, limits: &Limits) -> bool {
        let longer = |since: Instant, limit: Duration| now.duration_since(since) >= limit;
        let late = match self.at {
            At::Idle => longer(self.since, limits.idle),
            At::Head => longer(self.since, limits.head),
            At::Body => longer(self.since, limits.body),
            At::Answer => false,
        };
        late || self.blocked.is_some_and(|since| longer(since, limits.stalled))
    }
}

/// A place that is taken until this is dropped.
pub(super) struct Place {
    seats: Arc<Seats>,
    /// What is known of it.
    pub seat: Arc<Seat>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.seats.taken().seats.remove(&self.seat.number);
        self.seats.freed.notify_waiters();
    }
}

/// All places.
pub(super) struct Seats {
    limits: Limits,
    taken: Mutex<Taken>,
    /// Told whenever a connection ends.
    freed: Notify,
}

#[derive(Default)]
struct Taken {
    number: u64,
    seats: HashMap<u64, Arc<Seat>>,
}

impl Seats {
    pub fn new(limits: Limits) -> Self {
        Self { limits, taken: Mutex::default(), freed: Notify::new() }
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one more connection. With all taken, the one goes that has waited longest without being answered; if
    /// all are being answered, this waits until one is done.
    pub async fn take(self: &Arc<Self>) -> Place {
        loop {
            let freed = self.freed.notified();
            if let Some(seat) = self.free() {
                return Place { seats: self.clone(), seat };
            }
            self.send_longest_away();
            freed.await;
        }
    }

    fn free(&self) -> Option<Arc<Seat>> {
        let mut taken = self.taken();
        if taken.seats.len() >= self.limits.connections {
            return None;
        }
        taken.number += 1;
        let doing = Doing { at: At::Head, since: Instant::now(), turn: 0, blocked: None };
        let seat = Arc::new(Seat { number: taken.number, doing: Mutex::new(doing), go: Notify::new() });
        taken.seats.insert(seat.number, seat.clone());
        Some(seat)
    }

    /// Sends the one away that has waited longest without being answered.
    fn send_longest_away(&self) {
        let since = |seat: &&Arc<Seat>| {
            let doing = *seat.doing();
            (doing.at != At::Answer).then_some(doing.since)
        };
        let waiting = self
            .taken()
            .seats
            .values()
            .filter_map(|seat| Some((since(&seat)?, seat.clone())))
            .min_by_key(|(since, _)| *since);
        if let Some((_, seat)) = waiting {
            seat.go.notify_one();
        }
    }

    /// Sends those away that take too long over something.
    pub fn close_overdue(&self) {
        let now = Instant::now();
        for seat in self.taken().seats.values().filter(|seat| seat.doing().is_overdue(now, &self.limits)) {
            seat.go.notify_one();
        }
    }

    /// Waits until every connection has ended.
    pub async fn empty(&self) {
        loop {
            let freed = self.freed.notified();
            if self.taken().seats.is_empty() {
                return;
            }
            freed.await;
        }
    }

    /// Sends everybody away, and tells how many requests are being answered.
    pub fn send_all_away(&self) -> usize {
        let taken = self.taken();
        taken.seats.values().for_each(|seat| seat.go.notify_one());
        taken.seats.values().filter(|seat| matches!(seat.doing().at, At::Body | At::Answer)).count()
    }
}
