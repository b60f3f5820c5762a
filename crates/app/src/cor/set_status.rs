//! Sets the status of a COR, and sends a Draft. Once the receiver has joined, only the receiver approves.

use domain::{
    CorId, Zone,
    activity::{Audience, EntryKind},
    cor::{Besides, Means, Recorded, Status},
    role::Actor,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::Deserialize;
use store::{
    CompanyTx,
    repo::cor::{Cor, NewStatus},
};
use utoipa::ToSchema;

use crate::{
    App, Error, FieldErrors,
    cor::story::{FeedWriter, in_words, visible_cor},
    typed::{self, brief, required},
};

/// A status to set.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewStatus)]
pub struct SetStatus {
    pub status: Status,
    /// The revision that was read; required to approve. Without it another status is set whatever changed since.
    pub revision: Option<i64>,
    /// Why; required where an approval is taken back. The other company reads it.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub reason: String,
    /// How and when the approval was given; required from a sender whose receiver has not joined yet, and from nobody else.
    pub approval: Option<Approval>,
}

/// An approval that the sender records, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    #[serde(deserialize_with = "required")]
    #[schema(value_type = Means)]
    pub means: Option<Means>,
    /// The day on which it was given.
    #[schema(format = Date, examples("2026-11-03"))]
    pub on: String,
}

impl SetStatus {
    /// Whether reason and approval are those that the COR has already.
    fn says_what_is_known(&self, cor: &Cor) -> bool {
        let same_reason = ["", &cor.status_reason].contains(&self.reason.trim());
        let same_approval = |approval: &Approval| {
            let on = cor.recorded.map(|known| known.on.to_string());
            cor.recorded.map(|known| known.means) == approval.means && on.as_deref() == Some(approval.on.trim())
        };
        same_reason && self.approval.as_ref().is_none_or(same_approval)
    }

    /// A status without a reason or an approval.
    pub fn plain(revision: Option<i64>, status: Status) -> Self {
        Self { status, revision, reason: String::new(), approval: None }
    }
}

/// Sends a Draft: it becomes In Review, and the other company sees it. Any other COR was sent before, and sending it again
/// would undo its status.
pub async fn send(app: &App, actor: &Actor, cor: CorId) -> Result<Cor, Error> {
    actor.may_write()?;
    let feed = FeedWriter::new(app, actor);
    let actor = actor.clone();
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let (before, project) = visible_cor(&mut us, &actor, cor)?;
            actor.may_edit_cors(project.standing())?;
            if before.status != Status::Draft {
                return Err(Error::Conflict(format!(
                    "COR {} is {} already. Only a draft can be sent; set the status instead.",
                    before.number,
                    before.status.name()
                )));
            }
            given(&mut us, &feed, &before, Status::InReview.into())
        })
        .await
}

/// Sets the status, and answers the COR as it is now. The status it has already changes nothing; another reason or approval
/// for it is refused.
pub async fn set(app: &App, actor: &Actor, cor: CorId, input: SetStatus) -> Result<Cor, Error> {
    actor.may_write()?;
    let feed = FeedWriter::new(app, actor);
    let actor = actor.clone();
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let (before, project) = visible_cor(&mut us, &actor, cor)?;
            actor.may_edit_cors(project.standing())?;
            if before.status == input.status {
                return if input.says_what_is_known(&before) { Ok(before) } else { Err(said_already(&before)) };
            }
            if input.revision.is_some_and(|revision| revision != before.revision) {
                return Err(overtaken(&before, input.status));
            }
            let asks = before.status.may_become(input.status, before.side(actor.company), before.receiver_joined)?;
            let status = said(&input, asks, &project.time_zone, feed.at)?;
            given(&mut us, &feed, &before, status)
        })
        .await
}

/// Gives a COR its status and writes the entry of the feed.
fn given(us: &mut CompanyTx<'_>, feed: &FeedWriter, before: &Cor, status: NewStatus) -> Result<Cor, Error> {
    let after = us.set_cor_status(before, status, feed.at).map_err(|error| in_words(error, before.number.as_str()))?;
    tell_status(us, feed, 0, before, &after)?;
    Ok(after)
}

