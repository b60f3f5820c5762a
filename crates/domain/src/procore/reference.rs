//! The short reference that ends the description of every line we write in Procore.
//!
//! Procore's change items carry no field of ours, so after an answer that never came the only way to know a line
//! again is something it keeps: 40 random bits a link and a number a line, in ASCII, such as `[#7F3A9K2M.3]`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::Entropy;

/// Crockford's base 32: no letters that are mistaken for digits when somebody reads one aloud.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many characters of a description Procore is given in all. No limit is documented; this one is short enough
/// for every list it is shown in.
pub const DESCRIPTION_LIMIT: usize = 240;

/// A link's 40 random bits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reference(String);

impl Reference {
    /// A new reference.
    pub fn fresh(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0u8; 8];
        entropy.fill(&mut bytes);
        Self(bytes.iter().map(|b| char::from(ALPHABET[usize::from(b & 31)])).collect())
    }

    /// A reference read back from the database.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The eight characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `text` with the mark of line `ordinal` at its end, cut so that the whole stays within [`DESCRIPTION_LIMIT`].
    pub fn signed(&self, text: &str, ordinal: u32) -> String {
        let mark = Mark { reference: self.clone(), ordinal }.to_string();
        let room = DESCRIPTION_LIMIT - mark.len() - 1;
        format!("{} {mark}", crate::text::shortened(text.trim(), room))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// A reference and the line's number within its link.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Mark {
    /// Which link.
    pub reference: Reference,
    /// Which line of it.
    pub ordinal: u32,
}

impl Mark {
    /// The mark at the end of a description, if there is one. Blanks or text that a person typed after it don't hide it.
    pub fn find(description: &str) -> Option<Self> {
        let start = description.rfind("[#")?;
        let (inside, _) = description[start + 2..].split_once(']')?;
        let (reference, ordinal) = inside.split_once('.')?;
        let ours = reference.len() == 8 && reference.bytes().all(|b| ALPHABET.contains(&b));
        let ordinal = ordinal.parse().ok().filter(|_| ours)?;
        Some(Self { reference: Reference(reference.to_owned()), ordinal })
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[#{}.{}]", self.reference, self.ordinal)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (i, b) in bytes.iter_mut().enumerate() {
                *b = u8::try_from(i * 37 % 256).unwrap();
            }
        }
    }

    #[test]
    fn descriptions_of_others_carry_no_mark() {
        for text in ["", "Labor", "Labor [#SHORT.1]", "x [#7F3A9K2M]", "x [#7F3A9K2M.x]", "x [#7F3A9KIL.1]", "[#"] {
            assert_eq!(Mark::find(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_signed_description_gives_its_mark_back(text in ".{0,400}", ordinal in 0u32..100_000, after in "[ a-z]{0,9}") {
            let reference = Reference::fresh(&Counting);
            let signed = reference.signed(&text, ordinal);
            prop_assert!(signed.chars().count() <= DESCRIPTION_LIMIT);
            prop_assert_eq!(Mark::find(&format!("{signed}{after}")), Some(Mark { reference, ordinal }));
        }
    }
}
