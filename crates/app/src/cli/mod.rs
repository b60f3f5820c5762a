//! The command line: one binary, one command per operator task.

mod audit;
mod demo;
pub mod instance;
mod maintain;
mod procore_check;
mod seed;
mod serve;

use std::{process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};

use instance::{DatabaseArgs, InstanceArgs};

/// A COR Log that pushes change order requests into Procore change events, exactly once.
#[derive(Parser)]
#[command(name = "ledgerboard", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Starts a demo: a temporary database, a Procore emulator and sample data.
    Demo(demo::DemoArgs),
    /// Serves the product.
    Serve {
        #[command(flatten)]
        instance: InstanceArgs,
        /// The address to listen on.
        #[arg(long, env = "LEDGERBOARD_LISTEN", default_value = "127.0.0.1:8080")]
        listen: std::net::SocketAddr,
        /// Don't push; `ledgerboard worker` processes do.
        #[arg(long)]
        no_worker: bool,
    },
    /// Sends waiting pushes, without serving pages.
    Worker {
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// Creates the first company, its office and its Account Owner. Reads the password from standard input.
    Setup {
        #[command(flatten)]
        database: DatabaseArgs,
        /// The company's name.
        #[arg(long)]
        company: String,
        /// The office's name.
        #[arg(long)]
        office: String,
        /// The Account Owner's name.
        #[arg(long)]
        name: String,
        /// The Account Owner's e-mail.
        #[arg(long)]
        email: String,
    },
    /// Sets a person's password, read from standard input. Signs them out everywhere and revokes their API tokens.
    ResetPassword {
        #[command(flatten)]
        database: DatabaseArgs,
        /// The person's e-mail.
        email: String,
    },
    /// Lists waiting pushes, rows set aside and unreadable rows. Fails if it finds any of the last two.
    Doctor {
        #[command(flatten)]
        database: DatabaseArgs,
        /// Put back the row that was set aside under this id, after you repaired it.
        #[arg(long, value_name = "ID")]
        put_back: Option<String>,
        /// End the pause that Procore asked for on this account.
        #[arg(long, value_name = "ACCOUNT", conflicts_with = "put_back")]
        go_on: Option<i64>,
        /// The server's key. With it, stored secrets are checked too.
        #[arg(long, env = "LEDGERBOARD_KEY", hide_env_values = true)]
        key: Option<String>,
    },
    /// Updates the database's tables.
    Migrate {
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Checks or exports the audit record of pushes.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Tests about twenty undocumented behaviors of a Procore sandbox and prints a report to send us.
    ProcoreCheck(procore_check::CheckArgs),
    /// Creates many projects with CORs, for benchmarks and experiments.
    Seed(seed::SeedArgs),
}

/// How long database transactions may still run when everything else has ended.
const LAST_WORK: Duration = Duration::from_secs(1);

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // A demo or a check prints its own report; request logs would bury it.
    let default = if matches!(cli.command, Command::Demo(_) | Command::ProcoreCheck(_)) { "warn" } else { "info" };
    let filter = tracing_subscriber::EnvFilter::try_from_env("LEDGERBOARD_LOG").unwrap_or_else(|_| default.into());
    // However much is asked for: these two log whole addresses, such as an invitation's, and what statements store.
    let filter = ["tower_http::csrf=off", "tokio_postgres=warn"]
        .into_iter()
        .fold(filter, |filter, quiet| filter.add_directive(quiet.parse().expect("a target and a level")));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match cli.command {
        Command::Serve { .. } | Command::Worker { .. } => subscriber.json().init(),
        _ => subscriber.compact().init(),
    }
    let runtime = tokio::runtime::Runtime::new().expect("the operating system gives threads");
    let ended = runtime.block_on(run(cli.command));
    // A transaction stuck on a dead database must not keep the process alive.
    runtime.shutdown_timeout(LAST_WORK);
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("ledgerboard: {sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Demo(args) => demo::demo(args).await,
        Command::Serve { instance, listen, no_worker } => serve::serve(instance, listen, !no_worker).await,
        Command::Worker { instance } => serve::worker(instance).await,
        Command::Setup { database, company, office, name, email } => {
            maintain::setup(database, company, office, name, email).await
        }
        Command::ResetPassword { database, email } => maintain::reset_password(database, email).await,
        Command::Doctor { database, put_back, go_on, key } => maintain::doctor(database, put_back, go_on, key).await,
        Command::Migrate { database } => maintain::migrate(database).await,
        Command::Audit(command) => audit::run(command).await,
        Command::ProcoreCheck(args) => procore_check::check(args).await,
        Command::Seed(args) => seed::run(args).await,
    }
}
