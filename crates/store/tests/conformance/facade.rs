//! What the façade promises, told once and held by both databases.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use store::{Dialect, Store, StoreError, Tx, Val, both_databases, testing::TestDb};
use uuid::Uuid;

/// A table of every type, which no migration knows.
async fn with_samples(store: &Store) {
    let sql = store.dialect().render(
        "CREATE TABLE sample (id {{bigint}} NOT NULL PRIMARY KEY, n {{bigint}}, t {{text_c}}, b {{blob}}, u {{uuid}}, \
         parent {{bigint}} REFERENCES sample (id), CONSTRAINT sample_n_t UNIQUE (n, t)) {{strict}}",
    );
    store.write(move |tx| tx.exec(&sql, &[])).await.unwrap();
}

fn insert(tx: &mut Tx, id: i64, n: impl Into<Val>, t: impl Into<Val>) -> Result<(), StoreError> {
    tx.exec_one("INSERT INTO sample (id, n, t) VALUES ($1, $2, $3)", &[id.into(), n.into(), t.into()])
}

async fn count(store: &Store) -> i64 {
    store.read(|tx| tx.one("SELECT COUNT(*) FROM sample", &[], |row| row.get(0))).await.unwrap().unwrap()
}

async fn counter(store: &Store) -> i64 {
    let read: Result<Option<i64>, StoreError> =
        store.read(|tx| tx.one("SELECT n FROM sample WHERE id = 1", &[], |row| row.get(0))).await;
    read.unwrap().unwrap()
}

/// A row of the samples: n, t, b, u.
type Fields = (Option<i64>, Option<String>, Option<Vec<u8>>, Option<Uuid>);

/// What an action of the product might answer.
#[derive(Debug)]
enum Refused {
    ByTheTrade,
    ByTheStore,
}
impl From<StoreError> for Refused {
    fn from(_: StoreError) -> Self {
        Self::ByTheStore
    }
}

