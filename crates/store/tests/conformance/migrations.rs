//! The migration runner: each file once, none ever changed, on both databases.

use store::{Store, StoreError, migrate::Migration, testing::TestDb};

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

const SECOND_ALONE: &[Migration] = &[SECOND];

/// Runs a story on databases that no migration has touched.
macro_rules! on_empty_databases {
    ($(async fn $name:ident($db:ident: TestDb) $story:block)+) => {$(
        mod $name {
            use super::*;

            async fn story($db: TestDb) $story

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                story(TestDb::empty_sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(db) = TestDb::empty_postgres().await {
                    story(db).await;
                }
            }
        }
    )+};
}

on_empty_databases! {
    async fn each_migration_is_applied_once_and_in_order(db: TestDb) {
        assert_eq!(db.store().migrate_with(ONLY_FIRST).await.unwrap(), ["0001_first"]);
        assert_eq!(db.store().migrate_with(BOTH).await.unwrap(), ["0002_second"]);
        assert!(db.store().migrate_with(BOTH).await.unwrap().is_empty());
    }

    async fn two_programs_that_start_together_migrate_once(db: TestDb) {
        let (one, two) = (db.store(), Store::open(db.url()).await.unwrap());
        let (by_one, by_two) = tokio::join!(one.migrate_with(BOTH), two.migrate_with(BOTH));
        let mut lengths = [by_one.unwrap().len(), by_two.unwrap().len()];
        lengths.sort_unstable();
        assert_eq!(lengths, [0, 2]);
    }

    async fn a_changed_and_an_unknown_migration_are_refused(db: TestDb) {
        db.store().migrate_with(BOTH).await.unwrap();
        for (migrations, words) in [
            (&[EDITED, SECOND] as &'static [Migration], "0001_first was applied to this database with another text"),
            (ONLY_FIRST, "does not know 0002_second"),
        ] {
            let refused = db.store().migrate_with(migrations).await.unwrap_err();
            assert!(matches!(&refused, StoreError::Migration(text) if text.contains(words)), "{refused}");
        }
    }

    async fn a_migration_that_was_passed_over_is_refused(db: TestDb) {
        db.store().migrate_with(SECOND_ALONE).await.unwrap();
        let refused = db.store().migrate_with(BOTH).await.unwrap_err();
        assert!(refused.to_string().contains("0001_first is missing"), "{refused}");
    }

    async fn a_migration_that_fails_changes_nothing(db: TestDb) {
        let failed = db.store().migrate_with(&[FIRST, BROKEN]).await.unwrap_err();
        assert!(matches!(&failed, StoreError::Migration(text) if text.contains("0002_second failed")), "{failed}");
        assert_eq!(db.store().migrate_with(BOTH).await.unwrap(), ["0001_first", "0002_second"]);
    }
}
