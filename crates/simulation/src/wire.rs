//! The network between each process of ours and Procore: where requests are lost, held, cut, and executed late.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use emulator::{Emulator, Fault, FaultKind, Matcher, Silence};
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use ledgerboard::clock::Clock as _;
use procore::{SendError, Transport};
use tokio::sync::{Notify, oneshot};
use tower::{ServiceExt as _, service_fn, util::BoxCloneSyncService};

use crate::{
    dice::Dice,
    net::Net,
    trouble::{Step, Trouble},
};

/// The longest life of a request, as the product's settings have it in tests.
pub(crate) const QUARANTINE: i64 = 120;
/// How far lists may lag behind, as the product's settings have it in tests.
pub(crate) const LAG: i64 = 3_600;
/// What a process waits for an answer.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Of a hundred changes to an event that is there, how many are executed late beside those that meet any other trouble.
const LATE_CHANGES: u64 = 8;
/// How far the clocks of our processes may be apart where everything keeps to what was agreed.
pub(crate) const SKEW: i64 = 4;

/// Headers that say how long to wait, and the clock they go by.
const LIMITING: [&str; 5] =
    ["retry-after", "x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset", "date"];
/// What no server should say in them: an epoch where seconds belong, numbers beyond all types, times at both ends, no number.
const ABSURD: [&str; 12] = [
    "1795964400",
    "1795964400000",
    "3600000000",
    "9223372036854775807",
    "18446744073709551615",
    "-1",
    "0",
    "1e9",
    "soon",
    "",
    "Thu, 30 Dec 9999 20:00:00 GMT",
    "Mon, 01 Jan 0001 00:00:00 GMT",
];

/// What a process is doing, for the network.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doing {
    /// The step that a GET is part of.
    pub(crate) reading: Option<Step>,
    /// As whom and for which account requests must go.
    pub(crate) acting: Option<(String, i64)>,
    /// When *sending* was recorded, on the world's clock.
    pub(crate) since: Option<Timestamp>,
    /// It is a worker, which may crash and sleep.
    pub(crate) worker: bool,
}

/// Why a process stopped in the middle of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It is dead.
    Crashed,
    /// It sleeps.
    Asleep,
}

/// The line of one process to Procore.
pub(crate) struct Wire {
    net: Arc<Net>,
    name: String,
    doing: Mutex<Doing>,
    dead: AtomicBool,
    stopped: Mutex<Option<Stop>>,
    /// Told when the process stopped in mid-request.
    pub(crate) told: Notify,
    go_on: Mutex<Option<oneshot::Sender<()>>>,
}

