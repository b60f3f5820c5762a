//! The command line: one binary, a command for each thing an operator does.

mod audit;
mod demo;
mod maintain;
mod procore_check;
mod seed;
mod serve;
pub mod settings;

use std::{process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};

use settings::{DatabaseArgs, InstanceArgs};

/// A COR Log that pushes change order requests into Procore change events, exactly once.
#[derive(Parser)]
#[command(name = "ledgerboard", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Starts everything on embedded defaults: a database in a folder, a Procore emulator beside it, believable data.
    Demo(demo::DemoArgs),
    /// Serves the product.
    Serve {
        #[command(flatten)]
        instance: InstanceArgs,
        /// The address to listen on.
        #[arg(long, env = "LEDGERBOARD_LISTEN", default_value = "127.0.0.1:8080")]
        listen: std::net::SocketAddr,
        /// Leave pushing to `ledgerboard worker` processes.
        #[arg(long)]
        no_worker: bool,
    },
    /// Pushes what is in the outbox, without serving pages.
    Worker {
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// Makes the first company, its office and its Account Owner. The password is read from standard input.
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
    /// Gives a person a new password, read from standard input, signs them out everywhere and revokes their API tokens.
    ResetPassword {
        #[command(flatten)]
        database: DatabaseArgs,
        /// The person's e-mail.
        email: String,
    },
    /// Says what waits in the outbox, what was set aside and which rows can't be read. Fails if there are any.
    Doctor {
        #[command(flatten)]
        database: DatabaseArgs,
        /// Puts back what was set aside under this id and has been mended.
        #[arg(long, value_name = "ID")]
        put_back: Option<String>,
        /// Ends the pause that a Procore account asked for.
        #[arg(long, value_name = "ACCOUNT", conflicts_with = "put_back")]
        go_on: Option<i64>,
        /// The key that the server has: with it, stored secrets are opened as well.
        #[arg(long, env = "LEDGERBOARD_KEY", hide_env_values = true)]
        key: Option<String>,
    },
    /// Brings the database's tables up to date.
    Migrate {
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Checks the record of what was pushed, and takes it out.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Asks a Procore sandbox some twenty questions that no document answers, and prints a report to be sent to us.
    ProcoreCheck(procore_check::CheckArgs),
    /// Makes projects with CORs in bulk, for measuring and for trying things out.
    Seed(seed::SeedArgs),
}

/// How long units of work may still take when everything else has ended.
const LAST_WORK: Duration = Duration::from_secs(1);

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // Who starts a demo or a check wants to see what it says, not its requests.
    let default = if matches!(cli.command, Command::Demo(_) | Command::ProcoreCheck(_)) {
        "warn"
    } else {
        "info,tokio_postgres=warn"
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("LEDGERBOARD_LOG").unwrap_or_else(|_| default.into());
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match cli.command {
        Command::Serve { .. } | Command::Worker { .. } => subscriber.json().init(),
        _ => subscriber.compact().init(),
    }
    let runtime = tokio::runtime::Runtime::new().expect("the operating system gives threads");
    let ended = runtime.block_on(run(cli.command));
    // A unit of work that a dead database holds up doesn't keep the process.
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
