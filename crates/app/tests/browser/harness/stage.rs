//! The servers of a story: the real binary on 127.0.0.1, Procore on localhost.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Instant,
};

use ledgerboard::clock::{Clock as _, SystemClock};
use url::Url;

use super::{GLANCE, PATIENCE, Person, browser::Screen, free_port, procore::Procore, wire};

/// The password of all of the demo's people.
pub const DEMO_PASSWORD: &str = "harbor-point-at-dawn";
/// The demo's general contractor: its Account Owner.
pub const OWNER: &str = "r.calloway@whitfieldsons.example";
/// Its Project Manager, signed in to Procore.
pub const MANAGER: &str = "d.whitfield@whitfieldsons.example";
/// A Project Manager of it who may only read in Procore, and has not signed in there.
pub const READER: &str = "m.ortiz@whitfieldsons.example";
/// A Field User of it.
pub const FIELD: &str = "l.ferreira@whitfieldsons.example";
/// The mechanical contractor's Account Owner.
pub const MECHANICAL: &str = "owner@cascademech.example";
/// The electrical contractor's Account Owner.
pub const ELECTRICAL: &str = "i.caldwell@northlight.example";

/// Everything of one story; all of it ends and is removed when it is dropped.
pub struct Stage {
    /// Where the product is.
    pub url: Url,
    /// Procore.
    pub procore: Procore,
    process: Process,
    folder: tempfile::TempDir,
}

struct Process {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Stage {
    /// `ledgerboard demo`: two sides, believable data, Procore beside it.
    pub async fn demo() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut command = ledgerboard();
        command.args(["demo", "--listen", "127.0.0.1:0", "--rate-limit-spike", "1000", "--dir"]).arg(folder.path());
        let process = Process::start(command);
        // It prints both addresses, each on a line of its own, once it is furnished.
        let (url, procore) = (process.announced("Ledgerboard").await, process.announced("Procore").await);
        let stage = Self { url, procore: Procore { url: procore }, process, folder };
        stage.ready().await;
        stage
    }

    /// `ledgerboard serve` on an empty database, and a Procore that knows nothing of it but its credentials.
    pub async fn serve() -> Self {
        let port = free_port();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = address("127.0.0.1", port);
        let procore = emulate(&url).await;
        let process = Process::start(serving(port, &procore, folder.path()));
        let stage = Self { url, procore: Procore { url: procore }, process, folder };
        stage.ready().await;
        stage
    }

    /// Kills the product as a power cut would, and starts it again on the same database.
    pub async fn crash_and_restart(&mut self) {
        let port = self.url.port().expect("it was given one");
        let command = serving(port, &self.procore.url, self.folder.path());
        let _ = self.process.child.kill();
        let _ = self.process.child.wait();
        self.process = Process::start(command);
        self.ready().await;
    }

    /// Waits until the product answers.
    async fn ready(&self) {
        let health = self.url.join("/healthz").expect("a path");
        let begun = Instant::now();
        while wire::send("GET", &health, &[], "").is_none_or(|answer| answer.status != 200) {
            assert!(begun.elapsed() < PATIENCE * 2, "the product doesn't start. It said:\n{}", self.said());
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// What the product printed so far.
    pub fn said(&self) -> String {
        self.process.said()
    }

    /// Somebody at a wide screen.
    pub async fn person(&self) -> Person {
        Person::at(&self.url, Screen::Desktop).await
    }

    /// One of the demo's people, signed in at a wide screen.
    pub async fn signed_in(&self, email: &str) -> Person {
        let person = self.person().await;
        person.sign_in(email, DEMO_PASSWORD).await;
        person
    }

    /// Somebody whose window is so wide.
    pub async fn person_with_window(&self, width: u32) -> Person {
        Person::at(&self.url, Screen::Wide(width)).await
    }

    /// Somebody with a phone.
    pub async fn person_with_phone(&self) -> Person {
        Person::at(&self.url, Screen::Phone).await
    }
}

impl Process {
    fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let said = Arc::new(Mutex::new(String::new()));
        let streams: [Option<Box<dyn std::io::Read + Send>>; 2] = [
            child.stdout.take().map(|stream| Box::new(stream) as _),
            child.stderr.take().map(|stream| Box::new(stream) as _),
        ];
        for stream in streams.into_iter().flatten() {
            let said = said.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    if let Ok(mut said) = said.lock() {
                        said.push_str(&line);
                        said.push('\n');
                    }
                }
            });
        }
        Self { child, said }
    }

    fn said(&self) -> String {
        self.said.lock().map(|said| said.clone()).unwrap_or_default()
    }

    /// Waits until it has said `name` and an address.
    async fn announced(&self, name: &str) -> Url {
        let begun = Instant::now();
        loop {
            let said = self.said();
            let line = said.lines().find_map(|line| line.strip_prefix(name));
            let address = line.and_then(|line| line.split_whitespace().next()).and_then(|word| Url::parse(word).ok());
            if let Some(address) = address {
                return address;
            }
            assert!(begun.elapsed() < PATIENCE * 2, "it doesn't say where {name} is. It said:\n{said}");
            tokio::time::sleep(GLANCE).await;
        }
    }
}

/// A Procore on localhost, in this process; it ends with the test.
async fn emulate(product: &Url) -> Url {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let url = address("localhost", listener.local_addr().expect("it is bound").port());
    let redirect = product.join("/procore/callback").expect("a path");
    let client = emulator::Client::new(CLIENT, SECRET, &[redirect.as_str()]);
    let clock: emulator::Clock = Arc::new(|| SystemClock.now());
    let mut options = emulator::EmulatorOptions::demo(clock, client);
    options.public_url = Some(url.as_str().trim_end_matches('/').to_owned());
    let procore = emulator::Emulator::new(options);
    tokio::spawn(async move { procore.serve(listener).await });
    url
}

fn serving(port: u16, procore: &Url, folder: &std::path::Path) -> Command {
    let mut command = ledgerboard();
    command
        .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
        .env("LEDGERBOARD_DATABASE_URL", folder.join("ledgerboard.db"))
        .env("LEDGERBOARD_PUBLIC_URL", format!("http://127.0.0.1:{port}"))
        .env("LEDGERBOARD_KEY", "5a".repeat(32))
        .env("LEDGERBOARD_PROCORE", procore.as_str().trim_end_matches('/'))
        .env("LEDGERBOARD_PROCORE_CLIENT_ID", CLIENT)
        .env("LEDGERBOARD_PROCORE_CLIENT_SECRET", SECRET)
        // A request that was given up is dead after three seconds here.
        .env("LEDGERBOARD_PROCORE_TIMEOUT", "2")
        .env("LEDGERBOARD_PUSH_QUARANTINE", "3")
        .env("LEDGERBOARD_PUSH_LIST_LAG", "6");
    command
}

const CLIENT: &str = "browser-test";
const SECRET: &str = "browser-test-secret";

fn ledgerboard() -> Command {
    Command::new(env!("CARGO_BIN_EXE_ledgerboard"))
}

fn address(host: &str, port: u16) -> Url {
    format!("http://{host}:{port}").parse().expect("a URL")
}