impl Wire {
    pub(crate) fn new(net: &Arc<Net>, name: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            net: net.clone(),
            name: name.into(),
            doing: Mutex::default(),
            dead: AtomicBool::new(false),
            stopped: Mutex::new(None),
            told: Notify::new(),
            go_on: Mutex::new(None),
        })
    }

    /// The world's time.
    pub(crate) fn now(&self) -> Timestamp {
        self.net.clock.now()
    }

    pub(crate) fn does(&self, doing: Doing) {
        *self.doing.lock().unwrap_or_else(PoisonError::into_inner) = doing;
    }

    /// Why the process stopped in mid-request.
    pub(crate) fn stopped(&self) -> Option<Stop> {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process is dead: nothing that it began goes on.
    pub(crate) fn kill(&self) {
        self.dead.store(true, Ordering::Relaxed);
        self.net.state().deadlines.remove(&self.name);
        self.go_on.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// The process wakes up.
    pub(crate) fn wake(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if let Some(go_on) = self.go_on.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = go_on.send(());
        }
    }

    pub(crate) fn transport(self: &Arc<Self>) -> Transport {
        let wire = self.clone();
        BoxCloneSyncService::new(service_fn(move |request: Request<Bytes>| {
            let wire = wire.clone();
            async move { wire.carry(request).await }
        }))
    }

    async fn carry(&self, request: Request<Bytes>) -> Result<Response<Bytes>, SendError> {
        if self.dead.load(Ordering::Relaxed) {
            return std::future::pending().await;
        }
        let doing = self.doing.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let step = step(&request, &doing);
        let what = format!("{} {}", request.method(), request.uri().path());
        let (trouble, pause, draw) = self.draw(step, doing.worker);
        self.net.clock.advance(SignedDuration::from_millis(pause));
        if let (Some(trouble), Some(step)) = (trouble, step) {
            self.net.note(trouble, step);
            self.net.say(format!("{}: {what} meets trouble: {}", self.name, trouble.name()));
        }
        let answer = self.meet(request, trouble, &doing, draw).await;
        let said = match &answer {
            Ok(answer) => answer.status().as_u16().to_string(),
            Err(error) => error.to_string(),
        };
        self.net.say(format!("{}: {what} → {said}", self.name));
        answer
    }

    /// The trouble that meets the request, how long the request takes, and a random number for the trouble to use.
    fn draw(&self, step: Option<Step>, worker: bool) -> (Option<Trouble>, i64, i64) {
        let mut state = self.net.state();
        let pause = state.dice.between(20, 400);
        let draw = state.dice.between(0, 1_000_000);
        let level = state.trouble;
        let Some(step) = step.filter(|_| level > 0) else { return (None, pause, draw) };
        // Runs about requests that outlive the quarantine have some.
        if state.outlive && matches!(step, Step::Post | Step::Patch) && state.dice.percent(25) {
            return (Some(Trouble::Late), pause, draw);
        }
        // Only a change to an event that is there is sent again as soon as the quarantine ends; a new one is looked for
        // much longer. So that is where a quarantine that is too short shows, if the change comes after it.
        if step == Step::Patch && worker && state.dice.percent(LATE_CHANGES) {
            let late = [Trouble::Late, Trouble::Late, Trouble::LateBehind(502), Trouble::LateBehind(504)];
            return (state.dice.one_of(&late).copied(), pause, draw);
        }
        if !state.dice.percent((level * step.rarity()).min(66)) {
            return (None, pause, draw);
        }
        let trouble = state.dice.one_of(&Trouble::OF_CALLS).copied();
        let stops = [Trouble::HeldBefore, Trouble::SlowAnswer, Trouble::CrashBefore, Trouble::CrashAfter];
        let possible = |t: &Trouble| t.impossible(step).is_none() && (worker || !stops.contains(t));
        // Revoking everything is rarer than the rest: everybody has to sign in again afterwards.
        let rare = trouble == Some(Trouble::TokensRevoked) && state.dice.percent(20);
        (trouble.filter(possible).filter(|_| !rare), pause, draw)
    }

    /// One to three headers that no server should send, the same of the same draw.
    fn absurd(draw: i64) -> Vec<(String, String)> {
        let mut dice = Dice::new(draw.unsigned_abs());
        let of = |texts: &[&'static str], dice: &mut Dice| dice.one_of(texts).copied().unwrap_or_default().to_owned();
        (0..dice.between(1, 3)).map(|_| (of(&LIMITING, &mut dice), of(&ABSURD, &mut dice))).collect()
    }

    async fn meet(
        &self,
        request: Request<Bytes>,
        trouble: Option<Trouble>,
        doing: &Doing,
        draw: i64,
    ) -> Result<Response<Bytes>, SendError> {
        use Trouble as T;
        let status = |status, executed| {
            let retry_after =
                (draw % 3 == 0 && matches!(status, 429 | 503)).then_some(7 + u32::try_from(draw % 60).unwrap_or(0));
            Some(FaultKind::Status { status, retry_after, executed })
        };
        let fault = match trouble {
            Some(T::NotSent) => return Err(self.nobody_there(request).await),
            Some(T::Unread) => Some(FaultKind::Refuse),
            Some(T::HangBefore) => Some(FaultKind::HangBefore),
            Some(T::HangAfter) => Some(FaultKind::HangAfter),
            Some(T::DropAfter) => Some(FaultKind::DropAfter),
            Some(T::CutBody) => Some(FaultKind::CutBody),
            Some(T::Late) => Some(self.late(doing, draw, if draw % 5 == 0 { Silence::Hang } else { Silence::Close })),
            Some(T::LateBehind(502)) => Some(self.late(doing, draw, Silence::BadGateway)),
            Some(T::LateBehind(_)) => Some(self.late(doing, draw, Silence::GatewayTimeout)),
            Some(T::Status(code, executed)) => status(code, executed),
            Some(T::Absurd(status)) => Some(FaultKind::Headers { status, headers: Self::absurd(draw) }),
            Some(T::HeldBefore) => {
                let until = doing.since.map(|since| since + SignedDuration::from_secs(QUARANTINE - 2 * SKEW - 2));
                if let Some(until) = until.filter(|_| !self.net.state().outlive) {
                    self.net.state().deadlines.insert(self.name.clone(), until);
                }
                self.sleep(Stop::Asleep).await;
                self.net.state().deadlines.remove(&self.name);
                if doing.since.is_some_and(|since| self.net.clock.now().duration_since(since).as_secs() >= QUARANTINE) {
                    self.net.state().outlived += 1;
                }
                None
            }
            Some(T::CrashBefore) => return self.sleep_for_ever().await,
            Some(T::TokensExpired) => {
                self.net.procore.expire_tokens();
                None
            }
            Some(T::TokensRevoked) => {
                self.net.procore.revoke_tokens();
                None
            }
            _ => None,
        };
        if let Some(kind) = fault {
            self.net.procore.fault(Fault { matcher: Matcher::default(), kind });
        }
        let answer = self.send(request, doing).await;
        match trouble {
            Some(T::CrashAfter) => self.sleep_for_ever().await,
            Some(T::SlowAnswer) => {
                self.sleep(Stop::Asleep).await;
                answer
            }
            _ => answer,
        }
    }

    /// When a late request is executed: within the quarantine, and half of them shortly before it ends, unless this run is
    /// about those that outlive it.
    fn late(&self, doing: &Doing, draw: i64, silence: Silence) -> FaultKind {
        let mut state = self.net.state();
        let gone = doing.since.map_or(0, |since| self.net.clock.now().duration_since(since).as_secs());
        let within = (QUARANTINE - 2 * SKEW - 2 - gone).max(1);
        let after_seconds = if state.outlive && draw % 2 == 0 {
            state.outlived += 1;
            QUARANTINE + draw % (3 * QUARANTINE)
        } else if draw % 4 < 2 {
            within - draw % (within / 6 + 1)
        } else {
            1 + draw % within
        };
        FaultKind::ExecuteLate { after_seconds, silence }
    }

    async fn sleep(&self, stop: Stop) {
        let (tell, go_on) = oneshot::channel();
        *self.go_on.lock().unwrap_or_else(PoisonError::into_inner) = Some(tell);
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
        self.told.notify_one();
        if go_on.await.is_err() {
            // Killed in its sleep.
            std::future::pending::<()>().await;
        }
    }

    async fn sleep_for_ever<T>(&self) -> T {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = Some(Stop::Crashed);
        self.told.notify_one();
        std::future::pending().await
    }

    async fn send(&self, request: Request<Bytes>, doing: &Doing) -> Result<Response<Bytes>, SendError> {
        let path = request.uri().path();
        // Anybody in the office who may can look after hooks.
        let personal = path.starts_with("/rest/") && !path.contains("/webhooks/");
        let sockets = self.net.sockets.clone();
        let before = self.net.procore.arrived();
        let answer = match sockets {
            Some(sockets) => sockets.oneshot(request).await,
            None => within(&self.net.procore, request).await,
        };
        let arrived = self.net.procore.arrived();
        // What arrived before may be a late request of somebody else's.
        if let Some(acting) = doing.acting.as_ref().filter(|_| personal && arrived != before) {
            self.net.state().expected.entry(arrived).or_insert_with(|| acting.clone());
        }
        if let Err(SendError::Unknown(why)) = &answer
            && why.contains("timed out")
        {
            // A late request of somebody else's may arrive meanwhile.
            self.net.pass(SignedDuration::try_from(TIMEOUT).expect("a constant"));
        }
        answer
    }

    /// Nobody listens, so the request does not leave.
    async fn nobody_there(&self, mut request: Request<Bytes>) -> SendError {
        let Some(sockets) = self.net.sockets.clone() else { return SendError::NotSent("connection refused".into()) };
        let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        // Port 1 of this machine: the connection is refused for real.
        *request.uri_mut() = format!("http://127.0.0.1:1{path}").parse().expect("a path that was one already");
        match sockets.oneshot(request).await {
            Err(error) => error,
            Ok(_) => SendError::NotSent("somebody listens on port 1".into()),
        }
    }
}

/// The step of the protocol that a request is; `None` for one that no push needs.
fn step(request: &Request<Bytes>, doing: &Doing) -> Option<Step> {
    let (method, path) = (request.method(), request.uri().path());
    if path == "/oauth/token" {
        return Some(Step::Refresh);
    }
    if !path.contains("/change_events") || path.ends_with("/statuses") {
        return None;
    }
    if method == http::Method::POST {
        return Some(Step::Post);
    }
    if method == http::Method::PATCH {
        return Some(Step::Patch);
    }
    let list = path.ends_with("/change_events");
    match doing.reading {
        Some(Step::LookEvent | Step::LookList) => Some(if list { Step::LookList } else { Step::LookEvent }),
        other => other,
    }
}

/// The emulator as a server in this process. A hang ends with the caller's timeout.
async fn within(procore: &Emulator, request: Request<Bytes>) -> Result<Response<Bytes>, SendError> {
    let unknown = |why: String| SendError::Unknown(why);
    let exchange = async {
        let answer = procore.service().oneshot(request.map(Body::from)).await;
        let (head, body) = answer.map_err(|error| unknown(error.to_string()))?.into_parts();
        let body = axum::body::to_bytes(body, 64 << 20).await.map_err(|error| unknown(error.to_string()))?;
        Ok(Response::from_parts(head, body))
    };
    match tokio::time::timeout(TIMEOUT, exchange).await {
        Ok(answer) => answer,
        Err(_) => Err(unknown("timed out".into())),
    }
}
