//! Random schedules of pushes, edits, faults, crashes and sleepers. At the end every line is in Procore once.
//!
//! A schedule is its seed: what fails is run again with [`SEEDS`] narrowed to the one that the message names.

use std::ops::Range;

use domain::{
    CorId,
    procore::{push_state::ProcoreState, reference::Mark},
};
use emulator::{Fault, FaultKind, Silence};
use ledgerboard::{
    actions::push::Answer,
    sync::{Pass, Worker},
};
use store::testing::TestDb;

use crate::desk::{Desk, EVENTS, Wizard};

const SEEDS: Range<u64> = 0..8;
const STEPS: u32 = 60;
const CORS: [usize; 8] = [7, 8, 9, 10, 11, 12, 13, 14];

/// SplitMix64: a schedule must repeat itself.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.roll(of.len() as u64)).unwrap()]
    }
}

struct Schedule {
    desk: Desk,
    dice: Dice,
    cors: Vec<CorId>,
    workers: [Worker; 2],
    sleepers: Vec<Pass>,
}

impl Schedule {
    async fn step(&mut self) {
        match self.dice.roll(12) {
            0..=2 => self.push().await,
            3 => {
                let cor = self.dice.one_of(&self.cors);
                let cents = 1 + i64::try_from(self.dice.roll(90_000)).unwrap();
                let line = self.desk.lump("More", cents);
                let drop_first = self.dice.roll(2) == 0;
                self.desk
                    .edit(cor, |lines| {
                        if drop_first && lines.len() > 1 {
                            lines.remove(0);
                        }
                        lines.push(line);
                    })
                    .await;
            }
            4 | 5 => self.fault(),
            6..=8 => self.work().await,
            9 => self.wake().await,
            _ => self.desk.world.advance(i64::try_from(1 + self.dice.roll(150)).unwrap()),
        }
    }

    async fn push(&mut self) {
        let first = self.dice.one_of(&self.cors);
        let mut chosen = vec![first];
        let second = self.dice.one_of(&self.cors);
        let ties = (self.desk.link_if_any(first).await, self.desk.link_if_any(second).await);
        let tie = |link: Option<store::repo::link::Link>| link.and_then(|l| l.event);
        let (first_tie, second_tie) = (tie(ties.0), tie(ties.1));
        if second != first && first_tie == second_tie {
            chosen.push(second);
        }
        let mut wizard = self.desk.push(&chosen).answering(Answer::Recreate);
        if first_tie.is_none() {
            wizard = if self.dice.roll(2) == 0 { wizard.into_new_event() } else { wizard.into_event("002") };
        }
        wizard = match self.dice.roll(3) {
            0 => wizard.line_items(),
            1 => wizard.sections(),
            _ => wizard,
        };
        confirm(&wizard).await;
    }

    fn fault(&mut self) {
        let status = |status, executed| FaultKind::Status { status, retry_after: None, executed };
        let kind = match self.dice.roll(11) {
            0 => FaultKind::Refuse,
            1 => FaultKind::DropAfter,
            2 => FaultKind::CutBody,
            3 => status(500, true),
            4 => status(502, false),
            5 => status(503, true),
            6 => status(429, false),
            7 => FaultKind::ExpireTokens,
            _ => {
                let after_seconds = i64::try_from(self.dice.roll(110)).unwrap();
                FaultKind::ExecuteLate { after_seconds, silence: Silence::Close }
            }
        };
        let method = self.dice.one_of(&["GET", "POST", "POST", "PATCH", "PATCH"]);
        self.desk.world.procore.fault(Fault::next(method, EVENTS, kind));
    }

    /// A worker takes a push some way: to the end, into a crash, or into a long sleep.
    async fn work(&mut self) {
        let worker = usize::try_from(self.dice.roll(2)).unwrap();
        let Some(mut pass) = self.workers[worker].claim().await.unwrap() else { return };
        let stages = self.dice.roll(8);
        for _ in 0..stages {
            match pass.advance().await {
                Ok(Some(next)) => pass = next,
                Ok(None) | Err(_) => return,
            }
        }
        if self.dice.roll(2) == 0 {
            self.sleepers.push(pass);
        }
    }

    /// A sleeper goes on where it was; whether it still may is for the fence to say.
    async fn wake(&mut self) {
        if self.sleepers.is_empty() {
            return;
        }
        let which = usize::try_from(self.dice.roll(self.sleepers.len() as u64)).unwrap();
        let mut pass = Some(self.sleepers.swap_remove(which));
        while let Some(on) = pass {
            pass = on.advance().await.unwrap_or_default();
        }
    }

    /// Everything comes to rest, then what is behind is pushed once more.
    async fn settle(&mut self) {
        self.desk.world.procore.clear_faults();
        while !self.sleepers.is_empty() {
            self.wake().await;
        }
        self.desk.work_through().await;
        for cor in self.cors.clone() {
            let Some(link) = self.desk.link_if_any(cor).await else { continue };
            assert!(!link.state.is_busy(), "COR {} is stuck: {:?}", self.desk.cor(cor).await.number, link.state);
            if link.state != ProcoreState::UpToDate {
                let wizard = self.desk.push(&[cor]).answering(Answer::Recreate);
                let wizard = if link.event.is_none() { wizard.into_new_event() } else { wizard };
                wizard.confirmed().await.unwrap();
                self.desk.work_through().await;
            }
        }
    }

    /// Each COR once, no line of ours that nobody knows, and nothing of others touched.
    async fn count(&self, seed: u64, others: &[String]) {
        let desk = &self.desk;
        let mut pushed = Vec::new();
        let mut wanted = 0;
        for cor in &self.cors {
            if let Some(link) = desk.link_if_any(*cor).await {
                let cor = desk.cor(*cor).await;
                wanted += cor.price.broken_down(link.breakdown, &cor.title).len();
                pushed.push(cor.id);
            }
        }
        println!("seed {seed}: {} CORs pushed", pushed.len());
        desk.assert_once(&pushed).await;
        let marked = desk.world.procore.world(|w| {
            let lines = w.change_events.values().flat_map(emulator::world::ChangeEvent::live_items);
            lines.filter(|l| Mark::find(l.description.as_deref().unwrap_or_default()).is_some()).count()
        });
        assert_eq!(marked, wanted, "lines that carry a mark of ours");
        assert_eq!(desk.foreign(desk.event("002")), others);
        desk.assert_done().await;
    }
}

/// A push of what is in flight is refused in the wizard; anything else that goes wrong there is a mistake.
async fn confirm(wizard: &Wizard<'_>) {
    use ledgerboard::Error;
    match wizard.confirmed().await {
        Ok(_) | Err(Error::Conflict(_) | Error::ProcoreUnavailable(_)) => {}
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_schedule_ends_with_each_line_once() {
    for seed in SEEDS {
        let db = TestDb::sqlite().await;
        let desk = Desk::on(db.store()).await;
        let others = desk.foreign(desk.event("002"));
        let workers = [5, 6].map(|process| Worker::new(desk.world.another_process(process)));
        let cors = desk.mechanical(&CORS);
        let mut schedule = Schedule { desk, dice: Dice(seed), cors, workers, sleepers: Vec::new() };
        for _ in 0..STEPS {
            schedule.step().await;
        }
        schedule.settle().await;
        schedule.count(seed, &others).await;
    }
}
