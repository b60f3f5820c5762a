//! One password after the other: checking one takes 19 MiB and a core for some twenty milliseconds.
//!
//! Each network waits in a line of its own, and the lines take turns, so that a flood from a few of them keeps nobody else
//! waiting for longer than one password from each. People whose browser is known go past all of them.
//!
//! The 19 MiB are used again: freed, they would stay in the C library's allocator, once for every thread that ever computed
//! a password, and a flood would leave the process with hundreds of megabytes.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};

use argon2::Block;
use domain::PersonId;
use tokio::sync::OwnedMutexGuard;

use crate::Error;

/// Those in one line come one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asker {
    /// Somebody in a browser or a session that is known.
    Known(PersonId),
    /// Strangers of one network.
    Strangers(IpAddr),
    /// A password that is being set.
    Setting,
}

/// So many wait in one line; more are refused.
const MOST_WAITING: usize = 32;
/// Nobody waits longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// When to come back.
const COME_BACK: i64 = 5;

/// All of this process: memory and cores are its own, whichever instance asks.
pub(crate) static QUEUE: LazyLock<Arc<Queue>> = LazyLock::new(|| Arc::new(Queue::new()));

/// What a password is computed in.
pub(crate) type Memory = Vec<Block>;

pub(crate) struct Queue {
    known: Arc<tokio::sync::Mutex<Memory>>,
    strangers: Arc<tokio::sync::Mutex<Memory>>,
    lines: Mutex<HashMap<Asker, Arc<tokio::sync::Mutex<()>>>>,
}

/// The right to compute one password. Dropped, it goes to the next in line; an empty line is removed.
pub(crate) struct HashingTurn {
    _first_in_line: OwnedMutexGuard<()>,
    /// As the one before left it.
    pub memory: OwnedMutexGuard<Memory>,
    _place: PlaceInLine,
}

impl Queue {
    fn new() -> Self {
        Self { known: Arc::default(), strangers: Arc::default(), lines: Mutex::default() }
    }

    /// Waits for the turn of `line`.
    pub async fn turn(self: &Arc<Self>, line: Asker) -> Result<HashingTurn, Error> {
        let place = self.place(line).ok_or_else(busy)?;
        let memory = if matches!(line, Asker::Strangers(_)) { &self.strangers } else { &self.known };
        let turn = async {
            let first = place.line.clone().lock_owned().await;
            HashingTurn { _first_in_line: first, memory: memory.clone().lock_owned().await, _place: place }
        };
        tokio::time::timeout(LONGEST_WAIT, turn).await.map_err(|_| busy())
    }

    fn place(self: &Arc<Self>, line: Asker) -> Option<PlaceInLine> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let found = lines.entry(line).or_default();
        // The map's own is one of them.
        let full = Arc::strong_count(found) > MOST_WAITING;
        (!full).then(|| PlaceInLine { queue: self.clone(), name: line, line: found.clone() })
    }
}

/// A place in a line.
struct PlaceInLine {
    queue: Arc<Queue>,
    name: Asker,
    line: Arc<tokio::sync::Mutex<()>>,
}

impl Drop for PlaceInLine {
    fn drop(&mut self) {
        let mut lines = self.queue.lines.lock().unwrap_or_else(PoisonError::into_inner);
        // The map's and this one: nobody else is in line.
        if Arc::strong_count(&self.line) == 2 {
            lines.remove(&self.name);
        }
    }
}

fn busy() -> Error {
    Error::SlowDown {
        sentence: "Too many people are signing in at this moment. Try again in a few seconds.".to_owned(),
        seconds: COME_BACK,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn network(n: u8) -> Asker {
        Asker::Strangers(IpAddr::V4(Ipv4Addr::new(192, 0, 2, n)))
    }

    /// Computing a password takes this long here.
    const ONE: Duration = Duration::from_millis(100);

    #[tokio::test(start_paused = true)]
    async fn a_flood_from_ten_networks_keeps_an_eleventh_waiting_for_one_password_of_each() {
        let queue = Arc::new(Queue::new());
        for n in 0..10 {
            for _ in 0..MOST_WAITING {
                let queue = queue.clone();
                tokio::spawn(async move {
                    let _turn = queue.turn(network(n)).await?;
                    tokio::time::sleep(ONE).await;
                    Ok::<_, Error>(())
                });
            }
        }
        tokio::time::sleep(ONE / 2).await;
        let begun = tokio::time::Instant::now();
        let _turn = queue.turn(network(200)).await.unwrap();
        assert!(begun.elapsed() <= ONE * 10, "{:?}", begun.elapsed());
        let begun = tokio::time::Instant::now();
        let _known = queue.turn(Asker::Known(PersonId(uuid::Uuid::nil()))).await.unwrap();
        assert!(begun.elapsed().is_zero(), "a known browser goes past all of them");
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_has_an_end_and_so_has_the_wait() {
        let queue = Arc::new(Queue::new());
        let first = queue.turn(network(1)).await.unwrap();
        let waiting: Vec<_> = (1..MOST_WAITING)
            .map(|_| {
                let queue = queue.clone();
                tokio::spawn(async move { queue.turn(network(1)).await.map(drop) })
            })
            .collect();
        tokio::task::yield_now().await;
        let told = queue.turn(network(1)).await.map(drop).unwrap_err().sentence();
        assert!(told.contains("Try again in a few seconds"), "{told}");
        let begun = tokio::time::Instant::now();
        for one in waiting {
            assert!(one.await.unwrap().is_err(), "whoever is first never ends");
        }
        assert_eq!(begun.elapsed(), LONGEST_WAIT);
        drop(first);
        assert!(queue.lines.lock().unwrap().is_empty(), "nothing is left of a line that is empty");
        drop(queue.turn(network(1)).await.unwrap());
    }
}
