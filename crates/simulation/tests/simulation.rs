//! A few hundred schedules on every run of the tests; `bin/simulate` runs as many as there is time for.

use std::time::Duration;

use simulation::{Plan, Template, one, simulate};

/// How long one of these may take, on however many processors there are.
const TIME: Duration = Duration::from_secs(20);

fn run(plan: &Plan) {
    let report = simulate(plan, |_| ());
    println!("{}", report.text());
    assert!(report.runs > 0, "nothing was run");
    if let Some(first) = report.broken.first() {
        println!("{}", first.trace.join("\n"));
        panic!("seed {}: {}", first.seed, first.broken.as_deref().unwrap_or_default());
    }
}

#[test]
fn whatever_fails_each_line_is_there_once() {
    run(&Plan { seeds: 300, jobs: 2, time: Some(TIME), ..Plan::default() });
}

#[test]
fn over_real_sockets_too() {
    run(&Plan { from: 1_000_000, seeds: 10, sockets: 100, time: Some(TIME / 2), ..Plan::default() });
}

#[test]
fn on_postgresql_too() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    if runtime.block_on(store::testing::TestDb::postgres()).is_some() {
        run(&Plan { from: 2_000_000, seeds: 40, postgres: true, time: Some(TIME / 2), ..Plan::default() });
    }
}

/// What is printed for a failing seed must be what happened, and happen again.
#[test]
fn a_seed_is_its_schedule() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let template = runtime.block_on(Template::sqlite());
    for seed in 7..10 {
        let (one_time, another) = (one(&template, seed, 0, false), one(&template, seed, 0, false));
        assert_eq!(one_time.trace, another.trace);
        assert_eq!((one_time.hash, one_time.broken), (another.hash, another.broken));
    }
}
