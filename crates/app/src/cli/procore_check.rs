//! `ledgerboard procore-check`: tests a sandbox for what no document says.

use std::time::Duration;

use clap::Args;
use procore::{
    Hosts, Procore,
    model::{CompanyId, ProjectId},
    transport,
};
use secrecy::SecretString;
use url::Host;

use super::instance::hosts;
use crate::procore_check::{CheckSubject, run};

/// Procore documents a spike limit of ten seconds; users report a minute.
const PATIENCE: Duration = Duration::from_secs(61);
const TIMEOUT: Duration = Duration::from_mins(1);

/// The account to test, and the sign-in to use.
#[derive(Args)]
pub struct CheckArgs {
    /// Test a sandbox, the default. (`--procore production` tests a live account and only reads.)
    #[arg(long)]
    sandbox: bool,
    /// `sandbox`, `monthly-sandbox`, `production`, `federal`, or the base URL of an emulator.
    #[arg(long, env = "LEDGERBOARD_PROCORE", default_value = "sandbox", conflicts_with = "sandbox")]
    procore: String,
    /// The number of the Procore account.
    #[arg(long)]
    company: i64,
    /// The number of the project that is read.
    #[arg(long)]
    project: i64,
    /// Also write, into this project only, and only if its name matches exactly. Use a project that nobody needs.
    #[arg(long, value_name = "NAME")]
    write_into: Option<String>,
    /// An access token. Without one, the app's service account signs in.
    #[arg(long, env = "LEDGERBOARD_PROCORE_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The client id of your app at Procore.
    #[arg(long, env = "LEDGERBOARD_PROCORE_CLIENT_ID")]
    procore_client_id: Option<String>,
    /// Its client secret.
    #[arg(long, env = "LEDGERBOARD_PROCORE_CLIENT_SECRET", hide_env_values = true)]
    procore_client_secret: Option<String>,
}

/// Prints the report.
pub async fn check(args: CheckArgs) -> Result<(), String> {
    let named = if args.sandbox { "sandbox" } else { &args.procore };
    let hosts = hosts(named)?;
    if args.write_into.is_some() && !may_write(&hosts) {
        return Err("--write-into works on sandboxes only: the check never writes to a live account.".to_owned());
    }
    let app = procore::App {
        client_id: args.procore_client_id.unwrap_or_default(),
        client_secret: args.procore_client_secret.unwrap_or_default().into(),
        redirect_uri: String::new(),
    };
    if args.token.is_none() && app.client_id.is_empty() {
        return Err("Give an access token in LEDGERBOARD_PROCORE_TOKEN, or the credentials of an app with a service \
                    account in LEDGERBOARD_PROCORE_CLIENT_ID and LEDGERBOARD_PROCORE_CLIENT_SECRET."
            .to_owned());
    }
    let procore = Procore::new(hosts, app, transport::over_sockets(TIMEOUT));
    let token: SecretString = match args.token {
        Some(token) => token.into(),
        None => procore.client_credentials().await.map_err(|e| format!("Procore gave no token: {e}"))?.access,
    };
    let session = procore.acting(token, Some(CompanyId(args.company)));
    let check = CheckSubject {
        session,
        company: CompanyId(args.company),
        project: ProjectId(args.project),
        patience: PATIENCE,
    };
    let report = run(check, args.write_into.as_deref()).await.map_err(|e| e.to_string())?;
    println!("{report}");
    Ok(())
}

/// The check writes only to Procore's sandboxes and to emulators on this machine. Any other host may serve live accounts:
/// Procore's regions have hosts of their own.
fn may_write(hosts: &Hosts) -> bool {
    let sandboxes = [Hosts::sandbox(), Hosts::monthly_sandbox()];
    let sandbox = sandboxes.iter().any(|sandbox| sandbox.api.host() == hosts.api.host());
    let here = match hosts.api.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    sandbox || here
}

#[cfg(test)]
mod tests {
    use super::{hosts, may_write};

    #[test]
    fn only_sandboxes_and_this_machine_are_written_to() {
        for open in ["sandbox", "monthly-sandbox", "http://127.0.0.1:8081", "http://localhost:9", "http://[::1]:9"] {
            assert!(may_write(&hosts(open).unwrap()), "{open}");
        }
        for live in ["production", "federal", "https://api.procore.com", "https://us02.procore.com", "https://10.0.0.8"]
        {
            assert!(!may_write(&hosts(live).unwrap()), "{live}");
        }
    }
}
