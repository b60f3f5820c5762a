//! How a confirmed push stands, COR by COR.

use domain::{
    CorId, Currency, DraftId, ProcoreId, PushId,
    procore::{
        AddedByProcore, Amount,
        push::Purpose,
        push_plan::PlanCor,
        push_state::{CorOutcome, PushState, RequestedAction},
    },
    role::Actor,
};
use jiff::Timestamp;
use serde::Serialize;
use store::repo::cor::Cor;
use utoipa::ToSchema;

use super::{
    standing::{PushStanding, Remedy, standing},
    taken_out,
    target::EventTarget,
    which::Which,
};
use crate::{App, Error};

/// How a push stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PushResult {
    /// The draft it was confirmed in; null for a removal.
    pub draft_id: Option<DraftId>,
    pub push_id: PushId,
    pub purpose: Purpose,
    pub confirmed_at: Timestamp,
    /// "3 CORs are in Procore".
    pub heading: String,
    pub state: StateOfPush,
    /// The same for people: what it waits for, or how it ended.
    pub stands: Stands,
    /// Whether it is at rest: nothing of it will be sent any more.
    pub finished: bool,
    /// When something happens next, where that is known.
    pub next_at: Option<Timestamp>,
    /// About when all of it will have been sent, while it goes on by itself: what others send through the same Procore
    /// account is not known.
    pub expected_by: Option<Timestamp>,
    /// How many pushes to the same Procore account are due before it.
    pub pushes_before: i64,
    /// While a change event is looked for that may have been made: by when it is made again if it isn't found.
    pub made_again_at: Option<Timestamp>,
    /// When it was looked for last, and not found.
    pub looked_at: Option<Timestamp>,
    /// Procore refused it, and may have made it all the same.
    pub refused: bool,
    /// Whether a person who doesn't see it in Procore may say that it is not there.
    pub may_be_said_absent: bool,
    /// Whether it is looked up what Procore received before anything more is sent.
    pub looks_first: bool,
    /// What it waits for or why it stopped; else empty.
    pub reason: String,
    /// What a person asked for that is carried out before the next request; else null.
    pub asked_for: Option<RequestedAction>,
    pub currency: Currency,
    pub event: PushedEvent,
    pub cors: Vec<PushedCor>,
    /// Who can have it go on, or go on sooner; pages offer it.
    #[serde(skip)]
    pub remedy: Option<Remedy>,
}

/// Where a push is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateOfPush {
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

/// How a push, or a COR in it, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// It waits for its turn.
    Waiting,
    /// It is on its way.
    Sending,
    /// The answer was lost; what Procore received is looked up.
    Checking,
    /// It is in Procore as planned.
    InProcore,
    /// Its lines are gone, as was asked.
    Removed,
    /// It is in Procore but for what is locked or left out.
    InProcoreWithGap,
    /// Procore refused it.
    Refused,
    /// The event changed since the plan: somebody decides again.
    Changed,
    /// It waits until its person signs in to Procore again.
    SignInNeeded,
    /// It waits until its office works with Procore again.
    OfficeNeeded,
    /// It waits until somebody has it tried again.
    Stopped,
    /// It waits until somebody resumes it.
    Paused,
    /// It was taken back before it was written.
    Cancelled,
}

/// The change event of a push.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PushedEvent {
    #[serde(flatten)]
    pub target: EventTarget,
    /// Its page in Procore.
    pub url: Option<String>,
    /// The Procore project's page.
    pub project_url: String,
    /// What Procore added, in none of the CORs' amounts; null until the push is over.
    pub added_by_procore: Option<AddedByProcore>,
    /// What to know about that, such as that our price was marked up twice; empty when there is nothing.
    pub says: String,
}

/// How one COR of a push stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PushedCor {
    pub cor_id: CorId,
    pub number: String,
    pub title: String,
    /// The amount in Procore before.
    pub previous: Amount,
    /// The amount that was planned.
    pub planned: Amount,
    /// What locked lines keep out of Procore.
    pub gap: Amount,
    /// All that Procore has of it is to go, and not to be written.
    pub goes: bool,
    pub outcome: OutcomeOfCor,
    pub stands: Stands,
    /// What happened, and what to do where it was not written; else empty.
    pub reason: String,
}

