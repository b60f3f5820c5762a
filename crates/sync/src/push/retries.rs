//! How long to wait when nobody says how long, and when to stop trying.

use domain::Entropy;
use jiff::SignedDuration;

/// Writes in a row that got no answer and of which nothing was found: after so many a person is asked.
pub const WRITES: u32 = 5;

/// Writes in a row that were refused for another writer, about half an hour of them: after so many a person is asked.
pub const CONTENDED: u32 = 8;

/// Requests that were refused as there already though no list shows it, with looks for an hour after each: after so many a
/// person is asked.
pub const TAKEN: u32 = 2;

/// Tries in a row at which Procore could not be asked, about twelve hours of them: after so many a person is asked.
pub const TRIES: u32 = 48;

const FIRST: SignedDuration = SignedDuration::from_secs(15);
const LONGEST: SignedDuration = SignedDuration::from_mins(15);

/// The pause before another try after `failures` in a row: twice as long each time, up to a quarter of an hour, and
/// shortened by up to half at random, so that many pushes that failed together don't come back together.
pub fn pause(failures: u32, entropy: &dyn Entropy) -> SignedDuration {
    let doubled = FIRST.checked_mul(1 << failures.saturating_sub(1).min(10)).unwrap_or(LONGEST).min(LONGEST);
    let mut random = [0; 2];
    entropy.fill(&mut random);
    let half = doubled / 2;
    half + half * i32::from(u16::from_be_bytes(random)) / i32::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    #[test]
    fn a_pause_grows_to_a_bound_and_no_two_are_alike() {
        let entropy = SeededEntropy::new(1);
        for (failures, whole) in [(0, 15), (1, 15), (2, 30), (3, 60), (6, 480), (7, 900), (48, 900), (u32::MAX, 900)] {
            let (one, two) = (pause(failures, &entropy), pause(failures, &entropy));
            for pause in [one, two] {
                assert!(
                    pause * 2 >= SignedDuration::from_secs(whole) && pause.as_secs() <= whole,
                    "{failures}: {pause}"
                );
            }
            assert_ne!(one, two);
        }
    }
}
