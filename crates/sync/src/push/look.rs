//! Looking before writing: what did Procore receive?

use std::sync::Arc;

use domain::procore::{
    budget::Priority, looks::Looks, push::Batch, push_plan::PlanCor, push_state::PushState, reference::Mark,
};
use jiff::{SignedDuration, Timestamp};
use procore::{
    Answered, ChangeEventFilter, Deleted, Session, Window,
    model::{ChangeEvent, ChangeEventId, Listed, Odd, ProjectId},
};

use store::repo::push::Push;

use super::{attempt::Attempt, audited, batch_outcome::BatchOutcome, retries, unread::Unread};
use crate::{
    Error,
    connection::{budget::Permits, tokens},
    link::event_now,
    words,
};

/// How far Procore's clock may be from ours: the window for a new event is this much wider on both ends. One day covers a clock
/// set to the wrong time zone, and adds only one day's events to read.
const SKEW: SignedDuration = SignedDuration::from_hours(24);

impl Attempt {
    /// The event as Procore shows it to the person who pushes.
    pub(super) async fn found(&self) -> Result<Result<Option<Answered<ChangeEvent>>, Unread>, Error> {
        self.asked(|session| async move { self.read(&session).await }).await
    }

    /// Procore's answer to the person who pushes. A token refused before its time is renewed once.
    pub(super) async fn asked<T, F: Future<Output = Result<T, procore::Error>> + Send>(
        &self,
        ask: impl Fn(Session) -> F,
    ) -> Result<Result<T, Unread>, Error> {
        let first = match self.session().await? {
            Ok(acting) => acting,
            Err(why) => return Ok(Err(Unread::NotNow(why))),
        };
        match ask(first.session).await {
            Err(procore::Error::SignInAgain(_)) => {}
            read => return Ok(read.map_err(Unread::Failed)),
        }
        tokens::refused(&self.context, self.push.company, &first.access).await?;
        let second = match self.session().await? {
            Ok(acting) => acting,
            Err(why) => return Ok(Err(Unread::NotNow(why))),
        };
        let read = ask(second.session).await;
        if let Err(procore::Error::SignInAgain(_)) = &read {
            tokens::lost(&self.context, self.push.company, &second.access, tokens::REFUSED).await?;
        }
        Ok(read.map_err(Unread::Failed))
    }

    /// Gives the next reads priority over other pushes, because an outcome depends on them.
    pub(super) fn reads_first(&mut self) {
        self.permits = Arc::new(Permits::of(&self.context, self.push.procore_company, Priority::Interactive));
    }

    /// A necessary read failed: the next attempt reads with priority from its beginning.
    pub(super) async fn left_unread(mut self, unread: Unread, uncertain: bool) -> Result<Option<Self>, Error> {
        if let Some(batch) = self.push.batches.first_mut() {
            batch.left_unread = true;
        }
        self.could_not_read(unread, uncertain).await
    }

