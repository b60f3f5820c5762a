//! The product as an operator runs it, and Procore beside it.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{procore::reference::Mark, role::Actor};
use emulator::{Client, Emulator, EmulatorOptions, RateLimits};
use jiff::SignedDuration;
use ledgerboard::{
    App, Serving, Settings,
    account::api_tokens,
    cli::instance::{AppCredentials, assemble},
    clock::{Clock as _, SystemClock},
    demo_data::{self, Furnished},
    integration::{change_events, connect, map_project, reference},
    record, testing,
};
use procore::Hosts;
use rust_decimal::Decimal;
use serde_json::Value;
use store::{DatabaseUrl, Store, StoreError, testing::TestDb};
use url::Url;

use crate::wire;

const OWNER: &str = "r.calloway@whitfieldsons.example";
const MANAGER: &str = "d.whitfield@whitfieldsons.example";
const APP: [&str; 2] = ["kills", "kills-secret"];
/// Longer than it takes to start.
const PATIENCE: Duration = Duration::from_mins(1);

/// A line that carries our mark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OurLine {
    /// Part of its mark.
    pub ordinal: u32,
    /// Procore's id.
    pub id: i64,
    /// Where it is.
    pub event: i64,
    /// Its cost.
    pub amount: Decimal,
}

pub struct Plant {
    pub url: Url,
    pub procore: Emulator,
    pub made: Furnished,
    /// The Project Manager's program.
    pub manager: String,
    /// The subcontractors' programs.
    pub senders: Vec<String>,
    procore_url: Url,
    database: TestDb,
    /// The one that serves pages first. On SQLite it pushes too, on PostgreSQL two workers do.
    running: Vec<Option<Child>>,
}

impl Drop for Plant {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Plant {
    /// Furnished, signed in, connected, mapped, and running.
    pub async fn build(database: TestDb) -> Self {
        let url: Url = format!("http://127.0.0.1:{}", free_port()).parse().unwrap();
        let redirect = url.join("/procore/callback").unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let procore_url: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let clock: emulator::Clock = Arc::new(|| SystemClock.now());
        let mut options = EmulatorOptions::demo(clock, Client::new(APP[0], APP[1], &[redirect.as_str()]));
        options.limits = RateLimits { hourly: 1_000_000, spike: 1_000_000, spike_seconds: 10 };
        let procore = Emulator::new(options);
        let serving = procore.clone();
        tokio::spawn(async move { serving.serve(listener).await });

        let app = app(database.store(), &url, &procore_url);
        let made = demo_data::furnish(&app).await.unwrap();
        for (actor, login) in [(&made.owner, OWNER), (&made.manager, MANAGER)] {
            testing::sign_in_to_procore(&app, &procore, actor, login).await.unwrap();
        }
        connect::connect(&app, &made.owner, made.offices[0], emulator::seed::WHITFIELD).await.unwrap();
        let harbor = procore.world(|w| w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id);
        let harbor = map_project::MapTo::project(harbor).kept_in(domain::Currency::Usd);
        map_project::map(&app, &made.manager, made.project, harbor).await.unwrap();
        change_events::refresh(&app, &made.manager, made.project).await.unwrap();
        reference::get(&app, &made.manager, made.project).await.unwrap();
        let manager = token(&app, &made.manager).await;
        let mut senders = Vec::new();
        for sub in &made.subs {
            senders.push(token(&app, sub).await);
        }
        let processes = if matches!(database.url(), DatabaseUrl::Sqlite(_)) { 1 } else { 3 };
        let running = (0..processes).map(|_| None).collect();
        let mut plant = Self { url, procore, made, manager, senders, procore_url, database, running };
        plant.start().await;
        plant
    }

