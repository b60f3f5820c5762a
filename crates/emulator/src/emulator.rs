//! The emulator as a value: made from options, shared by cloning.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::response::IntoResponse;
use http::StatusCode;
use jiff::Timestamp;

use crate::journal::Exchange;
use crate::oauth::{Client, OAuth};
use crate::rate::RateLimits;
use crate::state::State;
use crate::webhooks::{Delivery, DeliveryFault, Hook, Source};
use crate::{ConnectionDropped, EmulatorService, Fault, Switches, World, control, front, oauth, rest};

/// Where the emulator asks what time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How an emulator is made.
#[derive(Clone)]
pub struct EmulatorOptions {
    /// What time it is.
    pub clock: Clock,
    /// Where tokens and request ids come from.
    pub seed: u64,
    /// What exists at the start.
    pub world: World,
    /// Undocumented behaviour.
    pub switches: Switches,
    /// Rate limits.
    pub limits: RateLimits,
    /// The apps that may sign people in.
    pub clients: Vec<Client>,
    /// How the world reaches it, without a slash at the end; none takes the `Host` of each request.
    pub public_url: Option<String>,
    /// Life of an access token in seconds.
    pub access_token_seconds: i64,
    /// How long the destination of a hook may take to answer a delivery.
    pub delivery_timeout: Duration,
}

impl EmulatorOptions {
    /// The demo world at `clock`, one app that may redirect to `redirect_uris`, and no public URL.
    pub fn demo(clock: Clock, client: Client) -> Self {
        let world = crate::seed::demo(clock());
        Self {
            clock,
            seed: 1,
            world,
            switches: Switches::default(),
            limits: RateLimits::default(),
            clients: vec![client],
            public_url: None,
            access_token_seconds: 5400,
            delivery_timeout: Duration::from_secs(5),
        }
    }
}

/// A running Procore. Clones share it.
#[derive(Clone)]
pub struct Emulator {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Clock,
    public_url: Option<String>,
    state: Mutex<State>,
    delivering: tokio::sync::Mutex<()>,
    delivery_timeout: Duration,
    routes: Router,
}

impl Emulator {
    /// An emulator with these options.
    pub fn new(options: EmulatorOptions) -> Self {
        let EmulatorOptions {
            clock,
            seed,
            world,
            switches,
            limits,
            clients,
            public_url,
            access_token_seconds,
            delivery_timeout,
        } = options;
        let state = State::new(world, switches, limits, OAuth::new(clients, access_token_seconds), seed);
        let routes = Router::new()
            .merge(oauth::routes())
            .merge(rest::routes())
            .merge(front::routes())
            .merge(control::routes())
            .fallback(front::not_found);
        Self {
            shared: Arc::new(Shared {
                clock,
                public_url,
                state: Mutex::new(state),
                delivering: tokio::sync::Mutex::default(),
                delivery_timeout,
                routes,
            }),
        }
    }

    /// Another Procore in the same state, with a clock of its own: what happens to one is not seen in the other. Cheap
    /// enough to begin each of many thousand tests with.
    pub fn fork(&self, clock: Clock) -> Self {
        let (public_url, routes) = (self.shared.public_url.clone(), self.shared.routes.clone());
        let state = Mutex::new(self.state().clone());
        let (delivering, delivery_timeout) = (tokio::sync::Mutex::default(), self.shared.delivery_timeout);
        Self { shared: Arc::new(Shared { clock, public_url, state, delivering, delivery_timeout, routes }) }
    }

    /// The emulator as a tower service for use in process. A fault that closes the connection is its `Err`.
    pub fn service(&self) -> EmulatorService {
        EmulatorService::new(self.clone())
    }

    /// The emulator as an axum router. A router can't close its connection: a fault that would is answered 502 here;
    /// use [`Emulator::serve`] or [`Emulator::service`] to see it as it is.
    pub fn router(&self) -> Router {
        let emulator = self.clone();
        Router::new().fallback(move |request: axum::extract::Request| {
            let emulator = emulator.clone();
            async move {
                emulator
                    .handle(request)
                    .await
                    .unwrap_or_else(|ConnectionDropped| StatusCode::BAD_GATEWAY.into_response())
            }
        })
    }

    /// What time it is here.
    pub fn now(&self) -> Timestamp {
        (self.shared.clock)()
    }

