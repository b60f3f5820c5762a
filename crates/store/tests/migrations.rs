//! The migration runner: each file once, none ever changed, on both databases.

use store::{Store, StoreError, db::DatabaseUrl, migrate::Migration};

const FIRST: Migration =
    Migration::both("0001_first", "CREATE TABLE first (id {{uuid}} NOT NULL PRIMARY KEY) {{strict}};");
const SECOND: Migration = Migration {
    name: "0002_second",
    sqlite: "CREATE TABLE second (id INTEGER PRIMARY KEY) STRICT; INSERT INTO second VALUES (1);",
    postgres: "CREATE TABLE second (id BIGINT PRIMARY KEY); INSERT INTO second VALUES (1);",
};
const EDITED: Migration = Migration::both("0001_first", "CREATE TABLE first (id {{bigint}} NOT NULL) {{strict}};");
const BROKEN: Migration = Migration::both("0002_second", "CREATE TABLE second (id {{bigint}}); CREATE GARBAGE;");
const ONLY_FIRST: &[Migration] = &[FIRST];
const BOTH: &[Migration] = &[FIRST, SECOND];

/// A database that no migration has touched.
async fn empty(name: &str, folder: &tempfile::TempDir) -> Store {
    Store::open(&DatabaseUrl::Sqlite(folder.path().join(name))).await.unwrap()
}

#[tokio::test]
async fn each_migration_is_applied_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let store = empty("a.db", &folder).await;
    assert_eq!(store.migrate_with(ONLY_FIRST).await.unwrap(), ["0001_first"]);
    assert_eq!(store.migrate_with(BOTH).await.unwrap(), ["0002_second"]);
    assert!(store.migrate_with(BOTH).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_programs_that_start_together_migrate_once() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (empty("a.db", &folder).await, empty("a.db", &folder).await);
    let (by_one, by_two) = tokio::join!(one.migrate_with(BOTH), two.migrate_with(BOTH));
    let mut lengths = [by_one.unwrap().len(), by_two.unwrap().len()];
    lengths.sort_unstable();
    assert_eq!(lengths, [0, 2]);
}

#[tokio::test]
async fn a_changed_a_missing_and_an_unknown_migration_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = empty("a.db", &folder).await;
    store.migrate_with(BOTH).await.unwrap();
    for (migrations, words) in [
        (&[EDITED, SECOND] as &'static [Migration], "0001_first was applied to this database with another text"),
        (ONLY_FIRST, "does not know 0002_second"),
    ] {
        let refused = store.migrate_with(migrations).await.unwrap_err();
        assert!(matches!(&refused, StoreError::Migration(text) if text.contains(words)), "{refused}");
    }
    let late = empty("b.db", &folder).await;
    late.migrate_with(&[SECOND]).await.unwrap();
    let refused = late.migrate_with(BOTH).await.unwrap_err();
    assert!(refused.to_string().contains("0001_first is missing"), "{refused}");
}

#[tokio::test]
async fn a_migration_that_fails_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = empty("a.db", &folder).await;
    let failed = store.migrate_with(&[FIRST, BROKEN]).await.unwrap_err();
    assert!(matches!(&failed, StoreError::Migration(text) if text.contains("0002_second failed")), "{failed}");
    assert_eq!(store.migrate_with(BOTH).await.unwrap(), ["0001_first", "0002_second"]);
}
