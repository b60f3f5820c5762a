//! What a worker claims: one push at a time per lane, under a lease.
//!
//! Time is an argument: no `now()` of a database and no timer decides who holds a lane. The fence counts holders; what a
//! worker found out is stored only while it is still the last one.

use domain::{CompanyId, PushId};
use jiff::Timestamp;

use crate::{StoreError, Tx};

/// A push that a worker holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which push.
    pub push: PushId,
    /// Whose: everything after the claim is done on behalf of this company.
    pub company: CompanyId,
    /// Its lane.
    pub lane: String,
    /// The holder's number on that lane.
    pub fence: i64,
}

impl Tx {
    /// Claims the push that has been due longest and whose lane nobody holds, until `until`.
    pub fn claim(&mut self, holder: &str, now: Timestamp, until: Timestamp) -> Result<Option<Claim>, StoreError> {
        let due_of = "SELECT o.push_id, p.company_id, o.lane FROM outbox o JOIN push p ON p.id = o.push_id \
             LEFT JOIN lane_lease l ON l.lane = o.lane \
             WHERE o.parked = 0 AND o.due_at <= $1 AND (l.lane IS NULL OR l.until <= $1) \
             ORDER BY o.due_at, o.push_id LIMIT 1";
        #[cfg(feature = "sabotage")]
        let due_of = if domain::sabotage::is(domain::sabotage::Sabotage::NoLease) {
            due_of.replace("(l.lane IS NULL OR l.until <= $1)", "1 = 1")
        } else {
            due_of.to_owned()
        };
        #[cfg(feature = "sabotage")]
        let due_of = due_of.as_str();
        let due = self.one(due_of, &[now.into()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let Some((push, company, lane)) = due else { return Ok(None) };
        let lane: String = lane;
        self.exec(
            "INSERT INTO lane_lease (lane, holder, fence, until) VALUES ($1, $2, 1, $3) \
             ON CONFLICT (lane) DO UPDATE SET holder = excluded.holder, fence = lane_lease.fence + 1, \
             until = excluded.until",
            &[(&lane).into(), holder.into(), until.into()],
        )?;
        let fence = self.one("SELECT fence FROM lane_lease WHERE lane = $1", &[(&lane).into()], |row| row.get(0))?;
        let fence = fence.ok_or_else(|| StoreError::Internal("a lease was lost within its own unit".to_owned()))?;
        Ok(Some(Claim { push, company, lane, fence }))
    }

    /// Makes sure that the lane is still held under `claim`: [`StoreError::Expected1Row`] if somebody else holds it now.
    /// Every unit that stores what a worker found begins with it.
    pub fn hold(&mut self, claim: &Claim, until: Timestamp) -> Result<(), StoreError> {
        #[cfg(feature = "sabotage")]
        if unfenced() {
            return Ok(());
        }
        self.exec_one(
            "UPDATE lane_lease SET until = $3 WHERE lane = $1 AND fence = $2",
            &[(&claim.lane).into(), claim.fence.into(), until.into()],
        )
    }

    /// When the next push is due that nobody holds back, leased lanes included.
    pub fn next_due(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let due =
            self.query("SELECT due_at FROM outbox WHERE parked = 0 ORDER BY due_at LIMIT 1", &[], |row| row.get(0))?;
        Ok(due.into_iter().next())
    }
}

/// Whether a worker that was overtaken is let through, on purpose.
#[cfg(feature = "sabotage")]
pub(super) fn unfenced() -> bool {
    use domain::sabotage::{Sabotage, is};
    is(Sabotage::NoLease) || is(Sabotage::NoFence)
}
