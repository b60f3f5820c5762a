//! COR numbers: whatever a sender writes, in an order people expect.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::char::is_combining_mark;

use crate::text::{composed, natural_key};

/// How far above the next number an overtyped one may be and still move the sequence. A COR numbered by date
/// (20261123) must not make the next one 20261124.
const SEQUENCE_REACH: i64 = 100;

/// A COR's number, unique per project and sender: "014" and "14" are the same number.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CorNumber(String);

/// Why a number was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("A COR number has 1 to 24 characters: letters, digits, blanks and . - / & # _ ( )")]
pub struct BadNumber;

impl CorNumber {
    /// Reads a number; blanks around it are dropped.
    pub fn parse(typed: &str) -> Result<Self, BadNumber> {
        let number = composed(typed).split_whitespace().collect::<Vec<_>>().join(" ");
        // Some scripts write vowels as marks on their letters.
        let belongs = |c: char| c.is_alphanumeric() || is_combining_mark(c) || " .-/&#_()".contains(c);
        let fits = (1..=24).contains(&number.chars().count()) && number.chars().all(belongs);
        if fits { Ok(Self(number)) } else { Err(BadNumber) }
    }

    /// The number a sequence gives, three digits wide as the trade writes it: `014`.
    pub fn from_sequence(n: i64) -> Self {
        Self(format!("{n:03}"))
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key it sorts by and is unique by.
    pub fn key(&self) -> String {
        natural_key(&self.0)
    }

    /// The next number of the sequence after this one was used while `next` was due. A typed number within reach moves the
    /// sequence, any other does not.
    pub fn advance(&self, next: i64) -> i64 {
        match self.0.parse::<i64>() {
            Ok(n) if (next..next.saturating_add(SEQUENCE_REACH)).contains(&n) => n + 1,
            _ => next,
        }
    }
}

impl fmt::Display for CorNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for CorNumber {
    type Error = BadNumber;
    fn try_from(text: String) -> Result<Self, BadNumber> {
        Self::parse(&text)
    }
}

impl From<CorNumber> for String {
    fn from(number: CorNumber) -> Self {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_survives_odd_numbers() {
        let number = |text| CorNumber::parse(text).unwrap();
        assert_eq!(CorNumber::from_sequence(14).as_str(), "014");
        assert_eq!(number("014").advance(14), 15);
        assert_eq!(number("20").advance(14), 21, "a gap left on purpose");
        assert_eq!(number("20261123").advance(14), 14, "a date is no number of the sequence");
        assert_eq!(number("7").advance(14), 14);
        assert_eq!(number("14.1").advance(14), 14);
    }

    #[test]
    fn numbers_are_short_and_plain() {
        assert_eq!(CorNumber::parse(" CO  7 ").unwrap().as_str(), "CO 7");
        assert_eq!(CorNumber::parse("R&D_2 (B)/#4-1.a").unwrap().as_str(), "R&D_2 (B)/#4-1.a", "what the trade writes");
        let composed = CorNumber::parse("\u{200B}É-1").unwrap();
        assert_eq!(composed, CorNumber::parse("E\u{301}-1").unwrap());
        assert_eq!(composed.key(), CorNumber::parse("é-01").unwrap().key());
        for bad in ["", "   ", "1234567890123456789012345", "1\u{7}", "<b>", "\u{200B}", "1\u{FFFD}"] {
            assert_eq!(CorNumber::parse(bad), Err(BadNumber), "{bad:?}");
        }
    }
}
