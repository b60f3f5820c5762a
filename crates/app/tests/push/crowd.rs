//! A limit of 25 requests in a minute, used by many: two people who look and push, workers with more pushes than they can carry
//! out, readings behind them, and a stranger's program of the same app that was there before. In virtual time.

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use domain::{CorId, Entropy as _, role::Actor};
use emulator::{Emulator, RateLimits, SpikeWindow};
use jiff::{SignedDuration, Timestamp};
use ledgerboard::{
    Error,
    clock::{Clock, ManualClock, SeededEntropy},
    integration::change_events,
    testing::process,
};
use procore::{SendError, Session, Transport, model::CompanyId};
use store::{Store, testing::TestDb};
use tower::{ServiceExt as _, service_fn, util::BoxCloneSyncService};

use crate::fixture::{Fixture, MANAGER, OWNER};

const STORY: SignedDuration = SignedDuration::from_mins(8);
/// How often everybody has a turn.
const TURN: SignedDuration = SignedDuration::from_secs(1);
/// How long a request takes each way.
const WAY: SignedDuration = SignedDuration::from_millis(100);
/// So often a person looks before they push.
const LOOKS: u8 = 3;
/// A third of what is allowed.
const THIRD: usize = 8;

/// How the stranger takes its third.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Stranger {
    Absent,
    Evenly,
    AtOnce,
}

/// Procore, a fifth of a second away.
fn far(procore: &Emulator, clock: &ManualClock) -> Transport {
    let (procore, clock) = (procore.clone(), clock.clone());
    BoxCloneSyncService::new(service_fn(move |request: http::Request<Bytes>| {
        let (procore, clock) = (procore.clone(), clock.clone());
        async move {
            clock.advance(WAY);
            let unknown = |error: &dyn std::fmt::Display| SendError::Unknown(error.to_string());
            let answer = procore.service().oneshot(request.map(Body::from)).await.map_err(|e| unknown(&e))?;
            let (head, body) = answer.into_parts();
            let body = axum::body::to_bytes(body, 64 << 20).await.map_err(|e| unknown(&e))?;
            clock.advance(WAY);
            Ok(http::Response::from_parts(head, body))
        }
    }))
}

/// A person who comes now and then, looks at the events a few times, and pushes. One who is told to wait clicks again a second
/// later.
struct Person {
    actor: Actor,
    to_push: Vec<CorId>,
    pushed: Vec<CorId>,
    entropy: SeededEntropy,
    /// How often they looked since they came.
    looked: u8,
    wants: Timestamp,
    tries: Timestamp,
    waited: Vec<SignedDuration>,
}

impl Person {
    fn new(actor: &Actor, to_push: &[CorId], seed: u64, now: Timestamp) -> Self {
        let (entropy, to_push) = (SeededEntropy::new(seed), to_push.to_vec());
        Self {
            actor: actor.clone(),
            to_push,
            pushed: vec![],
            entropy,
            looked: 0,
            wants: now,
            tries: now,
            waited: vec![],
        }
    }

    async fn turn(&mut self, fixture: &Fixture) {
        let now = fixture.app.now();
        if now < self.tries {
            return;
        }
        let next = self.to_push.last().copied().filter(|_| self.looked == LOOKS);
        let done = match next {
            None => change_events::refresh(&fixture.app, &self.actor, fixture.made.project).await,
            Some(cor) => fixture.push(&[cor]).by(&self.actor).sent().into_new_event().asked_for().await.map(|_| ()),
        };
        match done {
            Ok(()) => {
                self.waited.push(now.duration_since(self.wants));
                self.pushed.extend(next.and_then(|_| self.to_push.pop()));
                self.looked = (self.looked + 1) % (LOOKS + 1);
                let mut byte = [0];
                self.entropy.fill(&mut byte);
                let pause = if self.looked > 0 { 1_000 } else { 30_000 + 160 * i64::from(byte[0]) };
                self.wants = fixture.app.now() + SignedDuration::from_millis(pause);
                self.tries = self.wants;
            }
            Err(Error::ProcoreUnavailable(_)) => self.tries = now + SignedDuration::from_secs(1),
            Err(error) => panic!("{}", error.sentence()),
        }
    }
}

