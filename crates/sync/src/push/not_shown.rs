//! An event that Procore no longer shows: deleted, or hidden from this person.

use domain::procore::push_plan::PlanComparison;
use procore::{
    ChangeEventFilter, Deleted,
    model::{ChangeEvent, Listed, Odd, ProjectId},
};

use super::{attempt::Attempt, batch_outcome::BatchOutcome, look::is_deleted, unread::Unread};
use crate::{Error, link::observe, words};

impl Attempt {
    /// 404 for the event. A deleted event is gone with all its lines, and a person chooses another. One that the list shows, or
    /// that we just made, is read later. If it can't be read in the list either, a person decides. A hidden event may hold what we
    /// just sent, so the push stays in question.
    pub(super) async fn not_shown(mut self, uncertain: bool) -> Result<Option<Self>, Error> {
        // Only the list distinguishes a deleted event from a hidden one.
        self.reads_first();
        let listed = match self.listed().await? {
            Ok(listed) => listed,
            Err(unread) => return self.left_unread(unread, uncertain).await,
        };
        let records = listed.iter().flat_map(|listed| &listed.records);
        let there = records.filter(|event| Some(event.id.0) == self.push.event).map(is_deleted).next();
        // A record that can't be read is still on the list, and nobody knows whether it is deleted.
        let odd = listed.iter().flat_map(|listed| &listed.odd).find(|odd| self.is_event(odd));
        match there {
            Some(true) if self.removes() => self.nothing_is_left().await,
            Some(true) => self.event_is_gone(words::GONE.into()).await,
            Some(false) => self.unreached(None, uncertain).await,
            None if self.is_young().await? => self.unreached(None, uncertain).await,
            None if let Some(odd) = odd => self.stop(words::odd(&odd.why), uncertain).await,
            None if uncertain || self.may_be_half() => self.stop(words::may_not_look(&[]), uncertain).await,
            None => self.event_is_gone(words::HIDDEN.into()).await,
        }
    }

    /// Whether a record that can't be read is the event of this push: by its id, or where that is what can't be read, by what
    /// else stands in it.
    fn is_event(&self, odd: &Odd) -> bool {
        let by_its_lines = || self.push.event.is_some_and(|event| odd.mentions(&event.to_string()));
        odd.id.map_or_else(by_its_lines, |id| self.push.event == Some(id))
    }

    /// The whole list, deleted events too. Nothing where Procore doesn't show it to this person.
    pub(super) async fn listed(&self) -> Result<Result<Option<Listed<ChangeEvent>>, Unread>, Error> {
        let filter = ChangeEventFilter { deleted: Deleted::With, ..ChangeEventFilter::default() };
        let project = ProjectId(self.push.procore_project);
        let listed = {
            let filter = &filter;
            self.asked(|session| async move { session.change_events(project, filter).await }).await?
        };
        Ok(match listed {
            Ok(listed) => Ok(Some(listed.value)),
            Err(Unread::Failed(error)) if words::is_refusal(&error) => Ok(None),
            Err(unread) => Err(unread),
        })
    }

    /// Whether something of ours was written into the event so lately that no list need show it yet.
    async fn is_young(&self) -> Result<bool, Error> {
        let (company, project, event) = (self.push.company, self.push.project, self.push.event);
        let Some(event) = event else { return Ok(false) };
        let links = self.context.store.read(move |tx| tx.of(company).links_to(project, event)).await?;
        Ok(links.iter().any(|link| observe::is_young(&self.context, link)))
    }

    /// All that was to be removed is gone.
    pub(super) async fn nothing_is_left(self) -> Result<Option<Self>, Error> {
        let cors = self.push.batches.iter().flat_map(|batch| &batch.cors).copied().collect::<Vec<_>>();
        let settled: PlanComparison = self.push.order.plan.compare(None, &cors);
        let mut batch_outcome = BatchOutcome::of(&self, &settled, None);
        batch_outcome.gone = self.push.event;
        self.record(batch_outcome).await
    }
}
