//! The pushes that workers claim: one at a time per queue, under a lease.
//!
//! Time is an argument: neither a database's `now()` nor a timer decides who holds a queue. A holder is named by the push and its
//! count of claims, a pair that never repeats. So an idle queue needs no lease row, and a worker that slept past the end of its
//! lease can't store anything.

use domain::{CompanyId, PushId, procore::budget};
use jiff::{SignedDuration, Timestamp};

use crate::{StoreError, Tx};

/// The longest that anything waits by itself. A row that is due later, or held for longer, counts as due and free: an earlier
/// version stored it, or this machine's clock was set back.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24);

/// A push that a worker holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which push.
    pub push: PushId,
    /// The company that the worker acts for after the claim.
    pub company: CompanyId,
    /// Its queue.
    pub queue: String,
    /// Counts the holders of this push.
    pub fence: i64,
}

/// What is sent before a push, and with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ahead {
    /// Pushes before it.
    pub pushes: i64,
    /// Requests, its own included.
    pub requests: i64,
}

/// How many pushes wait, for the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Due, or due later by themselves.
    pub waiting: i64,
    /// Waiting for a person.
    pub parked: i64,
    /// Set aside.
    pub broken: i64,
}

impl Tx {
    /// Claims a due push whose queue nobody holds, until `until`: first the company served longest ago, then its push that has been
    /// due longest. Skips accounts without a request left for pushes.
    pub fn claim(&mut self, holder: &str, now: Timestamp, until: Timestamp) -> Result<Option<Claim>, StoreError> {
        let due_of = "SELECT o.push_id, o.company_id, o.queue, o.claims FROM outbox o \
             LEFT JOIN queue_lease l ON l.queue = o.queue LEFT JOIN outbox_turn t ON t.company_id = o.company_id \
             WHERE o.parked = 0 AND o.broken = '' AND (o.due_at <= $1 OR o.due_at > $2) \
             AND (l.queue IS NULL OR l.until <= $1 OR l.until > $2) \
             AND NOT EXISTS (SELECT 1 FROM rate_account a WHERE a.procore_company_id = o.procore_company_id \
               AND a.bulk_until > $1 AND a.bulk_until <= $3) \
             ORDER BY COALESCE(t.turn, 0), o.due_at, o.push_id LIMIT 1";
        #[cfg(feature = "sabotage")]
        let due_of = if domain::sabotage::is(domain::sabotage::Sabotage::NoLease) {
            due_of.replace("(l.queue IS NULL OR l.until <= $1 OR l.until > $2)", "1 = 1")
        } else {
            due_of.to_owned()
        };
        #[cfg(feature = "sabotage")]
        let due_of = due_of.as_str();
        let limits = now.saturating_add(budget::LONGEST).unwrap_or(now);
        let due = self.one(due_of, &[now.into(), beyond(now).into(), limits.into()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<String>(2)?, row.get::<i64>(3)?))
        })?;
        let Some((push, company, queue, claims)) = due else { return Ok(None) };
        let claim = Claim { push, company, queue, fence: claims + 1 };
        self.exec_one("UPDATE outbox SET claims = $2 WHERE push_id = $1", &[push.into(), claim.fence.into()])?;
        self.exec(
            "INSERT INTO queue_lease (queue, holder, push_id, fence, until) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (queue) DO UPDATE SET holder = excluded.holder, push_id = excluded.push_id, \
             fence = excluded.fence, until = excluded.until",
            &[(&claim.queue).into(), holder.into(), push.into(), claim.fence.into(), until.into()],
        )?;
        self.exec(
            "INSERT INTO outbox_turn (company_id, turn) SELECT c.id, COALESCE((SELECT MAX(turn) FROM outbox_turn), 0) + 1 \
             FROM company c WHERE c.id = $1 ON CONFLICT (company_id) DO UPDATE SET turn = excluded.turn",
            &[company.into()],
        )?;
        Ok(Some(claim))
    }

    /// Makes sure that the queue is still held under `claim`, and holds it until `until`: [`StoreError::Expected1Row`] if
    /// somebody else holds it now.
    pub fn hold(&mut self, claim: &Claim, until: Timestamp) -> Result<(), StoreError> {
        #[cfg(feature = "sabotage")]
        if unfenced() {
            return Ok(());
        }
        self.exec_one(
            "UPDATE queue_lease SET until = $4 WHERE queue = $1 AND push_id = $2 AND fence = $3",
            &[(&claim.queue).into(), claim.push.into(), claim.fence.into(), until.into()],
        )
    }

    /// Makes sure that the queue is still held under `claim`, and lets go of it: [`StoreError::Expected1Row`] if somebody
    /// else holds it now. Every unit that stores what a worker found begins with this or with [`Tx::hold`].
    pub fn release(&mut self, claim: &Claim) -> Result<(), StoreError> {
        #[cfg(feature = "sabotage")]
        if unfenced() {
            self.exec("DELETE FROM queue_lease WHERE queue = $1", &[(&claim.queue).into()])?;
            return Ok(());
        }
        self.exec_one(
            "DELETE FROM queue_lease WHERE queue = $1 AND push_id = $2 AND fence = $3",
            &[(&claim.queue).into(), claim.push.into(), claim.fence.into()],
        )
    }

    /// Whether a worker holds a queue.
    pub fn is_held(&mut self, queue: &str, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT fence FROM queue_lease WHERE queue = $1 AND until > $2 AND until <= $3";
        Ok(self.one(sql, &[queue.into(), now.into(), beyond(now).into()], |row| row.get::<i64>(0))?.is_some())
    }

    /// How many pushes to the same account are due before this one, of whichever company, and how many requests they and
    /// this one take at least: one to write a new event, and one to read where something may be there already.
    pub fn ahead_of(&mut self, push: PushId) -> Result<Ahead, StoreError> {
        let ahead = self.one(
            "SELECT COUNT(*) - 1, CAST(COALESCE(SUM(CASE WHEN p.event_id IS NULL AND p.attempt = 0 THEN 1 ELSE 2 END), 0) \
             AS BIGINT) FROM outbox me JOIN outbox o ON o.procore_company_id = me.procore_company_id \
             JOIN push p ON p.id = o.push_id WHERE me.push_id = $1 AND o.parked = 0 AND o.broken = '' \
             AND (o.due_at < me.due_at OR (o.due_at = me.due_at AND o.push_id <= me.push_id))",
            &[push.into()],
            |row| Ok(Ahead { pushes: row.get::<i64>(0)?.max(0), requests: row.get(1)? }),
        )?;
        Ok(ahead.unwrap_or_default())
    }

    /// When the next push is due that neither a person nor the account's limit holds back, leased queues included.
    pub fn next_due(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MIN(CASE WHEN w.bulk_until > w.due_at THEN w.bulk_until ELSE w.due_at END) FROM \
             (SELECT o.due_at AS due_at, COALESCE((SELECT MAX(a.bulk_until) FROM rate_account a \
               WHERE a.procore_company_id = o.procore_company_id), 0) AS bulk_until FROM outbox o \
              WHERE o.parked = 0 AND o.broken = '') w";
        Ok(self.one(sql, &[], |row| row.get(0))?.flatten())
    }

    /// How many pushes wait, and for whom.
    pub fn backlog(&mut self) -> Result<Backlog, StoreError> {
        let sql = "SELECT CAST(COALESCE(SUM(CASE WHEN parked = 0 AND broken = '' THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN parked = 1 AND broken = '' THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN broken <> '' THEN 1 ELSE 0 END), 0) AS BIGINT) FROM outbox";
        let backlog =
            self.one(sql, &[], |row| Ok(Backlog { waiting: row.get(0)?, parked: row.get(1)?, broken: row.get(2)? }))?;
        Ok(backlog.unwrap_or_default())
    }
}

/// Times from here on are further ahead than anything waits.
pub(super) fn beyond(now: Timestamp) -> Timestamp {
    now.saturating_add(LONGEST_WAIT).unwrap_or(now)
}

/// Whether a worker that lost its lease is let through, on purpose.
#[cfg(feature = "sabotage")]
pub(super) fn unfenced() -> bool {
    use domain::sabotage::{Sabotage, is};
    is(Sabotage::NoLease) || is(Sabotage::NoFence)
}
