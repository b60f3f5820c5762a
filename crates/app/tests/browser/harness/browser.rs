//! A Chromium of its own, driven through a ChromeDriver of its own.

use std::{
    mem::ManuallyDrop,
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Instant,
};

use thirtyfour::{ChromiumLikeCapabilities as _, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver};

use super::{GLANCE, PATIENCE, free_port};

/// The size of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// 1440 × 900.
    Desktop,
    /// 390 × 844.
    Phone,
    /// This wide, for what lies between them.
    Wide(u32),
}

/// A running browser; both processes end when it is dropped.
pub struct Browser {
    /// The session. Its own end would wait on the runtime of a test that has just panicked, so [`Drop`] does without it.
    pub driver: ManuallyDrop<WebDriver>,
    _chromedriver: ChromeDriver,
    _profile: tempfile::TempDir,
}

struct ChromeDriver(Child);

impl Drop for ChromeDriver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Asked to quit, Chromium takes its time with connections that are still open; nothing of it is worth keeping.
        let process = self.driver.capabilities().get("goog:processID").and_then(serde_json::Value::as_u64);
        if let Some(process) = process {
            let _ = Command::new("kill").args(["-KILL", &process.to_string()]).status();
        }
    }
}

impl Browser {
    /// Starts one.
    pub async fn start(screen: Screen) -> Self {
        // The driver's client wants to know its TLS, though it never speaks it. A second call is refused and harmless.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let port = free_port();
        let child = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver doesn't start ({error}): run bin/setup-tests"));
        let chromedriver = ChromeDriver(child);
        let address = format!("http://127.0.0.1:{port}");
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < PATIENCE, "chromedriver doesn't answer on port {port}");
            tokio::time::sleep(GLANCE).await;
        }
        let profile = tempfile::tempdir().expect("a temporary folder");
        let driver = WebDriver::new(&address, capabilities(screen, &profile))
            .await
            .unwrap_or_else(|error| panic!("Chromium doesn't start: run bin/setup-tests\n{error}"));
        Self { driver: ManuallyDrop::new(driver), _chromedriver: chromedriver, _profile: profile }
    }
}

fn capabilities(screen: Screen, profile: &tempfile::TempDir) -> thirtyfour::ChromeCapabilities {
    let mut wanted = DesiredCapabilities::chrome();
    let folder = format!("--user-data-dir={}", profile.path().display());
    let arguments = [
        "--headless=new",
        // Chromium refuses to run as root in its sandbox; the pages are our own.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        // Nothing of it talks to anybody but us.
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-features=PasswordManagerOnboarding,PasswordLeakDetection",
        "--hide-scrollbars",
        "--window-size=1440,900",
        "--force-prefers-reduced-motion",
        folder.as_str(),
    ];
    let mut set = || {
        for argument in arguments {
            wanted.add_arg(argument)?;
        }
        // A pop-up that is blocked takes the page's other way; these tests want the first one.
        wanted.add_experimental_option("excludeSwitches", ["disable-popup-blocking"])?;
        if let Screen::Wide(width) = screen {
            let metrics = serde_json::json!({ "width": width, "height": 900, "pixelRatio": 1.0, "touch": true });
            wanted.add_experimental_option("mobileEmulation", serde_json::json!({ "deviceMetrics": metrics }))?;
        }
        if screen == Screen::Phone {
            let metrics = serde_json::json!({ "width": 390, "height": 844, "pixelRatio": 2.0, "touch": true });
            wanted.add_experimental_option("mobileEmulation", serde_json::json!({ "deviceMetrics": metrics }))?;
        }
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All)
    };
    set().expect("options can be written as JSON");
    wanted
}
