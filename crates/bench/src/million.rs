//! How long a million CORs take to seed.

use std::{path::PathBuf, time::Instant};

use crate::{Fallible, world::World};

/// Settings of `bench seed`.
#[derive(clap::Args)]
pub struct Args {
    /// How many CORs, three lines each.
    #[arg(long, default_value_t = 1_000_000)]
    cors: u64,
    /// On how many projects.
    #[arg(long, default_value_t = 50)]
    projects: u32,
    /// Where to make the database; a temporary folder unless given.
    #[arg(long)]
    dir: Option<PathBuf>,
}

impl Args {
    /// Seeds, and prints the time.
    pub async fn run(self) -> Fallible<()> {
        let folder = self.dir.map_or_else(tempfile::tempdir, tempfile::tempdir_in)?;
        let path = folder.path().join("seeded.db");
        let world = World::make(&path).await?;
        let begun = Instant::now();
        world.seed(self.projects, self.cors).await?;
        let seconds = begun.elapsed().as_secs_f64();
        drop(world);
        let megabytes = std::fs::metadata(&path)?.len() / 1_000_000;
        let (cors, projects) = (self.cors, self.projects);
        let rate = f64::from(u32::try_from(cors)?) / seconds;
        println!("{cors} CORs on {projects} projects: {seconds:.1} s, {rate:.0} CORs/s, {megabytes} MB");
        Ok(())
    }
}
