//! Several units of work that are stored together or not at all, with other code between them.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use tokio::sync::OwnedSemaphorePermit;

use super::{
    ATTEMPTS, Store, StoreError, StoreInner, Tx, pause,
    tx::{Trouble, TxMode},
};

tokio::task_local! {
    /// The whole that the running task's units belong to. Not an argument, because the verbs between must not know of it.
    static WHOLE: Arc<Whole>;
}

/// One transaction that many units run in.
pub(super) struct Whole {
    of: Arc<StoreInner>,
    /// Taken while a unit runs: a unit that panics takes the transaction with it.
    tx: Mutex<Option<Tx>>,
    /// A unit met another transaction; all must run again.
    again: AtomicBool,
    /// Held until the last unit is over, even if the caller went away.
    _permit: OwnedSemaphorePermit,
}

impl Store {
    /// Runs `work`, and stores what its units wrote if it answers `Ok`: all of it, or nothing. On PostgreSQL it may run several
    /// times. Units of tasks that it spawns don't belong to it; on SQLite they would wait for it.
    ///
    /// It keeps others from writing on SQLite, so `work` must not wait for anything but the database.
    pub async fn whole<T, E, F>(&self, mut work: impl FnMut() -> F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        E: From<StoreError> + Send + 'static,
    {
        for attempt in 1..=ATTEMPTS {
            let permit = self.inner.pool(TxMode::Write).permit().await;
            let inner = self.inner.clone();
            let tx = self.apart(move || Ok::<_, E>(inner.begin(TxMode::Write)?)).await?;
            let whole = Arc::new(Whole {
                of: self.inner.clone(),
                tx: Mutex::new(Some(tx)),
                again: AtomicBool::new(false),
                _permit: permit,
            });
            let answer = WHOLE.scope(whole.clone(), work()).await;
            let keep = answer.is_ok();
            if self.apart(move || whole.end(keep)).await? {
                return answer;
            }
            tracing::debug!(attempt, "units of work run again together");
            let waited = self.apart(move || {
                thread::sleep(pause(attempt));
                Ok::<_, E>(())
            });
            waited.await?;
        }
        Err(StoreError::Busy("units of work kept meeting each other".to_owned()).into())
    }
}

impl Whole {
    /// The whole that the running task's units of this store belong to.
    pub(super) fn of(store: &Arc<StoreInner>) -> Option<Arc<Self>> {
        WHOLE.try_with(|whole| Arc::ptr_eq(&whole.of, store).then(|| whole.clone())).ok().flatten()
    }

    /// Runs one unit. One that answers an error undoes what it did itself, and the others go on.
    pub(super) fn unit<T, E: From<StoreError>>(&self, f: impl FnOnce(&mut Tx) -> Result<T, E>) -> Result<T, E> {
        let mut held = self.tx.lock().unwrap_or_else(PoisonError::into_inner);
        if self.again.load(Ordering::Relaxed) {
            return Err(StoreError::Busy("an earlier unit met another transaction".to_owned()).into());
        }
        let mut tx = held.take().ok_or_else(|| StoreError::Internal("an earlier unit panicked".to_owned()))?;
        let result = match tx.batch("SAVEPOINT unit") {
            Ok(()) => f(&mut tx),
            Err(error) => Err(error.into()),
        };
        let result = match (result, tx.trouble) {
            (_, Some(Trouble::Again)) => Err(StoreError::Busy("the unit met another transaction".to_owned()).into()),
            (Ok(_), Some(Trouble::Failed)) => {
                let text = "a unit of work answered Ok although a statement had failed";
                Err(StoreError::Internal(text.to_owned()).into())
            }
            (Ok(value), None) => tx.batch("RELEASE SAVEPOINT unit").map(|()| value).map_err(E::from),
            (Err(error), _) => {
                tx.trouble = None;
                // If it can't be undone alone, the transaction is lost, and the trouble of this statement says so at the end.
                let _ = tx.batch("ROLLBACK TO SAVEPOINT unit; RELEASE SAVEPOINT unit");
                Err(error)
            }
        };
        if tx.trouble == Some(Trouble::Again) {
            self.again.store(true, Ordering::Relaxed);
        }
        *held = Some(tx);
        result
    }

    /// Stores everything, or undoes it. `false`: nothing is stored, and another run may succeed.
    fn end<E: From<StoreError>>(&self, keep: bool) -> Result<bool, E> {
        let taken = self.tx.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut tx = taken.ok_or_else(|| StoreError::Internal("a unit of work panicked".to_owned()))?;
        let stored = match tx.trouble {
            None if keep => tx.commit(),
            Some(Trouble::Failed) if keep => {
                Err(StoreError::Internal("a unit of work failed and could not be undone".to_owned()))
            }
            _ => Ok(()),
        };
        let again = tx.trouble == Some(Trouble::Again);
        self.of.end(tx);
        match stored {
            _ if again => Ok(false),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(true),
        }
    }
}
