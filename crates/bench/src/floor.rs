//! The floor: the least that answers the page that is measured, byte for byte as the product does, from the product's own
//! tables. A connection for each thread that serves, one transaction, statements compiled once; no token, no rights, no
//! other question. What it lacks beside the product is what the product costs.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    Router,
    extract::{Path as InPath, State},
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
    serve::ListenerExt as _,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::CompanyId;
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, Row, params};
use serde::Serialize;
use uuid::Uuid;

use crate::{Fallible, compare};

/// The log of a project; both statements begin in it.
const LOG: &str = "(SELECT id FROM log WHERE project_id = ?1 AND company_id = ?2 AND side = 'received')";
/// CORs in review, as logs store it, the greatest amounts first: one more than the page.
const ROWS: &str = "SELECT r.cor_id, r.number, r.title, r.reference, r.counterparty_id, r.counterparty, r.currency, r.total, \
     r.submitted_key, r.procore_key, r.reason, r.event_id, e.number, e.title, e.status, e.gone, \
     r.recorded FROM log_row r \
     LEFT JOIN change_event e ON e.project_id = ?1 AND e.company_id = ?2 AND e.event_id = r.event_id \
     WHERE r.status_key = 2 AND r.log_id = $LOG ORDER BY r.total DESC, r.cor_id DESC LIMIT 51";
/// The kept totals of the same.
const TOTALS: &str =
    "SELECT procore_key, currency, cors, amount FROM log_total WHERE log_id = $LOG AND status_key = 2 AND cors <> 0";
/// The only status there is here.
const STATUS: &str = "in_review";
/// States in Procore, in the order logs number them; the seeded ones are among the first.
const STATES: [&str; 3] = ["not_in_procore", "up_to_date", "update_needed"];

thread_local! { static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) }; }

/// Whose log of which file, and the two statements.
struct Floor {
    path: PathBuf,
    company: CompanyId,
    rows: String,
    totals: String,
}

/// Serves it until the process ends.
pub async fn serve(database: PathBuf, company: CompanyId, listen: SocketAddr) -> Fallible<()> {
    let listener = tokio::net::TcpListener::bind(listen).await?.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, router(database, company)).await?)
}

/// The endpoint, at the product's path.
pub fn router(path: PathBuf, company: CompanyId) -> Router {
    let (rows, totals) = (ROWS.replace("$LOG", LOG), TOTALS.replace("$LOG", LOG));
    Router::new()
        .route("/healthz", get(|| async {}))
        .route("/api/v1/projects/{project}/log/received", get(log))
        .with_state(Arc::new(Floor { path, company, rows, totals }))
}

async fn log(State(floor): State<Arc<Floor>>, InPath(project): InPath<Uuid>) -> Result<impl IntoResponse, StatusCode> {
    let page = CONNECTION.with_borrow_mut(|kept| {
        let connection = match kept {
            Some(connection) => connection,
            None => kept.insert(open(&floor.path)?),
        };
        floor.read(connection, project)
    });
    let body = page.ok().and_then(|page| serde_json::to_vec(&page).ok()).ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body))
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch("PRAGMA mmap_size = 268435456; PRAGMA cache_size = -16384;")?;
    Ok(connection)
}

impl Floor {
    fn read(&self, connection: &Connection, project: Uuid) -> rusqlite::Result<LogPage> {
        // Rows and totals of one moment.
        let moment = connection.unchecked_transaction()?;
        let of = params![project.as_bytes(), self.company.0.as_bytes()];
        let mut rows = moment.prepare_cached(&self.rows)?;
        let mut rows = rows.query_map(of, LogRow::read)?.collect::<rusqlite::Result<Vec<_>>>()?;
        let mut page = LogPage::default();
        let mut totals = moment.prepare_cached(&self.totals)?;
        let mut totals = totals.query(of)?;
        let (mut sums, mut states) = (BTreeMap::<String, (i64, i64)>::new(), BTreeMap::<u8, i64>::new());
        while let Some(total) = totals.next()? {
            let (cors, amount): (i64, i64) = (total.get(2)?, total.get(3)?);
            let sum = sums.entry(total.get(1)?).or_default();
            *sum = (sum.0 + cors, sum.1 + amount);
            *states.entry(total.get(0)?).or_default() += cors;
            page.count += cors;
        }
        page.totals = sums.into_iter().map(|(currency, (count, sum))| Total::of(currency, count, sum)).collect();
        page.procore_states = states.into_iter().map(|(key, count)| StateCount { state: state(key), count }).collect();
        if rows.len() > compare::ROWS {
            rows.truncate(compare::ROWS);
            page.next =
                rows.last().map(|row| BASE64_URL_SAFE_NO_PAD.encode(format!("-total {}.{}", row.id, row.minor)));
        }
        page.rows = rows;
        Ok(page)
    }
}

fn state(key: u8) -> &'static str {
    STATES.get(usize::from(key)).copied().unwrap_or("another")
}

fn amount(minor: i64) -> String {
    let (sign, magnitude) = (if minor < 0 { "-" } else { "" }, minor.unsigned_abs());
    format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100)
}

// What the product answers, field by field.

#[derive(Default, Serialize)]
struct LogPage {
    rows: Vec<LogRow>,
    /// The floor fails at a row it can't read, so it never leaves one out.
    unreadable: usize,
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
    recorded_by_sender: bool,
    amount: String,
    currency: String,
    submitted_at: Option<Timestamp>,
    procore: InProcore,
    #[serde(skip)]
    minor: i64,
}

impl LogRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let id = |i| Ok::<_, rusqlite::Error>(Uuid::from_bytes(row.get(i)?));
        let event = match row.get::<_, i64>(11)? {
            0 => None,
            id => Some(EventName {
                id: id.to_string(),
                number: row.get(12)?,
                title: row.get(13)?,
                status: row.get(14)?,
                gone: row.get(15)?,
            }),
        };
        let (minor, submitted) = (row.get(7)?, row.get::<_, i64>(8)?);
        Ok(Self {
            id: id(0)?,
            number: row.get(1)?,
            title: row.get(2)?,
            customer_reference: row.get(3)?,
            counterparty: Named { id: id(4)?, name: row.get(5)? },
            status: STATUS,
            recorded_by_sender: row.get(16)?,
            amount: amount(minor),
            currency: row.get(6)?,
            submitted_at: if submitted == 0 { None } else { Timestamp::from_microsecond(submitted).ok() },
            procore: InProcore { state: state(row.get(9)?), reason: row.get(10)?, event },
            minor,
        })
    }
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
        Self { status: STATUS, currency, count, amount: amount(sum) }
    }
}

#[derive(Serialize)]
struct StateCount {
    state: &'static str,
    count: i64,
}