/// A program that knows nothing of ours.
struct Program {
    kind: Stranger,
    session: Session,
    next: Timestamp,
}

impl Program {
    async fn turn(&mut self, now: Timestamp) {
        let (calls, pause) = match self.kind {
            Stranger::Absent => return,
            Stranger::Evenly => (1, 7_500),
            Stranger::AtOnce => (THIRD, 62_000),
        };
        if now < self.next {
            return;
        }
        self.next = now + SignedDuration::from_millis(pause);
        for _ in 0..calls {
            let _ = self.session.change_types(CompanyId(emulator::seed::WHITFIELD)).await;
        }
    }
}

struct Ran {
    sent: usize,
    refused: usize,
    /// Pushes that were carried out, by quarters of the story.
    pushed: [usize; 4],
    readings: usize,
    waited: Vec<SignedDuration>,
}

async fn run(store: Store, window: SpikeWindow, kind: Stranger) -> Ran {
    let mut fixture = Fixture::on(store.clone()).await;
    let cors = fixture.sent(100).await;
    // What is read once a day is read, and the windows are fresh.
    while fixture.worker().observe().await.unwrap() {}
    fixture.world.advance(3_700);
    let (backlog, rest) = cors.split_at(70);
    for cor in backlog {
        fixture.push(&[*cor]).sent().into_new_event().confirmed().await.unwrap();
    }
    fixture.world.advance(60);
    fixture.world.procore.switches(|switches| switches.spike_window = window);
    fixture.world.procore.set_limits(RateLimits { hourly: 100_000, ..RateLimits::seen() });
    fixture.world.procore.clear_journal();
    let (clock, base) = (fixture.world.clock.clone(), "http://procore.test".parse().unwrap());
    fixture.app = process(store, Arc::new(clock.clone()), 9, &base, far(&fixture.world.procore, &clock));

    let token = fixture.app.procore.client_credentials().await.unwrap();
    let session = fixture.world.app.procore.acting(token.access, Some(CompanyId(emulator::seed::WHITFIELD)));
    let mut stranger = Program { kind, session, next: clock.now() };
    for _ in 0..65 {
        stranger.turn(clock.now()).await;
        clock.advance(SignedDuration::from_secs(1));
    }
    let (began, workers) = (clock.now(), [fixture.worker(), fixture.worker()]);
    let (one, other) = rest.split_at(15);
    let mut people =
        [Person::new(&fixture.made.manager, one, 1, began), Person::new(&fixture.made.owner, other, 2, began)];
    let mut ran = Ran { sent: 0, refused: 0, pushed: [0; 4], readings: 0, waited: vec![] };
    let mut confirmed = backlog.len();
    while clock.now() < began + STORY {
        for person in &mut people {
            person.turn(&fixture).await;
        }
        for worker in &workers {
            worker.step().await.unwrap();
        }
        ran.readings += usize::from(workers[0].observe().await.unwrap());
        stranger.turn(clock.now()).await;
        clock.advance(TURN);
        confirmed = backlog.len() + people.iter().map(|person| person.pushed.len()).sum::<usize>();
        let quarter = clock.now().duration_since(began).as_secs() * 4 / STORY.as_secs();
        let done = confirmed - usize::try_from(fixture.outbox().await).unwrap();
        let before: usize = ran.pushed.iter().take(usize::try_from(quarter).unwrap().min(3)).sum();
        ran.pushed[usize::try_from(quarter).unwrap().min(3)] = done - before;
    }
    assert!(ran.pushed.iter().sum::<usize>() < confirmed, "there were always more pushes than could leave");
    let journal = fixture.world.procore.journal();
    let ours =
        || journal.iter().filter(|call| call.login.as_deref().is_some_and(|login| [MANAGER, OWNER].contains(&login)));
    ran.sent = ours().count();
    ran.refused = ours().filter(|call| call.status == Some(429)).count();
    ran.waited = people.iter().flat_map(|person| person.waited.clone()).collect();
    // What was refused was waited out: nothing stopped, and everything that was asked for arrives once.
    fixture.world.procore.set_limits(RateLimits::default());
    while fixture.outbox().await > 0 {
        fixture.work().await;
        fixture.world.advance(5);
    }
    let all: Vec<CorId> = backlog.iter().chain(people.iter().flat_map(|person| &person.pushed)).copied().collect();
    fixture.assert_once(&all).await;
    ran
}

