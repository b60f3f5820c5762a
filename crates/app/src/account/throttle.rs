//! Slows down guesses at passwords without locking anybody out.
//!
//! Nobody is locked out: after several failures the next attempt waits for its turn. An attempt is counted before its
//! password is looked at, so many at once are no faster than one after the other; the right password takes its count back.
//! A browser that the person signed in with before has a count of its own, so strangers' guesses never make it wait. From a
//! network where their e-mail has hardly failed, strangers' guesses elsewhere delay the person by ten seconds at the most.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use store::{
    StoreError, Tx,
    repo::throttle::{Subject, Tries},
};

/// The longest wait for a turn. A longer one is refused, with the time to come back.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(10);
/// The furthest that a next turn is ahead: after a wait for a turn, the longest pause. A minute is for clocks that differ.
const LONGEST_TURN: SignedDuration = SignedDuration::from_secs(10 + 30 + 60);
/// Counts that are kept at most; each takes some eighty bytes.
const MOST_COUNTS: i64 = 20_000;
/// How often what has ended is swept out.
const SWEPT_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// A known browser loses its trust after so many failures.
const STRANGER_AGAIN: u32 = 20;
/// So few failures of one e-mail from one network are typing mistakes.
const HARDLY: u32 = 3;
/// After so many wrong passwords the person is warned at the next sign-in.
pub const WORTH_TELLING: u32 = 5;

/// Where an attempt comes from, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin {
    /// An IPv4 address, or the first 64 bits of an IPv6 one: as much as one customer of a provider has.
    pub network: IpAddr,
    /// The network is shared by everybody, as behind a reverse proxy that is not a trusted one: it identifies nobody.
    pub shared: bool,
}

/// What an attempt is counted by. The key is a hash: nothing that was typed is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    kind: CountOf,
    subject: Subject,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CountOf {
    /// One e-mail from one network.
    Pair,
    /// One e-mail from everywhere, but for known browsers.
    Email,
    /// All e-mails from one network.
    Network,
    /// One e-mail in a browser that it signed in with before, or in a session.
    Known,
}

impl CountOf {
    /// How long the next attempt waits after so many failures.
    fn wait(self, failures: u32) -> SignedDuration {
        let seconds = match (self, failures) {
            (Self::Pair | Self::Known, 0..5) | (Self::Email, 0..20) | (Self::Network, 0..30) => 0,
            (Self::Pair | Self::Known, 5..9) => failures - 4,
            (Self::Pair | Self::Known, 9..30) | (Self::Email, 20..100) => 5,
            (Self::Network, _) => 15,
            (Self::Pair | Self::Known | Self::Email, _) => 30,
        };
        SignedDuration::from_secs(seconds.into())
    }

    /// How long failures count, from the first.
    fn window(self) -> SignedDuration {
        match self {
            Self::Pair | Self::Network => SignedDuration::from_mins(15),
            // Catches slow guessers, and those who stole a browser's cookie.
            Self::Email | Self::Known => SignedDuration::from_hours(24),
        }
    }
}

fn count(kind: CountOf, parts: &[&[u8]]) -> Count {
    let mut hash = Sha256::new();
    hash.update([kind as u8]);
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    Count { kind, subject: hash.finalize().into() }
}

/// What the attempt of a stranger is counted by.
pub fn of_stranger(email: &str, origin: Origin) -> Vec<Count> {
    let network = origin.network.to_string();
    let mut counts =
        vec![count(CountOf::Pair, &[email.as_bytes(), network.as_bytes()]), count(CountOf::Email, &[email.as_bytes()])];
    if !origin.shared {
        counts.push(count(CountOf::Network, &[network.as_bytes()]));
    }
    counts
}

/// What an attempt is counted by in a browser, or a session, that is known by the hash of its cookie.
pub fn of_known(email: &str, cookie: &[u8; 32]) -> Vec<Count> {
    vec![count(CountOf::Known, &[email.as_bytes(), cookie])]
}

/// Whether a known browser is still taken for one.
pub fn is_trusted(tx: &mut Tx, email: &str, cookie: &[u8; 32], now: Timestamp) -> Result<bool, StoreError> {
    let [known] = of_known(email, cookie)[..] else { return Ok(false) };
    Ok(tx.tries(&known.subject, now)?.is_none_or(|tries| tries.failures < STRANGER_AGAIN))
}

