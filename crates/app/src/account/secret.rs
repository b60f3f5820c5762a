//! Secrets that are shown once and stored as their SHA-256: session cookies, invitation links, API tokens.

use domain::Entropy;
use sha2::{Digest as _, Sha256};

pub use crate::vault::fresh;

/// What is stored of a secret. A slow hash is for passwords: nobody guesses 256 bits.
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// A password for a person to type once: five groups of four letters and digits, none of which look alike, with at
/// least 90 bits.
pub fn temporary_password(entropy: &dyn Entropy) -> String {
    // 32 characters, so that every byte gives five unbiased bits.
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0u8; 20];
    entropy.fill(&mut bytes);
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    #[test]
    fn secrets_are_long_and_differ() {
        let entropy = SeededEntropy::new(1);
        let (one, two) = (fresh(&entropy), fresh(&entropy));
        assert_eq!(one.len(), 43);
        assert_ne!(one, two);
        assert_ne!(hash(&one), hash(&two));
        assert_eq!(temporary_password(&entropy).len(), 24);
        assert_ne!(temporary_password(&entropy), temporary_password(&entropy));
    }
}
