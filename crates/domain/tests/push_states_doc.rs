//! `docs/push-states.md` says what the code does: its tables and its drawing are compared with the state machine.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on stops where it stands")]

use std::collections::{BTreeMap, BTreeSet};

use domain::procore::push_state::{CorOutcome, ProcoreState, PushState};
use jiff::Timestamp;

fn doc() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/push-states.md");
    std::fs::read_to_string(path).expect("the document is there")
}

/// One of each state, under the name that the document uses.
fn states() -> BTreeMap<&'static str, PushState> {
    let at = Timestamp::UNIX_EPOCH;
    BTreeMap::from([
        ("queued", PushState::Queued { due: at }),
        ("sending", PushState::Sending { since: at }),
        ("uncertain", PushState::Uncertain { look_at: at }),
        ("parked", PushState::Parked { why: String::new(), uncertain: false }),
        ("parked_uncertain", PushState::Parked { why: String::new(), uncertain: true }),
        ("stopped", PushState::Stopped { why: String::new(), look_at: None }),
        ("stopped_uncertain", PushState::Stopped { why: String::new(), look_at: Some(at) }),
        ("paused", PushState::Paused { look_at: None }),
        ("paused_uncertain", PushState::Paused { look_at: Some(at) }),
        ("finished", PushState::Finished),
        ("cancelled", PushState::Cancelled),
        ("changed", PushState::Changed { why: String::new() }),
    ])
}

fn arrows_of_the_code() -> BTreeSet<(String, String)> {
    let states = states();
    let pairs = states.iter().flat_map(|from| states.iter().map(move |to| (from, to)));
    pairs
        .filter(|((_, from), (_, to))| from.may_become(to))
        .map(|((f, _), (t, _))| (f.to_string(), t.to_string()))
        .collect()
}

/// The rows of the table under `heading`, cell by cell.
fn table(heading: &str) -> Vec<Vec<String>> {
    let doc = doc();
    let (_, after) = doc.split_once(&format!("\n## {heading}\n")).expect("the section is there");
    let rows = after.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|')).skip(2);
    let rows: Vec<Vec<String>> = rows
        .map(|line| line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect();
    assert!(!rows.is_empty(), "no table under {heading}");
    rows
}

fn code(cell: &str) -> &str {
    cell.trim_matches('`')
}

#[test]
fn the_table_has_every_arrow_and_no_other() {
    let mut arrows = BTreeSet::new();
    for row in table("Where a push is") {
        for to in row[2].split(',').map(str::trim).filter(|to| !to.is_empty()) {
            arrows.insert((code(&row[0]).to_owned(), code(to).to_owned()));
        }
    }
    assert_eq!(arrows, arrows_of_the_code());
}

#[test]
fn the_drawing_has_every_arrow_and_no_other() {
    let doc = doc();
    let drawn: BTreeSet<(String, String)> = doc
        .lines()
        .filter_map(|line| line.trim().split_once(" --> "))
        .map(|(from, to)| (from.to_owned(), to.split(':').next().unwrap_or(to).to_owned()))
        .filter(|(from, to)| from != "[*]" && to != "[*]")
        .collect();
    assert_eq!(drawn, arrows_of_the_code());
}

#[test]
fn the_log_says_what_the_table_says() {
    let states = states();
    let rows = table("Where a push is");
    assert_eq!(rows.len(), states.len());
    for row in rows {
        let state = &states[code(&row[0])];
        assert_eq!(state.shown_as().name(), row[3], "{}", row[0]);
        // Only what is at rest leads nowhere.
        assert_eq!(state.is_at_rest(), row[2].is_empty(), "{}", row[0]);
    }
}

#[test]
fn every_state_of_the_log_is_told_in_words() {
    let told: Vec<(String, String, bool, bool)> = table("What the log says")
        .into_iter()
        .map(|row| (code(&row[0]).to_owned(), row[1].clone(), row[2] == "yes", row[3] == "yes"))
        .collect();
    let is: Vec<(String, String, bool, bool)> = ProcoreState::ALL
        .into_iter()
        .map(|s| (s.code().to_owned(), s.name().to_owned(), s.needs_attention(), s.is_busy()))
        .collect();
    assert_eq!(told, is);
}

#[test]
fn every_outcome_is_told() {
    let why = String::new();
    let outcomes = [
        CorOutcome::Pending,
        CorOutcome::Written,
        CorOutcome::Refused { why: why.clone() },
        CorOutcome::Changed { why },
        CorOutcome::Cancelled,
    ];
    let told: BTreeSet<String> =
        table("How one COR of a push ends").iter().map(|row| code(&row[0]).to_owned()).collect();
    let is: BTreeSet<String> = outcomes.iter().map(|outcome| outcome.code().to_owned()).collect();
    assert_eq!(told, is);
}
