//! A furnished database kept as it is, to begin many runs with: a SQLite file is copied, PostgreSQL's tables are emptied
//! and filled again. Migrating and furnishing anew would cost a hundred times as much.

use std::path::{Path, PathBuf};

use super::{TestDb, connect};
use crate::db::{DatabaseUrl, Store};

/// A database as it was at one moment.
pub struct Snapshot {
    kept: Vec<u8>,
    /// PostgreSQL: one batch that brings the database back.
    back: Option<(String, String)>,
    /// The database that the snapshot was taken of lives as long as it.
    _of: Option<TestDb>,
}

/// A store on a copy of a snapshot; what it keeps alive goes when it is dropped.
pub struct Kept {
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

impl Kept {
    /// The database.
    pub fn store(&self) -> Store {
        self.store.clone()
    }
}

impl Snapshot {
    /// Keeps a furnished database. On PostgreSQL it is used up: [`Snapshot::restore`] brings the same one back, so that one
    /// run at a time works on it.
    pub async fn of(db: TestDb) -> Self {
        match db.url().clone() {
            DatabaseUrl::Sqlite(path) => Self { kept: sqlite(&path), back: None, _of: None },
            DatabaseUrl::Postgres(url) => {
                let back = postgres(&url).await.expect("the tables can be kept");
                Self { kept: Vec::new(), back: Some((url, back)), _of: Some(db) }
            }
        }
    }

    /// A store on the kept state. A SQLite file is made in `folder`, named by `run`; best in memory, as `/dev/shm`.
    pub async fn restore(&self, folder: &Path, run: &str) -> Kept {
        let (url, file) = match &self.back {
            None => {
                let path = folder.join(format!("{run}.db"));
                std::fs::write(&path, &self.kept).expect("the folder can be written");
                (DatabaseUrl::Sqlite(path.clone()), Some(File(path)))
            }
            Some((url, back)) => {
                let client = connect(url).await.expect("the database is there");
                client.batch_execute(back).await.expect("the tables can be filled again");
                (DatabaseUrl::Postgres(url.clone()), None)
            }
        };
        // Two connections: a reader beside the writer. More would only be opened and closed again.
        let store = Store::open_here(&url, 2).await.expect("the copy opens");
        Kept { store, _file: file }
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
    client.batch_execute("CREATE SCHEMA kept").await?;
    for table in &tables {
        client.batch_execute(&format!("CREATE TABLE kept.{table} AS TABLE public.{table}")).await?;
    }
    let all = tables.iter().map(|t| format!("public.{t}")).collect::<Vec<_>>().join(", ");
    let fill: Vec<String> = tables.iter().map(|t| format!("INSERT INTO public.{t} SELECT * FROM kept.{t}; ")).collect();
    let fill = fill.concat();
    // Foreign keys are not checked while the rows come back in the order of the alphabet.
    Ok(format!("BEGIN; SET LOCAL session_replication_role = replica; TRUNCATE {all}; {fill} COMMIT"))
}
