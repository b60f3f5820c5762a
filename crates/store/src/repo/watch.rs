//! When to read Procore again: a project on a schedule, single events sooner.
//!
//! Time is an argument, as for the outbox. A project is read under a lease, so that two processes don't read it twice.

use domain::{CompanyId, ProjectId};
use jiff::{SignedDuration, Timestamp};

use crate::{CompanyTx, StoreError, Tx};

/// Nothing is due later than this: the longest wait is a reading a day after a push. A row that is due later counts as due: an
/// earlier version stored it, or this machine's clock was set back.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24 * 7);

/// A project that a worker reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchClaim {
    /// Which project.
    pub project: ProjectId,
    /// On whose behalf.
    pub company: CompanyId,
    /// The holder's number.
    pub fence: i64,
    /// When it was claimed: what is due later stays.
    pub at: Timestamp,
    /// Everything Procore changed before it has been seen; `None` when the project was never read.
    pub read_to: Option<Timestamp>,
    /// Whether everything that changed is due, not only single events.
    pub everything: bool,
    /// Whether the whole list is due with everything, not only what changed.
    pub whole: bool,
    /// Single events that are due.
    pub events: Vec<i64>,
}

/// How the watch over a project goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// The next read of everything that changed.
    pub scheduled_at: Timestamp,
    /// When everything was last read.
    pub read_at: Option<Timestamp>,
    /// Why it could not be read, in words; empty when it could.
    pub trouble: String,
    /// It was set aside: what it goes by can't be read from the database.
    pub set_aside: bool,
}

/// From when on a time is further ahead than anything is due.
fn beyond(now: Timestamp) -> Timestamp {
    now.saturating_add(LONGEST_WAIT).unwrap_or(now)
}

impl Tx {
    /// Claims the project whose reading has been due longest and that nobody reads, until `until`. The whole list is due
    /// where it was last read before `whole_before`.
    pub fn claim_watch(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        whole_before: Timestamp,
    ) -> Result<Option<WatchClaim>, StoreError> {
        let due = self.one(
            "SELECT w.project_id, w.company_id, w.fence, w.read_to, w.scheduled_at, w.whole_at FROM watch w \
             JOIN mapping m ON m.project_id = w.project_id AND m.company_id = w.company_id \
             WHERE w.broken = '' AND (w.due_at <= $1 OR w.due_at > $2) AND (w.lease_until <= $1 OR w.lease_until > $2) \
             ORDER BY w.due_at, w.project_id, w.company_id LIMIT 1",
            &[now.into(), beyond(now).into()],
            |row| {
                Ok((
                    row.get::<ProjectId>(0)?,
                    row.get::<CompanyId>(1)?,
                    row.get::<i64>(2)?,
                    row.get::<Option<Timestamp>>(3)?,
                    row.get::<Timestamp>(4)?,
                    row.get::<Option<Timestamp>>(5)?,
                ))
            },
        )?;
        let Some((project, company, fence, read_to, scheduled_at, whole_at)) = due else { return Ok(None) };
        self.exec_one(
            "UPDATE watch SET fence = fence + 1, lease_until = $4 \
             WHERE project_id = $1 AND company_id = $2 AND fence = $3",
            &[project.into(), company.into(), fence.into(), until.into()],
        )?;
        let events = self.query(
            "SELECT DISTINCT event_id FROM watch_event WHERE project_id = $1 AND company_id = $2 \
             AND (due_at <= $3 OR due_at > $4) ORDER BY event_id",
            &[project.into(), company.into(), now.into(), beyond(now).into()],
            |row| row.get(0),
        )?;
        let everything = scheduled_at <= now || scheduled_at > beyond(now);
        let whole = everything && whole_at.is_none_or(|at| at < whole_before);
        Ok(Some(WatchClaim { project, company, fence: fence + 1, at: now, read_to, everything, whole, events }))
    }

    /// When the next reading is due, or its lease over if somebody is at it.
    pub fn next_watch(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let due = self.one(
            "SELECT MIN(CASE WHEN w.lease_until > w.due_at THEN w.lease_until ELSE w.due_at END) FROM watch w \
             JOIN mapping m ON m.project_id = w.project_id AND m.company_id = w.company_id WHERE w.broken = ''",
            &[],
            |row| row.get::<Option<Timestamp>>(0),
        )?;
        Ok(due.flatten())
    }

