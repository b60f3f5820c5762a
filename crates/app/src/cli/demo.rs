//! `ledgerboard demo`: the product and an emulator with sample data.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use domain::Entropy as _;
use emulator::{Client, Emulator, EmulatorOptions, RateLimits};
use jiff::SignedDuration;
use procore::Hosts;
use store::{DatabaseUrl, Store};
use sync::{Listener, Worker};
use url::Url;

use super::{
    instance::{AppCredentials, assemble, redirect_uri},
    serve::{bind, pages},
};
use crate::{
    App, Serving, Settings,
    clock::{Clock as _, SystemClock, SystemEntropy},
    demo_data,
};

/// The app's credentials at the emulator. They protect nothing, so they may be public.
const CLIENT: [&str; 2] = ["ledgerboard-demo", "ledgerboard-demo-secret"];

/// Options of a demo.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// The address to listen on; the emulator takes the next port.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// An empty folder for the database. By default a temporary one, deleted at the end.
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// Calls that the emulator allows in a spike window.
    #[arg(long, default_value_t = RateLimits::seen().spike)]
    pub rate_limit_spike: u32,
    /// Seconds of a spike window: documented as 10, seen as 60.
    #[arg(long, default_value_t = RateLimits::seen().spike_seconds, value_parser = clap::value_parser!(i64).range(1..=3600))]
    pub rate_limit_spike_seconds: i64,
}

/// `ledgerboard demo`
pub async fn demo(args: DemoArgs) -> Result<(), String> {
    let listener = bind(args.listen).await?;
    let listen = listener.local_addr().map_err(|e| e.to_string())?;
    let beside = SocketAddr::new(listen.ip(), if args.listen.port() == 0 { 0 } else { listen.port() + 1 });
    let procore_listener = bind(beside).await?;
    let procore_port = procore_listener.local_addr().map_err(|e| e.to_string())?.port();
    // Another site than the product's, as Procore is.
    let procore_url: Url = format!("http://localhost:{procore_port}").parse().map_err(|e| format!("{e}"))?;
    let public_url: Url = format!("http://{listen}").parse().map_err(|e| format!("{e}"))?;

    let temporary = tempfile::tempdir().map_err(|e| format!("Can't create a folder for the demo: {e}"))?;
    let folder = args.dir.unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let file = folder.join("ledgerboard.db");
    if file.exists() {
        return Err(format!("{} already exists. Choose an empty folder with --dir.", file.display()));
    }
    let store = Store::open(&DatabaseUrl::Sqlite(file)).await.map_err(|e| e.to_string())?;
    store.migrate().await.map_err(|e| e.to_string())?;

    let clock: emulator::Clock = Arc::new(|| SystemClock.now());
    let client = Client::new(CLIENT[0], CLIENT[1], &[&redirect_uri(&public_url)]);
    let mut options = EmulatorOptions::demo(clock, client);
    options.public_url = Some(procore_url.as_str().trim_end_matches('/').to_owned());
    let procore = Emulator::new(options);
    let emulator = procore.clone();
    tokio::spawn(async move { emulator.serve(procore_listener).await });
    tokio::spawn(procore.clone().deliver_for_ever());

    let settings = Settings {
        push_quarantine: SignedDuration::from_secs(3),
        push_list_lag: SignedDuration::from_secs(90),
        reconcile_every: SignedDuration::from_mins(1),
        procore_timeout: Duration::from_secs(2),
        webhooks: true,
        public_url: public_url.clone(),
    };
    let mut key = [0u8; 32];
    SystemEntropy.fill(&mut key);
    let credentials = AppCredentials { client_id: CLIENT[0].to_owned(), client_secret: CLIENT[1].to_owned() };
    let serving = Serving { insecure_cookies: true, ..Serving::default() };
    let app = assemble(store, settings, serving, &key, Hosts::at(&procore_url), credentials);
    let made = demo_data::furnish(&app).await.map_err(|e| e.to_string())?;
    demo_data::push_some(&app, &procore, &made).await.map_err(|e| e.to_string())?;
    demo_data::ask_for_prices(&app, &made).await.map_err(|e| e.to_string())?;
    procore.clear_journal();
    // The limits hold from here on; filling the demo needs more requests than they allow.
    procore.set_limits(RateLimits {
        spike: args.rate_limit_spike,
        spike_seconds: args.rate_limit_spike_seconds,
        ..RateLimits::seen()
    });

    let login = |login: &demo_data::DemoLogin| (login.who.clone(), login.email.clone(), demo_data::PASSWORD.to_owned());
    let demo_logins = made.logins.iter().map(login).collect();
    let serving = Arc::new(Serving { demo_logins, ..(*app.serving).clone() });
    let app = App { serving, ..app };
    announce(&public_url, &procore_url, &made);
    let worker = Worker::new(&app);
    tokio::spawn(async move { worker.run().await });
    let listening = Listener::new(&app);
    tokio::spawn(async move { listening.run().await });
    pages(&app, listener).await
}

fn announce(public_url: &Url, procore_url: &Url, made: &demo_data::Furnished) {
    let address = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
    println!("Ledgerboard  {}", address(public_url));
    println!(
        "Procore      {}  (an emulator; its people's password is \"{}\")",
        address(procore_url),
        emulator::seed::PASSWORD
    );
    println!("\nSign in with the password \"{}\" as", demo_data::PASSWORD);
    for login in &made.logins {
        println!("  {:<36}  {}", login.email, login.who);
    }
    println!("\nCtrl-C ends the demo.");
}
