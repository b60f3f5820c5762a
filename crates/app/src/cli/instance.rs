//! The operator's settings, by flag or `LEDGERBOARD_*` variable. A refusal names the setting and the remedy.

use std::{net::IpAddr, sync::Arc, time::Duration};

use clap::Args;
use ipnet::IpNet;
use jiff::SignedDuration;
use procore::{Hosts, Procore, transport};
use rust_decimal::Decimal;
use store::{DatabaseUrl, Store};
use sync::{Context, Settings};
use url::Url;

use crate::{
    clock::{SystemClock, SystemEntropy},
    context::{App, Serving},
    security_txt,
    vault::Vault,
};

/// Where the database is.
#[derive(Args, Clone, Debug)]
pub struct DatabaseArgs {
    /// A SQLite file (`ledgerboard.db`) or a `postgres://` URL.
    #[arg(
        long = "database-url",
        env = "LEDGERBOARD_DATABASE_URL",
        default_value = "ledgerboard.db",
        hide_env_values = true
    )]
    pub url: String,
}

/// The settings of an instance.
#[derive(Args, Clone, Debug)]
pub struct InstanceArgs {
    /// The database.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Where people reach this instance, such as `https://ledgerboard.example.com`.
    #[arg(long, env = "LEDGERBOARD_PUBLIC_URL")]
    pub public_url: Option<Url>,
    /// 64 hexadecimal digits that encrypt Procore's tokens at rest: `openssl rand -hex 32`. Keep it apart from the database.
    #[arg(long, env = "LEDGERBOARD_KEY", hide_env_values = true)]
    pub key: Option<String>,
    /// The client id of your app at Procore.
    #[arg(long, env = "LEDGERBOARD_PROCORE_CLIENT_ID")]
    pub procore_client_id: Option<String>,
    /// Its client secret.
    #[arg(long, env = "LEDGERBOARD_PROCORE_CLIENT_SECRET", hide_env_values = true)]
    pub procore_client_secret: Option<String>,
    /// `production`, `sandbox`, `monthly-sandbox`, `federal`, or the base URL of an emulator.
    #[arg(long, env = "LEDGERBOARD_PROCORE", default_value = "production")]
    pub procore: String,
    /// Seconds during which Procore may still execute a request after we gave up on it.
    #[arg(long, env = "LEDGERBOARD_PUSH_QUARANTINE", default_value = "120", value_parser = seconds)]
    pub push_quarantine: Duration,
    /// Seconds by which Procore's lists may lag behind. By default thirty times the quarantine.
    #[arg(long, env = "LEDGERBOARD_PUSH_LIST_LAG", value_parser = seconds)]
    pub push_list_lag: Option<Duration>,
    /// Minutes between two readings of changes in Procore, for each project with linked CORs.
    #[arg(long, env = "LEDGERBOARD_RECONCILE_MINUTES", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=1440))]
    pub reconcile_minutes: u32,
    /// Whether Procore sends us webhooks: `auto` (if the public URL is https), `on` or `off`.
    #[arg(long, env = "LEDGERBOARD_WEBHOOKS", default_value = "auto")]
    pub webhooks: Webhooks,
    /// Seconds to wait for Procore's answer; less than the quarantine.
    #[arg(long, env = "LEDGERBOARD_PROCORE_TIMEOUT", default_value = "30", value_parser = seconds)]
    pub procore_timeout: Duration,
    /// Reverse proxies whose `X-Forwarded-For` or `Forwarded` headers we trust: addresses or networks, such as
    /// `127.0.0.1,10.0.0.0/8`.
    #[arg(long, env = "LEDGERBOARD_TRUSTED_PROXIES", default_value = "", value_parser = networks)]
    pub trusted_proxies: Networks,
    /// Whom to tell about a weakness of this installation, such as `security@example.com` or an https address. It is named in
    /// `/.well-known/security.txt`.
    #[arg(long, env = "LEDGERBOARD_SECURITY_CONTACT", value_parser = security_txt::contact)]
    pub security_contact: Option<Url>,
    /// For how many days security events are kept.
    #[arg(long, env = "LEDGERBOARD_SECURITY_EVENT_DAYS", default_value_t = 365, value_parser = clap::value_parser!(u32).range(30..=3650))]
    pub security_event_days: u32,
}

/// Networks, separated by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(pub Vec<IpNet>);

fn networks(text: &str) -> Result<Networks, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(network).collect::<Result<_, _>>().map(Networks)
}

