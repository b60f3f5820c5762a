//! The least that could do the work: axum, rusqlite and the page's own SQL over the same file, for the one question that
//! is measured. No sessions, no rights, no other filters. What it lacks beside the product is what the product costs.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    extract::{Path as InPath, State},
    http::StatusCode,
    routing::get,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{CompanyId, ProjectId, procore::Side};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::Serialize;
use store::{DatabaseUrl, Store};
use uuid::Uuid;

use crate::{Fallible, compare};

/// The status asked for, as logs store it.
const IN_REVIEW: i64 = 2;
/// States in Procore, in the order logs number them.
const STATES: [&str; 8] = [
    "not_in_procore",
    "up_to_date",
    "update_needed",
    "in_progress",
    "waiting_for_sign_in",
    "checking",
    "refused",
    "changed_in_procore",
];

/// Connections kept open, and the SQL of a page.
struct Bare {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    page: String,
    company: CompanyId,
}

/// Serves it until the process ends.
pub async fn serve(database: PathBuf, company: CompanyId, listen: SocketAddr) -> Fallible<()> {
    let routes = router(database, company).await?;
    Ok(axum::serve(tokio::net::TcpListener::bind(listen).await?, routes).await?)
}

/// The endpoint, at the product's path.
pub async fn router(database: PathBuf, company: CompanyId) -> Fallible<Router> {
    let page = page_sql(&database, company).await?;
    let bare = Arc::new(Bare { path: database, idle: Mutex::default(), page, company });
    Ok(Router::new()
        .route("/healthz", get(|| async {}))
        .route("/api/v1/projects/{project}/log/received", get(log))
        .with_state(bare))
}

/// The statement the product runs, so that both do the same in the database.
async fn page_sql(database: &Path, company: CompanyId) -> Fallible<String> {
    let store = Store::open(&DatabaseUrl::Sqlite(database.to_owned())).await?;
    let sql = store
        .read(move |tx| {
            let any = "SELECT project_id FROM log WHERE company_id = $1 LIMIT 1";
            let Some(project) = tx.one(any, &[company.into()], |row| row.get::<ProjectId>(0))? else { return Ok(None) };
            tx.of(company).log_page_statement(project, Side::Received, &compare::wanted())
        })
        .await?;
    let (sql, _) = sql.ok_or("the database holds no log")?;
    Ok(sql.replace('$', "?"))
}

async fn log(State(bare): State<Arc<Bare>>, InPath(project): InPath<Uuid>) -> Result<Json<LogPage>, StatusCode> {
    let read = tokio::task::spawn_blocking(move || bare.with_connection(|connection| bare.read(connection, project)));
    match read.await {
        Ok(Ok(page)) => Ok(Json(page)),
        _ => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

impl Bare {
    fn with_connection<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let known = idle().pop();
        let connection = match known {
            Some(connection) => connection,
            None => self.open()?,
        };
        let result = read(&connection);
        idle().push(connection);
        result
    }

    /// With the product's pragmas (`crates/store/src/db/sqlite.rs`).
    fn open(&self) -> rusqlite::Result<Connection> {
        let connection = Connection::open(&self.path)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;
             PRAGMA cache_size = -16384; PRAGMA mmap_size = 268435456; PRAGMA temp_store = MEMORY;
             PRAGMA journal_size_limit = 67108864; PRAGMA query_only = ON;",
        )?;
        Ok(connection)
    }

    fn read(&self, connection: &Connection, project: Uuid) -> rusqlite::Result<LogPage> {
        // Rows and totals of one moment.
        let connection = connection.unchecked_transaction()?;
        let log: i64 = connection
            .prepare_cached("SELECT id FROM log WHERE project_id = ?1 AND company_id = ?2 AND side = 'received'")?
            .query_row(params![project.as_bytes(), self.company.0.as_bytes()], |row| row.get(0))?;
        let mut rows = connection
            .prepare_cached(&self.page)?
            .query_map(params![log, IN_REVIEW, project.as_bytes(), self.company.0.as_bytes()], line)?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        let mut page = LogPage::default();
        let mut totals = connection.prepare_cached(
            "SELECT procore_key, currency, cors, amount FROM log_total WHERE log_id = ?1 AND status_key = ?2 AND cors <> 0",
        )?;
        let mut buckets = totals.query(params![log, IN_REVIEW])?;
        let (mut sums, mut states) = (BTreeMap::<String, (i64, i64)>::new(), BTreeMap::<u8, i64>::new());
        while let Some(bucket) = buckets.next()? {
            let (cors, amount): (i64, i64) = (bucket.get(2)?, bucket.get(3)?);
            let sum = sums.entry(bucket.get(1)?).or_default();
            *sum = (sum.0 + cors, sum.1 + amount);
            *states.entry(bucket.get(0)?).or_default() += cors;
            page.count += cors;
        }
        page.totals = sums.into_iter().map(|(currency, (count, sum))| Total::of(currency, count, sum)).collect();
        page.procore_states =
            states.into_iter().map(|(key, count)| StateCount { state: STATES[usize::from(key)], count }).collect();
        if rows.len() > compare::ROWS {
            rows.truncate(compare::ROWS);
            page.next =
                rows.last().map(|(row, total)| BASE64_URL_SAFE_NO_PAD.encode(format!("-total {}.{total}", row.id)));
        }
        page.rows = rows.into_iter().map(|(row, _)| row).collect();
        Ok(page)
    }
}

