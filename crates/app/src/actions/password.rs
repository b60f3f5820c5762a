//! Passwords: Argon2id with the library's parameters, a few at a time, away from the threads that answer requests.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use domain::Entropy;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::{Error, FieldErrors};

/// How many are computed at once: each takes 19 MiB and a core.
static AT_ONCE: Semaphore = Semaphore::const_new(2);
/// The shortest password accepted (NIST SP 800-63B asks for 8 at least; no rules about kinds of characters).
const SHORTEST: usize = 10;
/// The longest: beyond it nobody types, and hashing it would be work for an attacker's benefit.
const LONGEST: usize = 200;

/// Whether a password may be chosen; the sentence goes beside the field `field`.
pub fn check(errors: &mut FieldErrors, field: &str, password: &SecretString) {
    let length = password.expose_secret().chars().count();
    if length < SHORTEST {
        errors.add(field, format!("Use at least {SHORTEST} characters; several words are best."));
    } else if length > LONGEST {
        errors.add(field, format!("Use at most {LONGEST} characters."));
    }
}

/// The hash to store, as a PHC string.
pub async fn hash(entropy: &dyn Entropy, password: SecretString) -> Result<String, Error> {
    let mut salt = [0u8; 16];
    entropy.fill(&mut salt);
    computed(move || {
        let hash: Result<PasswordHash, _> =
            Argon2::default().hash_password_with_salt(password.expose_secret().as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(Error::internal)
    })
    .await?
}

/// Whether `password` is the one that `hash` was made of. Without a hash it takes as long and is wrong, so that the
/// time of an answer does not tell which e-mails exist.
pub async fn verify(hash: Option<String>, password: SecretString) -> Result<bool, Error> {
    computed(move || {
        let hash = match &hash {
            Some(hash) => hash.as_str(),
            None => NOBODYS,
        };
        let parsed = PasswordHash::new(hash).map_err(Error::internal)?;
        let right = Argon2::default().verify_password(password.expose_secret().as_bytes(), &parsed).is_ok();
        Ok(right && hash != NOBODYS)
    })
    .await?
}

/// A hash with the parameters of today that no password is accepted for.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bGVkZ2VyYm9hcmQtMDAwMA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

async fn computed<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let _permit = AT_ONCE.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(job).await.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    #[tokio::test]
    async fn only_the_password_itself_is_right() {
        let stored = hash(&SeededEntropy::new(1), "correct horse".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify(Some(stored.clone()), "correct horse".into()).await.unwrap());
        assert!(!verify(Some(stored), "correct horse ".into()).await.unwrap());
        assert!(!verify(None, "correct horse".into()).await.unwrap());
    }

    #[test]
    fn the_hash_of_nobody_costs_as_much_as_a_real_one() {
        assert!(PasswordHash::new(NOBODYS).is_ok());
    }

    #[test]
    fn short_passwords_are_refused_in_words() {
        let refused = |text: &str| {
            let mut errors = FieldErrors::default();
            check(&mut errors, "password", &text.into());
            errors.get("password").to_owned()
        };
        assert_eq!(refused("several words"), "");
        assert!(refused("123456789").contains("at least 10"));
        assert!(refused(&"x".repeat(201)).contains("at most 200"));
    }
}
