//! Measures how units that add to one company's record get in each other's way:
//! `bin/with-postgres cargo run --release -p store --features testing --example measure_record -- URL [SECONDS]`.
//!
//! So many writers add five entries a unit, as a push of a few CORs does: first as fast as they can, then every 50 ms, as
//! workers do that wait for Procore in between. Printed are units and repeated runs a second, and how often a unit gave up.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use domain::{
    CompanyId, CorId, Money, ProjectId, PushId,
    audit::{AuditEvent, Fact, PrivateEntry, SharedEntry},
};
use jiff::Timestamp;
use store::{DatabaseUrl, Store, StoreError};
use uuid::Uuid;

fn facts(n: u128, at: Timestamp) -> Vec<Fact> {
    let fact = |i: u128| {
        let told = SharedEntry::CorAsked {
            number: format!("{i:03}"),
            by: "Dana Whitfield".into(),
            planned: Money::minor(1_845_000).into(),
            before: Money::ZERO.into(),
            currency: "USD".into(),
        };
        let kept = PrivateEntry { salt: format!("{:032x}", n * 5 + i), ..PrivateEntry::default() };
        let event = AuditEvent::Cor { cor: CorId(Uuid::from_u128(i)), told, kept };
        Fact { at, project: ProjectId(Uuid::from_u128(3)), push: Some(PushId(Uuid::from_u128(n))), event }
    };
    (0..5).map(fact).collect()
}

#[derive(Default)]
struct Counts {
    units: AtomicU64,
    runs: AtomicU64,
    given_up: AtomicU64,
}

async fn writer(store: Store, company: CompanyId, pace: Duration, until: Instant, counts: Arc<Counts>) {
    let at = Timestamp::UNIX_EPOCH;
    let mut n = 0;
    while Instant::now() < until {
        n += 1;
        let (facts, shared) = (facts(n, at), counts.clone());
        let stored: Result<(), StoreError> = store
            .write(move |tx| {
                shared.runs.fetch_add(1, Relaxed);
                tx.of(company).append_audit(&facts)
            })
            .await;
        match stored {
            Ok(()) => counts.units.fetch_add(1, Relaxed),
            Err(error) => {
                eprintln!("{error}");
                counts.given_up.fetch_add(1, Relaxed)
            }
        };
        tokio::time::sleep(pace).await;
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let url: DatabaseUrl = args.next().ok_or("the address of an empty database is missing")?.parse()?;
    let seconds: u64 = args.next().map_or(Ok(5), |n| n.parse())?;
    let store = Store::open(&url).await?;
    store.migrate().await?;
    for (case, (writers, pace)) in [(1, 0), (2, 0), (4, 0), (2, 50), (8, 50)].into_iter().enumerate() {
        let company = CompanyId(Uuid::from_u128(100 + case as u128));
        store
            .write(move |tx| {
                tx.exec_one(
                    "INSERT INTO company (id, name, name_key, claimed, created_at) VALUES ($1, $2, $2, 1, 0)",
                    &[company.into(), format!("company {case}").into()],
                )
            })
            .await?;
        let (counts, until) = (Arc::new(Counts::default()), Instant::now() + Duration::from_secs(seconds));
        let writing = (0..writers)
            .map(|_| tokio::spawn(writer(store.clone(), company, Duration::from_millis(pace), until, counts.clone())));
        for one in writing.collect::<Vec<_>>() {
            one.await?;
        }
        let (units, runs) = (counts.units.load(Relaxed), counts.runs.load(Relaxed));
        let given_up = counts.given_up.load(Relaxed);
        println!(
            "{writers} writers, a unit every {pace} ms: {} units a second, {} runs repeated a second, {given_up} given up",
            units / seconds,
            runs.saturating_sub(units) / seconds,
        );
    }
    Ok(())
}
