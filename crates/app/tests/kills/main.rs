//! `kill -9` in the middle of pushes: the real binary on a SQLite file, or one that serves and two workers on PostgreSQL; Procore
//! on a socket; and a count of lines at the end.
//!
//! `bin/kills 500` kills it 500 times on each database; without a number, as a test, as often as fits into half a minute. The
//! quarantine is one second here: it must be longer than the wait for an answer, which is half of one.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on stops where it stands")]

#[allow(dead_code, reason = "the browser's stories use more of it")]
#[path = "../browser/harness/wire.rs"]
mod wire;

mod plant;
mod rounds;

use std::time::{Duration, Instant};

use plant::Plant;
use rounds::Rounds;
use store::testing::TestDb;

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
    killed_and_counted(TestDb::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn however_often_one_of_two_workers_is_killed_each_line_is_in_procore_once() {
    if let Some(database) = TestDb::postgres().await {
        killed_and_counted(database).await;
    }
}

async fn killed_and_counted(database: TestDb) {
    let (wanted, begun) = (wanted(), Instant::now());
    let plant = Plant::build(database).await;
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