fn line(row: &rusqlite::Row) -> rusqlite::Result<(LogRow, i64)> {
    let id = |i| Ok::<_, rusqlite::Error>(Uuid::from_bytes(row.get(i)?));
    let event = match row.get::<_, i64>(11)? {
        0 => None,
        id => Some(EventName {
            id: id.to_string(),
            number: row.get::<_, Option<String>>(12)?.unwrap_or_default(),
            title: row.get::<_, Option<String>>(13)?.unwrap_or_default(),
            status: row.get::<_, Option<String>>(14)?.unwrap_or_default(),
            gone: row.get::<_, Option<bool>>(15)?.unwrap_or_default(),
        }),
    };
    let submitted = row.get::<_, Option<i64>>(9)?;
    let total = row.get(8)?;
    let line = LogRow {
        id: id(0)?,
        number: row.get(1)?,
        title: row.get(2)?,
        customer_reference: row.get(3)?,
        counterparty: Named { id: id(4)?, name: row.get(5)? },
        status: "in_review",
        amount: amount(total),
        currency: row.get(7)?,
        submitted_at: submitted.and_then(|at| Timestamp::from_microsecond(at).ok()).map(|at| at.to_string()),
        procore: InProcore {
            state: STATES[usize::from(row.get::<_, u8>(10)?)],
            reason: row.get::<_, Option<String>>(17)?.unwrap_or_default(),
            event,
        },
    };
    Ok((line, total))
}

fn amount(minor: i64) -> String {
    let (sign, magnitude) = (if minor < 0 { "-" } else { "" }, minor.unsigned_abs());
    format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100)
}

// What the product answers, field by field.

#[derive(Default, Serialize)]
struct LogPage {
    rows: Vec<LogRow>,
    count: i64,
    totals: Vec<Total>,
    procore_states: Vec<StateCount>,
    next: Option<String>,
}

#[derive(Serialize)]
struct LogRow {
    id: Uuid,
    number: String,
    title: String,
    customer_reference: String,
    counterparty: Named,
    status: &'static str,
    amount: String,
    currency: String,
    submitted_at: Option<String>,
    procore: InProcore,
}

#[derive(Serialize)]
struct Named {
    id: Uuid,
    name: String,
}

#[derive(Serialize)]
struct InProcore {
    state: &'static str,
    reason: String,
    event: Option<EventName>,
}

#[derive(Serialize)]
struct EventName {
    id: String,
    number: String,
    title: String,
    status: String,
    gone: bool,
}

#[derive(Serialize)]
struct Total {
    status: &'static str,
    currency: String,
    count: i64,
    amount: String,
}

impl Total {
    fn of(currency: String, count: i64, sum: i64) -> Self {
        Self { status: "in_review", currency, count, amount: amount(sum) }
    }
}

#[derive(Serialize)]
struct StateCount {
    state: &'static str,
    count: i64,
}
