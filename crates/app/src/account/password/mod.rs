//! Passwords: which may be chosen, and Argon2id with the library's parameters, away from the threads that answer requests.

pub mod choice;
pub mod queue;

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use domain::Entropy;
use secrecy::{ExposeSecret as _, SecretString};

pub(crate) use choice::LONGEST;
pub use choice::check;
pub use queue::Asker;
use queue::{Memory, QUEUE};

use crate::Error;

/// The hash to store, as a PHC string.
pub async fn hash(entropy: &dyn Entropy, password: SecretString) -> Result<String, Error> {
    let mut salt = [0u8; 16];
    entropy.fill(&mut salt);
    computed(Asker::Setting, move |memory| {
        let argon2 = Argon2::default();
        let hash = PasswordHash {
            algorithm: Algorithm::default().ident(),
            version: Some(Version::default().into()),
            params: ParamsString::try_from(argon2.params()).map_err(Error::internal)?,
            salt: Some(Salt::new(&salt).map_err(Error::internal)?),
            hash: Some(output(&argon2, &password, &salt, memory)?),
        };
        Ok(hash.to_string())
    })
    .await?
}

/// Whether `password` is the one that `hash` was made of. Without a hash it takes as long and is wrong, so that the
/// time of an answer does not tell which e-mails exist. It waits in `line` for its turn.
pub async fn verify(line: Asker, hash: Option<String>, password: SecretString) -> Result<bool, Error> {
    computed(line, move |memory| {
        let hash = match &hash {
            Some(hash) => hash.as_str(),
            None => NOBODYS,
        };
        let parsed = PasswordHash::new(hash).map_err(Error::internal)?;
        let (Some(salt), Some(stored)) = (&parsed.salt, &parsed.hash) else { return Ok(false) };
        let argon2 = Argon2::new(
            Algorithm::try_from(parsed.algorithm.as_str()).map_err(Error::internal)?,
            parsed.version.map(Version::try_from).transpose().map_err(Error::internal)?.unwrap_or_default(),
            Params::try_from(&parsed).map_err(Error::internal)?,
        );
        // Outputs are compared in constant time.
        let right = output(&argon2, &password, salt, memory)? == *stored;
        Ok(right && hash != NOBODYS)
    })
    .await?
}

/// A hash with the parameters of today that no password is accepted for.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bGVkZ2VyYm9hcmQtMDAwMA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What the library computes, in memory that is used again.
fn output(argon2: &Argon2<'_>, password: &SecretString, salt: &[u8], memory: &mut Memory) -> Result<Output, Error> {
    let mut computed = vec![0; argon2.params().output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
    memory.resize(memory.len().max(argon2.params().block_count()), Block::new());
    argon2
        .hash_password_into_with_memory(password.expose_secret().as_bytes(), salt, &mut computed, memory.as_mut_slice())
        .map_err(Error::internal)?;
    Output::new(&computed).map_err(Error::internal)
}

async fn computed<T: Send + 'static>(
    line: Asker,
    job: impl FnOnce(&mut Memory) -> T + Send + 'static,
) -> Result<T, Error> {
    let mut turn = QUEUE.turn(line).await?;
    // The turn goes with the job: one whose asker went away is computed all the same.
    let job = move || {
        let done = job(&mut turn.memory);
        drop(turn);
        done
    };
    tokio::task::spawn_blocking(job).await.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

    use super::*;
    use crate::clock::SeededEntropy;

    #[tokio::test]
    async fn only_the_password_itself_is_right() {
        let stored = hash(&SeededEntropy::new(1), "correct horse".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify(Asker::Setting, Some(stored.clone()), "correct horse".into()).await.unwrap());
        assert!(!verify(Asker::Setting, Some(stored), "correct horse ".into()).await.unwrap());
        assert!(!verify(Asker::Setting, None, "correct horse".into()).await.unwrap());
    }

    #[tokio::test]
    async fn memory_that_was_used_before_changes_nothing() {
        let salt = [7; 16];
        let larger = Argon2::from(Params::new(20_000, 3, 1, Some(24)).unwrap());
        let theirs: PasswordHash = larger.hash_password_with_salt(b"of another program", &salt).unwrap();
        for n in 0..3 {
            let password = format!("number {n}");
            let ours = hash(&SeededEntropy::new(n), password.as_str().into()).await.unwrap();
            assert!(
                Argon2::default().verify_password(password.as_bytes(), ours.as_str()).is_ok(),
                "the library agrees"
            );
            assert!(Argon2::default().verify_password(b"number", ours.as_str()).is_err());
            assert!(verify(Asker::Setting, Some(theirs.to_string()), "of another program".into()).await.unwrap());
            assert!(!verify(Asker::Setting, Some(theirs.to_string()), password.into()).await.unwrap());
        }
    }

    #[test]
    fn the_hash_of_nobody_costs_as_much_as_a_real_one() {
        assert!(PasswordHash::new(NOBODYS).is_ok());
    }
}