async fn tell(store: Store, window: SpikeWindow, stranger: Stranger) {
    let mut ran = Box::pin(run(store, window, stranger)).await;
    ran.waited.sort_unstable();
    let within = |percent: usize| ran.waited[(ran.waited.len() * percent / 100).min(ran.waited.len() - 1)];
    println!(
        "{window:?}, stranger {stranger:?}: {} requests of ours, {} refused; pushes by quarters {:?}; {} readings; of {} \
         clicks half began within {:#}, 95 % within {:#}",
        ran.sent,
        ran.refused,
        ran.pushed,
        ran.readings,
        ran.waited.len(),
        within(50),
        within(95),
    );
    assert!(within(95) <= SignedDuration::from_secs(10), "{:#}", within(95));
    assert!(ran.pushed.iter().all(|pushed| *pushed >= 3), "pushes advance: {:?}", ran.pushed);
    assert!(ran.readings > 0, "and so do readings");
    assert!(ran.refused * 50 <= ran.sent, "{} of {}", ran.refused, ran.sent);
    assert!(stranger != Stranger::Absent || ran.refused == 0, "alone, none: {}", ran.refused);
}

store::both_databases! {
    async fn beside_a_stranger_who_takes_a_third_people_come_first_and_pushes_advance(store: Store) {
        tell(store, SpikeWindow::Rolling, Stranger::Evenly).await;
    }
}

#[tokio::test]
async fn alone_at_25_a_minute_nothing_is_refused() {
    tell(TestDb::sqlite().await.store(), SpikeWindow::Rolling, Stranger::Absent).await;
}

#[tokio::test]
async fn beside_a_stranger_who_takes_a_third_at_once() {
    tell(TestDb::sqlite().await.store(), SpikeWindow::Rolling, Stranger::AtOnce).await;
}

#[tokio::test]
async fn beside_a_stranger_where_the_reset_is_that_of_the_last_request() {
    tell(TestDb::sqlite().await.store(), SpikeWindow::RollingToItsEnd, Stranger::Evenly).await;
}

#[tokio::test]
async fn beside_a_stranger_in_fixed_windows() {
    tell(TestDb::sqlite().await.store(), SpikeWindow::Fixed, Stranger::Evenly).await;
}

/// A clock whose time passes while somebody waits.
struct Passing(ManualClock);

impl Clock for Passing {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn pause(&self, by: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.advance(SignedDuration::try_from(by).unwrap());
        Box::pin(std::future::ready(()))
    }
}

store::both_databases! {
    async fn a_page_waits_for_its_turn_for_some_seconds_and_else_says_when(store: Store) {
        let mut fixture = Fixture::on(store.clone()).await;
        fixture.world.advance(3_700);
        fixture.world.procore.set_limits(RateLimits { spike: 1, spike_seconds: 8, ..RateLimits::seen() });
        let (clock, base) = (fixture.world.clock.clone(), "http://procore.test".parse().unwrap());
        fixture.app = process(store, Arc::new(Passing(clock.clone())), 9, &base, far(&fixture.world.procore, &clock));
        let refresh = async || change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await;
        refresh().await.unwrap();
        let before = clock.now();
        refresh().await.unwrap();
        assert!(clock.now().duration_since(before) >= SignedDuration::from_secs(7), "it waited");
        fixture.world.procore.set_limits(RateLimits { spike: 1, spike_seconds: 40, ..RateLimits::seen() });
        fixture.world.advance(60);
        refresh().await.unwrap();
        let told = refresh().await.unwrap_err().sentence();
        assert!(told.contains("used up until"), "{told}");
        assert_eq!(fixture.refused_for_rate(), 0);
    }
}