/// How one COR of a push ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeOfCor {
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

/// How a push stands, told COR by COR.
pub(crate) async fn push_result(app: &App, actor: &Actor, which: impl Into<Which>) -> Result<PushResult, Error> {
    Ok(standing(app, actor, which).await?.told(app))
}

impl PushStanding {
    /// What is told of it.
    pub(crate) fn told(&self, app: &App) -> PushResult {
        let (push, looking) = (&self.push, self.looking);
        let (state, next_at, reason) = match &push.state {
            PushState::Queued { due } => (StateOfPush::Queued, Some(*due), self.why_queued(*due > app.now())),
            PushState::Sending { .. } => (StateOfPush::Sending, None, ""),
            PushState::Uncertain { look_at } if looking.is_some_and(|looking| looking.refused) => {
                let why =
                    "Procore refused it. We check whether it made the change event anyway; nothing is written twice.";
                (StateOfPush::Uncertain, Some(*look_at), why)
            }
            PushState::Uncertain { look_at } => {
                let why = "Procore's answer did not come. We check what Procore received; nothing is written twice.";
                (StateOfPush::Uncertain, Some(*look_at), why)
            }
            PushState::Parked { why, .. } => (StateOfPush::Parked, None, why.as_str()),
            PushState::Stopped { why, .. } => (StateOfPush::Stopped, None, why.as_str()),
            PushState::Paused { .. } => (StateOfPush::Paused, None, ""),
            PushState::Finished => (StateOfPush::Finished, None, ""),
            PushState::Cancelled => (StateOfPush::Cancelled, None, ""),
            PushState::Changed { why } => (StateOfPush::Changed, None, why.as_str()),
        };
        PushResult {
            draft_id: push.draft,
            push_id: push.id,
            purpose: push.order.purpose,
            confirmed_at: push.created_at,
            heading: self.heading(),
            state,
            stands: self.stands(),
            finished: push.state.is_at_rest(),
            next_at,
            expected_by: self.expected.map(|expected| expected.by),
            pushes_before: self.expected.map_or(0, |expected| expected.before),
            made_again_at: looking.map(|looking| looking.last),
            looked_at: looking.and_then(|looking| looking.looked_at),
            refused: looking.is_some_and(|looking| looking.refused),
            may_be_said_absent: looking.is_some_and(|looking| looking.may_be_said_absent(app.now())),
            looks_first: matches!(push.state, PushState::Uncertain { .. } | PushState::Paused { look_at: Some(_) }),
            reason: reason.to_owned(),
            asked_for: push.requested,
            currency: push.order.currency,
            event: self.pushed_event(app),
            cors: self.members.iter().filter_map(|cor| self.pushed_cor(cor)).collect(),
            remedy: self.remedy.clone(),
        }
    }

    /// Whether it takes lines away that are no longer wanted.
    pub(crate) fn removes(&self) -> bool {
        self.push.order.purpose.removes()
    }

