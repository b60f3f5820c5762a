//! The two servers, each a process of its own as an operator would run it.

use std::{
    env,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use domain::CompanyId;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::{Fallible, load};

/// A server that ends with this value.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its process.
    pub process: u32,
    child: Child,
}

impl Server {
    /// Asks it to stop, as a service manager does, and answers how long it took.
    pub async fn stop(mut self) -> Fallible<Duration> {
        let begun = Instant::now();
        let process = Pid::from_raw(i32::try_from(self.process)?).ok_or("the server has no process")?;
        kill_process(process, Signal::TERM)?;
        let status = self.child.wait().await?;
        if status.success() { Ok(begun.elapsed()) } else { Err(format!("the server ended with {status}").into()) }
    }
}

/// `ledgerboard serve`, built beside this program.
pub async fn product(database: &Path) -> Fallible<Server> {
    let program = env::current_exe()?.with_file_name("ledgerboard");
    if !program.exists() {
        return Err(format!("{} is missing: build it first, as bin/bench does", program.display()).into());
    }
    let address = free_address()?;
    let mut command = Command::new(program);
    command
        .args(["serve", "--listen", &address.to_string(), "--database-url"])
        .arg(database)
        .args(["--public-url", &format!("http://{address}"), "--key", &"0".repeat(64)])
        // Whoever measures says where a request comes from.
        .args(["--trusted-proxies", "127.0.0.1"])
        .args(["--procore-client-id", "bench", "--procore-client-secret", "bench"])
        // Nobody is asked: there is nothing to push.
        .args(["--procore", "http://127.0.0.1:9"]);
    start(address, command).await
}

/// The floor.
pub async fn floor(database: &Path, company: CompanyId) -> Fallible<Server> {
    let address = free_address()?;
    let mut command = Command::new(env::current_exe()?);
    command
        .args(["floor", "--listen", &address.to_string(), "--company", &company.to_string(), "--database"])
        .arg(database);
    start(address, command).await
}

async fn start(address: SocketAddr, mut command: Command) -> Fallible<Server> {
    let mut process = command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let number = process.id().unwrap_or(0);
    let path = "/healthz".to_owned();
    let health = load::Asked { server: address, process: number, path, header: "accept", value: "*/*".to_owned() };
    for _ in 0..200 {
        if load::fetch(&health).await.is_ok() {
            return Ok(Server { address, process: number, child: process });
        }
        if let Some(status) = process.try_wait()? {
            return Err(format!("a server ended at once: {status}").into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err("a server did not answer within ten seconds".into())
}

/// A port that was free a moment ago.
fn free_address() -> Fallible<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
