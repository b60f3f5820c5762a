//! What strangers cost who say nothing or half of it, how long everybody else waits with all of them there, and how the product stops.

use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time,
};

use crate::{
    Fallible,
    servers::{self, Server},
    visitor::{ask, connect, get, signed_in, spread},
    world::World,
};

/// Settings of `bench connections`.
#[derive(clap::Args)]
pub struct Args {
    /// Connections that are opened and held.
    #[arg(long, default_value_t = 1_100)]
    connections: usize,
    /// Pages that others ask for meanwhile, each on a new connection.
    #[arg(long, default_value_t = 50)]
    pages: usize,
    /// Seconds after which it is counted who was sent away.
    #[arg(long, default_value_t = 85.0)]
    seconds: f64,
}

/// What strangers say before they fall silent.
const SAID: [(&str, &str); 4] = [
    ("nothing", ""),
    ("half a head", "GET /sign-in HTTP/1.1\r\nhost: 127.0"),
    (
        "half a body",
        "POST /sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\nsec-fetch-site: same-origin\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\nemail=",
    ),
    ("a request", "GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"),
];

impl Args {
    /// Holds them, measures, stops the server with all of them there, and prints.
    pub async fn run(self) -> Fallible<()> {
        let allowed = getrlimit(Resource::Nofile).maximum;
        setrlimit(Resource::Nofile, Rlimit { current: allowed, maximum: allowed })?;
        let folder = tempfile::tempdir()?;
        let database = folder.path().join("connections.db");
        World::make(&database).await?;
        let server = servers::product(&database).await?;
        let cookie = signed_in(&server, "203.0.113.200").await?;
        println!("alone: a page {}", self.asked(&server, &cookie).await?);

        let begun = Instant::now();
        let mut held = self.held(&server).await?;
        println!("{} connections in {:.1?}", held.len(), begun.elapsed());
        println!("with them: a page {}", self.asked(&server, &cookie).await?);
        time::sleep(Duration::from_secs_f64(self.seconds).saturating_sub(begun.elapsed())).await;
        for (n, (said, _)) in SAID.iter().enumerate() {
            let (mut ended, mut all) = (0, 0);
            for stream in held.iter_mut().skip(n).step_by(SAID.len()) {
                (ended, all) = (ended + usize::from(has_ended(stream).await), all + 1);
            }
            println!("{said}: {ended} of {all} closed after {:.0} s", begun.elapsed().as_secs_f64());
        }
        drop(held);

        let held = self.held(&server).await?;
        println!("SIGTERM with {} of them: ended after {:.1?}", held.len(), server.stop().await?);
        Ok(())
    }

    async fn held(&self, server: &Server) -> Fallible<Vec<TcpStream>> {
        let mut held = Vec::with_capacity(self.connections);
        for (_, said) in SAID.iter().cycle().take(self.connections) {
            let mut stream = TcpStream::connect(server.address).await?;
            stream.write_all(said.as_bytes()).await?;
            held.push(stream);
        }
        Ok(held)
    }

    async fn asked(&self, server: &Server, cookie: &str) -> Fallible<String> {
        let mut times = Vec::with_capacity(self.pages);
        for _ in 0..self.pages {
            let begun = Instant::now();
            let (status, _) = ask(&mut connect(server.address).await?, get("/projects", cookie)?).await?;
            if status != 200 {
                return Err(format!("a page answered {status}").into());
            }
            times.push(begun.elapsed());
        }
        Ok(spread(times))
    }
}

/// Whether the other end has closed.
async fn has_ended(stream: &mut TcpStream) -> bool {
    let mut answer = [0; 4096];
    loop {
        match time::timeout(Duration::from_millis(1), stream.read(&mut answer)).await {
            Err(_) => return false,
            Ok(Ok(0) | Err(_)) => return true,
            Ok(Ok(_)) => {}
        }
    }
}
