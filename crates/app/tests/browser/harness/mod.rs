//! The stage (servers), the browser, and the person who sits in front of it.

mod browser;
mod person;
pub mod procore;
pub mod stage;
pub mod wire;

pub use browser::Screen;
pub use person::Person;

use std::time::Duration;

/// How long a page may take to show what it should. Generous: a machine with two cores runs two of these at once.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often one looks.
const GLANCE: Duration = Duration::from_millis(60);

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("it is bound").port()
}
