//! What was logged once and is not logged again.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// The most that is remembered. It comes from outside, so it is bounded; what is beyond it is not logged at all.
const MOST: usize = 500;

/// Names that were seen in this process.
#[derive(Debug, Default)]
pub struct LoggedOnce(Mutex<BTreeSet<String>>);

impl LoggedOnce {
    /// Whether a name is new; it is remembered.
    pub fn is_new(&self, name: &str) -> bool {
        let name: String = name.chars().take(80).collect();
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.len() < MOST && seen.insert(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_new_once_and_there_is_an_end() {
        let noted = LoggedOnce::default();
        assert!(noted.is_new("a") && !noted.is_new("a") && noted.is_new("b"));
        let long = "x".repeat(10_000);
        assert!(noted.is_new(&long) && !noted.is_new(&format!("{long}y")), "known by how it begins");
        let new = (0..10_000).filter(|n| noted.is_new(&n.to_string())).count();
        assert_eq!(new, MOST - 3);
    }
}
