//! `procore-emulator`: a Procore on this machine.

use std::sync::Arc;

use clap::Parser;
use emulator::{Client, Emulator, EmulatorOptions, MissingCompany, RateLimits, seed};

/// A stateful Procore on HTTP: OAuth, change events, faults and a journal.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:9400")]
    listen: std::net::SocketAddr,
    /// Client id of the registered app.
    #[arg(long, default_value = "ledgerboard-demo")]
    client_id: String,
    /// Client secret of the registered app; also good for client credentials.
    #[arg(long, default_value = "ledgerboard-demo-secret")]
    client_secret: String,
    /// Where the app may be redirected to, exactly; may be given several times.
    #[arg(long = "redirect-uri")]
    redirect_uris: Vec<String>,
    /// Calls per hour for an app and company.
    #[arg(long, default_value_t = RateLimits::seen().hourly)]
    rate_limit_hourly: u32,
    /// Calls per spike window for an app and company.
    #[arg(long, default_value_t = RateLimits::seen().spike)]
    rate_limit_spike: u32,
    /// Seconds of a spike window: documented as 10, seen as 60.
    #[arg(long, default_value_t = RateLimits::seen().spike_seconds, value_parser = clap::value_parser!(i64).range(1..=3600))]
    rate_limit_spike_seconds: i64,
    /// How browsers reach it, if not under the address it listens on.
    #[arg(long)]
    public_url: Option<String>,
    /// A world to start with, as `GET /_emulator/world` gives it; the demo world otherwise.
    #[arg(long)]
    seed_file: Option<std::path::PathBuf>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cli = Cli::parse();
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).init();
    let redirects: Vec<&str> = cli.redirect_uris.iter().map(String::as_str).collect();
    let client = Client::new(&cli.client_id, &cli.client_secret, &redirects);
    let mut options = EmulatorOptions::demo(Arc::new(system_time), client);
    options.seed = getrandom::u64()?;
    options.limits = RateLimits {
        hourly: cli.rate_limit_hourly,
        spike: cli.rate_limit_spike,
        spike_seconds: cli.rate_limit_spike_seconds,
    };
    // So that published clients work as they are: one leaves the header out of company-wide lists.
    options.switches.missing_company = MissingCompany::FromRequest;
    options.public_url = cli.public_url.map(|url| url.trim_end_matches('/').to_owned());
    if let Some(path) = &cli.seed_file {
        options.world = serde_json::from_slice(&std::fs::read(path)?)
            .map_err(|error| format!("--seed-file {}: {error}", path.display()))?;
    }
    let logins: Vec<String> =
        options.world.users.values().map(|user| format!("  {:<38} {}", user.login, user.name)).collect();
    let emulator = Emulator::new(options);
    let listener = tokio::net::TcpListener::bind(cli.listen).await?;
    println!("Procore emulator on http://{}", listener.local_addr()?);
    println!("  client id {}, client secret {}", cli.client_id, cli.client_secret);
    println!("Logins (password {}):\n{}", seed::PASSWORD, logins.join("\n"));
    let deliverer = tokio::spawn(emulator.clone().deliver_for_ever());
    tokio::select! {
        served = emulator.serve(listener) => served?,
        _ = tokio::signal::ctrl_c() => {}
    }
    deliverer.abort();
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the one place where the emulator's binary asks the machine's clock")]
fn system_time() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
