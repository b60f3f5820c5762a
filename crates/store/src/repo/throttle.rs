//! How often attempts to sign in failed, by the hash of what they are counted by.

use jiff::{SignedDuration, Timestamp};

use crate::{Row, StoreError, Tx};

/// SHA-256 of what attempts are counted by.
pub type Subject = [u8; 32];

/// What is known of one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tries {
    /// Attempts that failed or are being checked.
    pub failures: u32,
    /// When the next one is let through.
    pub next_at: Timestamp,
    /// When the count ends.
    pub window_until: Timestamp,
}

/// No count goes on for longer than a day; an hour is for clocks that differ. One that would was stored while a clock was
/// wrong, and counts as ended.
const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(25);

fn tries(row: &Row) -> Result<Tries, StoreError> {
    let failures = u32::try_from(row.get::<i64>(0)?.max(0)).unwrap_or(u32::MAX);
    Ok(Tries { failures, next_at: row.get(1)?, window_until: row.get(2)? })
}

/// From when on a window ends later than any may.
fn beyond(now: Timestamp) -> Timestamp {
    now.saturating_add(LONGEST_WINDOW).unwrap_or(now)
}

impl Tx {
    /// What is known of a subject, if its count goes on at `now`.
    pub fn tries(&mut self, subject: &Subject, now: Timestamp) -> Result<Option<Tries>, StoreError> {
        let found = self.readable(
            "SELECT failures, next_at, window_until FROM sign_in_throttle WHERE subject = $1 AND window_until > $2 \
             AND window_until <= $3",
            &[subject.as_slice().into(), now.into(), beyond(now).into()],
            tries,
        )?;
        Ok(found.into_iter().next())
    }

    /// Stores what is known of a subject.
    pub fn keep_tries(&mut self, subject: &Subject, tries: &Tries) -> Result<(), StoreError> {
        self.exec(
            "INSERT INTO sign_in_throttle (subject, failures, next_at, window_until) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, next_at = excluded.next_at, \
             window_until = excluded.window_until",
            &[subject.as_slice().into(), tries.failures.into(), tries.next_at.into(), tries.window_until.into()],
        )?;
        Ok(())
    }

    /// An attempt did not fail after all.
    pub fn take_try_back(&mut self, subject: &Subject) -> Result<(), StoreError> {
        self.exec(
            "UPDATE sign_in_throttle SET failures = failures - 1 WHERE subject = $1 AND failures > 0",
            &[subject.as_slice().into()],
        )?;
        Ok(())
    }

    /// Forgets a subject.
    pub fn forget_tries(&mut self, subject: &Subject) -> Result<(), StoreError> {
        self.exec("DELETE FROM sign_in_throttle WHERE subject = $1", &[subject.as_slice().into()])?;
        Ok(())
    }

    /// Forgets counts that have ended or would never end, and all above `most`: those with the fewest failures first, then those that end
    /// soonest.
    pub fn sweep_tries(&mut self, now: Timestamp, most: i64) -> Result<(), StoreError> {
        self.exec(
            "DELETE FROM sign_in_throttle WHERE window_until <= $1 OR window_until > $2",
            &[now.into(), beyond(now).into()],
        )?;
        let count = self.one("SELECT COUNT(*) FROM sign_in_throttle", &[], |row| row.get::<i64>(0))?.unwrap_or(0);
        if count > most {
            self.exec(
                "DELETE FROM sign_in_throttle WHERE subject IN \
                 (SELECT subject FROM sign_in_throttle ORDER BY failures, window_until LIMIT $1)",
                &[(count - most).into()],
            )?;
        }
        Ok(())
    }
}
