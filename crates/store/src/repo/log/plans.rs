//! No statement of the log reads rows of another log, whatever is asked for: held against the databases' own plans, on
//! fifty thousand seeded CORs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use domain::{CompanyId, OfficeId, ProjectId, cor::Status, procore::Side, procore::push_state::ProcoreState};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Cursor, LogFilter, PageWanted, Position, Sort, SortBy, blocks, buckets::of_event, log_id, sifted::rows_in_order,
};
use crate::{
    db::{Row, Store, StoreError, Tx, Val},
    dialect::Dialect,
    seed::{Seeding, seed},
    testing::TestDb,
};

const CUSTOMER: CompanyId = CompanyId(Uuid::from_u128(1));

/// Fifty thousand CORs in twenty-five projects; one of the projects.
async fn one_of_many(store: &Store) -> ProjectId {
    made(store, &[(25, 50_000)]).await[12]
}

/// Ten thousand CORs beside another two hundred; the project that nearly all of the tables is about.
async fn one_that_dominates(store: &Store) -> ProjectId {
    made(store, &[(2, 200), (1, 10_000)]).await[2]
}

/// So many projects of so many CORs.
async fn made(store: &Store, shares: &[(u32, u64)]) -> Vec<ProjectId> {
    let office = OfficeId(Uuid::from_u128(2));
    let now: Timestamp = "2026-11-23T17:00:00Z".parse().unwrap();
    let made: Result<_, StoreError> = store
        .write(move |tx| {
            tx.exec_one(
                "INSERT INTO company (id, name, name_key, claimed, created_at) VALUES ($1, 'Whitfield', 'whitfield', 1, 0)",
                &[CUSTOMER.into()],
            )?;
            tx.exec_one(
                "INSERT INTO office (id, company_id, name, created_at) VALUES ($1, $2, 'Portland', 0)",
                &[office.into(), CUSTOMER.into()],
            )
        })
        .await;
    made.unwrap();
    let mut all = Vec::new();
    for (n, (projects, cors)) in (1..).zip(shares) {
        let (projects, cors) = (*projects, *cors);
        let seeding = Seeding { customer: CUSTOMER, office, projects, cors, pushed_percent: 30, seed: n, now };
        all.append(&mut seed(store, seeding).await.unwrap());
    }
    all
}

fn filters() -> Vec<LogFilter> {
    let any = LogFilter::default();
    vec![
        any.clone(),
        LogFilter { statuses: BTreeSet::from([Status::InReview]), ..any.clone() },
        LogFilter { statuses: BTreeSet::from([Status::Void, Status::Placeholder]), ..any.clone() },
        LogFilter { procore: BTreeSet::from([ProcoreState::UpdateNeeded]), ..any.clone() },
        LogFilter { event: Some(7_000_000_003), ..any.clone() },
    ]
}

/// Rows that PostgreSQL says it touched in one node of a plan: those it answered and those it threw away.
fn touched(line: &str) -> u64 {
    let number = |after: &str| -> u64 {
        let (_, rest) = line.rsplit_once(after).unwrap_or_default();
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
    };
    number(" rows=").max(number("Rows Removed by Filter: "))
}

/// The plans of all statements about one log. Whatever stands before each is what it answers.
fn check(dialect: Dialect, asked: &str, plan: &[String], rows_of_log: u64, rows_of_page: Option<u64>) {
    let text = plan.join("\n");
    match dialect {
        Dialect::Sqlite => {
            for line in plan.iter().filter(|line| line.contains(" r ") || line.ends_with(" r")) {
                assert!(line.contains("SEARCH r") && line.contains("(log_id=?"), "{asked}: {line}\n{text}");
            }
            if rows_of_page.is_some() {
                // The page's own fifty rows are put in order once more; the log's are not.
                assert!(!text.contains("SCAN r"), "{asked}\n{text}");
            }
        }
        Dialect::Postgres => {
            assert!(!text.contains("Seq Scan on log_row"), "{asked}\n{text}");
            for line in plan.iter().filter(|line| line.contains("log_row") || line.contains("Rows Removed by Filter")) {
                assert!(touched(line) <= rows_of_log, "{asked}: {line}\n{text}");
                if let Some(page) = rows_of_page {
                    assert!(touched(line) <= page, "{asked}: {line}\n{text}");
                }
            }
        }
    }
}

