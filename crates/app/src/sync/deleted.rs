//! Removals from an event that was deleted in Procore meanwhile: what was to go is gone with it.

use domain::procore::{
    push::Purpose,
    push_plan::{Event, Settlement},
};
use procore::{
    ChangeEventFilter, Deleted,
    model::{ChangeEvent, ProjectId},
};

use super::{pass::Pass, translate, verdict::Verdict};
use crate::Error;

impl Pass {
    /// Whether the push takes lines away.
    pub(super) fn removes(&self) -> bool {
        self.push.order.purpose != Purpose::Write
    }

    /// The event as the plan is held against it. For a removal a deleted event has no lines: none of them counts.
    pub(super) fn live(&self, found: &ChangeEvent) -> Event {
        let event = translate::event(found, self.push.order.plan.side);
        let deleted = found.in_recycle_bin || found.deleted_at.is_some();
        if self.removes() && deleted { Event { lines: Vec::new(), ..event } } else { event }
    }

    /// An event that is not shown may have been deleted, or be out of this person's sight: only the list of deleted events
    /// tells. Where it can't be read, nobody knows.
    pub(super) async fn is_listed_as_deleted(&self) -> Result<bool, Error> {
        let Ok(acting) = self.session().await? else { return Ok(false) };
        let filter = ChangeEventFilter { deleted: Deleted::Only, ..ChangeEventFilter::default() };
        let listed = acting.session.change_events(ProjectId(self.push.procore_project), &filter).await;
        Ok(listed.is_ok_and(|listed| listed.value.iter().any(|event| Some(event.id.0) == self.push.event)))
    }

    /// All that was to be removed is gone.
    pub(super) async fn nothing_is_left(self) -> Result<Option<Self>, Error> {
        let cors = self.push.batches.iter().flat_map(|batch| &batch.cors).copied().collect::<Vec<_>>();
        let settled: Settlement = self.push.order.plan.settle(None, &cors);
        let mut verdict = Verdict::of(&self, &settled, None);
        verdict.gone = self.push.event;
        self.record(verdict).await
    }
}
