//! One attempt to carry a push further: what a worker holds from its claim until something is stored.

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    audit::ProcoreResponse,
    procore::{
        budget::Priority,
        looks::Looks,
        push::Batch,
        push_plan::{EventLines, Work},
    },
};
use jiff::{SignedDuration, Timestamp};
use procore::{
    Answered,
    model::{ChangeEvent, ChangeEventPatch, NewChangeEvent},
};
use store::repo::{outbox::Claim, push::Push};

use crate::{
    Context,
    connection::{budget::Permits, tokens::AccessToken},
    link::translate,
};

/// One attempt. Dropping it at any point is like a crash at that point, and nothing worse.
pub struct Attempt {
    pub(super) context: Context,
    pub(super) claim: Claim,
    pub(super) push: Push,
    /// What Procore said last, for the record.
    pub(super) response: ProcoreResponse,
    /// Taken before the first request of the attempt, for all of it.
    pub(super) permits: Arc<Permits>,
    pub(super) stage: AttemptStage,
}

/// How far the attempt is.
pub(super) enum AttemptStage {
    /// Claimed; nothing done yet.
    Claimed,
    /// Read and checked: this is what should be sent.
    Ready { request: Box<Request> },
    /// *Sending* is committed; the request may leave.
    Recorded { request: Box<Request>, since: Timestamp, left_before: bool },
    /// Answered or timed out; not stored yet.
    Answered { sent: Box<Sent>, since: Timestamp },
}

/// A request after it was sent, or could not be.
pub(super) struct Sent {
    /// What Procore said.
    pub(super) answer: Result<Answered<ChangeEvent>, procore::Error>,
    /// The same, for the record.
    pub(super) response: ProcoreResponse,
    /// The token that it went with.
    pub(super) access: Option<AccessToken>,
    /// Lines of the event that the request didn't mention: Procore must not drop them.
    pub(super) bystanders: BTreeSet<i64>,
    /// Whether an earlier request left for the same batch: part of it may be there, whatever this one's answer.
    pub(super) left_before: bool,
}

/// What is sent.
#[derive(Debug, Clone)]
pub(super) enum Request {
    Create(NewChangeEvent),
    Patch { event: i64, patch: ChangeEventPatch, bystanders: BTreeSet<i64> },
}

impl Attempt {
    pub(super) fn new(context: Context, claim: Claim, push: Push) -> Self {
        let permits = Arc::new(Permits::of(&context, push.procore_company, Priority::Bulk));
        Self { context, claim, push, response: ProcoreResponse::default(), permits, stage: AttemptStage::Claimed }
    }

    /// The push, as it was claimed.
    pub fn push(&self) -> &Push {
        &self.push
    }

    /// The CORs that the next request is for.
    pub(super) fn batch(&self) -> Option<&Batch> {
        self.push.batches.first()
    }

    /// Whether a request left that Procore may have carried out in part. Then no outcome is certain until we look at the event.
    pub(super) fn may_be_half(&self) -> bool {
        self.push.batches.iter().any(Batch::has_left)
    }

    /// Whether the push takes lines away and does nothing else.
    pub(super) fn removes(&self) -> bool {
        self.push.order.purpose.removes() || self.push.order.plan.work() == Work::TakesOut
    }

    /// The event to compare the plan with. For a removal a deleted event has no lines, since none of them counts.
    pub(super) fn live(&self, found: &ChangeEvent) -> EventLines {
        let event = translate::event(found, self.push.order.plan.side);
        let deleted = found.in_recycle_bin || found.deleted_at.is_some();
        if self.removes() && deleted { EventLines { lines: Vec::new(), ..event } } else { event }
    }

    /// When a request sent at `since` is either executed and visible, or dead.
    pub(super) fn quiet(&self, since: Timestamp) -> Timestamp {
        let quarantine = self.context.settings.push_quarantine;
        #[cfg(feature = "sabotage")]
        let quarantine = match quarantine {
            _ if domain::sabotage::is(domain::sabotage::Sabotage::NoQuarantine) => SignedDuration::ZERO,
            whole if domain::sabotage::is(domain::sabotage::Sabotage::ShortQuarantine) => whole / 2,
            whole => whole,
        };
        since.saturating_add(quarantine).unwrap_or(since)
    }

    /// When to look for the result of a request sent at `since`. A known event is read by its id; a new one is looked for in a
    /// list, which may lag behind.
    pub(super) fn looks(&self, since: Timestamp) -> Looks {
        let lag = if self.push.event.is_some() { SignedDuration::ZERO } else { self.context.settings.push_list_lag };
        #[cfg(feature = "sabotage")]
        let lag = if domain::sabotage::is(domain::sabotage::Sabotage::OneLook) { SignedDuration::ZERO } else { lag };
        Looks { quiet: self.quiet(since), lag }
    }
}

/// How long a queue is held: longer than an attempt can take, which is one read and one write.
pub(super) fn lease(context: &Context, now: Timestamp) -> Timestamp {
    let call = SignedDuration::try_from(context.settings.procore_timeout).unwrap_or(SignedDuration::from_secs(30));
    now.saturating_add(call * 3).and_then(|t| t.checked_add(SignedDuration::from_secs(15))).unwrap_or(now)
}
