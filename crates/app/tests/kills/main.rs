//! `kill -9` in the middle of pushes: the real binary on a SQLite file, Procore on a socket, and a count of lines at the end.
//!
//! `bin/kills 500` kills it 500 times; without a number, as a test, as often as fits into half a minute. The quarantine is two
//! seconds here: it must be longer than the wait for an answer, which is one.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on stops where it stands")]

#[allow(dead_code, reason = "the browser's stories use more of it")]
#[path = "../browser/harness/wire.rs"]
mod wire;

mod plant;
mod rounds;

use std::time::{Duration, Instant};

use plant::Plant;
use rounds::Rounds;

/// How many kills are wanted, if somebody says.
const VARIABLE: &str = "LEDGERBOARD_KILLS";
/// As a test it kills for so long.
const BRIEFLY: Duration = Duration::from_secs(30);

#[expect(clippy::disallowed_methods, reason = "tests have no command line to be configured by")]
fn wanted() -> Option<usize> {
    std::env::var(VARIABLE).ok().map(|text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn however_often_it_is_killed_each_line_is_in_procore_once() {
    let (wanted, begun) = (wanted(), Instant::now());
    let plant = Plant::build().await;
    let others = plant.foreign_lines();
    let mut rounds = Rounds::new(plant);
    while wanted.map_or(begun.elapsed() < BRIEFLY, |wanted| rounds.kills < wanted) {
        rounds.kill_one().await;
    }
    rounds.come_to_rest().await;
    let counted = rounds.assert_once().await;
    assert_eq!(rounds.plant.foreign_lines(), others, "what others wrote stays as it was");
    rounds.plant.assert_record_is_whole().await;
    assert!(rounds.kills > 3, "too slow to say anything: {} kills", rounds.kills);
    println!("{} kills in {:?}; {} lines counted, each once", rounds.kills, begun.elapsed(), counted);
    println!("the push that was just made stood at: {:?}", rounds.stood_at);
}
