//! No statement of the log reads rows of another log, whatever is asked for: held against the databases' own plans, on
//! fifty thousand seeded CORs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use domain::{CompanyId, OfficeId, ProjectId, cor::Status, procore::Side, procore::push_state::ProcoreState};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    LogCursor, LogFilter, LogKey, PageWanted, Position, Sort, SortBy, buckets::counted, log_id, page::statement,
};
use crate::{
    db::{Store, StoreError},
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
        LogFilter { counterparties: BTreeSet::from([CompanyId(Uuid::from_u128(7))]), ..any.clone() },
        LogFilter { event_statuses: BTreeSet::from(["Open".to_owned()]), ..any.clone() },
        LogFilter { text: "14".to_owned(), ..any.clone() },
        LogFilter { text: "no such words".to_owned(), statuses: BTreeSet::from([Status::InReview]), ..any },
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
        }
        Dialect::Postgres => {
            assert!(!text.contains("Seq Scan on log_row"), "{asked}\n{text}");
            let mut on_rows = false;
            for line in plan {
                if line.contains(" on ") {
                    on_rows = line.contains("log_row");
                }
                // What a node threw away stands below it.
                if !on_rows {
                    continue;
                }
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
            let (dialect, log) = (tx.dialect(), LogKey { project, company: CUSTOMER, side: Side::Received });
            let id = log_id(tx, project, CUSTOMER, Side::Received)?.unwrap();
            let count = |row: &crate::db::Row| row.get::<i64>(0);
            let size = tx.one("SELECT COUNT(*) FROM log_row WHERE log_id = $1", &[id.into()], count)?.unwrap();
            let size = u64::try_from(size).unwrap();
            assert!(size > 1_500, "{size} rows");
            for filter in filters() {
                for (by, descending) in SortBy::ALL.into_iter().flat_map(|by| [(by, false), (by, true)]) {
                    let sort = Sort { by, descending };
                    let wanted = PageWanted { filter: filter.clone(), sort, rows: 50, ..PageWanted::default() };
                    let (sql, params) = statement(dialect, log, &wanted);
                    // What people open a log with: the page is read and nothing else.
                    let at_once = match by {
                        SortBy::Submitted => filter.is_empty(),
                        SortBy::Total => filter.statuses.len() == 1 && filter.text.is_empty(),
                        _ => false,
                    };
                    let plan = tx.explain(&sql, &params)?;
                    check(dialect, &format!("{filter:?} {by:?} {descending}"), &plan, size, at_once.then_some(102));
                    let sorted = plan.iter().any(|line| line.contains("TEMP B-TREE") || line.contains("Sort Key"));
                    assert!(!(at_once && sorted), "{filter:?} {by:?}: {plan:?}");
                }
                let (sql, params) = counted(dialect, log, &filter);
                check(dialect, &format!("totals of {filter:?}"), &tx.explain(&sql, &params)?, size, None);
            }
            let middle = middle_of(&mut tx.of(CUSTOMER), project)?;
            let later = PageWanted { position: Position::After(middle), rows: 50, ..PageWanted::default() };
            let (sql, params) = statement(dialect, log, &later);
            check(dialect, "the middle of the log", &tx.explain(&sql, &params)?, size, Some(102));
            Ok(())
        })
        .await;
    done.unwrap();
}

/// A place half-way through the log.
fn middle_of(us: &mut crate::CompanyTx<'_>, project: ProjectId) -> Result<LogCursor, StoreError> {
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
    }
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