async fn no_plan_leaves_its_log(store: Store, project: ProjectId) {
    let done: Result<_, StoreError> = store
        .read(move |tx| {
            let dialect = tx.dialect();
            let log = log_id(tx, project, CUSTOMER, Side::Received)?.unwrap();
            let count = |row: &crate::db::Row| row.get::<i64>(0);
            let size = tx.one("SELECT COUNT(*) FROM log_row WHERE log_id = $1", &[log.into()], count)?.unwrap();
            let size = u64::try_from(size).unwrap();
            assert!(size > 1_500, "{size} rows");
            let middle = middle_of(&mut tx.of(CUSTOMER), project)?;
            for filter in filters() {
                for by in SortBy::ALL {
                    for descending in [false, true] {
                        let wanted = PageWanted {
                            filter: filter.clone(),
                            sort: Sort { by, descending },
                            rows: 50,
                            ..PageWanted::default()
                        };
                        let (sql, params) = tx.of(CUSTOMER).page_statement(log, project, &wanted);
                        let plan = tx.explain(&sql, &params)?;
                        // No filter, or one status by amount or day: the page is read and nothing else.
                        let by_index = filter.is_empty()
                            || (filter.statuses.len() == 1 && matches!(by, SortBy::Total | SortBy::Submitted));
                        check(
                            dialect,
                            &format!("{filter:?} {by:?} {descending}"),
                            &plan,
                            size,
                            by_index.then_some(102),
                        );
                        if by_index && dialect == Dialect::Sqlite {
                            let sorted = plan.iter().filter(|line| line.contains("TEMP B-TREE")).count();
                            assert!(sorted <= 1, "{filter:?} {by:?}: {plan:?}");
                        }
                    }
                }
            }
            let event = LogFilter { event: Some(7_000_000_003), ..LogFilter::default() };
            let (sql, params) = of_event(log, &event);
            check(dialect, "totals of an event", &tx.explain(&sql, &params)?, size / 5, None);
            blocks_of_one_log(tx, log)?;
            rows_nearby(tx, log, &middle)?;
            let later = PageWanted { position: Position::After(middle), rows: 50, ..PageWanted::default() };
            let (sql, params): (String, Vec<Val>) = tx.of(CUSTOMER).page_statement(log, project, &later);
            check(dialect, "the middle of the log", &tx.explain(&sql, &params)?, size, Some(102));
            Ok(())
        })
        .await;
    done.unwrap();
}

/// What no index answers reads the blocks of the log, and no other log's.
fn blocks_of_one_log(tx: &mut Tx, log: i64) -> Result<(), StoreError> {
    let count = |row: &Row| row.get::<i64>(0);
    let blocks = tx.one("SELECT COUNT(*) FROM log_block WHERE log_id = $1", &[log.into()], count)?.unwrap();
    let rows = tx.one("SELECT COUNT(*) FROM log_row WHERE log_id = $1", &[log.into()], count)?.unwrap();
    assert!(blocks * 8 < rows, "{rows} rows in {blocks} blocks");
    // A database that is near walks; one that is far lists digests and reads what is missing.
    if !tx.dialect().is_far() {
        let plan = tx.explain(&blocks::statement(), &[log.into(), 0.into()])?;
        only_this_log(tx.dialect(), &plan, blocks);
        return Ok(());
    }
    for (first, last) in [(3, 90), (1, blocks.min(400))] {
        let plan = tx.explain(Dialect::BLOCKS, &[log.into(), first.into(), last.into()])?;
        only_this_log(tx.dialect(), &plan, last - first + 1);
    }
    only_this_log(tx.dialect(), &tx.explain(Dialect::BLOCK_DIGESTS, &[log.into()])?, blocks);
    Ok(())
}

/// Rows that are looked at in the order of a page are read in it, from its beginning and from a place with many more to
/// come. (Of the last few, all may be read and put in order.)
fn rows_nearby(tx: &mut Tx, log: i64, middle: &Cursor) -> Result<(), StoreError> {
    for by in SortBy::ALL {
        for descending in [false, true] {
            let wanted = PageWanted { sort: Sort { by, descending }, rows: 50, ..PageWanted::default() };
            let after = (by == SortBy::Submitted && descending).then_some(middle);
            let (sql, params) = rows_in_order(log, &wanted, after, 408);
            let plan = tx.explain(&sql, &params)?;
            let sorted = plan.iter().any(|line| line.contains("TEMP B-TREE") || line.contains("Sort"));
            assert!(!sorted, "{by:?}: {plan:?}");
            check(tx.dialect(), &format!("nearby by {by:?}"), &plan, 408, Some(408));
        }
    }
    Ok(())
}

fn only_this_log(dialect: Dialect, plan: &[String], blocks: i64) {
    let text = plan.join("\n");
    match dialect {
        Dialect::Sqlite => {
            assert!(text.contains("SEARCH log_block") && text.contains("(log_id=? AND block>?"), "{text}");
        }
        Dialect::Postgres => {
            assert!(!text.contains("Seq Scan"), "{text}");
            for line in plan {
                assert!(touched(line) <= u64::try_from(blocks).unwrap(), "{line}\n{text}");
            }
        }
    }
}