    /// The event as Procore has it now. One that we meant to create is looked for in every way there is; `None` if it isn't there.
    async fn read(&self, session: &Session) -> Result<Option<Answered<ChangeEvent>>, procore::Error> {
        let project = ProjectId(self.push.procore_project);
        if let Some(event) = self.push.event {
            let waited = event_now::settled(&self.context, self.push.company, self.push.project, Some(event)).await;
            waited.map_err(|error| procore::Error::NotSent(error.to_string()))?;
            return session.change_event(project, ChangeEventId(event), true).await.map(Some);
        }
        let made = self.made_within();
        // A delivery or a reading found it before any list showed it.
        if let Some(seen) = self.push.seen_event {
            match session.change_event(project, ChangeEventId(seen), true).await {
                Ok(found) if self.is_ours(&found.value) && is_made_within(&found.value, made) => {
                    return Ok(Some(found));
                }
                Ok(_) | Err(procore::Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        let filter = if self.is_last_look() {
            // The whole list, in case its filters don't work as we think.
            ChangeEventFilter::default()
        } else {
            // Deleted events count: what somebody deleted is not made again unasked.
            ChangeEventFilter { created_at: Some(made), deleted: Deleted::With, ..ChangeEventFilter::default() }
        };
        let listed = session.change_events(project, &filter).await?;
        let (date, rate, request_id) = (listed.date, listed.rate, listed.request_id.clone());
        let Listed { records, odd } = listed.value;
        let ours = records.into_iter().filter(|event| self.is_ours(event) && is_made_within(event, made));
        // A clone of our event carries our marks too. The original names this push, or else is the oldest.
        let ours = ours.min_by_key(|event| (is_deleted(event), !self.is_named_by(event), event.id));
        // Our event may be the one that can't be read: then it exists and must not be made again.
        if ours.is_none()
            && let Some(odd) = odd.iter().find(|odd| self.is_in(odd))
        {
            return Err(procore::Error::Odd(odd.why.clone()));
        }
        Ok(ours.map(|value| Answered { value, rate, date, request_id }))
    }

    /// When our event must have been made, if it was.
    fn made_within(&self) -> Window {
        let sent = self.batch().and_then(|b| b.first_sent).and_then(|us| Timestamp::from_microsecond(us).ok());
        let sent = sent.unwrap_or(self.push.created_at);
        let now = self.context.now();
        // If our clock was set back since, now is earlier than then.
        let (earlier, later) = (sent.min(now), sent.max(now));
        let from = earlier.saturating_sub(SKEW).unwrap_or(earlier);
        let to = later.saturating_add(SKEW).unwrap_or(later);
        Window { from, to }
    }

    /// Whether the next step writes it again.
    fn is_last_look(&self) -> bool {
        matches!(self.push.state, PushState::Queued { .. })
    }

    /// Whether an unreadable record mentions this push or one of its marks.
    fn is_in(&self, odd: &Odd) -> bool {
        let marks = self.push.order.plan.cors.iter().map(|cor| cor.reference.as_str());
        odd.mentions(&self.push.id.to_string()) || marks.into_iter().any(|mark| odd.mentions(mark))
    }

    fn is_named_by(&self, event: &ChangeEvent) -> bool {
        let origin = self.push.id.to_string();
        event.external_data.as_ref().is_some_and(|data| data.origin_id == origin)
    }

    fn is_ours(&self, event: &ChangeEvent) -> bool {
        self.is_named_by(event)
            || event.change_items.iter().filter_map(|i| Mark::find(&i.description)).any(|mark| self.wrote(&mark))
    }

    fn wrote(&self, mark: &Mark) -> bool {
        let of = |cor: &PlanCor| cor.reference == mark.reference && cor.lines.iter().any(|l| l.ordinal == mark.ordinal);
        self.push.order.plan.cors.iter().any(of)
    }

    /// Looks for the result of an unanswered request. What is there as a whole is recorded at once. Anything else counts as missing
    /// only once it can no longer be on its way to Procore or into its lists; then it is sent again.
    pub(super) async fn look(mut self) -> Result<Option<Self>, Error> {
        // A cancelled push looks even where nothing is in question, for lines written before.
        let uncertain = self.push.state.is_in_question();
        let Some(batch) = self.batch().cloned() else { return self.finish().await };
        if batch.left_unread {
            self.reads_first();
        } else if let Err(due) = self.permits.take(1).await? {
            return self.wait_until(due, uncertain).await;
        }
        let found = match self.found().await? {
            Ok(found) => found,
            Err(Unread::Failed(error)) if uncertain && words::is_refusal(&error) => {
                // An event that Procore hides may simply not be made yet.
                return match self.quiet_from_now(&batch) {
                    Some(quiet) => self.look_again(quiet).await,
                    None => self.could_not_read(Unread::Failed(error), uncertain).await,
                };
            }
            Err(unread) => return self.could_not_read(unread, uncertain).await,
        };
        if let Some(found) = &found {
            let was_known = self.push.event.replace(found.value.id.0).is_some();
            self.response = audited::found(found);
            if !was_known && is_deleted(&found.value) {
                return self.event_is_gone(words::DELETED_MEANWHILE.into()).await;
            }
        }
        let event = found.as_ref().map(|f| self.live(&f.value));
        let settled = self.push.order.plan.compare(event.as_ref(), &batch.cors);
        let whole = settled.missing.is_empty() && settled.changed.is_empty();
        if let Some(again) = self.still_expected(&batch).filter(|_| uncertain && !whole) {
            return self.look_again(again).await;
        }
        let mut batch_outcome = BatchOutcome::of(&self, &settled, found.as_ref());
        if batch_outcome.is_empty_handed() {
            match batch.unanswered {
                0 | 1 => {}
                n if n >= retries::WRITES => batch_outcome.stop(words::UNANSWERED),
                n => batch_outcome.not_before(self.context.now() + retries::pause(n - 1, &*self.context.entropy)),
            }
        }
        self.record(batch_outcome).await
    }

    /// The looks for the last request of a batch.
    fn looks_for(&self, batch: &Batch) -> Option<Looks> {
        let sent = Timestamp::from_microsecond(batch.last_sent.or(batch.first_sent)?).ok()?;
        // If our clock was set back since, the request is dead a quarantine from now at the latest.
        Some(self.looks(sent.min(self.context.now())))
    }

    /// When the last request of a batch can't be executed any more, if that is still to come.
    fn quiet_from_now(&self, batch: &Batch) -> Option<Timestamp> {
        self.looks_for(batch).map(|looks| looks.quiet).filter(|quiet| *quiet > self.context.now())
    }

    /// When to look again, if what this look missed may still appear.
    fn still_expected(&self, batch: &Batch) -> Option<Timestamp> {
        let next = self.looks_for(batch)?.next(self.context.now());
        next.filter(|_| !batch.said_absent).or_else(|| self.quiet_from_now(batch))
    }

    /// Stores only that another look will follow.
    async fn look_again(self, at: Timestamp) -> Result<Option<Self>, Error> {
        let mut next = Push { state: PushState::Uncertain { look_at: at }, ..self.push.clone() };
        if let Some(batch) = next.batches.first_mut() {
            let now = self.context.now().as_microsecond();
            batch.looked_at = Some(now);
            batch.last_sent = batch.last_sent.or(batch.first_sent).map(|sent| sent.min(now));
        }
        self.commit(next, None).await?;
        Ok(None)
    }
}

fn is_made_within(event: &ChangeEvent, window: Window) -> bool {
    event.created_at.is_none_or(|at| window.contains(at))
}

/// Whether an event is in the recycle bin.
pub(super) fn is_deleted(event: &ChangeEvent) -> bool {
    event.in_recycle_bin || event.deleted_at.is_some()
}