both_databases! {
    async fn every_value_comes_back_as_it_went_in(store: Store) {
        with_samples(&store).await;
        let text = "Zoë's 14\" pipe — 配管 🏗️ $1";
        let id = Uuid::from_u128(0x0192_f3a4_7b5c_7def_8123_4567_89ab_cdef);
        let at: Timestamp = "2026-11-23T14:32:00.123456Z".parse().unwrap();
        let rows: Vec<Fields> = store
            .write(move |tx| {
                let values: [[Val; 4]; 4] = [
                    [i64::MIN.into(), text.into(), vec![0_u8, 255, 39].into(), id.into()],
                    [i64::MAX.into(), "".into(), Vec::<u8>::new().into(), Uuid::nil().into()],
                    [Val::Null, None::<&str>.into(), Val::Null, None::<Uuid>.into()],
                    [at.into(), true.to_string().into(), Val::Null, Val::Null],
                ];
                for (row, [n, t, b, u]) in values.into_iter().enumerate() {
                    let id = i64::try_from(row).unwrap();
                    tx.exec_one("INSERT INTO sample (u, b, t, n, id) VALUES ($5, $4, $3, $2, $1)", &[id.into(), n, t, b, u])?;
                }
                tx.query("SELECT n, t, b, u FROM sample ORDER BY id", &[], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                })
            })
            .await
            .unwrap();
        assert_eq!(rows[0], (Some(i64::MIN), Some(text.to_owned()), Some(vec![0, 255, 39]), Some(id)));
        assert_eq!(rows[1], (Some(i64::MAX), Some(String::new()), Some(vec![]), Some(Uuid::nil())));
        assert_eq!(rows[2], (None, None, None, None));
        assert_eq!(rows[3].0, Some(at.as_microsecond()));
        let same: Option<(Timestamp, bool)> = store
            .read(|tx| tx.one("SELECT n, n > 0 FROM sample WHERE id = 3", &[], |row| Ok((row.get(0)?, row.get(1)?))))
            .await
            .unwrap();
        assert_eq!(same, Some((at, true)));
    }

    async fn a_value_of_another_kind_is_refused_not_bent(store: Store) {
        with_samples(&store).await;
        store.write(|tx| insert(tx, 1, 7, "seven")).await.unwrap();
        let n_as_text: Result<Option<String>, _> =
            store.read(|tx| tx.one("SELECT n FROM sample", &[], |row| row.get(0))).await;
        assert!(matches!(n_as_text, Err(StoreError::Corrupt(_))), "{n_as_text:?}");
        let n_as_bool: Result<Option<bool>, _> = store.read(|tx| tx.one("SELECT n FROM sample", &[], |row| row.get(0))).await;
        assert!(matches!(n_as_bool, Err(StoreError::Corrupt(_))), "{n_as_bool:?}");
        let null_as_id: Result<Option<Uuid>, _> =
            store.read(|tx| tx.one("SELECT u FROM sample", &[], |row| row.get(0))).await;
        assert!(matches!(null_as_id, Err(StoreError::Corrupt(_))), "{null_as_id:?}");
        let text_as_n = store.write(|tx| insert(tx, 2, "seven", "seven")).await;
        assert!(matches!(text_as_n, Err(StoreError::Internal(_))), "{text_as_n:?}");
        let with_nul = store.write(|tx| insert(tx, 2, 2, "a\0b")).await;
        assert!(matches!(with_nul, Err(StoreError::Internal(_))), "{with_nul:?}");
        assert_eq!(count(&store).await, 1);
    }

    async fn placeholders_bind_by_their_number_wherever_they_stand(store: Store) {
        let swapped: Option<(String, String, String)> = store
            .read(|tx| {
                let sql = "SELECT CAST($2 AS TEXT), CAST($1 AS TEXT), '$1' -- not $3";
                tx.one(sql, &["first".into(), "second".into()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            })
            .await
            .unwrap();
        assert_eq!(swapped, Some(("second".into(), "first".into(), "$1".into())));
    }

    async fn a_unit_that_answers_an_error_stores_nothing(store: Store) {
        with_samples(&store).await;
        let refused: Result<(), Refused> = store
            .write(|tx| {
                insert(tx, 1, 1, "one")?;
                Err(Refused::ByTheTrade)
            })
            .await;
        assert!(matches!(refused, Err(Refused::ByTheTrade)));
        assert_eq!(count(&store).await, 0);
        store.write(|tx| insert(tx, 1, 1, "one")).await.unwrap();
    }

    async fn a_unit_that_panics_stores_nothing_and_harms_nobody(store: Store) {
        with_samples(&store).await;
        let panicking = store.clone();
        let panicked = tokio::spawn(async move {
            panicking
                .write(|tx| -> Result<(), StoreError> {
                    insert(tx, 1, 1, "one")?;
                    panic!("on purpose");
                })
                .await
        });
        assert!(panicked.await.unwrap_err().is_panic());
        assert_eq!(count(&store).await, 0);
        store.write(|tx| insert(tx, 1, 1, "one")).await.unwrap();
    }

    async fn a_unit_whose_caller_went_away_is_still_finished(store: Store) {
        with_samples(&store).await;
        let (begun, begins) = std::sync::mpsc::channel();
        let (go, goes) = std::sync::mpsc::channel::<()>();
        let abandoned = store.clone();
        let task = tokio::spawn(async move {
            let unit = move |tx: &mut Tx| {
                begun.send(()).unwrap();
                goes.recv().unwrap();
                insert(tx, 1, 1, "one")
            };
            abandoned.write(unit).await
        });
        tokio::task::spawn_blocking(move || begins.recv().unwrap()).await.unwrap();
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        go.send(()).unwrap();
        // The next writer waits for it on SQLite; PostgreSQL is asked until it is there.
        for _ in 0..200 {
            if count(&store).await == 1 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the unit was lost");
    }

    async fn a_conflict_names_its_columns_alike(store: Store) {
        with_samples(&store).await;
        store.write(|tx| insert(tx, 1, 1, "one")).await.unwrap();
        let same_pair = store.write(|tx| insert(tx, 2, 1, "one")).await;
        assert!(
            matches!(&same_pair, Err(StoreError::Conflict { constraint }) if constraint == "sample.n, sample.t"),
            "{same_pair:?}"
        );
        let same_id = store.write(|tx| insert(tx, 1, 2, "two")).await;
        assert!(matches!(&same_id, Err(StoreError::Conflict { constraint }) if constraint == "sample.id"), "{same_id:?}");
        let orphan = store.write(|tx| tx.exec("INSERT INTO sample (id, parent) VALUES (3, 99)", &[])).await;
        assert!(matches!(orphan, Err(StoreError::MissingReference)), "{orphan:?}");
    }

    async fn a_unit_that_goes_on_after_a_failed_statement_stores_nothing(store: Store) {
        with_samples(&store).await;
        let went_on = store
            .write(|tx| {
                insert(tx, 1, 1, "one")?;
                let _ = insert(tx, 1, 1, "one");
                Ok::<_, StoreError>(())
            })
            .await;
        assert!(matches!(went_on, Err(StoreError::Internal(_))), "{went_on:?}");
        assert_eq!(count(&store).await, 0);
    }

    async fn changing_one_row_means_one(store: Store) {
        with_samples(&store).await;
        store.write(|tx| insert(tx, 1, 1, "one").and_then(|()| insert(tx, 2, 2, "two"))).await.unwrap();
        let none = store.write(|tx| tx.exec_one("UPDATE sample SET n = 9 WHERE id = 3", &[])).await;
        assert!(matches!(none, Err(StoreError::Expected1Row { changed: 0 })), "{none:?}");
        let both = store.write(|tx| tx.exec_one("UPDATE sample SET n = 9", &[])).await;
        assert!(matches!(both, Err(StoreError::Expected1Row { changed: 2 })), "{both:?}");
        assert_eq!(counter(&store).await, 1);
        let two: Result<Option<i64>, StoreError> =
            store.read(|tx| tx.one("SELECT n FROM sample", &[], |row| row.get(0))).await;
        assert!(matches!(two, Err(StoreError::Internal(_))), "{two:?}");
    }

    async fn a_reading_unit_cannot_write(store: Store) {
        with_samples(&store).await;
        let by_exec = store.read(|tx| insert(tx, 1, 1, "one")).await;
        assert!(matches!(by_exec, Err(StoreError::ReadOnly(_))), "{by_exec:?}");
        let sql = "INSERT INTO sample (id) VALUES (1) RETURNING id";
        let by_query = store.read(move |tx| tx.query(sql, &[], |row| row.get::<i64>(0))).await;
        assert!(matches!(by_query, Err(StoreError::ReadOnly(_))), "{by_query:?}");
        assert_eq!(count(&store).await, 0);
    }

    async fn no_update_is_lost_between_writers(store: Store) {
        with_samples(&store).await;
        store.write(|tx| insert(tx, 1, 0, "counter")).await.unwrap();
        let runs = Arc::new(AtomicU32::new(0));
        // The first runs of both units have read the same value before either writes, where the database lets them.
        let meet = Arc::new(Barrier::new(2));
        let overlap = store.dialect() == Dialect::Postgres;
        let writer = || {
            let (store, runs, meet) = (store.clone(), runs.clone(), meet.clone());
            let mut first = true;
            async move {
                let unit = move |tx: &mut Tx| {
                    runs.fetch_add(1, Ordering::Relaxed);
                    let n = tx.one("SELECT n FROM sample WHERE id = 1", &[], |row| row.get::<i64>(0))?.unwrap();
                    if std::mem::take(&mut first) && overlap {
                        meet.wait();
                    }
                    tx.exec_one("UPDATE sample SET n = $1 WHERE id = 1", &[(n + 1).into()])
                };
                store.write(unit).await
            }
        };
        let (one, two) = tokio::join!(writer(), writer());
        one.and(two).unwrap();
        assert_eq!(counter(&store).await, 2);
        let expected = if overlap { 3 } else { 2 };
        assert_eq!(runs.load(Ordering::Relaxed), expected, "one unit gives way to the other, once");
    }

    async fn many_writers_all_get_through(store: Store) {
        with_samples(&store).await;
        store.write(|tx| insert(tx, 1, 0, "counter")).await.unwrap();
        let mut writers = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let store = store.clone();
            writers.spawn(async move {
                for _ in 0..10 {
                    let unit = |tx: &mut Tx| {
                        let n = tx.one("SELECT n FROM sample WHERE id = 1", &[], |row| row.get::<i64>(0))?.unwrap();
                        tx.exec_one("UPDATE sample SET n = $1 WHERE id = 1", &[(n + 1).into()])
                    };
                    store.write(unit).await.unwrap();
                }
            });
        }
        writers.join_all().await;
        assert_eq!(counter(&store).await, 80);
    }

    async fn a_writer_does_not_hold_up_a_reader(store: Store) {
        with_samples(&store).await;
        store.write(|tx| insert(tx, 1, 1, "one")).await.unwrap();
        let (wrote, writes) = tokio::sync::oneshot::channel();
        let (go, goes) = std::sync::mpsc::channel::<()>();
        let writing = store.clone();
        let mut wrote = Some(wrote);
        let writer = tokio::spawn(async move {
            let unit = move |tx: &mut Tx| {
                tx.exec_one("UPDATE sample SET n = 2 WHERE id = 1", &[])?;
                wrote.take().expect("it runs once").send(()).unwrap();
                goes.recv().unwrap();
                Ok::<_, StoreError>(())
            };
            writing.write(unit).await
        });
        writes.await.unwrap();
        assert_eq!(counter(&store).await, 1, "what is not committed is not seen");
        go.send(()).unwrap();
        writer.await.unwrap().unwrap();
        assert_eq!(counter(&store).await, 2);
    }

    async fn a_snapshot_stays_as_it_was_when_it_was_first_read(store: Store) {
        with_samples(&store).await;
        store.write(|tx| insert(tx, 1, 1, "one")).await.unwrap();
        let (looked, looks) = tokio::sync::oneshot::channel();
        let (go, goes) = std::sync::mpsc::channel::<()>();
        let reading = store.clone();
        let reader = tokio::spawn(async move {
            let unit = move |tx: &mut Tx| {
                let sql = "SELECT n FROM sample WHERE id = 1";
                let before: Option<i64> = tx.one(sql, &[], |row| row.get(0))?;
                looked.send(()).unwrap();
                goes.recv().unwrap();
                Ok::<_, StoreError>((before, tx.one(sql, &[], |row| row.get(0))?))
            };
            reading.read_snapshot(unit).await
        });
        looks.await.unwrap();
        store.write(|tx| tx.exec_one("UPDATE sample SET n = 2 WHERE id = 1", &[])).await.unwrap();
        go.send(()).unwrap();
        assert_eq!(reader.await.unwrap().unwrap(), (Some(1), Some(1)));
        assert_eq!(counter(&store).await, 2);
    }

    async fn a_plan_is_told_line_by_line(store: Store) {
        with_samples(&store).await;
        let plan = store.read(|tx| tx.explain("SELECT t FROM sample WHERE id = $1", &[1.into()])).await.unwrap();
        assert!(plan.iter().any(|line| line.to_lowercase().contains("sample")), "{plan:?}");
    }
}

/// Units beyond the connections wait for one; none fails.
async fn more_units_than_connections(db: &TestDb) {
    let store = Store::open_with(db.url(), 2).await.unwrap();
    let now = Arc::new(AtomicU32::new(0));
    let most = Arc::new(AtomicU32::new(0));
    // Two at a time, or for ever alone.
    let together = Arc::new(std::sync::Barrier::new(2));
    let mut readers = tokio::task::JoinSet::new();
    for i in 0..12_i64 {
        let (store, now, most, together) = (store.clone(), now.clone(), most.clone(), together.clone());
        readers.spawn(async move {
            let unit = move |tx: &mut Tx| {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                together.wait();
                now.fetch_sub(1, Ordering::SeqCst);
                tx.one("SELECT CAST($1 AS BIGINT)", &[i.into()], |row| row.get::<i64>(0))
            };
            store.read(unit).await
        });
    }
    for answer in readers.join_all().await {
        assert!(answer.unwrap().is_some());
    }
    assert_eq!(most.load(Ordering::SeqCst), 2, "both connections were used, and no third");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_wait_for_a_connection_on_sqlite() {
    more_units_than_connections(&TestDb::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_wait_for_a_connection_on_postgres() {
    if let Some(db) = TestDb::postgres().await {
        more_units_than_connections(&db).await;
    }
}

const OWN_PID: &str = "SELECT pg_backend_pid()";

/// Ends the server's side of a connection, and waits until it is gone.
async fn kill(db: &TestDb, pid: i64) {
    let operator = Store::open(db.url()).await.unwrap();
    let sql = "SELECT pg_terminate_backend(CAST($1 AS INTEGER), 5000)";
    let killed = operator.read(move |tx| tx.one(sql, &[pid.into()], |row| row.get::<bool>(0))).await.unwrap();
    assert_eq!(killed, Some(true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_the_server_ended_is_replaced_on_postgres() {
    let Some(db) = TestDb::postgres().await else { return };
    let store = Store::open_with(db.url(), 1).await.unwrap();
    with_samples(&store).await;
    let pid = |tx: &mut Tx| tx.one(OWN_PID, &[], |row| row.get::<i64>(0));

    let first = store.read(pid).await.unwrap().unwrap();
    kill(&db, first).await;
    let second = store.read(pid).await.unwrap().unwrap();
    assert_ne!(first, second);
    kill(&db, second).await;
    store.write(|tx| insert(tx, 1, 1, "one")).await.unwrap();
    assert_eq!(count(&store).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_whose_connection_ends_half_way_runs_again_on_postgres() {
    let Some(db) = TestDb::postgres().await else { return };
    let db = Arc::new(db);
    let store = db.store();
    with_samples(&store).await;
    let handle = tokio::runtime::Handle::current();
    let mut runs = 0;
    let killing = db.clone();
    let unit = move |tx: &mut Tx| {
        runs += 1;
        insert(tx, 1, 1, "one")?;
        if runs == 1 {
            let pid = tx.one(OWN_PID, &[], |row| row.get::<i64>(0))?.unwrap();
            let killing = killing.clone();
            let (done, is_done) = std::sync::mpsc::channel();
            handle.spawn(async move {
                kill(&killing, pid).await;
                done.send(()).unwrap();
            });
            is_done.recv().unwrap();
        }
        insert(tx, 2, 2, "two")?;
        Ok::<_, StoreError>(runs)
    };
    assert_eq!(store.write(unit).await.unwrap(), 2);
    assert_eq!(count(&store).await, 2);
}

both_databases! {
    async fn units_of_a_whole_are_stored_together_or_not_at_all(store: Store) {
        with_samples(&store).await;
        let inner = store.clone();
        let refused: Result<(), Refused> = store
            .whole(|| {
                let store = inner.clone();
                async move {
                    store.write(|tx| insert(tx, 1, 1, "one")).await?;
                    assert_eq!(count(&store).await, 1, "its own units see it");
                    Err(Refused::ByTheTrade)
                }
            })
            .await;
        assert!(matches!(refused, Err(Refused::ByTheTrade)));
        assert_eq!(count(&store).await, 0);
        store
            .whole(|| {
                let store = inner.clone();
                async move {
                    store.write(|tx| insert(tx, 1, 1, "one")).await?;
                    let undone: Result<(), Refused> = store
                        .write(|tx| {
                            insert(tx, 2, 2, "two")?;
                            insert(tx, 1, 3, "the same id")?;
                            Ok(())
                        })
                        .await;
                    assert!(matches!(undone, Err(Refused::ByTheStore)));
                    store.write(|tx| insert(tx, 3, 3, "three")).await
                }
            })
            .await
            .unwrap();
        let ids: Result<Vec<i64>, StoreError> =
            store.read(|tx| tx.query("SELECT id FROM sample ORDER BY id", &[], |row| row.get(0))).await;
        assert_eq!(ids.unwrap(), [1, 3], "a unit that fails undoes itself alone");
    }

    async fn wholes_that_meet_run_again_and_lose_nothing(store: Store) {
        with_samples(&store).await;
        store.write(|tx| insert(tx, 1, 0, "counter")).await.unwrap();
        let added = || {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..5 {
                    let inner = store.clone();
                    let one_more: Result<(), StoreError> = store
                        .whole(|| {
                            let store = inner.clone();
                            async move {
                                let n = counter(&store).await;
                                store.write(move |tx| tx.exec_one("UPDATE sample SET n = $1 WHERE id = 1", &[(n + 1).into()])).await
                            }
                        })
                        .await;
                    one_more.unwrap();
                }
            })
        };
        for task in [added(), added(), added()] {
            task.await.unwrap();
        }
        assert_eq!(counter(&store).await, 15);
    }

    async fn a_whole_whose_caller_went_away_stores_nothing_and_harms_nobody(store: Store) {
        with_samples(&store).await;
        let inner = store.clone();
        let whole = store.whole(|| {
            let store = inner.clone();
            async move {
                store.write(|tx| insert(tx, 1, 1, "one")).await?;
                std::future::pending::<Result<(), StoreError>>().await
            }
        });
        assert!(tokio::time::timeout(Duration::from_millis(300), whole).await.is_err());
        store.write(|tx| insert(tx, 1, 1, "again")).await.unwrap();
        assert_eq!(count(&store).await, 1);
    }
}
