//! `ledgerboard seed`: a log of any size, for benchmarks and experiments.

use clap::Args;
use store::seed::{self, Seeding};

use super::instance::{DatabaseArgs, open_migrated};
use crate::clock::{Clock as _, SystemClock};

/// How much to seed, and for whom.
#[derive(Args, Debug)]
pub struct SeedArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// How many projects.
    #[arg(long, default_value_t = 10)]
    projects: u32,
    /// How many CORs in all, spread evenly over the projects; three lines each.
    #[arg(long, default_value_t = 1_000)]
    cors: u64,
    /// The email of a person whose company receives the CORs. By default the first company.
    #[arg(long)]
    email: Option<String>,
    /// The same number gives the same data.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Eight subcontractors send CORs to the company that was set up first, or to the one of `--email`.
pub async fn run(args: SeedArgs) -> Result<(), String> {
    let store = open_migrated(&args.database).await?;
    let email = args.email.as_deref().map(domain::text::fold);
    let receiver = store.read(move |tx| seed::receiver(tx, email.as_deref())).await.map_err(|e| e.to_string())?;
    let Some((customer, office)) = receiver else {
        return Err(
            "There is no company to receive CORs. Run `ledgerboard setup` first, or correct --email.".to_owned()
        );
    };
    let (projects, cors) = (args.projects.max(1), args.cors);
    let now = SystemClock.now();
    let seeding = Seeding { customer, office, projects, cors, pushed_percent: 0, seed: args.seed, now };
    seed::seed(&store, seeding).await.map_err(|e| e.to_string())?;
    let took = SystemClock.now().duration_since(now).as_secs();
    println!("Seeded {cors} CORs in {projects} projects in {took} s.");
    Ok(())
}
