//! What follows from Procore's answer, or from no answer.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    CorId,
    procore::{
        push::Target,
        push_plan::blame,
        push_state::{CorOutcome, PushState},
    },
};
use jiff::Timestamp;
use procore::{Error as Answer, Message};

use super::{
    attempt::{Attempt, Sent},
    batch_outcome::BatchOutcome,
    look::is_deleted,
    retries,
    unread::Unread,
};
use crate::{
    Error,
    connection::tokens::{self, AccessToken},
    link::{reading::SETTLED, translate},
    words,
};

impl Attempt {
    /// Sorts the answer to the request that was recorded at `since`.
    pub(super) async fn answered(mut self, sent: Sent, since: Timestamp) -> Result<Option<Self>, Error> {
        let now = self.context.now();
        self.response = sent.response;
        match sent.answer {
            Ok(answer) => {
                let Some(batch) = self.batch().cloned() else { return self.finish().await };
                self.count_answer();
                self.push.event = Some(answer.value.id.0);
                let event = translate::event(&answer.value, self.push.order.plan.side);
                // Lines are matched by our marks, since Procore answers them in no particular order.
                let settled = self.push.order.plan.compare(Some(&event), &batch.cors);
                let mut batch_outcome = BatchOutcome::of(&self, &settled, Some(&answer));
                // A list may lag behind, so nothing is sent again before a look could find the lines.
                batch_outcome.refuse_unconfirmed(&self, self.quiet(since));
                let live = |id: &i64| event.lines.iter().any(|line| line.id == *id && !line.deleted);
                batch_outcome.dropped = sent.bystanders.iter().filter(|id| !live(id)).count();
                self.record(batch_outcome).await
            }
            Err(Answer::NotSent(_)) => self.not_executed(sent.left_before).unreached(None, false).await,
            Err(Answer::RateLimited { until, retry_after }) => {
                self.ask_anew();
                self.not_executed(sent.left_before).requeue(words::wait(now, until, retry_after)).await
            }
            Err(Answer::SignInAgain(_)) => {
                self.ask_anew();
                self.not_executed(sent.left_before).token_refused(sent.access).await
            }
            Err(Answer::AppNotConnected) => {
                self.ask_anew();
                self.not_executed(sent.left_before).park(words::NOT_CONNECTED.into(), false).await
            }
            #[cfg(feature = "sabotage")]
            Err(Answer::Uncertain { reason, .. })
                if reason.contains("502") && domain::sabotage::is(domain::sabotage::Sabotage::BadGatewayIsNo) =>
            {
                self.not_executed(sent.left_before).requeue(now).await
            }
            Err(Answer::Uncertain { look_after, .. }) => {
                let first = self.looks(since).first(now);
                let look_at = look_after.map_or(first, |after| first.max(words::wait(now, None, Some(after))));
                self.unanswered(look_at).await
            }
            Err(
                Answer::Unavailable { .. }
                | Answer::NoSuchPath
                | Answer::Unexpected(_)
                | Answer::Misused(_)
                | Answer::Odd(_),
            ) => {
                let look_at = self.looks(since).first(now);
                self.unanswered(look_at).await
            }
            // An earlier request may have written part of the batch, so the event decides, not this answer alone.
            Err(Answer::Forbidden(messages)) if sent.left_before => {
                Box::pin(self.refused(&messages, since, true)).await
            }
            Err(Answer::NotFound) if self.push.event.is_none() && sent.left_before => {
                let look_at = self.looks(since).first(now);
                self.unanswered(look_at).await
            }
            Err(Answer::Forbidden(messages)) => {
                self.end_all(CorOutcome::Refused { why: words::forbidden(&messages) }).await
            }
            Err(Answer::NotFound) if self.push.event.is_some() => Box::pin(self.not_shown(false)).await,
            Err(Answer::NotFound) => self.end_all(CorOutcome::Refused { why: words::NO_PROJECT.into() }).await,
            // Nothing else can be writing to an event that doesn't exist yet, so this answer proves little.
            Err(Answer::Contended { .. }) if self.push.event.is_none() => {
                if let Some(batch) = self.push.batches.first_mut() {
                    batch.refused = true;
                }
                let look_at = self.looks(since).first(now);
                self.unanswered(look_at).await
            }
            Err(Answer::Contended { messages, retry_after, .. }) => self.contended(&messages, retry_after).await,
            Err(Answer::Refused { messages, .. }) => Box::pin(self.refused(&messages, since, sent.left_before)).await,
        }
    }