    /// Starts whatever does not run, and waits until it answers.
    pub async fn start(&mut self) {
        for which in 0..self.running.len() {
            if self.running[which].is_none() {
                self.running[which] = Some(self.spawn(which));
            }
        }
        let (health, begun) = (self.url.join("/healthz").unwrap(), Instant::now());
        while wire::send("GET", &health, &[], "").is_none_or(|answer| answer.status != 200) {
            assert!(begun.elapsed() < PATIENCE, "it doesn't start");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn spawn(&self, which: usize) -> Child {
        let listen = format!("127.0.0.1:{}", self.url.port().unwrap());
        let arguments: &[&str] = match (which, self.running.len()) {
            (0, 1) => &["serve", "--listen", &listen],
            (0, _) => &["serve", "--no-worker", "--listen", &listen],
            _ => &["worker"],
        };
        let address = match self.database.url() {
            DatabaseUrl::Sqlite(file) => file.display().to_string(),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_ledgerboard"));
        command
            .args(arguments)
            .env("LEDGERBOARD_DATABASE_URL", address)
            .env("LEDGERBOARD_PUBLIC_URL", self.url.as_str().trim_end_matches('/'))
            .env("LEDGERBOARD_KEY", "5a".repeat(32))
            .env("LEDGERBOARD_PROCORE", self.procore_url.as_str().trim_end_matches('/'))
            .env("LEDGERBOARD_PROCORE_CLIENT_ID", APP[0])
            .env("LEDGERBOARD_PROCORE_CLIENT_SECRET", APP[1])
            .env("LEDGERBOARD_PROCORE_TIMEOUT", "0.5")
            .env("LEDGERBOARD_PUSH_QUARANTINE", "1")
            .env("LEDGERBOARD_PUSH_LIST_LAG", "1")
            .env("LEDGERBOARD_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command.spawn().unwrap()
    }

    /// SIGKILL for all of it, and no goodbye.
    pub fn kill(&mut self) {
        (0..self.running.len()).for_each(|which| self.kill_one(which));
    }

    /// How many processes there are.
    pub fn processes(&self) -> usize {
        self.running.len()
    }

    /// SIGKILL for one of them.
    pub fn kill_one(&mut self, which: usize) {
        if let Some(mut running) = self.running[which].take() {
            let _ = running.kill();
            let _ = running.wait();
        }
    }

    /// The database as the dead process left it; SQLite finds nothing wrong with it.
    pub async fn left_behind(&self) -> Store {
        let store = Store::open(self.database.url()).await.unwrap();
        if matches!(self.database.url(), DatabaseUrl::Postgres(_)) {
            return store;
        }
        let said: Vec<String> = store
            .read(|tx| tx.query("PRAGMA integrity_check", &[], |row| row.get(0)))
            .await
            .map_err(|error: StoreError| error.to_string())
            .unwrap();
        assert_eq!(said, ["ok"]);
        store
    }

    /// Calls the API.
    pub fn call(&self, token: &str, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        call(&self.url, token, method, path, body)
    }

    /// The events that our pushes made.
    pub fn events_of_ours(&self) -> BTreeSet<i64> {
        self.procore.world(|w| {
            let ours = |event: &&emulator::world::ChangeEvent| {
                event.deleted_at.is_none() && event.title.as_deref().is_some_and(|title| title.starts_with("Killed "))
            };
            w.change_events.values().filter(ours).map(|event| event.id).collect()
        })
    }

    /// The live lines of all events that carry a mark of ours, by its reference.
    pub fn our_lines(&self) -> BTreeMap<String, Vec<OurLine>> {
        let mut found: BTreeMap<String, Vec<OurLine>> = BTreeMap::new();
        self.procore.world(|w| {
            for event in w.change_events.values().filter(|event| event.deleted_at.is_none()) {
                for item in event.live_items() {
                    if let Some(mark) = Mark::find(item.description.as_deref().unwrap_or_default()) {
                        let line =
                            OurLine { ordinal: mark.ordinal, id: item.id, event: event.id, amount: item.cost.amount };
                        found.entry(mark.reference.to_string()).or_default().push(line);
                    }
                }
            }
        });
        for lines in found.values_mut() {
            lines.sort();
        }
        found
    }

    /// Everything that is not ours.
    pub fn foreign_lines(&self) -> Vec<String> {
        self.procore.world(|w| {
            let items = w.change_events.values().flat_map(|event| event.items.iter());
            let foreign = items.filter(|i| Mark::find(i.description.as_deref().unwrap_or_default()).is_none());
            foreign.map(|item| format!("{item:?}")).collect()
        })
    }

    /// The chain of hashes survived as well.
    pub async fn assert_record_is_whole(&self) {
        let store = self.left_behind().await;
        let records = record::verify(&store).await.unwrap();
        assert!(!records.is_empty(), "pushes were recorded");
        for record in records {
            assert_eq!(record.flaws, [], "{}", record.name);
        }
    }
}

/// Calls the API; nothing when nobody answers.
pub fn call(base: &Url, token: &str, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
    let url = base.join(&format!("/api/v1{path}")).unwrap();
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = wire::send(method, &url, &headers, &body)?;
    Some((answer.status, serde_json::from_str(&answer.body).unwrap_or(Value::Null)))
}

/// What the record says of a COR, for whoever looks into a failure.
pub async fn record_of(store: &Store, company: domain::CompanyId, cor: domain::CorId) -> String {
    let entries = store.read(move |tx| tx.of(company).audit_of_cor(cor)).await;
    let entries = entries.map_err(|error: StoreError| error.to_string()).unwrap();
    let line =
        |e: &domain::audit::chain::SealedEntry| format!("{} {} {} {} {}\n", e.seq, e.time(), e.kind, e.told, e.kept);
    entries.iter().rev().map(line).collect()
}

async fn token(app: &App, actor: &Actor) -> String {
    api_tokens::make(app, actor, api_tokens::TokenInput::called("A program")).await.unwrap().token
}

fn app(store: Store, url: &Url, procore: &Url) -> App {
    let settings = Settings {
        push_quarantine: SignedDuration::from_secs(1),
        push_list_lag: SignedDuration::from_secs(1),
        reconcile_every: SignedDuration::from_mins(15),
        procore_timeout: Duration::from_millis(500),
        public_url: url.clone(),
        webhooks: false,
    };
    let credentials = AppCredentials { client_id: APP[0].to_owned(), client_secret: APP[1].to_owned() };
    let serving = Serving { insecure_cookies: true, ..Serving::default() };
    assemble(store, settings, serving, &[0x5a; 32], Hosts::at(procore), credentials)
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