/// An attempt that may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInTurn {
    /// Not before.
    pub at: Timestamp,
    /// What the next attempt will have to wait after this one, if it fails.
    pub next: SignedDuration,
}

/// Counts an attempt as a failure and answers when its turn is; or, without counting it, when to come back.
pub fn take_turn(tx: &mut Tx, counts: &[Count], now: Timestamp) -> Result<Result<SignInTurn, Timestamp>, StoreError> {
    sweep(tx, now)?;
    let mut known = Vec::with_capacity(counts.len());
    for count in counts {
        let fresh = Tries { failures: 0, next_at: now, window_until: later(now, count.kind.window()) };
        let mut tries = tx.tries(&count.subject, now)?.unwrap_or(fresh);
        if tries.next_at > later(now, LONGEST_TURN) {
            // A wait this long was stored before a clock was set back.
            tries.next_at = now;
        }
        known.push((count, tries));
    }
    let longest = later(now, LONGEST_WAIT);
    // A person with few failures from their network waits at most ten seconds, whatever others try elsewhere.
    let hardly_failed = known.iter().any(|(count, tries)| count.kind == CountOf::Pair && tries.failures < HARDLY);
    let next_at = |(count, tries): &(&Count, Tries)| {
        if hardly_failed && count.kind == CountOf::Email { tries.next_at.min(longest) } else { tries.next_at }
    };
    let at = known.iter().map(next_at).max().unwrap_or(now).max(now);
    if at > longest {
        return Ok(Err(at));
    }
    let mut next = SignedDuration::ZERO;
    for (count, tries) in known {
        let failures = tries.failures.saturating_add(1);
        let wait = count.kind.wait(failures);
        next = next.max(wait);
        let next_at = later(at, wait).max(tries.next_at);
        tx.keep_tries(&count.subject, &Tries { failures, next_at, ..tries })?;
    }
    Ok(Ok(SignInTurn { at, next }))
}

/// The password was right. Answers how many wrong ones there were before, and forgets them; those of other e-mails from
/// the same network stay.
pub fn came_in(tx: &mut Tx, email: &str, counts: &[Count], now: Timestamp) -> Result<u32, StoreError> {
    let everywhere = count(CountOf::Email, &[email.as_bytes()]);
    let mut wrong = 0;
    for count in counts.iter().chain((!counts.contains(&everywhere)).then_some(&everywhere)) {
        // The present attempt is among them, except in the count of strangers' that a known browser isn't part of.
        let present = u32::from(counts.contains(count));
        let failures = tx.tries(&count.subject, now)?.map_or(0, |tries| tries.failures).saturating_sub(present);
        match count.kind {
            CountOf::Network => tx.take_try_back(&count.subject)?,
            CountOf::Pair => tx.forget_tries(&count.subject)?,
            CountOf::Email | CountOf::Known => {
                wrong += failures;
                tx.forget_tries(&count.subject)?;
            }
        }
    }
    Ok(wrong)
}

/// The attempt failed for a reason of ours, so it is not counted.
pub fn take_back(tx: &mut Tx, counts: &[Count]) -> Result<(), StoreError> {
    counts.iter().try_for_each(|count| tx.take_try_back(&count.subject))
}

/// Forgets the failures of an e-mail: it has a new password.
pub fn forget(tx: &mut Tx, email: &str) -> Result<(), StoreError> {
    tx.forget_tries(&count(CountOf::Email, &[email.as_bytes()]).subject)
}

/// Writes as much as the telling of a failure does, so that an email which nobody signs in with takes as long.
pub fn touch(tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
    let swept: Subject = Sha256::digest(b"swept").into();
    let until = later(now, SWEPT_EVERY);
    let tries = tx.tries(&swept, now)?.unwrap_or(Tries { failures: 0, next_at: until, window_until: until });
    tx.keep_tries(&swept, &tries)
}

/// Once a minute the first attempt deletes what has ended. A row stores when that was, so processes that share a database
/// share the work.
fn sweep(tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
    let swept: Subject = Sha256::digest(b"swept").into();
    if tx.tries(&swept, now)?.is_some() {
        return Ok(());
    }
    tx.sweep_tries(now, MOST_COUNTS)?;
    let until = later(now, SWEPT_EVERY);
    tx.keep_tries(&swept, &Tries { failures: 0, next_at: until, window_until: until })
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(now)
}