    /// The request was surely not executed. The batch counts as unsent only if no earlier request of it left: that one may have
    /// written half of it.
    fn not_executed(mut self, left_before: bool) -> Self {
        if !left_before && let Some(batch) = self.push.batches.first_mut() {
            batch.first_sent = None;
        }
        self
    }

    /// Notes that a write was answered.
    fn count_answer(&mut self) {
        if let Some(batch) = self.push.batches.first_mut() {
            batch.answered();
        }
    }

    /// Procore refused before it looked at the request, so the next one gets a token of its own.
    fn ask_anew(&mut self) {
        if let Some(batch) = self.push.batches.first_mut() {
            batch.ask_anew();
        }
    }

    /// 401: surely not executed. We try once more with a new token.
    async fn token_refused(mut self, access: Option<AccessToken>) -> Result<Option<Self>, Error> {
        let again = self.batch().is_some_and(|batch| batch.token_refused);
        if let Some(access) = &access {
            if again {
                tokens::lost(&self.context, self.push.company, access, tokens::REFUSED).await?;
            } else {
                tokens::refused(&self.context, self.push.company, access).await?;
            }
        }
        if let Some(batch) = self.push.batches.first_mut() {
            batch.token_refused = !again;
        }
        match self.session().await? {
            Ok(_) => {
                let now = self.context.now();
                self.requeue(now).await
            }
            Err(why) => self.not_now(why, false).await,
        }
    }

    /// Something else was writing to the event. That passes by itself: the batch goes again later, after a look at the event,
    /// because half of it may have been written.
    async fn contended(mut self, messages: &[Message], retry_after: Option<Duration>) -> Result<Option<Self>, Error> {
        let tries = self.push.batches.first_mut().map_or(0, |batch| {
            batch.contended();
            batch.contended
        });
        if tries >= retries::CONTENDED {
            return self.stop(words::contended(messages), false).await;
        }
        let now = self.context.now();
        let due = now.saturating_add(retries::pause(tries, &*self.context.entropy)).unwrap_or(now);
        let asked = retry_after.map_or(due, |after| words::wait(now, None, Some(after)));
        self.requeue(due.max(asked)).await
    }

    /// A 4xx. No document says whether a refused request may be half applied, so we read the event again. Then we refuse the CORs
    /// that the message names and send the rest once more, or halve the batch. A refusal without a message is tried once more
    /// first, a little later; a new event is looked for before that.
    async fn refused(
        mut self,
        messages: &[Message],
        since: Timestamp,
        left_before: bool,
    ) -> Result<Option<Self>, Error> {
        let Some(batch) = self.batch().cloned() else { return self.finish().await };
        if let Some(batch) = self.push.batches.first_mut() {
            batch.refused();
        }
        // Read first: without a look, the refusal would be forgotten and the request sent again. The pause gives Procore time to
        // show what it carried out.
        self.reads_first();
        if self.push.event.is_some() {
            self.context.clock.pause(SETTLED.unsigned_abs()).await;
        }
        let found = match self.found().await? {
            Ok(found) => found,
            Err(unread) => return self.left_unread(unread, true).await,
        };
        if found.is_none() && self.push.event.is_none() {
            match self.is_there_unshown(messages).await? {
                Ok(true) => return self.taken(messages, since).await,
                Ok(false) => {}
                Err(unread) => return self.left_unread(unread, true).await,
            }
        }
        if let Some(found) = &found {
            let was_known = self.push.event.replace(found.value.id.0).is_some();
            if !was_known && is_deleted(&found.value) {
                return self.event_is_gone(words::DELETED_MEANWHILE.into()).await;
            }
        }
        let event = found.as_ref().map(|f| translate::event(&f.value, self.push.order.plan.side));
        let settled = self.push.order.plan.compare(event.as_ref(), &batch.cors);
        let mut batch_outcome = BatchOutcome::of(&self, &settled, found.as_ref());
        let open: Vec<CorId> = batch_outcome.open();
        let texts: Vec<String> = messages.iter().map(|m| m.text.clone()).collect();
        let why = words::refused(&self.naming_codes(messages).await?);
        if messages.is_empty() && !batch.resent && !open.is_empty() {
            // The reason may pass by itself, or be our back-reference. Where an earlier request got no answer we keep the
            // back-reference, because it prevents a second event.
            if self.push.event.is_none() && !left_before {
                batch_outcome.retry_bare();
            }
            batch_outcome.resend();
            let now = self.context.now();
            if self.push.event.is_some() {
                batch_outcome.not_before(now.saturating_add(retries::pause(1, &*self.context.entropy)).unwrap_or(now));
            } else {
                // If a line was refused, the event may have been made without it.
                batch_outcome.look_at(self.looks(since).first(now));
            }
            return self.record(batch_outcome).await;
        }
        if self.push.event.is_none() {
            if !batch.bare && names_external_data(messages) {
                // Another integration owns the back-reference, so we find our lines by their marks alone. An event that is refused
                // as a whole was not made.
                batch_outcome.nothing_is_out();
                batch_outcome.retry_bare();
                return self.record(batch_outcome).await;
            }
            if is_about_the_event(messages) {
                return self.end_all(CorOutcome::Refused { why }).await;
            }
        }
        let named = blame(&self.push.order.plan, &open, &texts);
        let about_lines = !named.is_empty() || messages.is_empty();
        let named = if batch.resent { BTreeSet::new() } else { named };
        if open.len() == 1 || named.len() == open.len() {
            batch_outcome.refuse(&open, &why);
        } else if named.is_empty() {
            batch_outcome.halve();
        } else {
            batch_outcome.refuse(&named.into_iter().collect::<Vec<_>>(), &why);
            batch_outcome.resend();
        }
        match self.push.event {
            // Refused as a whole, usually for its size: none of it was written.
            None if !about_lines => batch_outcome.nothing_is_out(),
            // The event may have been made without the refused lines, and lists may not show it yet.
            None => batch_outcome.look_at(self.looks(since).first(self.context.now())),
            Some(_) if about_lines => batch_outcome.not_before(self.context.now() + SETTLED),
            Some(_) => {}
        }
        self.record(batch_outcome).await
    }
}