/// `10.0.0.0/8`, or an address alone.
fn network(text: &str) -> Result<IpNet, String> {
    let alone = || text.parse().map(|address: IpAddr| IpNet::from(address.to_canonical()));
    text.parse().or_else(|_| alone()).map_err(|_| {
        format!(
            "{text} is neither an address nor a network. Separate addresses by commas, such as 127.0.0.1,10.0.0.0/8"
        )
    })
}

/// The default lag of lists: an hour for a quarantine of two minutes.
const LAG_IN_QUARANTINES: u32 = 30;

/// The longest lag that follows from a quarantine.
const A_DAY: Duration = Duration::from_hours(24);

/// The most seconds of any setting.
const LONGEST: Decimal = Decimal::from_parts(86_400, 0, 0, false, 0);

/// `30` or `0.5`: seconds, to the millisecond.
fn seconds(text: &str) -> Result<Duration, String> {
    let given = domain::number::plain(text.trim()).ok();
    let seconds = given.filter(|seconds| *seconds > Decimal::ZERO && *seconds <= LONGEST);
    let milliseconds = seconds.and_then(|seconds| u64::try_from(seconds * Decimal::ONE_THOUSAND).ok());
    milliseconds
        .filter(|milliseconds| *milliseconds > 0)
        .map(Duration::from_millis)
        .ok_or_else(|| format!("give seconds as a number above 0 and up to {LONGEST}, such as 30 or 0.5"))
}

/// Whether Procore sends us webhooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Webhooks {
    /// If the public URL is https.
    Auto,
    /// Always: Procore, or an emulator, can reach the public URL.
    On,
    /// Never: changes are found by reading on a schedule.
    Off,
}

impl Webhooks {
    fn wanted(self, public_url: &Url) -> bool {
        match self {
            Self::Auto => public_url.scheme() == "https",
            Self::On => true,
            Self::Off => false,
        }
    }
}

/// Opens the database.
pub async fn open(database: &DatabaseArgs) -> Result<Store, String> {
    let url: DatabaseUrl = database.url.parse().map_err(|e| format!("LEDGERBOARD_DATABASE_URL: {e}"))?;
    Store::open(&url).await.map_err(|e| format!("LEDGERBOARD_DATABASE_URL: {e}"))
}

/// Opens the database and updates its tables.
pub async fn open_migrated(database: &DatabaseArgs) -> Result<Store, String> {
    let store = open(database).await?;
    store.migrate().await.map_err(|e| e.to_string())?;
    Ok(store)
}

impl InstanceArgs {
    /// The product with these settings, on the machine's clock and network.
    pub async fn app(self) -> Result<App, String> {
        let missing = |name: &str, remedy: &str| format!("{name} is not set. {remedy}");
        let public_url = self.public_url.ok_or_else(|| {
            missing("LEDGERBOARD_PUBLIC_URL", "Give the address people use, such as https://ledgerboard.example.com")
        })?;
        let insecure_cookies = insecure(&public_url)?;
        let key = self.key.ok_or_else(|| {
            missing(
                "LEDGERBOARD_KEY",
                "Make one with `openssl rand -hex 32` and keep it: without it, stored Procore sign-ins are lost.",
            )
        })?;
        let key = Vault::parse_key(&key)
            .ok_or("LEDGERBOARD_KEY must have 64 hexadecimal digits, as `openssl rand -hex 32` prints them.")?;
        let own_app = "Register an app at developers.procore.com and give its credentials.";
        let client_id = self.procore_client_id.ok_or_else(|| missing("LEDGERBOARD_PROCORE_CLIENT_ID", own_app))?;
        let client_secret =
            self.procore_client_secret.ok_or_else(|| missing("LEDGERBOARD_PROCORE_CLIENT_SECRET", own_app))?;
        if self.procore_timeout >= self.push_quarantine {
            return Err("LEDGERBOARD_PROCORE_TIMEOUT must be less than LEDGERBOARD_PUSH_QUARANTINE: a request must have ended before we look for its result.".into());
        }
        let hosts = hosts(&self.procore)?;
        let lag = self.push_list_lag.unwrap_or_else(|| (self.push_quarantine * LAG_IN_QUARANTINES).min(A_DAY));
        let settings = Settings {
            push_list_lag: SignedDuration::try_from(lag).map_err(|e| e.to_string())?,
            push_quarantine: SignedDuration::try_from(self.push_quarantine).map_err(|e| e.to_string())?,
            reconcile_every: SignedDuration::from_mins(self.reconcile_minutes.into()),
            procore_timeout: self.procore_timeout,
            webhooks: self.webhooks.wanted(&public_url),
            public_url,
        };
        let credentials = AppCredentials { client_id, client_secret };
        let store = open_migrated(&self.database).await?;
        let serving = Serving {
            insecure_cookies,
            trusted_proxies: self.trusted_proxies.0,
            security_contact: self.security_contact,
            demo_logins: Vec::new(),
            security_kept_days: Some(self.security_event_days),
        };
        Ok(assemble(store, settings, serving, &key, hosts, credentials))
    }
}

