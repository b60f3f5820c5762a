//! The processes that carry pushes out: they take one step at a time, sleep, crash and start anew.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, atomic::AtomicI64},
};

use domain::procore::push_state::PushState;
use jiff::{SignedDuration, Timestamp};
use ledgerboard::{App, Error, clock::Clock as _, testing};
use store::{Store, repo::push::Push};
use sync::{Attempt, Worker};
use url::Url;

use crate::{
    clock::ProcessClock,
    net::Net,
    trouble::Step,
    wire::{Doing, Stop, Wire},
};

type Advance = Pin<Box<dyn Future<Output = Result<Option<Attempt>, sync::Error>> + Send>>;

/// Where a process is.
pub(crate) enum At {
    /// It holds nothing.
    Idle,
    /// It holds a push and is about to take this step.
    Before(Box<Attempt>, Step),
    /// It stopped in the middle of this step.
    Within(Advance, Box<Push>, Step),
}

/// What a step came to.
pub(crate) enum Took {
    /// It goes on.
    On,
    /// It stopped in mid-request.
    Stopped(Stop),
    /// The pass is over.
    Over,
    /// It was kept out, or failed.
    Failed(Error),
}

/// A process of the product.
pub(crate) struct Process {
    pub(crate) name: String,
    pub(crate) app: App,
    pub(crate) wire: Arc<Wire>,
    pub(crate) clock: ProcessClock,
    pub(crate) worker: Worker,
    pub(crate) at: At,
    /// It does nothing before then.
    pub(crate) asleep_until: Option<Timestamp>,
    /// When it recorded *sending*, on the world's clock.
    since: Option<Timestamp>,
}

/// What processes of a run have in common.
#[derive(Clone)]
pub(crate) struct Common {
    pub(crate) net: Arc<Net>,
    pub(crate) store: Store,
    pub(crate) base: Url,
    pub(crate) all_wrong: Arc<AtomicI64>,
}

impl Common {
    /// A process that has just started.
    pub(crate) fn start(&self, name: &str, entropy: u64) -> Process {
        let clock = ProcessClock::new(&self.net, &self.all_wrong);
        let wire = Wire::new(&self.net, name);
        let app = testing::process(self.store.clone(), Arc::new(clock.clone()), entropy, &self.base, wire.transport());
        let worker = Worker::new(&app);
        Process { name: name.to_owned(), app, wire, clock, worker, at: At::Idle, asleep_until: None, since: None }
    }
}

impl Process {
    /// The push in its hands.
    pub(crate) fn push(&self) -> Option<&Push> {
        match &self.at {
            At::Idle => None,
            At::Before(pass, _) => Some(pass.push()),
            At::Within(_, push, _) => Some(push),
        }
    }

    /// The step it is about to take.
    pub(crate) fn next(&self) -> Option<Step> {
        match &self.at {
            At::Before(_, step) => Some(*step),
            At::Idle | At::Within(..) => None,
        }
    }

    /// Claims a push, if one is due.
    pub(crate) async fn claim(&mut self) -> Result<bool, Error> {
        let Some(pass) = self.worker.claim().await? else { return Ok(false) };
        let step = match &pass.push().state {
            PushState::Uncertain { .. } if pass.push().event.is_some() => Step::LookEvent,
            PushState::Uncertain { .. } => Step::LookList,
            PushState::Sending { .. } => Step::Store,
            _ => Step::Read,
        };
        self.since = None;
        self.at = At::Before(Box::new(pass), step);
        Ok(true)
    }

    /// Takes the next step, as the person with this login; or goes on with the one it stopped in.
    pub(crate) async fn step(&mut self, login: &str) -> Took {
        let (future, push, step) = match std::mem::replace(&mut self.at, At::Idle) {
            At::Idle => return Took::Over,
            At::Before(pass, step) => {
                let push = Box::new(pass.push().clone());
                let reading = match step {
                    Step::Read | Step::LookEvent | Step::LookList => Some(step),
                    Step::Store => Some(Step::Reread),
                    _ => None,
                };
                let acting = Some((login.to_owned(), push.procore_company));
                self.wire.does(Doing { reading, acting, since: self.since, worker: true });
                (Box::pin(pass.advance()) as Advance, push, step)
            }
            At::Within(future, push, step) => {
                self.wire.wake();
                (future, push, step)
            }
        };
        self.go_on(future, push, step).await
    }

    async fn go_on(&mut self, mut future: Advance, push: Box<Push>, step: Step) -> Took {
        let told = self.wire.told.notified();
        let answered = tokio::select! {
            biased;
            answered = &mut future => answered,
            () = told => {
                let stop = self.wire.stopped().unwrap_or(Stop::Crashed);
                self.at = At::Within(future, push, step);
                return Took::Stopped(stop);
            }
        };
        match answered {
            Ok(Some(pass)) => {
                let event = pass.push().event.is_some();
                let next = match step {
                    Step::Read => Step::Record,
                    Step::Record if event => Step::Patch,
                    Step::Record => Step::Post,
                    _ => Step::Store,
                };
                if step == Step::Record {
                    self.since = Some(self.app_time());
                }
                self.at = At::Before(Box::new(pass), next);
                Took::On
            }
            Ok(None) => Took::Over,
            Err(error) => Took::Failed(error.into()),
        }
    }

    /// The world's time.
    fn app_time(&self) -> Timestamp {
        self.wire.now()
    }

    /// Sleeps for so many seconds, whatever it holds.
    pub(crate) fn sleep(&mut self, seconds: i64) {
        let now = self.wire.now();
        self.asleep_until = Some(now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now));
    }

    /// Whether it sleeps through this moment.
    pub(crate) fn sleeps(&self) -> bool {
        self.asleep_until.is_some_and(|until| until > self.wire.now())
    }

    /// What its own clock shows, for words.
    pub(crate) fn shows(&self) -> Timestamp {
        self.clock.now()
    }
}
