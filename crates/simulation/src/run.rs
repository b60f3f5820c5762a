//! One run: a seed's schedule, from the first click until everything is at rest and counted.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, atomic::AtomicI64},
};

use domain::{DraftId, PushId, procore::reference::Mark};
use emulator::world::ChangeItem;
use jiff::SignedDuration;
use ledgerboard::{Error, clock::ManualClock, testing::World};
use procore::Transport;
use sha2::{Digest, Sha256};

use crate::{
    Template,
    dice::Dice,
    net::Net,
    process::{At, Common, Process, Took},
    report::{Verdict, tally_of},
    trouble::{Step, Trouble},
    wire::{Doing, Stop, Wire},
    world::{Person, Site},
};

/// A broken promise, in words.
pub(crate) type Broken = String;

/// How many processes carry pushes out.
const WORKERS: usize = 3;
/// Of a hundred requests, how many meet trouble.
const TROUBLE: u64 = 22;
/// Of a hundred steps of a worker, before how many something happens.
const BETWEEN: u64 = 9;

/// A run under way.
pub(crate) struct Run {
    pub(crate) common: Common,
    pub(crate) net: Arc<Net>,
    pub(crate) dice: Dice,
    /// The process that serves pages, and Procore.
    pub(crate) web: World,
    pub(crate) web_wire: Arc<Wire>,
    pub(crate) sites: Arc<Vec<Site>>,
    pub(crate) workers: Vec<Process>,
    /// Planned drafts that nobody confirmed.
    pub(crate) drafts: Vec<(usize, DraftId)>,
    /// Confirmed pushes.
    pub(crate) pushes: Vec<(usize, PushId)>,
    /// The same of those that take lines away.
    pub(crate) removals: Vec<(usize, PushId)>,
    /// Lines of others in Procore, which must stay as they are.
    pub(crate) foreign: BTreeMap<i64, String>,
    /// Lines of ours that somebody edited in Procore.
    pub(crate) edited_in_procore: BTreeSet<i64>,
    /// Events that somebody in Procore deleted.
    pub(crate) deleted: BTreeSet<i64>,
    /// Whether requests of this run may outlive the quarantine, and clocks be off by more than we allow for.
    pub(crate) outlive: bool,
    /// Procore loses the lines that a change doesn't name: the product reports it, and nobody can put it right.
    pub(crate) dropping: bool,
    /// Clocks were off by more than we allow for.
    pub(crate) wrong_clocks: bool,
    /// Lists of this run lag behind by more than we allow for, or hid an event whose lines all became part of something else.
    pub(crate) wrong_lists: bool,
    /// Somebody said that an event is not in Procore, and it was.
    pub(crate) mistaken: bool,
    /// Copies that were found and removed.
    pub(crate) surplus: u64,
}

/// Over which network a run talks to Procore.
pub(crate) enum Over {
    /// Within the process.
    Nothing,
    /// Sockets of this machine, through this client.
    Sockets(Transport),
}

/// Carries out the schedule of a seed.
pub(crate) async fn run(template: &Template, seed: u64, over: Over, dropping: bool) -> Verdict {
    let kept = template.store(&format!("run{seed}")).await;
    let mut dice = Dice::new(seed);
    let clock = ManualClock::at(template.procore.now());
    let ask = clock.clone();
    let procore = template.procore.fork(Arc::new(move || ledgerboard::clock::Clock::now(&ask)));
    let (sockets, base, serving) = match over {
        Over::Nothing => (None, "http://procore.test".parse().expect("a constant"), None),
        Over::Sockets(client) => {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let address = listener.local_addr().expect("it is bound");
            let served = procore.clone();
            let serving = tokio::spawn(async move { served.serve(listener).await });
            (Some(client), format!("http://{address}").parse().expect("an address"), Some(serving))
        }
    };
    let net = Net::new(procore.clone(), clock.clone(), sockets, Dice::new(seed ^ 0x6e65_7477_6f72_6b00));
    let common = Common { net: net.clone(), store: kept.store(), base, all_wrong: Arc::new(AtomicI64::new(0)) };
    let web = common.start("web", dice.roll(u64::MAX));
    let workers = (1..=WORKERS).map(|n| common.start(&format!("worker {n}"), dice.roll(u64::MAX))).collect();
    let mut run = Run {
        common,
        net,
        web_wire: web.wire.clone(),
        web: World { app: web.app, procore, clock },
        sites: template.sites.clone(),
        workers,
        drafts: Vec::new(),
        pushes: template.pushed(),
        removals: Vec::new(),
        foreign: BTreeMap::new(),
        edited_in_procore: BTreeSet::new(),
        deleted: BTreeSet::new(),
        outlive: dice.percent(10),
        dropping: dropping && Dice::new(seed ^ 0x6472_6f70).percent(50),
        wrong_clocks: false,
        wrong_lists: false,
        mistaken: false,
        surplus: 0,
        dice,
    };
    let broken = run.whole().await.err();
    let verdict = run.verdict(seed, broken).await;
    if let Some(serving) = serving {
        serving.abort();
    }
    verdict
}

