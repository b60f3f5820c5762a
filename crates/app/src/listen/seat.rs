//! The state of each connection, and which one to close.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::Limits;

/// The state of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Between requests.
    Idle,
    /// Receiving a head, or just connected.
    Head,
    /// Receiving a body.
    Body,
    /// Answering a request.
    Answer,
}

#[derive(Debug, Clone, Copy)]
struct Doing {
    at: At,
    since: Instant,
    /// Counts requests.
    turn: u64,
    /// Since when the client reads nothing of its answer.
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

    /// Bytes arrived.
    pub fn heard(&self) {
        let mut doing = self.doing();
        if doing.at == At::Idle {
            (doing.at, doing.since) = (At::Head, Instant::now());
        }
    }

    /// A head is complete. Returns the request's number.
    pub fn asked(&self) -> u64 {
        let mut doing = self.doing();
        *doing = Doing { at: At::Body, since: Instant::now(), turn: doing.turn + 1, ..*doing };
        doing.turn
    }

    /// The body of request `turn` is complete, or not needed.
    pub fn received(&self, turn: u64) {
        let mut doing = self.doing();
        if doing.at == At::Body && doing.turn == turn {
            (doing.at, doing.since) = (At::Answer, Instant::now());
        }
    }

    /// The answer is complete or was dropped.
    pub fn answered(&self) {
        let mut doing = self.doing();
        (doing.at, doing.since) = (At::Idle, Instant::now());
    }

    /// Notes whether the client accepted bytes.
    pub fn wrote(&self, went_on: bool) {
        let mut doing = self.doing();
        doing.blocked = if went_on { None } else { doing.blocked.or_else(|| Some(Instant::now())) };
    }

    /// Whether a head is incomplete.
    pub fn is_asking(&self) -> bool {
        self.doing().at == At::Head
    }

    /// Waits until the connection has to close.
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

/// A connection's place, freed when this is dropped.
pub(super) struct Place {
    seats: Arc<Seats>,
    /// Its state.
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
    taken: Mutex<SeatMap>,
    /// Notified when a connection ends.
    freed: Notify,
}

#[derive(Default)]
struct SeatMap {
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

    fn taken(&self) -> MutexGuard<'_, SeatMap> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for another connection. If all are taken, closes the one that has waited longest without being answered; if
    /// all are being answered, waits for one to finish.
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

    /// Closes the connection that has waited longest without being answered.
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

    /// Closes connections that exceed their limits.
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

    /// Closes all connections, and returns how many requests that cuts off.
    pub fn send_all_away(&self) -> usize {
        let taken = self.taken();
        taken.seats.values().for_each(|seat| seat.go.notify_one());
        taken.seats.values().filter(|seat| matches!(seat.doing().at, At::Body | At::Answer)).count()
    }
}
