//! Connections that wait for work.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// At most so many connections, made when they are first needed. Who wants one more waits, in order.
pub(super) struct Pool<C> {
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<C>>,
    #[cfg(any(test, feature = "testing"))]
    size: usize,
}

impl<C> Pool<C> {
    pub(super) fn new(connections: usize) -> Self {
        let size = connections.max(1);
        Self {
            permits: Arc::new(Semaphore::new(size)),
            idle: Mutex::new(Vec::new()),
            #[cfg(any(test, feature = "testing"))]
            size,
        }
    }

    /// The right to one connection, whether it exists yet or not.
    pub(super) async fn permit(&self) -> OwnedSemaphorePermit {
        self.permits.clone().acquire_owned().await.expect("the semaphore is never closed")
    }

    /// An idle connection that is still `alive`; the others are dropped.
    pub(super) fn take(&self, alive: impl Fn(&C) -> bool) -> Option<C> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(connection) = idle.pop() {
            if alive(&connection) {
                return Some(connection);
            }
        }
        None
    }

    pub(super) fn put(&self, connection: C) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    /// A pool of the same size, which what is idle moves to.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn successor(&self) -> Self {
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        Self { permits: Arc::new(Semaphore::new(self.size)), idle: Mutex::new(idle), size: self.size }
    }

    /// Drops what is idle.
    pub(super) fn forget(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
