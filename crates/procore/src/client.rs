//! Where Procore is and who we are to it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use secrecy::SecretString;
use url::Url;

use crate::{model::CompanyId, session::Session, transport::Transport};

/// The addresses of one Procore environment. Tokens, ids and secrets of one are worth nothing in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts {
    /// Where people sign in and tokens are given.
    pub login: Url,
    /// Where REST calls go.
    pub api: Url,
    /// Where people look at Procore. Companies may live in a zone with a web host of its own.
    pub web: Url,
}

impl Hosts {
    /// Procore itself, and its on-demand sandboxes, which are companies in it.
    pub fn production() -> Self {
        Self::known("https://login.procore.com", "https://api.procore.com", "https://app.procore.com")
    }

    /// The developer sandbox, with its own credentials.
    pub fn sandbox() -> Self {
        Self::known("https://login-sandbox.procore.com", "https://sandbox.procore.com", "https://sandbox.procore.com")
    }

    /// The sandbox refreshed monthly from production, with production credentials.
    pub fn monthly_sandbox() -> Self {
        let (login, api) = ("https://login-sandbox-monthly.procore.com", "https://api-monthly.procore.com");
        Self::known(login, api, "https://sandbox-monthly.procore.com")
    }

    /// The zone for work for the federal government.
    pub fn federal() -> Self {
        Self::known("https://login.procoregov.com", "https://api.procoregov.com", "https://app.procoregov.com")
    }

    /// One address for all three, such as an emulator's.
    pub fn at(base: &Url) -> Self {
        Self { login: base.clone(), api: base.clone(), web: base.clone() }
    }

    fn known(login: &str, api: &str, web: &str) -> Self {
        let url = |text| Url::parse(text).expect("the address is a constant");
        Self { login: url(login), api: url(api), web: url(web) }
    }
}

/// The app as it is registered with Procore.
#[derive(Debug, Clone)]
pub struct App {
    /// Public.
    pub client_id: String,
    /// Never leaves but to the login host.
    pub client_secret: SecretString,
    /// Must be one of the registered ones, to the letter: a trailing slash counts.
    pub redirect_uri: String,
}

/// One app in one Procore environment. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Procore {
    pub(crate) hosts: Arc<Hosts>,
    pub(crate) app: Arc<App>,
    pub(crate) transport: Transport,
    /// The largest pages that routes have refused more than, by path without ids: learnt once for all sessions.
    pub(crate) page_sizes: Arc<Mutex<HashMap<&'static str, usize>>>,
}

impl Procore {
    /// A client that sends through `transport`.
    pub fn new(hosts: Hosts, app: App, transport: Transport) -> Self {
        Self { hosts: Arc::new(hosts), app: Arc::new(app), transport, page_sizes: Arc::default() }
    }

    /// Where it sends to.
    pub fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// Which app we are: what Procore names as the source of what we did.
    pub fn client_id(&self) -> &str {
        &self.app.client_id
    }

    /// Acts as the owner of this access token, in this company. Only [`Session::me`] and [`Session::companies`] work
    /// without a company, and for a service account not even those.
    pub fn acting(&self, access_token: SecretString, company: Option<CompanyId>) -> Session {
        Session::new(self.clone(), access_token, company)
    }
}

impl std::fmt::Debug for Procore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Procore").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}
