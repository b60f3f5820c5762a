//! A furnished database kept as it is, to begin many runs with: a SQLite file is copied, PostgreSQL's tables are emptied
//! and filled again. Migrating and furnishing anew would cost a hundred times as much.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{TestDb, connect};
use crate::db::{DatabaseUrl, Store};

/// A database as it was at one moment.
pub enum Snapshot {
    /// A SQLite file's bytes.
    Sqlite(Vec<u8>),
    /// A PostgreSQL database, which lives as long as this.
    Postgres {
        #[doc(hidden)]
        of: TestDb,
        /// One statement that brings it back.
        back: Arc<str>,
        /// What every run works with: what was prepared once stays prepared.
        store: Store,
    },
}

/// A store on a copy of a snapshot; what it keeps alive goes when it is dropped.
pub struct RestoredStore {
    store: Store,
    _file: Option<File>,
}

struct File(PathBuf);

impl Drop for File {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", self.0.display()));
        }
    }
}

impl RestoredStore {
    /// The database.
    pub fn store(&self) -> Store {
        self.store.clone()
    }
}

/// A reader beside the writer. More would only be opened and closed again.
const CONNECTIONS: usize = 2;

impl Snapshot {
    /// Keeps a furnished database. On PostgreSQL it is used up: [`Snapshot::restore`] brings the same one back, so that one
    /// run at a time works on it.
    pub async fn of(db: TestDb) -> Self {
        match db.url().clone() {
            DatabaseUrl::Sqlite(path) => Self::Sqlite(sqlite(&path)),
            DatabaseUrl::Postgres(url) => {
                let back = postgres(&url).await.expect("the tables can be kept").into();
                let store = Store::open_here(db.url(), CONNECTIONS).await.expect("the database is there");
                Self::Postgres { of: db, back, store }
            }
        }
    }

    /// A store on the kept state. A SQLite file is made in `folder`, named by `run`; best in memory, as `/dev/shm`.
    pub async fn restore(&self, folder: &Path, run: &str) -> RestoredStore {
        match self {
            Self::Sqlite(kept) => {
                let path = folder.join(format!("{run}.db"));
                std::fs::write(&path, kept).expect("the folder can be written");
                let url = DatabaseUrl::Sqlite(path.clone());
                let store = Store::open_here(&url, CONNECTIONS).await.expect("the copy opens");
                RestoredStore { store, _file: Some(File(path)) }
            }
            Self::Postgres { back, store, .. } => {
                let store = store.clone();
                store.batch(back.clone()).await.expect("the tables can be filled again");
                RestoredStore { store, _file: None }
            }
        }
    }
}

fn sqlite(path: &Path) -> Vec<u8> {
    let copy = path.with_extension("kept");
    let conn = rusqlite::Connection::open(path).expect("the file is there");
    conn.execute("VACUUM INTO ?1", [copy.display().to_string()]).expect("a copy can be made");
    let kept = std::fs::read(&copy).expect("the copy was made");
    let _ = std::fs::remove_file(copy);
    kept
}

async fn postgres(url: &str) -> Result<String, tokio_postgres::Error> {
    let client = connect(url).await?;
    let rows =
        client.query("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1", &[]).await?;
    let tables: Vec<String> = rows.iter().map(|row| row.get::<_, String>(0)).collect();
    client.batch_execute("CREATE SCHEMA kept; CREATE TABLE kept.restored (at XID8 NOT NULL)").await?;
    for table in &tables {
        client.batch_execute(&format!("CREATE TABLE kept.{table} AS TABLE public.{table}")).await?;
    }
    client.batch_execute("INSERT INTO kept.restored VALUES (pg_current_xact_id())").await?;
    let names = tables.iter().map(|table| format!("'{table}'")).collect::<Vec<_>>().join(", ");
    Ok(BACK.replace("$TABLES", &names))
}

/// Empties and fills every table that was written to since the last time: one with a row of a later transaction, or with another
/// number of rows. Foreign keys are not checked meanwhile.
const BACK: &str = "SET LOCAL session_replication_role = replica;
DO $$
DECLARE
    name TEXT;
    changed BOOLEAN;
    last BIGINT := (SELECT at::text::bigint FROM kept.restored);
BEGIN
    FOREACH name IN ARRAY ARRAY[$TABLES] LOOP
        EXECUTE format('SELECT (SELECT count(*) FROM public.%I) <> (SELECT count(*) FROM kept.%I)
            OR EXISTS (SELECT 1 FROM public.%I WHERE xmin::text::bigint > $1)', name, name, name)
            INTO changed USING last;
        IF changed THEN
            EXECUTE format('TRUNCATE public.%I CASCADE', name);
        END IF;
    END LOOP;
    FOREACH name IN ARRAY ARRAY[$TABLES] LOOP
        EXECUTE format('INSERT INTO public.%I SELECT * FROM kept.%I WHERE NOT EXISTS (SELECT 1 FROM public.%I)', name, name, name);
    END LOOP;
    UPDATE kept.restored SET at = pg_current_xact_id();
END $$";
