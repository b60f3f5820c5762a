//! How a confirmed push is shown.

use domain::{
    Currency, ProcoreId,
    procore::{
        Amount,
        push::Purpose,
        push_state::{CorOutcome, PushState, Wish},
    },
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App,
    push::{looking::Looking, result::Standing},
    serving::api::words::AddedByProcore,
};

/// How a push stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct PushResult {
    /// The draft it was confirmed in; null for a removal.
    draft_id: Option<Uuid>,
    push_id: Uuid,
    purpose: Purpose,
    confirmed_at: Timestamp,
    state: StateOfPush,
    /// Whether it is at rest: nothing of it will be sent any more.
    finished: bool,
    /// When something happens next, where that is known.
    next_at: Option<Timestamp>,
    /// About when all of it will have been sent, while it goes on by itself: what others send through the same Procore
    /// account is not known.
    expected_by: Option<Timestamp>,
    /// How many pushes to the same Procore account are due before it.
    pushes_before: i64,
    /// While a change event is looked for that may have been made: by when it is made again if it isn't found.
    made_again_at: Option<Timestamp>,
    /// When it was looked for last, and not found.
    looked_at: Option<Timestamp>,
    /// What it waits for or why it stopped; else empty.
    reason: String,
    /// What a person asked for that is obeyed before the next request; else null.
    asked_for: Option<Wish>,
    currency: Currency,
    event: ResultEvent,
    cors: Vec<ResultCor>,
}

/// Where a push is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StateOfPush {
    /// To be sent.
    Queued,
    /// Being sent.
    Sending,
    /// Procore's answer did not come, or it refused a new change event that may be there all the same. It is looked up what
    /// Procore received before anything else is sent.
    Uncertain,
    /// It waits for its person to sign in to Procore again, or for the office to be connected.
    Parked,
    /// It was tried often enough, or something has to be mended first: have it tried again.
    Stopped,
    /// A person paused it.
    Paused,
    /// Every COR of it was written, refused or taken back.
    Finished,
    /// A person took all of it back.
    Cancelled,
    /// Stopped, since what it would have touched was changed in Procore meanwhile.
    Changed,
}

/// The change event of a push.
#[derive(Debug, Serialize, ToSchema)]
struct ResultEvent {
    /// Null until a new one exists.
    id: Option<ProcoreId>,
    number: String,
    title: String,
    /// Its page in Procore.
    url: Option<String>,
    /// What Procore added, in none of the CORs' amounts; null until the push is over.
    added_by_procore: Option<AddedByProcore>,
    /// What to know about that, such as that our price was marked up twice; empty when there is nothing.
    says: String,
}

/// How one COR of a push stands.
#[derive(Debug, Serialize, ToSchema)]
struct ResultCor {
    cor_id: Uuid,
    number: String,
    /// The amount in Procore before.
    previous: Amount,
    /// The amount that was planned.
    planned: Amount,
    /// What locked lines keep out of Procore.
    gap: Amount,
    outcome: Outcome,
    /// What to do where it was not written; else empty.
    reason: String,
}

/// How one COR of a push ended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// Not settled yet.
    Pending,
    /// In Procore as planned; of a removal: gone from there.
    Written,
    /// Procore refused it.
    Refused,
    /// Not written, since something was changed in Procore meanwhile.
    Changed,
    /// Taken back by a person before it was written.
    Cancelled,
}

impl PushResult {
    /// A push with what became of its CORs.
    pub fn of(app: &App, standing: &Standing) -> Self {
        let push = &standing.push;
        let (state, next_at, reason) = match &push.state {
            PushState::Queued { due } => (StateOfPush::Queued, Some(*due), ""),
            PushState::Sending { .. } => (StateOfPush::Sending, None, ""),
            PushState::Uncertain { look_at } => (
                StateOfPush::Uncertain,
                Some(*look_at),
                match standing.looking {
                    Some(Looking { refused: true, .. }) => {
                        "Procore refused it. Whether the change event was made all the same is looked up; nothing is written twice."
                    }
                    _ => "Procore's answer did not come. What Procore received is looked up; nothing is written twice.",
                },
            ),
            PushState::Parked { why, .. } => (StateOfPush::Parked, None, why.as_str()),
            PushState::Stopped { why, .. } => (StateOfPush::Stopped, None, why.as_str()),
            PushState::Paused { .. } => (StateOfPush::Paused, None, ""),
            PushState::Finished => (StateOfPush::Finished, None, ""),
            PushState::Cancelled => (StateOfPush::Cancelled, None, ""),
            PushState::Changed { why } => (StateOfPush::Changed, None, why.as_str()),
        };
        Self {
            draft_id: push.draft.map(|draft| draft.0),
            push_id: push.id.0,
            purpose: push.order.purpose,
            confirmed_at: push.created_at,
            state,
            finished: push.state.is_at_rest(),
            next_at,
            expected_by: standing.expected.map(|expected| expected.by),
            pushes_before: standing.expected.map_or(0, |expected| expected.before),
            made_again_at: standing.looking.map(|looking| looking.last),
            looked_at: standing.looking.and_then(|looking| looking.looked_at),
            reason: reason.to_owned(),
            asked_for: push.wish,
            currency: push.order.currency,
            event: event(app, standing),
            cors: cors(standing),
        }
    }
}

fn event(app: &App, standing: &Standing) -> ResultEvent {
    use domain::procore::push::Target;
    let push = &standing.push;
    let (number, title) = match (&standing.event, &push.order.target) {
        (Some(row), _) => (row.number.clone(), row.title.clone()),
        (None, Target::Existing { number, title, .. }) => (number.clone(), title.clone()),
        (None, Target::New(new)) => (new.number.clone(), new.title.clone()),
    };
    let url = push.event.map(|event| app.event_in_procore(push.procore_company, push.procore_project, event));
    let added = standing.added();
    ResultEvent {
        id: push.event.map(ProcoreId::from),
        number,
        title,
        url,
        added_by_procore: added
            .as_ref()
            .map(|added| AddedByProcore { markup: added.markup, revenue_that_follows_cost: added.following }),
        says: added.map(|added| added.says).unwrap_or_default(),
    }
}

fn cors(standing: &Standing) -> Vec<ResultCor> {
    let planned = standing.push.order.plan.cors.iter();
    let settled = planned.filter_map(|plan| Some((plan, standing.cors.get(&plan.cor)?)));
    settled
        .map(|(plan, cor)| {
            let (outcome, reason) = match &cor.outcome {
                CorOutcome::Pending => (Outcome::Pending, ""),
                CorOutcome::Written => (Outcome::Written, ""),
                CorOutcome::Refused { why } => (Outcome::Refused, why.as_str()),
                CorOutcome::Changed { why } => (Outcome::Changed, why.as_str()),
                CorOutcome::Cancelled => (Outcome::Cancelled, ""),
            };
            ResultCor {
                cor_id: plan.cor.0,
                number: plan.number.clone(),
                previous: cor.previous,
                planned: cor.planned,
                gap: plan.gap(),
                outcome,
                reason: reason.to_owned(),
            }
        })
        .collect()
}
