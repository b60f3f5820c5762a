//! How much memory the product holds: at rest, under mixed use, and after a flood of wrong passwords; how long others wait
//! while the flood lasts, and what it leaves on the disk.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::ProjectId;
use tokio::{task::JoinSet, time};

use crate::{
    Fallible,
    servers::{self, Server},
    visitor::{ask, connect, get, guess, signed_in, spread},
    world::World,
};

/// Settings of `bench memory`.
#[derive(clap::Args)]
pub struct Args {
    /// CORs on each of four projects.
    #[arg(long, default_value_t = 5_000)]
    cors: u64,
    /// Minutes of mixed use.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Seconds of wrong passwords.
    #[arg(long, default_value_t = 40.0)]
    flood: f64,
    /// Where to make the database; a temporary folder unless given.
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// So many ask at once under mixed use.
const READERS: usize = 16;
/// So many guess at once, from ten addresses.
const GUESSERS: usize = 100;
/// How often somebody else signs in while the flood lasts.
const OTHERS_EVERY: Duration = Duration::from_millis(500);

impl Args {
    /// Seeds, measures, and prints.
    pub async fn run(self) -> Fallible<()> {
        let folder = self.dir.as_ref().map_or_else(tempfile::tempdir, tempfile::tempdir_in)?;
        let database = folder.path().join("memory.db");
        let world = World::make(&database).await?;
        let projects = world.seed(4, 4 * self.cors).await?;
        drop(world);
        let server = servers::product(&database).await?;
        println!("{:<34} {:>10} {:>10}", "", "RssAnon", "all RSS");
        tell(&server, "started")?;
        self.mixed(&server, &projects).await?;
        tell(&server, &format!("after {} min of mixed use", self.minutes))?;
        let before = stored(folder.path())?;
        self.flooded(&server).await?;
        let after = stored(folder.path())?;
        println!("stored: {before} bytes before the flood, {after} after");
        tell(&server, "after the flood")?;
        time::sleep(Duration::from_secs(10)).await;
        tell(&server, "10 s later")
    }

    /// Pages, the API and sign-ins, all at once.
    async fn mixed(&self, server: &Server, projects: &[ProjectId]) -> Fallible<()> {
        let over = Instant::now() + Duration::from_secs_f64(self.minutes * 60.0);
        let counted = Arc::new(AtomicU64::new(0));
        let mut using = JoinSet::new();
        let cookie = signed_in(server, "203.0.113.200").await?;
        for n in 0..READERS {
            let paths = paths(projects[n % projects.len()]);
            let (address, cookie, counted) = (server.address, cookie.clone(), counted.clone());
            using.spawn(async move {
                let mut connection = connect(address).await?;
                let mut asked = n;
                while Instant::now() < over {
                    let path = &paths[asked % paths.len()];
                    let answer = ask(&mut connection, get(path, &cookie)?).await?;
                    if answer.0 >= 400 {
                        return Err(format!("{path} answered {}", answer.0).into());
                    }
                    counted.fetch_add(1, Ordering::Relaxed);
                    asked += 1;
                    // Sixteen people who click as fast as they can.
                    time::sleep(Duration::from_millis(20)).await;
                }
                Fallible::Ok(())
            });
        }
        let mut minute = 0;
        let mut next = Instant::now();
        while Instant::now() < over {
            signed_in(server, "203.0.113.201").await?;
            guess(&mut connect(server.address).await?, "nobody@example.com", "203.0.113.202").await?;
            if Instant::now() >= next {
                tell(server, &format!("minute {minute}"))?;
                (minute, next) = (minute + 1, next + Duration::from_mins(1));
            }
            time::sleep(Duration::from_millis(200)).await;
        }
        while let Some(one) = using.join_next().await {
            one??;
        }
        println!("{} pages and answers", counted.load(Ordering::Relaxed));
        Ok(())
    }

    /// Wrong passwords from ten addresses, while others sign in and read.
    async fn flooded(&self, server: &Server) -> Fallible<()> {
        let over = Arc::new(AtomicBool::new(false));
        let tried = Arc::new(AtomicU64::new(0));
        let mut guessing = JoinSet::new();
        for n in 0..GUESSERS {
            let (address, over, tried) = (server.address, over.clone(), tried.clone());
            guessing.spawn(async move {
                let mut connection = connect(address).await?;
                while !over.load(Ordering::Relaxed) {
                    let tries = tried.fetch_add(1, Ordering::Relaxed);
                    guess(&mut connection, &format!("person{tries}@example.com"), &format!("198.51.100.{}", n % 10))
                        .await?;
                }
                Fallible::Ok(())
            });
        }
        let (begun, mut sign_ins, mut pages) = (Instant::now(), Vec::new(), Vec::new());
        let cookie = signed_in(server, "203.0.113.203").await?;
        while begun.elapsed().as_secs_f64() < self.flood {
            let asked = Instant::now();
            signed_in(server, "203.0.113.204").await?;
            sign_ins.push(asked.elapsed());
            let asked = Instant::now();
            ask(&mut connect(server.address).await?, get("/projects", &cookie)?).await?;
            pages.push(asked.elapsed());
            time::sleep(OTHERS_EVERY).await;
        }
        tell(server, "in the flood")?;
        over.store(true, Ordering::Relaxed);
        while let Some(one) = guessing.join_next().await {
            one??;
        }
        println!("{} wrong passwords", tried.load(Ordering::Relaxed));
        println!("others meanwhile: signing in {}; a page {}", spread(sign_ins), spread(pages));
        Ok(())
    }
}

/// What people and programs look at.
fn paths(project: ProjectId) -> Vec<String> {
    let log = format!("/projects/{project}/log/received");
    let api = format!("/api/v1/projects/{project}/log/received");
    vec![
        "/projects".to_owned(),
        log.clone(),
        format!("{log}?q=14"),
        format!("{log}?status=in_review&sort=-total"),
        format!("{log}?q=shaft+liner"),
        format!("{api}?limit=50"),
        format!("{api}?q=a&sort=title&limit=200"),
        format!("/projects/{project}/settings"),
        "/settings/tokens".to_owned(),
    ]
}

/// Bytes of the database with what is beside it.
fn stored(folder: &Path) -> Fallible<u64> {
    let mut bytes = 0;
    for file in std::fs::read_dir(folder)? {
        bytes += file?.metadata()?.len();
    }
    Ok(bytes)
}

/// Prints what the server holds.
fn tell(server: &Server, when: &str) -> Fallible<()> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process))?;
    let kilobytes = |name: &str| -> Fallible<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line in /proc")?;
        Ok(line.trim_start_matches(':').trim().trim_end_matches(" kB").parse()?)
    };
    println!("{when:<34} {:>7} MB {:>7} MB", kilobytes("RssAnon")? / 1024, kilobytes("VmRSS")? / 1024);
    Ok(())
}