    fn why_queued(&self, waits: bool) -> &'static str {
        let contended = self.push.batches.first().is_some_and(|batch| batch.contended > 0);
        if waits && contended { "Something else was writing to this Change Event in Procore." } else { "" }
    }

    fn pushed_event(&self, app: &App) -> PushedEvent {
        let push = &self.push;
        let mut target = EventTarget::from(&push.order.target);
        if let Some(row) = &self.event {
            (target.number, target.title) = (row.number.clone(), row.title.clone());
        }
        target.id = push.event.map(ProcoreId::from);
        let added = self.added();
        PushedEvent {
            target,
            url: push.event.map(|event| app.event_in_procore(push.procore_company, push.procore_project, event)),
            project_url: app.project_in_procore(push.procore_company, push.procore_project),
            says: added.as_ref().map(|added| added.says.clone()).unwrap_or_default(),
            added_by_procore: added.map(|added| added.amounts),
        }
    }

    fn stands(&self) -> Stands {
        match &self.push.state {
            PushState::Queued { .. } => Stands::Waiting,
            PushState::Sending { .. } => Stands::Sending,
            PushState::Uncertain { .. } => Stands::Checking,
            PushState::Parked { .. } => match self.remedy {
                Some(Remedy::ConnectOffice { .. } | Remedy::CheckConnection { .. }) => Stands::OfficeNeeded,
                _ => Stands::SignInNeeded,
            },
            PushState::Changed { .. } => Stands::Changed,
            PushState::Stopped { .. } => Stands::Stopped,
            PushState::Paused { .. } => Stands::Paused,
            PushState::Cancelled => Stands::Cancelled,
            PushState::Finished => self.ended(),
        }
    }

    fn ended(&self) -> Stands {
        let any = |test: fn(&CorOutcome) -> bool| self.cors.values().any(|cor| test(&cor.outcome));
        if any(|outcome| matches!(outcome, CorOutcome::Refused { .. })) {
            Stands::Refused
        } else if any(|outcome| matches!(outcome, CorOutcome::Changed { .. })) {
            Stands::Changed
        } else if self.push.order.plan.cors.iter().any(|cor| !cor.gap().is_zero()) {
            Stands::InProcoreWithGap
        } else if any(|outcome| *outcome == CorOutcome::Cancelled) {
            Stands::Cancelled
        } else if self.removes() || self.push.order.plan.cors.iter().all(goes) {
            Stands::Removed
        } else {
            Stands::InProcore
        }
    }

    fn pushed_cor(&self, cor: &Cor) -> Option<PushedCor> {
        let settled = self.cors.get(&cor.id)?;
        let planned = self.push.order.plan.cor(cor.id)?;
        let (removes, gap) = (self.removes(), planned.gap());
        let out = !removes && planned.taken_out;
        let goes = removes || goes(planned);
        let (outcome, stands, reason) = match &settled.outcome {
            CorOutcome::Pending => (OutcomeOfCor::Pending, self.stands(), String::new()),
            CorOutcome::Written => {
                let stands = match (removes || gap.is_zero(), goes) {
                    (false, _) => Stands::InProcoreWithGap,
                    (true, true) => Stands::Removed,
                    (true, false) => Stands::InProcore,
                };
                let reason = match stands {
                    _ if removes => self.what_follows().to_owned(),
                    _ if out => taken_out::told(planned),
                    Stands::InProcoreWithGap => "Some of its lines are locked or were left out.".to_owned(),
                    _ => String::new(),
                };
                (OutcomeOfCor::Written, stands, reason)
            }
            CorOutcome::Refused { why } => (OutcomeOfCor::Refused, Stands::Refused, why.clone()),
            CorOutcome::Changed { why } => (OutcomeOfCor::Changed, Stands::Changed, why.clone()),
            CorOutcome::Cancelled => {
                let reason = match (out, cor.status.belongs_in_procore()) {
                    (true, true) => "It is no longer void.",
                    (false, false) => "It was set to Void before it was written.",
                    _ => "",
                };
                (OutcomeOfCor::Cancelled, Stands::Cancelled, reason.to_owned())
            }
        };
        Some(PushedCor {
            cor_id: cor.id,
            number: cor.number.to_string(),
            title: cor.title.clone(),
            previous: settled.previous,
            planned: settled.planned,
            gap,
            goes,
            outcome,
            stands,
            reason,
        })
    }

    /// What follows once the lines of a removal are gone.
    fn what_follows(&self) -> &'static str {
        match self.push.order.purpose {
            Purpose::Move => "Now push it to the Change Event where it belongs.",
            Purpose::Unlink => "It is not linked to the Change Event any more.",
            Purpose::RemoveSurplus | Purpose::Write => "",
        }
    }
}

/// Whether nothing of a void COR is to stay in Procore.
fn goes(cor: &PlanCor) -> bool {
    cor.taken_out && cor.leaves_nothing()
}