impl Attempt {
    /// An unanswered request made the new event, and no list shows it yet: we look for it as long as after that request. If it
    /// never appears, a person decides.
    async fn taken(mut self, messages: &[Message], since: Timestamp) -> Result<Option<Self>, Error> {
        let times = self.push.batches.first_mut().map_or(0, |batch| {
            batch.taken();
            batch.taken
        });
        if times >= retries::TAKEN {
            return self.stop(words::taken(messages), true).await;
        }
        let look_at = self.looks(since).first(self.context.now());
        self.end_in(PushState::Uncertain { look_at }).await
    }

    /// Whether Procore refuses a new event because it exists, though our look didn't find it: our own back-reference is taken, or
    /// a number that no listed event has.
    async fn is_there_unshown(&self, messages: &[Message]) -> Result<Result<bool, Unread>, Error> {
        if is_origin_taken(messages) {
            return Ok(Ok(true));
        }
        let Target::New(new) = &self.push.order.target else { return Ok(Ok(false)) };
        if new.number.is_empty() || !self.may_be_half() || !is_number_taken(messages) {
            return Ok(Ok(false));
        }
        let listed = self.listed().await?;
        Ok(listed.map(|all| all.is_some_and(|all| !all.records.iter().any(|event| event.number == new.number))))
    }
}

fn text_of(message: &Message) -> String {
    format!("{} {}", message.field.as_deref().unwrap_or(""), message.text).to_ascii_lowercase()
}

fn names_external_data(messages: &[Message]) -> bool {
    messages
        .iter()
        .map(text_of)
        .any(|text| ["external_data", "external data", "origin"].iter().any(|n| text.contains(n)))
}

fn is_origin_taken(messages: &[Message]) -> bool {
    let taken =
        |message: &Message| text_of(message).contains("origin") && text_of(message).contains("already been taken");
    messages.iter().any(taken)
}

fn is_number_taken(messages: &[Message]) -> bool {
    messages.iter().map(text_of).any(|text| text.contains("number") && text.contains("already been taken"))
}

/// Whether Procore refused the event itself rather than a line. Then every COR is refused, and halving doesn't help.
fn is_about_the_event(messages: &[Message]) -> bool {
    const OWN: [&str; 8] = [
        "number",
        "title",
        "description",
        "status",
        "scope",
        "change_type",
        "change_reason",
        "prime_contract_for_estimates",
    ];
    messages.iter().any(|m| {
        let field = m.field.as_deref().unwrap_or("");
        OWN.contains(&field) || (field.is_empty() && text_of(m).trim().starts_with("number "))
    })
}
