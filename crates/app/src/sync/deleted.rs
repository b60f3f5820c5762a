//! An event that Procore doesn't show any more: deleted, or out of this person's sight.

use domain::procore::push_plan::{Event, Settlement};
use procore::{
    ChangeEventFilter, Deleted,
    model::{ChangeEvent, ProjectId},
};

use super::{pass::Pass, translate, verdict::Verdict, words};
use crate::Error;

impl Pass {
    /// Whether the push takes lines away.
    pub(super) fn removes(&self) -> bool {
        self.push.order.purpose.removes()
    }

    /// The event as the plan is held against it. For a removal a deleted event has no lines: none of them counts.
    pub(super) fn live(&self, found: &ChangeEvent) -> Event {
        let event = translate::event(found, self.push.order.plan.side);
        let deleted = found.in_recycle_bin || found.deleted_at.is_some();
        if self.removes() && deleted { Event { lines: Vec::new(), ..event } } else { event }
    }

    /// 404 for the event. What was deleted is gone with all its lines, and a person chooses another. What is only hidden may
    /// hold what left just now, so that this push stays in question; what it held before, the next plan asks for.
    pub(super) async fn not_shown(self, uncertain: bool) -> Result<Option<Self>, Error> {
        match (self.is_listed_as_deleted().await?, uncertain || self.may_be_half()) {
            (true, _) if self.removes() => self.nothing_is_left().await,
            (true, _) => self.event_is_gone(words::GONE.into()).await,
            (false, true) => self.stop(words::may_not_look(&[]), uncertain).await,
            (false, false) => self.event_is_gone(words::HIDDEN.into()).await,
        }
    }

    /// Only the list of deleted events tells one that was deleted from one that this person may not see. Where it can't be
    /// read, nobody knows.
    async fn is_listed_as_deleted(&self) -> Result<bool, Error> {
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