    /// Reads or changes the world. What is changed is dated with the present time.
    pub fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        let now = self.now();
        let mut state = self.state();
        state.world.epoch = now;
        let seen = look(&mut state.world);
        state.notice(&Source::default(), now);
        seen
    }

    /// Reads or changes the switches.
    pub fn switches<T>(&self, change: impl FnOnce(&mut Switches) -> T) -> T {
        let now = self.now();
        let mut state = self.state();
        let seen = change(&mut state.switches);
        state.note_lag(now);
        seen
    }

    /// Sets the rate limits; windows in progress go on.
    pub fn set_limits(&self, limits: RateLimits) {
        self.state().limits = limits;
    }

    /// Adds a fault behind those that wait.
    pub fn fault(&self, fault: Fault) {
        self.state().faults.0.push(fault);
    }

    /// Forgets the faults that wait.
    pub fn clear_faults(&self) {
        self.state().faults.0.clear();
    }

    /// The faults that wait.
    pub fn faults(&self) -> Vec<Fault> {
        self.state().faults.0.clone()
    }

    /// Every request so far, oldest first.
    pub fn journal(&self) -> Vec<Exchange> {
        self.read_journal(|exchanges| exchanges.cloned().collect())
    }

    /// The same without a copy, which a long journal's answers make dear.
    pub fn read_journal<T>(&self, read: impl FnOnce(&mut dyn Iterator<Item = &Exchange>) -> T) -> T {
        read(&mut self.state().journal.iter())
    }

    /// How many requests have arrived so far: the number of the last one in the journal.
    pub fn arrived(&self) -> u64 {
        self.state().arrived
    }

    /// Forgets the requests so far.
    pub fn clear_journal(&self) {
        self.state().journal.clear();
    }

    /// Expires every access token; refresh tokens live on. Answers how many.
    pub fn expire_tokens(&self) -> usize {
        let now = self.now();
        self.state().oauth.expire_all(now)
    }

    /// How many seconds access tokens live that are given from now on.
    pub fn set_access_token_seconds(&self, seconds: i64) {
        self.state().oauth.set_life(seconds);
    }

    /// Revokes every token, as when people remove the app from their accounts. Answers how many.
    pub fn revoke_tokens(&self) -> usize {
        self.state().oauth.revoke_all()
    }

    /// Executes the late requests that are waiting, due or not, oldest first. Answers how many.
    pub fn run_late(&self) -> usize {
        self.run_late_until(None)
    }

    /// Executes the late requests whose time has come. Every arriving request does this first.
    pub fn run_late_due(&self) -> usize {
        self.run_late_until(Some(self.now()))
    }

    /// When the next late request is due, so that a clock that is set by hand need not pass over it.
    pub fn next_late(&self) -> Option<Timestamp> {
        self.state().late.iter().map(|request| request.due).min()
    }

    /// How many late requests are waiting.
    pub fn late_waiting(&self) -> usize {
        self.state().late.len()
    }

    /// Adds a fault for deliveries behind those that wait.
    pub fn delivery_fault(&self, fault: DeliveryFault) {
        self.state().webhooks.faults.push(fault);
    }

    /// The faults for deliveries that wait.
    pub fn delivery_faults(&self) -> Vec<DeliveryFault> {
        self.state().webhooks.faults.clone()
    }

    /// Forgets the faults for deliveries.
    pub fn clear_delivery_faults(&self) {
        self.state().webhooks.faults.clear();
    }

    /// The hooks there are.
    pub fn hooks(&self) -> Vec<Hook> {
        self.state().webhooks.hooks.values().cloned().collect()
    }

    /// Removes a hook, as its app or an administrator does behind another's back.
    pub fn remove_hook(&self, id: i64) {
        self.state().webhooks.remove(id);
    }

    /// What was, is or would have been on its way to hooks, oldest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.state().webhooks.deliveries.clone()
    }

    pub(crate) fn delivery_timeout(&self) -> Duration {
        self.shared.delivery_timeout
    }

    pub(crate) async fn delivering(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.shared.delivering.lock().await
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A handler that panicked leaves plain data; a test is better served by seeing it than by a second panic.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn public_url(&self) -> Option<&str> {
        self.shared.public_url.as_deref()
    }

    pub(crate) fn routes(&self) -> Router {
        self.shared.routes.clone()
    }
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator").field("public_url", &self.shared.public_url).finish_non_exhaustive()
    }
}
