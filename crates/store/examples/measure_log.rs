//! Measures the log on either database: `cargo run --release -p store --features testing --example measure_log -- [URL] [CORS]`.
//!
//! Seeds one project of so many CORs (50,000 if not said) beside ten of 2,000, and prints how long each page, its totals and
//! a selection take: the median of 21 runs, in milliseconds, and in brackets how long processors worked on it (on Linux). The
//! database must be empty.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use domain::{
    CompanyId, ContractId, CorId, LineItemId, Money, OfficeId, ProjectId,
    cor::{LineItem, Price, Section, Status},
    procore::{Side, push_state::ProcoreState},
};
use jiff::Timestamp;
use store::{
    DatabaseUrl, Dialect, Row, Store, StoreError, Tx,
    repo::{
        cor::{CorContent, NewCor},
        log::{LogFilter, PageWanted, Picked, Sort, SortBy},
    },
    seed::{self, Seeding},
};
use uuid::Uuid;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let folder = std::env::temp_dir().join(format!("measure-log-{}.db", std::process::id()));
    let url = args.next().unwrap_or_else(|| format!("sqlite:{}", folder.display()));
    let cors: u64 = args.next().map_or(Ok(50_000), |n| n.parse())?;
    let url: DatabaseUrl = url.parse()?;
    let store = Store::open(&url).await?;
    store.migrate().await?;
    let (customer, office) = (CompanyId(Uuid::from_u128(1)), OfficeId(Uuid::from_u128(2)));
    let now: Timestamp = "2026-11-23T17:00:00Z".parse()?;
    store
        .write(move |tx| {
            tx.exec_one(
                "INSERT INTO company (id, name, name_key, claimed, created_at) VALUES ($1, 'Whitfield', 'whitfield', 1, 0)",
                &[customer.into()],
            )?;
            tx.exec_one(
                "INSERT INTO office (id, company_id, name, created_at) VALUES ($1, $2, 'Portland', 0)",
                &[office.into(), customer.into()],
            )
        })
        .await?;
    let seeding = Seeding { customer, office, projects: 10, cors: 20_000, pushed_percent: 30, seed: 1, now };
    let begun = Instant::now();
    seed::seed(&store, seeding).await?;
    let project = seed::seed(&store, Seeding { projects: 1, cors, seed: 2, ..seeding }).await?[0];
    println!("seeded {} CORs in {:.1?}", 20_000 + cors, begun.elapsed());

    let sub = store
        .read(move |tx| tx.of(customer).log_counterparties(project, Side::Received))
        .await?
        .first()
        .map_or(customer, |(id, _)| *id);
    let any = LogFilter::default();
    let filters = [
        ("everything", any.clone()),
        ("one status", LogFilter { statuses: BTreeSet::from([Status::InReview]), ..any.clone() }),
        ("a rare status", LogFilter { statuses: BTreeSet::from([Status::Void]), ..any.clone() }),
        ("two statuses", LogFilter { statuses: BTreeSet::from([Status::Void, Status::Placeholder]), ..any.clone() }),
        ("update needed", LogFilter { procore: BTreeSet::from([ProcoreState::UpdateNeeded]), ..any.clone() }),
        ("one event", LogFilter { event: Some(7_000_000_003), ..any.clone() }),
        ("a company", LogFilter { counterparties: BTreeSet::from([sub]), ..any.clone() }),
        ("open events", LogFilter { event_statuses: BTreeSet::from(["Open".to_owned()]), ..any.clone() }),
        ("text 14", LogFilter { text: "14".to_owned(), ..any.clone() }),
        ("text CE 9", LogFilter { text: "CE 9".to_owned(), ..any.clone() }),
        ("text a", LogFilter { text: "a".to_owned(), ..any.clone() }),
        ("text qz", LogFilter { text: "qz".to_owned(), ..any.clone() }),
        ("text shaft liner", LogFilter { text: "shaft liner upgrade".to_owned(), ..any.clone() }),
        ("text nothing", LogFilter { text: "no such words".to_owned(), ..any.clone() }),
        (
            "14, in review",
            LogFilter { text: "14".to_owned(), statuses: BTreeSet::from([Status::InReview]), ..any.clone() },
        ),
        ("14, a company", LogFilter { text: "14".to_owned(), counterparties: BTreeSet::from([sub]), ..any.clone() }),
    ];
    println!(
        "{:<18} {:>13} {:>13} {:>13} {:>13} {:>13}",
        "filter", "submitted", "amount", "title", "buckets", "selection"
    );
    for (name, filter) in filters {
        let mut line = format!("{name:<18}");
        for (by, descending) in [(SortBy::Submitted, true), (SortBy::Total, true), (SortBy::Title, false)] {
            let wanted =
                PageWanted { filter: filter.clone(), sort: Sort { by, descending }, rows: 50, ..PageWanted::default() };
            line += &format!(" {:>13}", median(&store, Ask::Page(wanted), customer, project).await?);
        }
        line += &format!(" {:>13}", median(&store, Ask::Buckets(filter.clone()), customer, project).await?);
        line += &format!(" {:>13}", median(&store, Ask::Selection(filter), customer, project).await?);
        println!("{line}");
    }
    println!("a COR of ten lines, written and submitted: {} ms", creates(&store, customer, project).await?);
    let _ = std::fs::remove_file(folder);
    Ok(())
}

