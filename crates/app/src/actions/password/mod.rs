//! Passwords: which may be chosen, and Argon2id with the library's parameters, away from the threads that answer requests.

mod choice;
mod queue;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use domain::Entropy;
use secrecy::{ExposeSecret as _, SecretString};

pub(super) use choice::LONGEST;
pub use choice::check;
pub use queue::Line;
use queue::QUEUE;

use crate::Error;

/// The hash to store, as a PHC string.
pub async fn hash(entropy: &dyn Entropy, password: SecretString) -> Result<String, Error> {
    let mut salt = [0u8; 16];
    entropy.fill(&mut salt);
    computed(Line::Setting, move || {
        let hash: Result<PasswordHash, _> =
            Argon2::default().hash_password_with_salt(password.expose_secret().as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(Error::internal)
    })
    .await?
}

/// Whether `password` is the one that `hash` was made of. Without a hash it takes as long and is wrong, so that the
/// time of an answer does not tell which e-mails exist. It waits in `line` for its turn.
pub async fn verify(line: Line, hash: Option<String>, password: SecretString) -> Result<bool, Error> {
    computed(line, move || {
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

async fn computed<T: Send + 'static>(line: Line, job: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let turn = QUEUE.turn(line).await?;
    // The turn goes with the job: one whose asker went away is computed all the same.
    let job = move || {
        let done = job();
        drop(turn);
        done
    };
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
        assert!(verify(Line::Setting, Some(stored.clone()), "correct horse".into()).await.unwrap());
        assert!(!verify(Line::Setting, Some(stored), "correct horse ".into()).await.unwrap());
        assert!(!verify(Line::Setting, None, "correct horse".into()).await.unwrap());
    }

    #[test]
    fn the_hash_of_nobody_costs_as_much_as_a_real_one() {
        assert!(PasswordHash::new(NOBODYS).is_ok());
    }
}