    /// Stores that a claimed reading was done: what was due is forgotten, everything is due again at `next`.
    /// [`StoreError::Expected1Row`] if somebody else holds the project now.
    pub fn finish_watch(
        &mut self,
        claim: &WatchClaim,
        read_to: Option<Timestamp>,
        next: Timestamp,
    ) -> Result<(), StoreError> {
        self.exec_one(
            "UPDATE watch SET trouble = '', lease_until = $4, read_to = COALESCE($5, read_to), \
             whole_at = CASE WHEN $8 = 1 THEN $4 ELSE whole_at END, \
             read_at = CASE WHEN $6 = 1 THEN $4 ELSE read_at END, \
             scheduled_at = CASE WHEN $6 = 1 AND (scheduled_at <= $4 OR scheduled_at > $9) THEN $7 ELSE scheduled_at END \
             WHERE project_id = $1 AND company_id = $2 AND fence = $3",
            &[
                claim.project.into(),
                claim.company.into(),
                claim.fence.into(),
                claim.at.into(),
                read_to.into(),
                claim.everything.into(),
                next.into(),
                claim.whole.into(),
                beyond(claim.at).into(),
            ],
        )?;
        self.exec(
            "DELETE FROM watch_event WHERE project_id = $1 AND company_id = $2 AND (due_at <= $3 OR due_at > $4)",
            &[claim.project.into(), claim.company.into(), claim.at.into(), beyond(claim.at).into()],
        )?;
        self.recount_watch(claim.project, claim.company)
    }

    /// Stores that a claimed reading could not be done and is tried again at `again`; `trouble` is for people, and empty
    /// when it will pass by itself.
    pub fn postpone_watch(&mut self, claim: &WatchClaim, trouble: &str, again: Timestamp) -> Result<(), StoreError> {
        self.exec_one(
            "UPDATE watch SET trouble = CASE WHEN $4 = '' THEN trouble ELSE $4 END, due_at = $5, lease_until = $6 \
             WHERE project_id = $1 AND company_id = $2 AND fence = $3",
            &[
                claim.project.into(),
                claim.company.into(),
                claim.fence.into(),
                trouble.into(),
                again.into(),
                claim.at.into(),
            ],
        )
    }

    fn recount_watch(&mut self, project: ProjectId, company: CompanyId) -> Result<(), StoreError> {
        self.exec(
            "UPDATE watch SET due_at = COALESCE((SELECT MIN(CASE WHEN e.due_at < watch.scheduled_at THEN e.due_at \
             ELSE watch.scheduled_at END) FROM watch_event e WHERE e.project_id = $1 AND e.company_id = $2), scheduled_at) \
             WHERE project_id = $1 AND company_id = $2",
            &[project.into(), company.into()],
        )?;
        Ok(())
    }
}

impl CompanyTx<'_> {
    /// Has a project looked at in Procore at `at`, or sooner if it is due before: one event of it, or everything that
    /// changed. Links that a push owns are left alone by that look, and looked at once more when it has ended.
    pub fn watch_soon(&mut self, project: ProjectId, event: Option<i64>, at: Timestamp) -> Result<(), StoreError> {
        // With a single event, everything goes by the schedule that is there; a first one begins with a whole read.
        self.tx.exec(
            "INSERT INTO watch (project_id, company_id, due_at, scheduled_at, trouble, fence, lease_until) \
             SELECT pc.project_id, pc.company_id, $3, $3, '', 0, 0 FROM project_company pc \
             WHERE pc.project_id = $2 AND pc.company_id = $1 \
             ON CONFLICT (project_id, company_id) DO UPDATE SET \
             due_at = CASE WHEN excluded.due_at < watch.due_at THEN excluded.due_at ELSE watch.due_at END, \
             scheduled_at = CASE WHEN $4 = 1 AND excluded.due_at < watch.scheduled_at \
               THEN excluded.due_at ELSE watch.scheduled_at END",
            &[self.company.into(), project.into(), at.into(), event.is_none().into()],
        )?;
        if let Some(event) = event {
            self.tx.exec(
                "INSERT INTO watch_event (project_id, company_id, event_id, due_at) VALUES ($2, $1, $3, $4) \
                 ON CONFLICT (project_id, company_id, event_id, due_at) DO NOTHING",
                &[self.company.into(), project.into(), event.into(), at.into()],
            )?;
        }
        Ok(())
    }

    /// How the watch over a project goes; nothing while no COR of it is linked.
    pub fn watch(&mut self, project: ProjectId) -> Result<Option<Watch>, StoreError> {
        self.tx.one(
            "SELECT scheduled_at, read_at, trouble, broken FROM watch WHERE company_id = $1 AND project_id = $2",
            &[self.company.into(), project.into()],
            |row| {
                Ok(Watch {
                    scheduled_at: row.get(0)?,
                    read_at: row.get(1)?,
                    trouble: row.get(2)?,
                    set_aside: !row.get::<String>(3)?.is_empty(),
                })
            },
        )
    }
}
