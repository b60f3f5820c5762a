//! The façade over both databases: synchronous units of work on blocking threads.
//!
//! A unit is a closure over a [`Tx`]. It runs to its end even when its caller has gone away, and it is stored as a whole or not at all.
//! A unit that writes may be run several times (PostgreSQL runs it SERIALIZABLE and asks it to give way), so it does nothing but
//! talk to its `Tx`.

mod error;
mod pool;
mod postgres;
mod sqlite;
mod tx;
mod unreadable;
mod url;
mod value;
mod whole;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

pub use self::{
    error::StoreError,
    tx::Tx,
    url::DatabaseUrl,
    value::{Cell, FromVal, Row, Val},
};
use self::{
    pool::Pool,
    tx::{Connection, Trouble, TxMode},
    unreadable::Unreadable,
    whole::Whole,
};
use crate::{
    dialect::Dialect,
    migrate::{self, Migration},
};

/// How often a unit that writes is run before its caller hears [`StoreError::Busy`].
const ATTEMPTS: u32 = 20;
/// The longest pause between two runs.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);
/// Connections of a store: readers on SQLite, all on PostgreSQL.
const CONNECTIONS: usize = 16;

/// The database. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<StoreInner>,
}

struct StoreInner {
    url: DatabaseUrl,
    readers: Pool<Connection>,
    /// SQLite has one writer, PostgreSQL writes through the same connections.
    writer: Option<Pool<Connection>>,
    unreadable: Arc<Unreadable>,
    statements: Arc<AtomicU64>,
    runs: Runs,
}

/// On which thread units run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Runs {
    /// On a blocking thread, so that nobody else waits for the disk.
    Apart,
    /// On the caller's thread.
    #[cfg(any(test, feature = "testing"))]
    Here,
}