/// The app as it is registered with Procore.
pub struct AppCredentials {
    /// Public.
    pub client_id: String,
    /// Secret.
    pub client_secret: String,
}

/// Puts the product together on the machine's clock, randomness and network.
pub fn assemble(
    store: Store,
    settings: Settings,
    serving: Serving,
    key: &[u8; 32],
    hosts: Hosts,
    credentials: AppCredentials,
) -> App {
    let app = procore::App {
        client_id: credentials.client_id,
        client_secret: credentials.client_secret.into(),
        redirect_uri: redirect_uri(&settings.public_url),
    };
    let context = Context {
        store,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        procore: Procore::new(hosts, app, transport::over_sockets(settings.procore_timeout)),
        vault: Vault::new(key),
        settings: Arc::new(settings),
        wake: Arc::new(tokio::sync::Notify::new()),
        vitals: Arc::default(),
        logged_once: Arc::default(),
    };
    App { context, serving: Arc::new(serving), last_found: Arc::default() }
}

/// The address that Procore sends people back to; the app registers exactly this one.
pub fn redirect_uri(public_url: &Url) -> String {
    format!("{}/procore/callback", public_url.as_str().trim_end_matches('/'))
}

/// Plain http is for loopback only: elsewhere anybody on the way could read the session cookie.
fn insecure(public_url: &Url) -> Result<bool, String> {
    let loopback = match public_url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match public_url.scheme() {
        "https" => Ok(false),
        "http" if loopback => Ok(true),
        _ => Err(format!(
            "LEDGERBOARD_PUBLIC_URL is {public_url}: use https. Plain http works on 127.0.0.1 and localhost only."
        )),
    }
}

/// The addresses of a Procore environment, by its name.
pub fn hosts(name: &str) -> Result<Hosts, String> {
    match name {
        "production" => Ok(Hosts::production()),
        "sandbox" => Ok(Hosts::sandbox()),
        "monthly-sandbox" => Ok(Hosts::monthly_sandbox()),
        "federal" => Ok(Hosts::federal()),
        other => Url::parse(other).map(|url| Hosts::at(&url)).map_err(|_| {
            "LEDGERBOARD_PROCORE must be production, sandbox, monthly-sandbox, federal or a URL.".to_owned()
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_loopback_only() {
        let judge = |url: &str| insecure(&url.parse().unwrap());
        assert_eq!(judge("https://ledgerboard.example.com"), Ok(false));
        assert_eq!(judge("http://127.0.0.1:8080"), Ok(true));
        assert_eq!(judge("http://localhost:8080"), Ok(true));
        assert!(judge("http://ledgerboard.example.com").unwrap_err().contains("use https"));
        assert!(judge("ftp://localhost").is_err());
    }

    #[test]
    fn trusted_proxies_are_addresses_or_networks() {
        let told = |text: &str| networks(text).map(|found| found.0.iter().map(IpNet::to_string).collect::<Vec<_>>());
        assert_eq!(told(""), Ok(vec![]));
        assert_eq!(
            told("127.0.0.1, ::1,10.0.0.0/8,"),
            Ok(vec!["127.0.0.1/32".into(), "::1/128".into(), "10.0.0.0/8".into()])
        );
        for wrong in ["proxy.example", "10.0.0.0/33", "127.0.0.1 ::1", "*"] {
            assert!(told(wrong).unwrap_err().contains("neither an address nor a network"), "{wrong}");
        }
    }

    #[test]
    fn seconds_may_have_a_fraction_and_nothing_else() {
        assert_eq!(seconds("30"), Ok(Duration::from_secs(30)));
        assert_eq!(seconds(" 0.5 "), Ok(Duration::from_millis(500)));
        for wrong in ["", "0", "-1", "0.0001", "half", "1e3s", "86401", "99999999999999999999999999999999"] {
            assert!(seconds(wrong).unwrap_err().contains("such as 30 or 0.5"), "{wrong}");
        }
    }
}
