//! What follows from an answer, or from none.

use std::collections::BTreeSet;

use domain::{
    CorId,
    procore::{
        push_plan::blame,
        push_state::{CorOutcome, PushState},
    },
};
use jiff::Timestamp;
use procore::{Answered, Error as Answer, Message, model::ChangeEvent};

use super::{pass::Pass, record::Verdict, translate, words};
use crate::{Error, actions::procore_tokens};

impl Pass {
    /// Sorts the answer to the request that was recorded at `since`.
    pub(super) async fn answered(
        mut self,
        answer: Result<Answered<ChangeEvent>, Answer>,
        since: Timestamp,
    ) -> Result<Option<Self>, Error> {
        let now = self.app.now();
        match answer {
            Ok(answer) => {
                let Some(batch) = self.batch().cloned() else { return self.finish().await };
                self.push.event = Some(answer.value.id.0);
                let event = translate::event(&answer.value, self.push.order.plan.side);
                // By reference, never by position: Procore answers the lines in no particular order.
                let settled = self.push.order.plan.settle(Some(&event), &batch.cors);
                let mut verdict = Verdict::of(&self, &settled, Some(&answer));
                verdict.refuse_unconfirmed(&self);
                self.record(verdict).await
            }
            Err(Answer::NotSent(_)) => self.requeue(words::wait(now, None, None)).await,
            Err(Answer::RateLimited { until, retry_after }) => self.requeue(words::wait(now, until, retry_after)).await,
            Err(Answer::SignInAgain(_)) => self.token_refused().await,
            Err(Answer::AppNotConnected) => self.park(words::NOT_CONNECTED.into(), false).await,
            Err(Answer::Uncertain { look_after, .. }) => {
                let quiet = since.saturating_add(self.app.settings.push_quarantine).unwrap_or(since);
                let look_at = quiet.max(look_after.map_or(quiet, |after| words::wait(now, None, Some(after))));
                self.leave(PushState::Uncertain { look_at }).await
            }
            Err(Answer::Unavailable { .. } | Answer::Unexpected(_)) => {
                let look_at = since.saturating_add(self.app.settings.push_quarantine).unwrap_or(since);
                self.leave(PushState::Uncertain { look_at }).await
            }
            Err(Answer::Forbidden(messages)) => {
                self.settle_all(CorOutcome::Refused { why: words::forbidden(&messages) }).await
            }
            Err(Answer::NotFound) => {
                let why = "Procore doesn't show this Change Event or project to you any more. Ask your Procore administrator.";
                self.settle_all(CorOutcome::Refused { why: why.into() }).await
            }
            Err(Answer::Refused { messages, .. }) => self.refused(&messages).await,
        }
    }

    /// 401: surely not executed with this token. Another one may do, once.
    async fn token_refused(self) -> Result<Option<Self>, Error> {
        let refused = match self.session().await? {
            Ok(acting) => acting.access,
            Err(why) => return self.not_now(why, false).await,
        };
        procore_tokens::refused(&self.app, self.push.company, &refused).await?;
        match self.session().await? {
            Ok(_) if self.push.attempt <= 3 => {
                let now = self.app.now();
                self.requeue(now).await
            }
            Ok(_) => self.park(words::SIGN_IN.into(), false).await,
            Err(why) => self.not_now(why, false).await,
        }
    }

    /// A 4xx. Whether a refused request was half applied is documented nowhere, so the event is read again; then only the
    /// CORs that the message names are refused and the rest is sent once more, or the batch is halved.
    async fn refused(mut self, messages: &[Message]) -> Result<Option<Self>, Error> {
        let Some(batch) = self.batch().cloned() else { return self.finish().await };
        let session = match self.session().await? {
            Ok(acting) => acting.session,
            Err(why) => return self.not_now(why, true).await,
        };
        let found = match self.read(&session).await {
            Ok(found) => found,
            Err(error) => return self.could_not_read(error, true).await,
        };
        if let Some(found) = &found {
            self.push.event = Some(found.value.id.0);
        }
        let event = found.as_ref().map(|f| translate::event(&f.value, self.push.order.plan.side));
        let settled = self.push.order.plan.settle(event.as_ref(), &batch.cors);
        let mut verdict = Verdict::of(&self, &settled, found.as_ref());
        let open: Vec<CorId> = verdict.open();
        let texts: Vec<String> = messages.iter().map(|m| m.text.clone()).collect();
        if !batch.bare && self.push.event.is_none() && names_external_data(messages) {
            // Another integration owns the back-reference of this event: the marks of the lines serve alone.
            verdict.retry_bare();
            return self.record(verdict).await;
        }
        let named = if batch.resent { BTreeSet::new() } else { blame(&self.push.order.plan, &open, &texts) };
        let why = words::refused(messages);
        if open.len() == 1 || named.len() == open.len() {
            verdict.refuse(&open, &why);
        } else if named.is_empty() {
            verdict.halve();
        } else {
            verdict.refuse(&named.into_iter().collect::<Vec<_>>(), &why);
            verdict.resend();
        }
        self.record(verdict).await
    }
}

fn names_external_data(messages: &[Message]) -> bool {
    messages.iter().any(|m| {
        let text = format!("{} {}", m.field.as_deref().unwrap_or(""), m.text).to_ascii_lowercase();
        text.contains("external_data") || text.contains("origin_id") || text.contains("origin id")
    })
}