/// A place half-way through the log.
fn middle_of(us: &mut crate::CompanyTx<'_>, project: ProjectId) -> Result<Cursor, StoreError> {
    let half = PageWanted { rows: 900, ..PageWanted::default() };
    Ok(us.log_page(project, Side::Received, &half)?.next.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_plan_leaves_its_log_on_sqlite() {
    let db = TestDb::sqlite().await;
    let before = log_indexes(&db.store()).await;
    let project = one_of_many(&db.store()).await;
    no_plan_leaves_its_log(db.store(), project).await;
    assert_eq!(log_indexes(&db.store()).await, before, "made anew after the bulk load");
    seeding_adds_up(db.store(), project).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_plan_leaves_its_log_on_postgres() {
    if let Some(db) = TestDb::postgres().await {
        let before = log_indexes(&db.store()).await;
        let project = one_of_many(&db.store()).await;
        no_plan_leaves_its_log(db.store(), project).await;
        assert_eq!(log_indexes(&db.store()).await, before, "made anew after the bulk load");
        what_is_prepared_is_searched(&Store::open(db.url()).await.unwrap(), project).await;
    }
}

/// A program that has just started, and somebody opens the log.
async fn what_is_prepared_is_searched(store: &Store, project: ProjectId) {
    let held: Result<_, StoreError> = store
        .read(move |tx| {
            let log = log_id(tx, project, CUSTOMER, Side::Received)?.unwrap();
            let before = tx.memory().of(log);
            tx.of(CUSTOMER).prepare_search(project, Side::Received)?;
            let prepared = tx.memory().of(log);
            tx.of(CUSTOMER).log_buckets(
                project,
                Side::Received,
                &LogFilter { text: "qz".into(), ..LogFilter::default() },
            )?;
            Ok((before.len(), prepared.len(), std::sync::Arc::ptr_eq(&prepared, &tx.memory().of(log))))
        })
        .await;
    let (before, prepared, the_same) = held.unwrap();
    assert!(before == 0 && prepared > 0 && the_same, "{before}, {prepared}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_plan_leaves_a_log_that_dominates_on_sqlite() {
    let db = TestDb::sqlite().await;
    let project = one_that_dominates(&db.store()).await;
    no_plan_leaves_its_log(db.store(), project).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_plan_leaves_a_log_that_dominates_on_postgres() {
    if let Some(db) = TestDb::postgres().await {
        let project = one_that_dominates(&db.store()).await;
        no_plan_leaves_its_log(db.store(), project).await;
    }
}

async fn log_indexes(store: &Store) -> Vec<(String, String)> {
    let indexes: Result<_, StoreError> = store
        .read(|tx| {
            let sql = tx.dialect().indexes_of_table();
            let mut found = tx.query(sql, &["log_row".into()], |row| Ok((row.get(0)?, row.get(1)?)))?;
            found.sort();
            Ok(found)
        })
        .await;
    indexes.unwrap()
}

/// Totals, rows, CORs and lines of a seeded project say the same.
async fn seeding_adds_up(store: Store, project: ProjectId) {
    let compared: Result<_, StoreError> = store
        .read(move |tx| {
            let log = log_id(tx, project, CUSTOMER, Side::Received)?.unwrap();
            let sum = |row: &crate::db::Row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?));
            let kept = "SELECT CAST(SUM(cors) AS BIGINT), CAST(SUM(amount) AS BIGINT) FROM log_total WHERE log_id = $1";
            let rows = "SELECT COUNT(*), CAST(SUM(total) AS BIGINT) FROM log_row WHERE log_id = $1";
            let cors = "SELECT COUNT(*), CAST(SUM(total) AS BIGINT) FROM cor WHERE project_id = $1 AND status <> 'draft'";
            let lines = "SELECT COUNT(*), CAST(SUM(l.amount + 0) AS BIGINT) FROM cor c JOIN cor_line l ON l.cor_id = c.id \
                         WHERE c.project_id = $1";
            Ok((
                tx.one(kept, &[log.into()], sum)?,
                tx.one(rows, &[log.into()], sum)?,
                tx.one(cors, &[project.into()], sum)?,
                tx.one(lines, &[project.into()], sum)?.unwrap().0,
            ))
        })
        .await;
    let (kept, rows, cors, lines) = compared.unwrap();
    assert_eq!(kept, rows);
    assert_eq!(rows, cors);
    assert_eq!(lines, 3 * 2_000, "three lines a COR");
}
