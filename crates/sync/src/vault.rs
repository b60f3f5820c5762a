//! Secrets at rest: XChaCha20-Poly1305 with a random nonce, bound to the place they are stored in.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use domain::Entropy;
use secrecy::{ExposeSecret, SecretString};

/// Marks the key a secret was sealed with, for the day keys are rotated.
const KEY_ID: u8 = 1;
const NONCE: usize = 24;

/// Seals and opens secrets with the instance's key.
#[derive(Clone)]
pub struct Vault {
    cipher: XChaCha20Poly1305,
}

/// Why a stored secret could not be read. The operator acts: the key is not the one it was sealed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored secret cannot be opened with this key")]
pub struct WrongKey;

impl Vault {
    /// A vault with a key of 32 bytes.
    pub fn new(key: &[u8; 32]) -> Self {
        Self { cipher: XChaCha20Poly1305::new(key.into()) }
    }

    /// The key written as 64 hexadecimal digits, as configuration gives it.
    pub fn parse_key(text: &str) -> Option<[u8; 32]> {
        let text = text.trim();
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        let mut key = [0u8; 32];
        for (byte, pair) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(key)
    }

    /// Seals `secret` for `place` (table, row and column): moved elsewhere it does not open.
    pub fn seal(&self, entropy: &dyn Entropy, place: &str, secret: &SecretString) -> Vec<u8> {
        let mut nonce = [0u8; NONCE];
        entropy.fill(&mut nonce);
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: place.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).expect("a token is shorter than 256 GiB");
        [&[KEY_ID], &nonce[..], &sealed].concat()
    }

    /// Opens what was sealed for `place`.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<SecretString, WrongKey> {
        let (&key, rest) = sealed.split_first().ok_or(WrongKey)?;
        if key != KEY_ID || rest.len() < NONCE {
            return Err(WrongKey);
        }
        let (nonce, sealed) = rest.split_at(NONCE);
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| WrongKey)?;
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        let plain = self.cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| WrongKey)?;
        String::from_utf8(plain).map(SecretString::from).map_err(|_| WrongKey)
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

/// A secret: 256 random bits in 43 characters that fit into a URL and a header.
pub fn fresh(entropy: &dyn Entropy) -> String {
    let mut bytes = [0u8; 32];
    entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    #[test]
    fn a_secret_opens_only_where_it_was_sealed() {
        let entropy = SeededEntropy::new(1);
        let vault = Vault::new(&[7; 32]);
        let sealed = vault.seal(&entropy, "procore_login/1/access", &"token".to_owned().into());
        assert!(!sealed.windows(5).any(|w| w == b"token"));
        assert_eq!(vault.open("procore_login/1/access", &sealed).unwrap().expose_secret(), "token");
        assert_eq!(vault.open("procore_login/2/access", &sealed).unwrap_err(), WrongKey);
        assert_eq!(Vault::new(&[8; 32]).open("procore_login/1/access", &sealed).unwrap_err(), WrongKey);
        assert_eq!(vault.open("x", &[]).unwrap_err(), WrongKey);
    }

    #[test]
    fn a_key_is_64_hexadecimal_digits() {
        assert_eq!(Vault::parse_key(&"0a".repeat(32)), Some([10; 32]));
        for bad in ["", "0a", &"zz".repeat(32), &"0a".repeat(33), &"é".repeat(32)] {
            assert_eq!(Vault::parse_key(bad), None);
        }
    }
}
