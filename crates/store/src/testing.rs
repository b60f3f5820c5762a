//! Migrated databases for tests, and a macro that runs one story on both.

mod snapshot;

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use tokio::sync::OnceCell;

pub use snapshot::{RestoredStore, Snapshot};

use crate::{
    db::{DatabaseUrl, Store, StoreError},
    migrate::checksum,
    migrations,
};

/// The variable that names a PostgreSQL where databases may be made, as `postgres://postgres@127.0.0.1:5432/postgres`;
/// `bin/with-postgres COMMAND` starts one and sets it.
pub const POSTGRES_VARIABLE: &str = "LEDGERBOARD_TEST_POSTGRES";

/// A migrated database of its own, gone when this is dropped.
pub struct TestDb {
    store: Store,
    url: DatabaseUrl,
    _gone_afterwards: Gone,
}

enum Gone {
    Folder(#[expect(dead_code, reason = "dropped for its effect")] tempfile::TempDir),
    Database { admin: String, name: String },
}

impl TestDb {
    /// An empty SQLite file, which no migration has touched.
    pub async fn empty_sqlite() -> Self {
        Self::sqlite_with(None).await
    }

    /// A SQLite file, copied from a template that was migrated once.
    pub async fn sqlite() -> Self {
        static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
        Self::sqlite_with(Some(TEMPLATE.get_or_init(migrated_file).await)).await
    }

    async fn sqlite_with(content: Option<&Vec<u8>>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("ledgerboard.db");
        if let Some(content) = content {
            std::fs::write(&path, content).expect("the temporary folder can be written");
        }
        let url = DatabaseUrl::Sqlite(path);
        let store = Store::open(&url).await.expect("the test database opens");
        Self { store, url, _gone_afterwards: Gone::Folder(folder) }
    }

    /// A PostgreSQL database, made from a template that was migrated once; nothing if no server is given, which under CI is a failure.
    pub async fn postgres() -> Option<Self> {
        let admin = server()?;
        let template = template(&admin).await.expect("the template database can be made");
        Some(Self::postgres_with(admin, &template).await)
    }

    /// An empty PostgreSQL database, which no migration has touched; nothing if no server is given.
    pub async fn empty_postgres() -> Option<Self> {
        Some(Self::postgres_with(server()?, "template0").await)
    }

    async fn postgres_with(admin: String, template: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("lb_test_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let sql = [
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            format!("CREATE DATABASE {name} TEMPLATE {template}"),
        ];
        run(&admin, &sql).await.expect("a test database can be made");
        let url = DatabaseUrl::Postgres(with_database(&admin, &name));
        let store = Store::open(&url).await.expect("the test database opens");
        Self { store, url, _gone_afterwards: Gone::Database { admin, name } }
    }

    /// The database.
    pub fn store(&self) -> Store {
        self.store.clone()
    }

    /// Its address, to open it a second time.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }
}

impl Drop for Gone {
    fn drop(&mut self) {
        let Self::Database { admin, name } = self else { return };
        let (admin, sql) = (admin.clone(), [format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")]);
        // On a thread of its own: a runtime cannot be entered from within the test's. What fails here goes away with the server.
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(run(&admin, &sql)).map_err(std::io::Error::other)
        });
        let _ = dropping.join();
    }
}

#[expect(clippy::disallowed_methods, reason = "tests have no command line to be configured by")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The server's address; without one, the test is skipped aloud, and under CI it fails.
fn server() -> Option<String> {
    let given = variable(POSTGRES_VARIABLE);
    if given.is_none() {
        assert!(variable("CI").is_none(), "{POSTGRES_VARIABLE} is not set: run the tests through bin/with-postgres");
        eprintln!("SKIPPED on PostgreSQL: {POSTGRES_VARIABLE} is not set; run the tests through bin/with-postgres");
    }
    given
}

async fn migrated_file() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path: PathBuf = folder.path().join("template.db");
    {
        let store = Store::open(&DatabaseUrl::Sqlite(path.clone())).await.expect("a new file opens");
        store.migrate().await.expect("the product's migrations apply");
        // Closing the last connection moves the log into the file.
    }
    std::fs::read(path).expect("the template was made")
}

/// The name of the template of these migrations; made by whichever process comes first.
async fn template(admin: &str) -> Result<String, tokio_postgres::Error> {
    let texts: String = migrations::ALL.iter().map(|migration| [migration.name, migration.postgres].concat()).collect();
    let name = format!("lb_template_{}", &checksum(&texts)[..16]);
    let client = connect(admin).await?;
    client.batch_execute("SELECT pg_advisory_lock(7310579843326)").await?;
    let exists = "SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate";
    if client.query_opt(exists, &[&name]).await?.is_none() {
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        client.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        let url = DatabaseUrl::Postgres(with_database(admin, &name));
        let migrated: Result<_, StoreError> = async { Store::open(&url).await?.migrate().await }.await;
        migrated.expect("the product's migrations apply");
        // A template with a connection left cannot be copied, and the server ends one in its own time.
        let left = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1";
        client.query(left, &[&name]).await?;
        client.batch_execute(&format!("ALTER DATABASE {name} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")).await?;
    }
    client.batch_execute("SELECT pg_advisory_unlock(7310579843326)").await?;
    Ok(name)
}

async fn connect(url: &str) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn run(url: &str, statements: &[String]) -> Result<(), tokio_postgres::Error> {
    let client = connect(url).await?;
    for sql in statements {
        client.batch_execute(sql).await?;
    }
    Ok(())
}

/// The same server's URL with another database.
fn with_database(admin: &str, name: &str) -> String {
    let (address, options) = admin.split_once('?').map_or((admin, None), |(address, options)| (address, Some(options)));
    let server = address.rsplit_once('/').map_or(address, |(server, _)| server);
    options.map_or(format!("{server}/{name}"), |options| format!("{server}/{name}?{options}"))
}

/// Turns each story into two tests, `name::sqlite` and `name::postgres`, each on a migrated database of its own:
///
/// ```text
/// store::both_databases! {
///     async fn a_cor_is_found_again(store: Store) { … }
/// }
/// ```
#[macro_export]
macro_rules! both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($store:ident: Store) $story:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "a story may need nothing from around it")]
            use super::*;

            async fn story($store: $crate::Store) $story

            $crate::story_on_sqlite! {}

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(db) = $crate::testing::TestDb::postgres().await {
                    story(db.store()).await;
                }
            }
        }
    )+};
}

/// Turns each story into one test, `name::sqlite`. It is for stories that read the same on any database: words on a page, the
/// lines of a plan, the meaning of an answer. Locks, retries, rival processes and a log's queries need [`both_databases`].
#[macro_export]
macro_rules! sqlite_only {
    ($($(#[$meta:meta])* async fn $name:ident($store:ident: Store) $story:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "a story may need nothing from around it")]
            use super::*;

            async fn story($store: $crate::Store) $story

            $crate::story_on_sqlite! {}
        }
    )+};
}

/// The test of the `story` beside it on SQLite.
#[doc(hidden)]
#[macro_export]
macro_rules! story_on_sqlite {
    () => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn sqlite() {
            let db = $crate::testing::TestDb::sqlite().await;
            story(db.store()).await;
        }
    };
}
