//! The change events that pushes wrote to, or will make.

use std::collections::BTreeMap;

use domain::{ProjectId, PushId};
use jiff::Timestamp;

use crate::{CompanyTx, StoreError};

impl CompanyTx<'_> {
    /// Notes that a change event has the marks of a push whose own event is unknown. If the push is uncertain, its look is due now.
    /// What a worker finds out meanwhile counts more.
    pub fn push_is_seen(&mut self, id: PushId, event: i64, now: Timestamp) -> Result<(), StoreError> {
        let noted = self.tx.exec(
            "UPDATE push SET seen_event_id = $3 WHERE company_id = $1 AND id = $2 AND event_id IS NULL \
             AND finished_at IS NULL AND (seen_event_id IS NULL OR seen_event_id <> $3)",
            &[self.company.into(), id.into(), event.into()],
        )?;
        if noted > 0 {
            self.tx.exec(
                "UPDATE outbox SET due_at = $2 WHERE push_id = $1 AND parked = 0 AND due_at > $2 \
                 AND push_id IN (SELECT p.id FROM push p WHERE p.id = $1 AND p.state = 'uncertain')",
                &[id.into(), now.into()],
            )?;
        }
        Ok(())
    }

    /// Whether a request of this company to make a change event in a project left, and nobody knows its result.
    pub fn awaits_event(&mut self, project: ProjectId) -> Result<bool, StoreError> {
        let found = self.tx.one(
            "SELECT 1 FROM push WHERE company_id = $1 AND project_id = $2 AND event_id IS NULL AND finished_at IS NULL \
             AND attempt > 0 LIMIT 1",
            &[self.company.into(), project.into()],
            |row| row.get::<i64>(0),
        )?;
        Ok(found.is_some())
    }

    /// The events of a project that this company wrote to within that time, each with its last write.
    pub fn written_between(
        &mut self,
        project: ProjectId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<i64, Timestamp>, StoreError> {
        let rows: Vec<(i64, Timestamp)> = self.tx.query(
            "SELECT event_id, MAX(written_at) FROM push WHERE company_id = $1 AND project_id = $2 \
             AND event_id IS NOT NULL AND written_at BETWEEN $3 AND $4 GROUP BY event_id",
            &[self.company.into(), project.into(), from.into(), to.into()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(rows.into_iter().collect())
    }
}
