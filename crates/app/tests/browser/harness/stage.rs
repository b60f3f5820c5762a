//! The servers of a story: the real binary on 127.0.0.1, Procore on localhost.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Instant,
};

use url::Url;

use super::{GLANCE, PATIENCE, Person, browser::Screen, free_port, procore::Procore, wire};

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
        command.args(["demo", "--listen", "127.0.0.1:0", "--dir"]).arg(folder.path());
        let process = Process::start(command);
        // It prints both addresses, each on a line of its own, once it is furnished.
        let (url, procore) = (process.announced("Ledgerboard").await, process.announced("Procore").await);
        let stage = Self { url, procore: Procore { url: procore }, process, folder };
        stage.ready().await;
        stage
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

    /// Where its files are.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Somebody at a desk.
    pub async fn person(&self) -> Person {
        Person::at(&self.url, Screen::Desk).await
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

fn ledgerboard() -> Command {
    Command::new(env!("CARGO_BIN_EXE_ledgerboard"))
}

fn address(host: &str, port: u16) -> Url {
    format!("http://{host}:{port}").parse().expect("a URL")
}