/// CORs of ten lines by a contractor of the project, each a unit that writes it and one that submits it: the median of the
/// time of both, and in brackets the time that processors worked on it.
async fn creates(store: &Store, customer: CompanyId, project: ProjectId) -> Result<String, StoreError> {
    let of_project =
        "SELECT id, contractor_id FROM contract WHERE project_id = $1 AND customer_id = $2 ORDER BY id LIMIT 1";
    let found = store
        .read(move |tx| {
            let server = server(tx)?;
            let ids = |row: &Row| Ok((row.get::<ContractId>(0)?, row.get::<CompanyId>(1)?));
            Ok::<_, StoreError>((tx.one(of_project, &[project.into(), customer.into()], ids)?, server))
        })
        .await?;
    let (Some((contract, contractor)), server) = found else { return Ok("no contract".to_owned()) };
    let (mut times, mut worked) = (Vec::new(), Vec::new());
    for n in 0..400_u128 {
        let id = |part: u128| Uuid::from_u128(0x01a0_0000_0000_7000_8000_0000_0000_0000 + (n << 16) + part);
        let line = |part| {
            let (id, words) = (LineItemId(id(part)), "Relocate supply duct at grid line C");
            LineItem::lump(id, Section::Labor, words, Money::minor(12_345))
        };
        let price = Price { lines: (1..=10).map(line).collect(), overtyped: None };
        let content = CorContent {
            description: "As directed in the field.".to_owned(),
            customer_reference: "PCO 114".to_owned(),
            ..CorContent::new("Relocate supply duct", price)
        };
        let at = "2026-11-24T09:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let new = NewCor { id: CorId(id(0)), contract, number: None, content, at };
        let (begun, busy) = (Instant::now(), processors(server));
        let made = store.write(move |tx| tx.of(contractor).create_cor(&new)).await?;
        let submit = move |tx: &mut Tx| {
            let Some(made) = &made else { return Ok(()) };
            tx.of(contractor).set_cor_status(made, Status::InReview, at).map(|_| ())
        };
        store.write(submit).await?;
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
        worked.push(processors(server).saturating_sub(busy).as_secs_f64() * 1_000.0);
    }
    Ok(format!("{:.2} ({:.2})", middle(times), middle(worked)))
}

/// The process that serves this connection, if it is another one.
fn server(tx: &mut Tx) -> Result<Option<i64>, StoreError> {
    match tx.dialect() {
        Dialect::Sqlite => Ok(None),
        Dialect::Postgres => tx.one("SELECT CAST(pg_backend_pid() AS BIGINT)", &[], |row| row.get::<i64>(0)),
    }
}

fn middle(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

#[derive(Clone)]
enum Ask {
    Page(PageWanted),
    Buckets(LogFilter),
    Selection(LogFilter),
}

/// The median, and in brackets the median of the time that processors worked on it, here and in the server.
async fn median(store: &Store, ask: Ask, company: CompanyId, project: ProjectId) -> Result<String, StoreError> {
    let mut times = Vec::new();
    let mut worked = Vec::new();
    for _ in 0..21 {
        let ask = ask.clone();
        let (time, work) = store
            .read(move |tx| {
                let server = server(tx)?;
                let (begun, busy) = (Instant::now(), processors(server));
                let mut us = tx.of(company);
                match ask {
                    Ask::Page(wanted) => us.log_page(project, Side::Received, &wanted).map(|_| ()),
                    Ask::Buckets(filter) => us.log_buckets(project, Side::Received, &filter).map(|_| ()),
                    Ask::Selection(filter) => {
                        let picked = Picked::AllBut(filter, BTreeSet::new());
                        us.log_selected(project, Side::Received, &picked, 1_000).map(|_| ())
                    }
                }?;
                Ok::<_, StoreError>((begun.elapsed(), processors(server).saturating_sub(busy)))
            })
            .await?;
        times.push(time.as_secs_f64() * 1_000.0);
        worked.push(work.as_secs_f64() * 1_000.0);
    }
    Ok(format!("{:.1} ({:.1})", middle(times), middle(worked)))
}

/// How long processors have worked for this program, and for the server's process if there is one.
fn processors(server: Option<i64>) -> Duration {
    let own = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let own = Duration::new(own.tv_sec.unsigned_abs(), own.tv_nsec.try_into().unwrap_or(0));
    let server = server.and_then(|pid| std::fs::read_to_string(format!("/proc/{pid}/schedstat")).ok());
    let server =
        server.and_then(|text| text.split(' ').next()?.parse().ok()).map_or(Duration::ZERO, Duration::from_nanos);
    own + server
}