impl Run {
    async fn whole(&mut self) -> Result<(), Broken> {
        self.foreign = self.foreign_at_first();
        self.set_switches();
        self.net.be(TROUBLE, self.outlive);
        for _ in 0..self.dice.between(30, 90) {
            self.step().await?;
        }
        self.net.say("--- everything heals");
        self.heal().await?;
        self.rests_and_notices().await?;
        if !self.odd_events().is_empty() {
            self.net.say("--- what is odd in Procore is put right");
            for site in 0..self.sites.len() {
                self.straighten(site);
            }
            self.rests_and_notices().await?;
        }
        // If each change of an event removes the lines of others, nobody can put things right.
        if !self.dropping {
            self.net.say("--- people settle what is left");
            self.settle_the_rest().await?;
            self.exact().await?;
        }
        self.right_tokens()
    }

    /// All comes to rest, and a day later nothing is overlooked.
    async fn rests_and_notices(&mut self) -> Result<(), Broken> {
        self.come_to_rest().await?;
        self.arrive();
        // The reading after a change finds what it took away from others.
        if !self.dropping {
            self.at_rest().await?;
        } else if !self.is_apart() && self.copies() > 0 {
            return Err(format!("{} copies in an event that loses lines", self.copies()));
        }
        self.net.say("--- a day passes, and Procore is read again");
        self.a_day_later().await?;
        self.noticed().await
    }

    async fn step(&mut self) -> Result<(), Broken> {
        while let Some(name) = self.net.must_leave() {
            let Some(i) = self.workers.iter().position(|w| w.name == name) else { break };
            self.advance(i).await?;
        }
        match self.dice.roll(54) {
            0..=5 => {
                self.plans().await?;
                if self.dice.percent(65) { self.confirms().await } else { Ok(()) }
            }
            6..=8 => self.confirms().await,
            9 => self.edits(None).await,
            10 => self.edits_or_voids().await,
            11 => self.edits_in_procore(),
            12 => self.steers().await,
            13..=14 => {
                self.puts_right().await?;
                self.comes_back().await
            }
            // As far as what is due next, which may be the end of a quarantine.
            15..=17 => {
                let due = self.common.store.read(store::Tx::next_due).await.expect("the store");
                let wait = due.map(|due| due.duration_since(self.web.app.now())).filter(SignedDuration::is_positive);
                let wait = wait.unwrap_or(SignedDuration::from_secs(5));
                self.net.say(format!("{} s pass, until something is due", wait.as_secs()));
                self.net.pass(wait);
                let i = self.dice.index(self.workers.len());
                self.works(i).await
            }
            18..=20 => {
                let seconds = self.dice.weighted(&[(4, 3), (4, 15), (4, 31), (3, 110), (3, 130), (1, 700)]);
                let seconds = self.dice.between(seconds / 2, seconds);
                self.net.say(format!("{seconds} s pass"));
                self.net.pass(SignedDuration::from_secs(seconds));
                Ok(())
            }
            21 => self.decides().await,
            22 => self.reads().await,
            23 => self.looks_into_procore().await,
            24..=26 => self.receives_deliveries().await,
            _ => {
                let i = self.dice.index(self.workers.len());
                self.works(i).await
            }
        }
    }