/// The reason and the approval of a status can't be changed while the COR has it.
fn said_already(now: &Cor) -> Error {
    let record = now.recorded.map_or_else(String::new, |recorded| format!(", {}", told(recorded)));
    Error::Conflict(format!(
        "COR {} is {} already{record}. To record something else, set another status first.",
        now.number,
        now.status.name()
    ))
}

/// The COR changed before the status was set: says what it is now and what the person chose.
fn overtaken(now: &Cor, asked: Status) -> Error {
    Error::Conflict(format!(
        "COR {} was changed in the meantime: it is {} for {} now. You chose {}; set it again if that still holds.",
        now.number,
        now.status.name(),
        now.total(),
        asked.name()
    ))
}

/// The status with its reason and approval, as far as it `asks` for them.
fn said(input: &SetStatus, asks: Besides, zone: &Zone, now: Timestamp) -> Result<NewStatus, Error> {
    let mut errors = FieldErrors::default();
    let reason = typed::text(&mut errors, "reason", &input.reason);
    if asks == Besides::Reason && reason.is_empty() {
        errors.add("reason", "Say why the approval is taken back. The other company reads it.");
    }
    let recorded = match asks {
        Besides::Record => recorded(&mut errors, input, zone.day(now)),
        _ if input.approval.is_some() => {
            errors.add("means", "Leave out how and when. Only an approval that the sender records has them.");
            None
        }
        _ => None,
    };
    if input.status.is_approved() && input.revision.is_none() {
        errors.add("revision", "Give the revision you approve. An approval is for the price you read.");
    }
    errors.check()?;
    Ok(NewStatus { status: input.status, reason, recorded })
}

/// An approval may be recorded this long after it was given.
const TEN_YEARS: SignedDuration = SignedDuration::from_hours(24 * 3653);

fn recorded(errors: &mut FieldErrors, input: &SetStatus, today: Date) -> Option<Recorded> {
    let Approval { means, on } = input.approval.clone().unwrap_or_default();
    if means.is_none() {
        errors.add("means", "Say how the approval was given: signed, by mail or verbally.");
    }
    let on = typed::date(errors, "given_on", &on);
    if on.is_none() {
        errors.add("given_on", "Say when the approval was given.");
    }
    if on.is_some_and(|on| on > today) {
        errors.add("given_on", "This day is still to come. Give the day on which it was approved.");
    }
    if on.is_some_and(|on| today.checked_sub(TEN_YEARS).is_ok_and(|earliest| on < earliest)) {
        errors.add("given_on", "This day is too long ago. Give the day on which it was approved.");
    }
    Some(Recorded { means: means?, on: on? })
}

/// Writes the entry that tells both companies about a new status.
pub(crate) fn tell_status(
    us: &mut CompanyTx<'_>,
    feed: &FeedWriter,
    n: usize,
    before: &Cor,
    after: &Cor,
) -> Result<(), Error> {
    let amount = after.total();
    let entry = if (before.status, after.status) == (Status::Draft, Status::InReview) {
        (EntryKind::Sent, format!("sent the COR to {} for {amount}", after.receiver.name))
    } else {
        let (from, to) = (before.status.name(), after.status.name());
        let record = after.recorded.map_or_else(String::new, |recorded| format!(", {}", told(recorded)));
        let reason = match after.status_reason.as_str() {
            "" => String::new(),
            reason => format!(": “{}”", brief(reason)),
        };
        (EntryKind::Status, format!("set the status from {from} to {to} {}{record}{reason}", amount.in_parentheses()))
    };
    Ok(feed.write(us, n, (after.project, Some(after.id)), Audience::Both, entry)?)
}

/// A recorded approval in words: "recorded by the sender: Signed document, Nov 3, 2026".
pub fn told(recorded: Recorded) -> String {
    format!("recorded by the sender: {}, {}", recorded.means.name(), recorded.on.strftime("%b %-d, %Y"))
}
