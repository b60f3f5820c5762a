//! The product as a value: the context that talks to Procore, and what pages need besides.

use std::{ops::Deref, sync::Arc};

use ipnet::IpNet;
use sync::Context;
use url::Url;

use crate::health::LastFound;

/// The product as a value. Clones share everything.
#[derive(Clone)]
pub struct App {
    /// Store, clock, client and the rest that the worker needs too. [`App`] derefs to it, so that verbs can use them and
    /// call `sync`.
    pub context: Context,
    /// The operator's settings for serving pages.
    pub serving: Arc<Serving>,
    /// The condition of the installation a moment ago.
    pub last_found: Arc<LastFound>,
}

/// The operator's settings for serving pages.
#[derive(Debug, Clone, Default)]
pub struct Serving {
    /// Plain http on loopback: cookies without `Secure` and the `__Host-` prefix.
    pub insecure_cookies: bool,
    /// The proxies whose word on a request's origin we trust.
    pub trusted_proxies: Vec<IpNet>,
    /// Whom `security.txt` names; without one there is no such file.
    pub security_contact: Option<Url>,
    /// What the demo's sign-in page offers, as (who, email, password). Empty anywhere else.
    pub demo_logins: Vec<(String, String, String)>,
    /// For how many days security events are kept, if another time than a year.
    pub security_kept_days: Option<u32>,
}

impl Deref for App {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.context
    }
}

impl App {
    /// A page of this instance, by its path.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.settings.public_url.as_str().trim_end_matches('/'))
    }

    /// The page of a change event in Procore's web interface.
    pub fn event_in_procore(&self, company: i64, project: i64, event: i64) -> String {
        let base = self.procore.hosts().web.as_str().trim_end_matches('/').to_owned();
        format!("{base}/webclients/host/companies/{company}/projects/{project}/tools/change-events/{event}")
    }

    /// The change events of a project in Procore's web interface.
    pub fn project_in_procore(&self, company: i64, project: i64) -> String {
        let base = self.procore.hosts().web.as_str().trim_end_matches('/').to_owned();
        format!("{base}/webclients/host/companies/{company}/projects/{project}/tools/change-events")
    }
}
