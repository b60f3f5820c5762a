//! Measures the log on either database: `cargo run --release -p store --features testing --example measure_log -- [URL] [CORS]`.
//!
//! Seeds one project of so many CORs (50,000 if not said) beside ten of 2,000, and prints how long each page, its totals and
//! a selection take: the median of 21 runs, in milliseconds. The database must be empty.

use std::{collections::BTreeSet, time::Instant};

use domain::{CompanyId, OfficeId, ProjectId, cor::Status, procore::Side, procore::push_state::ProcoreState};
use jiff::Timestamp;
use store::{
    DatabaseUrl, Store, StoreError,
    repo::log::{LogFilter, PageWanted, Picked, Sort, SortBy},
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

    let any = LogFilter::default();
    let filters = [
        ("everything", any.clone()),
        ("one status", LogFilter { statuses: BTreeSet::from([Status::InReview]), ..any.clone() }),
        ("a rare status", LogFilter { statuses: BTreeSet::from([Status::Void]), ..any.clone() }),
        ("two statuses", LogFilter { statuses: BTreeSet::from([Status::Void, Status::Placeholder]), ..any.clone() }),
        ("update needed", LogFilter { procore: BTreeSet::from([ProcoreState::UpdateNeeded]), ..any.clone() }),
        ("one event", LogFilter { event: Some(7_000_000_003), ..any.clone() }),
        ("open events", LogFilter { event_statuses: BTreeSet::from(["Open".to_owned()]), ..any.clone() }),
        ("text 14", LogFilter { text: "14".to_owned(), ..any.clone() }),
        ("text CE 9", LogFilter { text: "CE 9".to_owned(), ..any.clone() }),
        ("text nothing", LogFilter { text: "no such words".to_owned(), ..any.clone() }),
    ];
    println!(
        "{:<16} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "filter", "submitted", "amount", "title", "buckets", "selection"
    );
    for (name, filter) in filters {
        let mut line = format!("{name:<16}");
        for (by, descending) in [(SortBy::Submitted, true), (SortBy::Total, true), (SortBy::Title, false)] {
            let wanted =
                PageWanted { filter: filter.clone(), sort: Sort { by, descending }, rows: 50, ..PageWanted::default() };
            line += &format!(" {:>10.2}", median(&store, Ask::Page(wanted), customer, project).await?);
        }
        line += &format!(" {:>10.2}", median(&store, Ask::Buckets(filter.clone()), customer, project).await?);
        line += &format!(" {:>10.2}", median(&store, Ask::Selection(filter), customer, project).await?);
        println!("{line}");
    }
    let _ = std::fs::remove_file(folder);
    Ok(())
}

#[derive(Clone)]
enum Ask {
    Page(PageWanted),
    Buckets(LogFilter),
    Selection(LogFilter),
}

async fn median(store: &Store, ask: Ask, company: CompanyId, project: ProjectId) -> Result<f64, StoreError> {
    let mut times = Vec::new();
    for _ in 0..21 {
        let (ask, begun) = (ask.clone(), Instant::now());
        store
            .read(move |tx| {
                let mut us = tx.of(company);
                match ask {
                    Ask::Page(wanted) => us.log_page(project, Side::Received, &wanted).map(|_| ()),
                    Ask::Buckets(filter) => us.log_buckets(project, Side::Received, &filter).map(|_| ()),
                    Ask::Selection(filter) => {
                        let picked = Picked::AllBut(filter, BTreeSet::new());
                        us.log_selected(project, Side::Received, &picked, 1_000).map(|_| ())
                    }
                }
            })
            .await?;
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}