    /// A process does what it would do next, unless something happens to it.
    async fn works(&mut self, i: usize) -> Result<(), Broken> {
        if self.workers[i].sleeps() {
            return Ok(());
        }
        match &self.workers[i].at {
            At::Within(..) if self.dice.percent(70) => return Ok(()),
            At::Within(..) => return self.advance(i).await,
            At::Idle => {
                return match self.workers[i].claim().await {
                    Ok(true) => {
                        let (name, push) = (&self.workers[i].name, self.workers[i].push());
                        let push = push.map(|p| format!("{} {}", p.id, p.state.code())).unwrap_or_default();
                        self.net.say(format!("{name} claims {push}"));
                        Ok(())
                    }
                    Ok(false) => Ok(()),
                    Err(error) => Err(format!("{} could not claim: {error}", self.workers[i].name)),
                };
            }
            At::Before(..) => {}
        }
        // Several steps in a row: most passes are not disturbed.
        for _ in 0..self.dice.between(1, 4) {
            let Some(step) = self.workers[i].next() else { break };
            if self.dice.percent(BETWEEN * step.rarity()) {
                // Few looks for a new event find one that somebody could have done something to.
                let rare = step == Step::LookList && self.dice.percent(50);
                let among: &[Trouble] = if rare { &Trouble::IN_PROCORE } else { &Trouble::BETWEEN };
                let trouble = self.dice.one_of(among).copied().unwrap_or(Trouble::Crash);
                if trouble.impossible(step).is_none() && self.happens(i, trouble, step).await? {
                    break;
                }
            }
            self.advance(i).await?;
            if !matches!(self.workers[i].at, At::Before(..)) {
                break;
            }
        }
        Ok(())
    }

    /// A process takes its next step to its end, or as far as it gets.
    pub(crate) async fn advance(&mut self, i: usize) -> Result<(), Broken> {
        let Some(push) = self.workers[i].push().cloned() else { return Ok(()) };
        let login = self.login_of(&push);
        let name = self.workers[i].name.clone();
        match self.workers[i].step(&login).await {
            Took::On | Took::Over => Ok(()),
            Took::Stopped(Stop::Asleep) => {
                self.net.say(format!("{name} falls asleep"));
                Ok(())
            }
            Took::Stopped(Stop::Crashed) => {
                self.net.say(format!("{name} dies"));
                self.restart(i);
                Ok(())
            }
            Took::Failed(error) => {
                self.net.say(format!("{name}: {error}"));
                if kept_out(&error) { Ok(()) } else { Err(format!("{name} failed: {error}")) }
            }
        }
    }

    pub(crate) fn restart(&mut self, i: usize) {
        self.workers[i].wire.kill();
        let name = self.workers[i].name.clone();
        // The machine's clock survives its processes.
        let clock = self.workers[i].clock.error();
        self.workers[i] = self.common.start(&name, self.dice.roll(u64::MAX));
        self.workers[i].clock.jump(clock);
    }

    pub(crate) fn login_of(&self, push: &store::repo::push::Push) -> String {
        let people = self.sites.iter().flat_map(|site| &site.people);
        people.filter(|p| p.actor.person == push.person).map(|p| p.login.clone()).next().unwrap_or_default()
    }

    /// Somebody of a site uses the web pages.
    pub(crate) fn on_the_pages(&self, site: usize, person: &Person) {
        let acting = Some((person.login.clone(), self.sites[site].account));
        self.web_wire.does(Doing { reading: Some(Step::Plan), acting, since: None, worker: false });
    }

    fn foreign_at_first(&self) -> BTreeMap<i64, String> {
        self.web.procore.world(|w| {
            let items = w.change_events.values().flat_map(|e| &e.items);
            let others = items.filter(|item| Mark::find(item.description.as_deref().unwrap_or_default()).is_none());
            others.map(|item: &ChangeItem| (item.id, format!("{item:?}"))).collect()
        })
    }

    async fn verdict(&mut self, seed: u64, broken: Option<Broken>) -> Verdict {
        let tally = tally_of(self).await;
        let trace = self.net.trace();
        let mut hash = Sha256::new();
        for line in &trace {
            hash.update(line.as_bytes());
            hash.update(b"\n");
        }
        self.web.procore.read_journal(|calls| {
            for call in calls {
                hash.update(format!("{} {} {:?} {}", call.seq, call.path, call.status, call.body).as_bytes());
            }
        });
        let apart = self.is_apart();
        let hash = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        Verdict { seed, broken, apart, surplus: self.surplus, hash, trace, tally, coverage: self.net.coverage() }
    }
}

/// Whether the fence kept out a worker whose queue another one took, as it should.
fn kept_out(error: &Error) -> bool {
    let text = error.to_string();
    text.contains("one row") || text.contains("1 row") || text.contains("moved by somebody else")
}
