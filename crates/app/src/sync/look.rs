//! Looking before writing: what did Procore receive?

use domain::procore::{push_plan::PlanCor, reference::Mark};
use jiff::{SignedDuration, Timestamp};
use procore::{
    Answered, ChangeEventFilter, Session, Window,
    model::{ChangeEvent, ChangeEventId, ProjectId},
};

use super::{audited, pass::Pass, patience, record::NotNow, verdict::Verdict, words};
use crate::{Error, actions::procore_tokens};

/// How far Procore's clock may be from ours: a new event is looked for in a window this much wider on both ends. As wide as a
/// machine's clock is wrong whose time zone is, and no event more to read than a day brings.
const SKEW: SignedDuration = SignedDuration::from_hours(24);

/// Why the event could not be read.
pub(super) enum Unread {
    /// There is nobody to read it as.
    NotNow(NotNow),
    /// Procore said no, or nothing.
    Failed(procore::Error),
}

impl Pass {
    /// The event as Procore shows it to whoever pushes. A token that is refused before its time is renewed once.
    pub(super) async fn found(&self) -> Result<Result<Option<Answered<ChangeEvent>>, Unread>, Error> {
        let first = match self.session().await? {
            Ok(acting) => acting,
            Err(why) => return Ok(Err(Unread::NotNow(why))),
        };
        match self.read(&first.session).await {
            Err(procore::Error::SignInAgain(_)) => {}
            read => return Ok(read.map_err(Unread::Failed)),
        }
        procore_tokens::refused(&self.app, self.push.company, &first.access).await?;
        let second = match self.session().await? {
            Ok(acting) => acting,
            Err(why) => return Ok(Err(Unread::NotNow(why))),
        };
        let read = self.read(&second.session).await;
        if let Err(procore::Error::SignInAgain(_)) = &read {
            procore_tokens::lost(&self.app, self.push.company, &second.access, procore_tokens::REFUSED).await?;
        }
        Ok(read.map_err(Unread::Failed))
    }

    /// The event as Procore has it now. One that we meant to create is looked for by our reference; `None` when it
    /// isn't there.
    async fn read(&self, session: &Session) -> Result<Option<Answered<ChangeEvent>>, procore::Error> {
        let project = ProjectId(self.push.procore_project);
        if let Some(event) = self.push.event {
            return session.change_event(project, ChangeEventId(event), true).await.map(Some);
        }
        let sent = self.batch().and_then(|b| b.first_sent).and_then(|us| Timestamp::from_microsecond(us).ok());
        let sent = sent.unwrap_or(self.push.created_at);
        let now = self.app.now();
        // A clock that was set back since shows an earlier time now than then.
        let (earlier, later) = (sent.min(now), sent.max(now));
        let from = earlier.saturating_sub(SKEW).unwrap_or(earlier);
        let to = later.saturating_add(SKEW).unwrap_or(later);
        let filter = ChangeEventFilter { created_at: Some(Window { from, to }), ..ChangeEventFilter::default() };
        let listed = session.change_events(project, &filter).await?;
        let (date, rate, request_id) = (listed.date, listed.rate, listed.request_id.clone());
        // A clone of our event carries our references too; the original names this push, or else is the older one.
        let ours = listed.value.into_iter().filter(|event| self.is_ours(event));
        let ours = ours.min_by_key(|event| (!self.is_named_by(event), event.id));
        Ok(ours.map(|value| Answered { value, rate, date, request_id }))
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

    /// The quarantine has ended: whatever left is executed or dead. Adopt what is there; what is missing is sent again.
    pub(super) async fn look(mut self) -> Result<Option<Self>, Error> {
        // One who takes a push back looks also where nothing is in question, for lines that were written before.
        let uncertain = self.push.state.is_in_question();
        if let Err(due) = self.permits.take(1).await? {
            return self.wait_until(due, uncertain).await;
        }
        let found = match self.found().await? {
            Ok(found) => found,
            Err(unread) => return self.could_not_read(unread, uncertain).await,
        };
        let Some(batch) = self.batch().cloned() else { return self.finish().await };
        if let Some(found) = &found {
            self.push.event = Some(found.value.id.0);
            self.heard = audited::found(found);
        }
        let event = found.as_ref().map(|f| self.live(&f.value));
        let settled = self.push.order.plan.settle(event.as_ref(), &batch.cors);
        let mut verdict = Verdict::of(&self, &settled, found.as_ref());
        if verdict.is_empty_handed() {
            match batch.unanswered {
                0 | 1 => {}
                n if n >= patience::WRITES => verdict.stop(words::UNANSWERED),
                n => verdict.not_before(self.app.now() + patience::pause(n - 1, &*self.app.entropy)),
            }
        }
        self.record(verdict).await
    }
}
