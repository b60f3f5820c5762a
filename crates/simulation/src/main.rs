//! `simulation --seeds 1000`: runs schedules, prints what came of them, and the schedule of the first that was broken.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use simulation::{Plan, simulate};

/// Drives the push with random schedules of faults and counts what Procore holds afterwards.
#[derive(Parser)]
struct Args {
    /// How many seeds.
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first one; a failing seed is replayed with `--from SEED --seeds 1`.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// On PostgreSQL (the server of LEDGERBOARD_TEST_POSTGRES; bin/with-postgres starts one).
    #[arg(long)]
    postgres: bool,
    /// Of a hundred seeds, how many over real sockets.
    #[arg(long, default_value_t = 0)]
    sockets: u64,
    /// Threads.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Ends after so many seconds, whatever is left.
    #[arg(long)]
    time: Option<u64>,
    /// Goes on after a broken run.
    #[arg(long)]
    keep_going: bool,
    /// In half of the runs Procore loses the lines of an event that a change doesn't name; these end before people settle
    /// what is left.
    #[arg(long)]
    dropping: bool,
    /// Prints the whole schedule of every seed.
    #[arg(long)]
    trace: bool,
    /// Prints the table of faults and steps.
    #[arg(long)]
    coverage: bool,
    /// Leaves out a part of the protocol on purpose: no-lease, no-fence, sending-unrecorded, no-quarantine,
    /// short-quarantine, 502-is-no, by-amount, one-look.
    #[cfg(feature = "sabotage")]
    #[arg(long)]
    sabotage: Option<String>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    #[cfg(feature = "sabotage")]
    if let Some(name) = &args.sabotage {
        let Some(sabotage) = domain::sabotage::Sabotage::from_name(name) else {
            eprintln!("there is no such sabotage: {name}");
            return ExitCode::FAILURE;
        };
        domain::sabotage::switch(Some(sabotage));
    }
    let plan = Plan {
        from: args.from,
        seeds: args.seeds,
        jobs: args.jobs,
        sockets: args.sockets,
        postgres: args.postgres,
        time: args.time.map(Duration::from_secs),
        stop_at_first: !args.keep_going,
        dropping: args.dropping,
    };
    let began = Instant::now();
    let report = simulate(&plan, |verdict| {
        if args.trace {
            println!("{}", verdict.trace.join("\n"));
            println!("seed {}: {} {:?}", verdict.seed, verdict.hash, verdict.broken);
        } else if let Some(broken) = &verdict.broken {
            println!("seed {}: {broken}", verdict.seed);
        }
    });
    if let Some(first) = report.broken.first().filter(|_| !args.trace) {
        println!("\n{}\n", first.trace.join("\n"));
        println!("seed {} is broken: {}", first.seed, first.broken.as_deref().unwrap_or_default());
        println!("replay it: cargo run -p simulation -- --from {} --seeds 1 --trace\n", first.seed);
    }
    print!("{}", report.text());
    if args.coverage {
        println!("\n{}", report.coverage.table());
        let thin = report.coverage.thin(100);
        println!("{} cells below 100: {}", thin.len(), thin.join("; "));
    }
    let milliseconds = began.elapsed().as_millis().max(1);
    let rate = u128::from(report.runs) * 1000 * 10 / milliseconds;
    println!(
        "{} runs in {}.{} s: {}.{}/s",
        report.runs,
        milliseconds / 1000,
        milliseconds % 1000 / 100,
        rate / 10,
        rate % 10
    );
    if report.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
