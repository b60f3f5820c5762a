//! A whole product in one process, for tests and the demo's data: real store, real client, the emulator as Procore, a
//! clock that stands still and randomness that repeats itself. Nothing of ours is faked.

mod at_procore;

use std::{sync::Arc, time::Duration};

pub use at_procore::callback;

use axum::body::Body;
use bytes::Bytes;
use emulator::{Client, Emulator, EmulatorOptions};
use jiff::{SignedDuration, Timestamp};
use procore::{Hosts, Procore, SendError, Transport};
use store::Store;
use sync::{Context, Settings, vault::Vault};
use tower::{ServiceExt as _, service_fn, util::BoxCloneSyncService};
use url::Url;

use crate::{
    clock::{Clock, ManualClock, SeededEntropy},
    context::{App, Serving},
};

/// A page's text as a browser reads it: a run of blanks and line breaks is one blank. What is no page stays as it is.
pub fn as_read(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    if text.trim_start().starts_with('<') {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        text.into_owned()
    }
}

/// When every test begins.
pub const START: &str = "2026-11-23T17:00:00Z";

/// The product and its world.
#[derive(Clone)]
pub struct World {
    /// The product.
    pub app: App,
    /// Procore.
    pub procore: Emulator,
    /// The clock of both.
    pub clock: ManualClock,
}

impl World {
    /// A product on `store` with the emulator's demo world.
    pub fn on(store: Store) -> Self {
        Self::seeded(store, 1)
    }

    /// The same with other randomness.
    pub fn seeded(store: Store, seed: u64) -> Self {
        let clock = ManualClock::at(START.parse().expect("a constant"));
        let public_url: Url = "http://127.0.0.1:8080".parse().expect("a constant");
        let redirect = crate::cli::instance::redirect_uri(&public_url);
        let options = EmulatorOptions::demo(clock_of(&clock), Client::new("test-client", "test-secret", &[&redirect]));
        let procore = Emulator::new(options);
        let app = Self::product(store, &procore, &clock, seed);
        Self { app, procore, clock }
    }

    /// Another process of the same instance: same store, same Procore, same clock, its own randomness.
    pub fn another_process(&self, seed: u64) -> App {
        Self::product(self.app.store.clone(), &self.procore, &self.clock, seed)
    }

    fn product(store: Store, procore: &Emulator, clock: &ManualClock, seed: u64) -> App {
        let base: Url = "http://procore.test".parse().expect("a constant");
        process(store, Arc::new(clock.clone()), seed, &base, transport(procore))
    }

    /// Lets time pass.
    pub fn advance(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }
}

/// One process of an instance: its clock, the randomness of `seed`, and a client that finds Procore at `base` through
/// `transport`.
pub fn process(store: Store, clock: Arc<dyn Clock>, seed: u64, base: &Url, transport: Transport) -> App {
    let public_url: Url = "http://127.0.0.1:8080".parse().expect("a constant");
    let settings = Settings {
        push_quarantine: SignedDuration::from_secs(120),
        push_list_lag: SignedDuration::from_hours(1),
        reconcile_every: SignedDuration::from_mins(15),
        procore_timeout: Duration::from_secs(30),
        webhooks: true,
        public_url: public_url.clone(),
    };
    let credentials = procore::App {
        client_id: "test-client".into(),
        client_secret: "test-secret".to_owned().into(),
        redirect_uri: crate::cli::instance::redirect_uri(&public_url),
    };
    let context = Context {
        store,
        clock,
        entropy: Arc::new(SeededEntropy::new(seed)),
        procore: Procore::new(Hosts::at(base), credentials, transport),
        vault: Vault::new(&[7; 32]),
        settings: Arc::new(settings),
        wake: Arc::new(tokio::sync::Notify::new()),
        vitals: Arc::default(),
        logged_once: Arc::default(),
    };
    let serving = Serving { insecure_cookies: true, ..Serving::default() };
    App { context, serving: Arc::new(serving), last_found: Arc::default() }
}

fn clock_of(clock: &ManualClock) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
    let clock = clock.clone();
    Arc::new(move || clock.now())
}

/// The emulator as the client's transport. A connection closed without an answer leaves the outcome unknown; a hang is
/// cut off at once, as a timeout would do.
fn transport(procore: &Emulator) -> Transport {
    let service = procore.service();
    BoxCloneSyncService::new(service_fn(move |request: http::Request<Bytes>| {
        let service = service.clone();
        async move {
            let call = service.oneshot(request.map(Body::from));
            let unknown = |why: &str| SendError::Unknown(why.to_owned());
            let answer = tokio::time::timeout(Duration::from_millis(200), call)
                .await
                .map_err(|_| unknown("timed out"))?
                .map_err(|error| unknown(&error.to_string()))?;
            let (head, body) = answer.into_parts();
            let body = axum::body::to_bytes(body, 64 << 20).await.map_err(|error| unknown(&error.to_string()))?;
            Ok(http::Response::from_parts(head, body))
        }
    }))
}

/// Goes through Procore's sign-in and consent pages as a browser would, for `actor`.
pub async fn sign_in_to_procore(
    app: &App,
    procore: &Emulator,
    actor: &domain::role::Actor,
    login: &str,
) -> Result<(), crate::Error> {
    let authorize = crate::integration::oauth::begin(app, actor, "/", false).await?;
    let form =
        |pairs: &[(&str, &str)]| url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let post = async |path: &str, body: String, cookie: Option<String>| {
        let mut request = http::Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let request = request.body(Body::from(body)).map_err(crate::Error::internal)?;
        procore.service().oneshot(request).await.map_err(crate::Error::internal)
    };
    let header = |answer: &http::Response<Body>, name: &str| {
        answer.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
    };
    let password = emulator::seed::PASSWORD;
    let signed_in = post("/login", form(&[("login", login), ("password", password), ("next", "/")]), None).await?;
    let cookie = header(&signed_in, "set-cookie").split(';').next().unwrap_or_default().to_owned();
    let mut consent: Vec<(String, String)> = authorize.query_pairs().into_owned().collect();
    consent.push(("decision".into(), "allow".into()));
    let consent: Vec<(&str, &str)> = consent.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let allowed = post("/oauth/authorize", form(&consent), Some(cookie)).await?;
    let back = Url::parse(&header(&allowed, "location")).map_err(crate::Error::internal)?;
    let pair =
        |name: &str| back.query_pairs().find(|(k, _)| k == name).map(|(_, v)| v.into_owned()).unwrap_or_default();
    let callback =
        crate::integration::oauth::Callback { code: pair("code"), state: pair("state"), error: pair("error") };
    crate::integration::oauth::finish(app, actor, callback).await?.outcome.map(|_| ())
}
