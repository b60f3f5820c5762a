//! The simulation itself is tested: with each part of the protocol left out, it must find something broken.
#![cfg(feature = "sabotage")]

use domain::sabotage::{Sabotage, switch};
use simulation::{Plan, simulate};

/// Within so many seeds each must be noticed.
const BOUND: u64 = 3_000;

#[test]
fn every_part_of_the_protocol_is_needed() {
    let mut unnoticed = Vec::new();
    for sabotage in Sabotage::ALL {
        switch(Some(sabotage));
        let report = simulate(&Plan { seeds: BOUND, jobs: 2, ..Plan::default() }, |_| ());
        switch(None);
        match report.broken.iter().min_by_key(|verdict| verdict.seed) {
            Some(first) => println!(
                "{}: noticed after {} seeds: {}",
                sabotage.name(),
                first.seed,
                first.broken.as_deref().unwrap_or_default()
            ),
            None => unnoticed.push(sabotage.name()),
        }
    }
    assert_eq!(unnoticed, [""; 0], "not noticed within {BOUND} seeds");
}