impl Store {
    /// Connects, and says at once if that is impossible. It does not migrate.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        Self::open_with(url, CONNECTIONS).await
    }

    /// [`Store::open`] with another number of connections; further units wait for one.
    pub async fn open_with(url: &DatabaseUrl, connections: usize) -> Result<Self, StoreError> {
        Self::opened(url, connections, Runs::Apart).await
    }

    /// A SQLite store that runs units on the thread of the caller: for a simulation, in which one thing happens at a time
    /// and changing threads costs more than the units do.
    #[cfg(any(test, feature = "testing"))]
    pub async fn open_here(url: &DatabaseUrl, connections: usize) -> Result<Self, StoreError> {
        let runs = if matches!(url, DatabaseUrl::Sqlite(_)) { Runs::Here } else { Runs::Apart };
        Self::opened(url, connections, runs).await
    }

    /// Runs statements of a test's own, which no unit could: as emptying tables.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) async fn batch(&self, sql: std::sync::Arc<str>) -> Result<(), StoreError> {
        let mut unit = move |tx: &mut Tx| tx.batch(&sql);
        self.on_thread(TxMode::Migrate, move |inner| inner.attempt(TxMode::Migrate, &mut unit).done()).await
    }

    async fn opened(url: &DatabaseUrl, connections: usize, runs: Runs) -> Result<Self, StoreError> {
        let writer = matches!(url, DatabaseUrl::Sqlite(_)).then(|| Pool::new(1));
        let (readers, unreadable, statements) = (Pool::new(connections), Arc::default(), Arc::default());
        let store =
            Self { inner: Arc::new(StoreInner { url: url.clone(), readers, writer, unreadable, statements, runs }) };
        // The writer first: it makes the file.
        store.on_thread(TxMode::Write, |inner| inner.begin(TxMode::Write).map(|tx| inner.end(tx))).await?;
        Ok(store)
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match self.inner.url {
            DatabaseUrl::Sqlite(_) => Dialect::Sqlite,
            DatabaseUrl::Postgres(_) => Dialect::Postgres,
        }
    }

    /// What was wrong with rows that this process met within the last hour and could not read, each once.
    pub fn unreadable(&self) -> Vec<String> {
        self.inner.unreadable.met()
    }

    /// How many statements this process has run on it: what a use case costs must not grow with the records that it is about.
    pub fn statements(&self) -> u64 {
        self.inner.statements.load(Ordering::Relaxed)
    }

    /// Brings the schema up to this program's version and answers the names of the migrations that were applied.
    /// Two programs that start together migrate one after the other.
    pub async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        self.migrate_with(crate::migrations::ALL).await
    }

    /// [`Store::migrate`] with other migrations than the product's.
    pub async fn migrate_with(&self, migrations: &'static [Migration]) -> Result<Vec<String>, StoreError> {
        let applied = self
            .on_thread(TxMode::Migrate, move |inner| {
                inner.attempt(TxMode::Migrate, &mut |tx: &mut Tx| migrate::run(tx, migrations)).done()
            })
            .await?;
        // Statements prepared on the old schema are of no use.
        self.inner.readers.forget();
        Ok(applied)
    }

    /// Runs a unit that reads. On PostgreSQL every statement sees the newest state; see [`Store::read_snapshot`].
    pub async fn read<T, E>(&self, f: impl FnOnce(&mut Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.reading(TxMode::Read, f).await
    }

    /// Runs a unit whose statements must all see the same state, as a page with rows and their totals. Two trips more than
    /// [`Store::read`] on PostgreSQL.
    pub async fn read_snapshot<T, E>(&self, f: impl FnOnce(&mut Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.reading(TxMode::Snapshot, f).await
    }

    /// Runs a unit that writes, and stores it if it answers `Ok`. It may run several times, and only its last run counts.
    pub async fn write<T, E>(&self, mut f: impl FnMut(&mut Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        if let Some(whole) = Whole::of(&self.inner) {
            return self.apart(move || whole.unit(f)).await;
        }
        self.on_thread(TxMode::Write, move |inner| {
            for attempt in 1..ATTEMPTS {
                match inner.attempt(TxMode::Write, &mut f) {
                    RunOfUnit::Done(result) => return result,
                    RunOfUnit::Again(error) => tracing::debug!(attempt, %error, "a unit of work runs again"),
                }
                thread::sleep(pause(attempt));
            }
            inner.attempt(TxMode::Write, &mut f).done()
        })
        .await
    }

    async fn reading<T, E>(
        &self,
        access: TxMode,
        f: impl FnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        if let Some(whole) = Whole::of(&self.inner) {
            return self.apart(move || whole.unit(f)).await;
        }
        self.on_thread(access, move |inner| {
            let mut tx = inner.begin(access)?;
            let result = f(&mut tx);
            inner.end(tx);
            result
        })
        .await
    }

    /// Waits for a connection to be free and runs `job` on a blocking thread.
    async fn on_thread<T, E>(
        &self,
        access: TxMode,
        job: impl FnOnce(&Arc<StoreInner>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let permit = self.inner.pool(access).permit().await;
        let inner = self.inner.clone();
        self.apart(move || {
            let result = job(&inner);
            drop(permit);
            result
        })
        .await
    }

    /// Runs `job` on a blocking thread; a panic of it goes on in the caller.
    async fn apart<T, E>(&self, job: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let span = tracing::Span::current();
        let job = move || span.in_scope(job);
        if self.inner.runs != Runs::Apart {
            return job();
        }
        match tokio::task::spawn_blocking(job).await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(StoreError::Unavailable("the program is shutting down".to_owned()).into()),
            },
        }
    }
}

/// How long to wait before the next run of what met somebody else.
fn pause(attempt: u32) -> Duration {
    LONGEST_PAUSE.min(Duration::from_millis(1 << attempt.min(10)))
}

/// How one run of a unit that writes ended.
enum RunOfUnit<T, E> {
    Done(Result<T, E>),
    /// Nothing is stored and another run may succeed.
    Again(StoreError),
}

impl<T, E: From<StoreError>> RunOfUnit<T, E> {
    fn done(self) -> Result<T, E> {
        match self {
            Self::Done(result) => result,
            Self::Again(error) => Err(error.into()),
        }
    }
}

impl StoreInner {
    fn pool(&self, access: TxMode) -> &Pool<Connection> {
        match (&self.writer, access) {
            (Some(writer), TxMode::Write | TxMode::Migrate) => writer,
            _ => &self.readers,
        }
    }

    fn connect(url: &DatabaseUrl, access: TxMode) -> Result<Connection, StoreError> {
        match url {
            DatabaseUrl::Sqlite(path) => {
                sqlite::open(path, matches!(access, TxMode::Write | TxMode::Migrate)).map(Connection::Sqlite)
            }
            DatabaseUrl::Postgres(url) => postgres::Session::connect(url).map(Connection::Postgres),
        }
    }

    fn begin(&self, access: TxMode) -> Result<Tx, StoreError> {
        let alive = |link: &Connection| !matches!(link, Connection::Postgres(session) if session.is_closed());
        let reconnect = {
            let url = self.url.clone();
            move || Self::connect(&url, access)
        };
        if let Some(link) = self.pool(access).take(alive) {
            match Tx::begin(link, access, (&self.unreadable, &self.statements), reconnect.clone()) {
                // It died in the pool, and perhaps all did.
                Err(StoreError::Unavailable(_)) => self.pool(access).forget(),
                begun => return begun,
            }
        }
        Tx::begin(reconnect()?, access, (&self.unreadable, &self.statements), reconnect)
    }

    fn end(&self, tx: Tx) {
        let pool = self.pool(tx.access());
        if let Some(link) = tx.end() {
            pool.put(link);
        }
    }

    /// One run. When `f` panics, its connection is dropped with what was not committed, and never used again.
    fn attempt<T, E: From<StoreError>>(
        &self,
        access: TxMode,
        f: &mut impl FnMut(&mut Tx) -> Result<T, E>,
    ) -> RunOfUnit<T, E> {
        let mut tx = match self.begin(access) {
            Ok(tx) => tx,
            // A database that is down is not waited for.
            Err(error) => return RunOfUnit::Done(Err(error.into())),
        };
        let answer = f(&mut tx);
        let answer = match (answer, tx.trouble) {
            (_, Some(Trouble::Again)) => Err(None),
            (Ok(value), None) => match tx.commit() {
                Ok(()) => Ok(value),
                Err(error) => match tx.trouble {
                    Some(Trouble::Again) => Err(None),
                    _ => Err(Some(error.into())),
                },
            },
            (Ok(_), Some(Trouble::Failed)) => {
                let text = "a unit of work answered Ok although a statement had failed";
                Err(Some(StoreError::Internal(text.to_owned()).into()))
            }
            (Err(error), _) => Err(Some(error)),
        };
        self.end(tx);
        match answer {
            Ok(value) => RunOfUnit::Done(Ok(value)),
            Err(Some(error)) => RunOfUnit::Done(Err(error)),
            Err(None) => RunOfUnit::Again(StoreError::Busy("units of work kept meeting each other".to_owned())),
        }
    }
}
