//! Drives the real planner, store, worker and client against the emulated Procore with random schedules of people, faults,
//! crashes and wrong clocks, and counts what Procore holds afterwards. `docs/simulation.md` tells what is driven and checked.

#![allow(clippy::format_push_string, reason = "reports are put together from parts")]

mod before_steps;
mod check;
mod clock;
mod connections;
mod deliveries;
mod dice;
mod end_of_run;
mod net;
mod odd;
mod people;
mod process;
mod procore_accounts;
mod procore_edits;
mod report;
mod run;
mod switches;
mod trouble;
mod wire;
mod world;

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

pub use report::{Report, Verdict};
pub use trouble::{Coverage, Step, Trouble};
pub use world::Template;

/// How real sockets wait for an answer; the virtual clock goes on by the product's own timeout all the same.
const SOCKET_PATIENCE: Duration = Duration::from_millis(400);

/// The runs to make.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The first seed.
    pub from: u64,
    /// How many.
    pub seeds: u64,
    /// Threads.
    pub jobs: usize,
    /// Of a hundred seeds, how many over sockets of this machine.
    pub sockets: u64,
    /// On PostgreSQL, one thread a database, where `LEDGERBOARD_TEST_POSTGRES` names a server.
    pub postgres: bool,
    /// Ends when this time is over, whatever is left.
    pub time: Option<Duration>,
    /// Ends at the first broken run.
    pub stop_at_first: bool,
    /// In half of the runs Procore loses the lines of an event that a change doesn't name.
    pub dropping: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            from: 1,
            seeds: 100,
            jobs: 1,
            sockets: 0,
            postgres: false,
            time: None,
            stop_at_first: true,
            dropping: false,
        }
    }
}

/// Runs a plan. `each` receives every verdict.
///
/// # Panics
///
/// When PostgreSQL is asked for and no server is given.
pub fn simulate(plan: &Plan, each: impl Fn(&Verdict) + Sync) -> Report {
    let report = Mutex::new(Report::default());
    let next = AtomicU64::new(plan.from);
    let enough = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..plan.jobs.max(1) {
            scope.spawn(|| {
                let template = template(plan.postgres);
                // On a busy machine furnishing alone may take the time of a short run. One schedule is run in any case.
                let began = Instant::now();
                while !enough.load(Ordering::Relaxed) && plan.time.is_none_or(|time| began.elapsed() < time) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= plan.from + plan.seeds {
                        break;
                    }
                    let verdict = one(&template, seed, plan.sockets, plan.dropping);
                    each(&verdict);
                    if verdict.broken.is_some() && plan.stop_at_first {
                        enough.store(true, Ordering::Relaxed);
                    }
                    report.lock().unwrap_or_else(PoisonError::into_inner).add(verdict);
                }
            });
        }
    });
    report.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// A furnished world.
fn template(postgres: bool) -> Template {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        if postgres {
            Template::postgres().await.expect("a PostgreSQL server: run this through bin/with-postgres")
        } else {
            Template::sqlite().await
        }
    })
}

/// Carries out the schedule of one seed. The same seed gives the same schedule, the same wire and the same verdict, as long
/// as no sockets are involved.
pub fn one(template: &Template, seed: u64, sockets: u64, dropping: bool) -> Verdict {
    let over_sockets = dice::Dice::new(seed ^ 0x736f_636b).percent(sockets);
    // A runtime for each run: what a killed process had begun ends with it. Without sockets its clock jumps to the next timer.
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().start_paused(!over_sockets);
    let runtime = runtime.build().expect("a runtime");
    let over = if over_sockets {
        run::Over::Sockets(procore::transport::over_sockets(SOCKET_PATIENCE))
    } else {
        run::Over::Nothing
    };
    let verdict = runtime.block_on(run::run(template, seed, over, dropping));
    // What is still under way in the store must not reach into the next run.
    runtime.shutdown_timeout(Duration::from_secs(30));
    verdict
}
