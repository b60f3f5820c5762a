//! Measures the product. `bin/bench` builds it for release and says what there is; `docs/benchmarks.md` has figures.

mod compare;
mod connections;
mod floor;
mod load;
mod memory;
mod million;
mod servers;
mod visitor;
mod world;

use std::{error::Error, net::SocketAddr, path::PathBuf};

use clap::{Parser, Subcommand};
use domain::CompanyId;

/// What a measurement answers. Whatever goes wrong ends it.
type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Measures the product beside the least that could do the same work.
#[derive(Parser)]
#[command(name = "bench", version)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The page of the log as JSON and as HTML, beside a floor over the same database.
    Log(compare::Args),
    /// The time to seed a million CORs on SQLite.
    Seed(million::Args),
    /// The memory that the product holds under mixed use and after a flood of wrong passwords.
    Memory(memory::Args),
    /// What a thousand connections cost that say nothing or half of it.
    Connections(connections::Args),
    /// The floor; `log` starts it.
    #[command(hide = true)]
    Floor {
        /// The SQLite file.
        #[arg(long)]
        database: PathBuf,
        /// Whose log it shows.
        #[arg(long)]
        company: CompanyId,
        /// Where to listen.
        #[arg(long)]
        listen: SocketAddr,
    },
}

fn main() -> Fallible<()> {
    match Cli::parse().what {
        // One thread asks, so that the servers have what is left of the machine.
        What::Log(args) => tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(args.run()),
        What::Memory(args) => tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(args.run()),
        What::Connections(args) => {
            tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(args.run())
        }
        What::Seed(args) => tokio::runtime::Runtime::new()?.block_on(args.run()),
        What::Floor { database, company, listen } => {
            tokio::runtime::Runtime::new()?.block_on(floor::serve(database, company, listen))
        }
    }
}
