//! Step 3: what a push will write, line by line, with three totals.

use std::collections::BTreeSet;

use domain::{
    CorId, Currency, DraftId, ProcoreId,
    cor::{Breakdown, LineKey},
    procore::{
        Amount, Side,
        preflight::{PreflightFinding, stops},
        push_plan::{self, Action, Field},
    },
    role::Actor,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    beside::Markup,
    confirm, copy,
    draft::{Answer, slot, version},
    notes::{Note, notes},
    plan::{Shown, plan},
    target::EventTarget,
};
use crate::{App, Error};

/// What a push will write. Previous and new add up the field that the side writes: cost or revenue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PushPlan {
    pub draft_id: DraftId,
    /// Identifies this plan; send it with the push, so that no other one is confirmed.
    pub version: String,
    pub side: Side,
    pub currency: Currency,
    pub detail: Breakdown,
    pub event: EventTarget,
    /// The change event's status in Procore; null for a new one.
    pub event_status: Option<MappedStatus>,
    /// The change event's page in Procore.
    pub url: Option<String>,
    pub cors: Vec<PlannedCor>,
    pub totals: PlannedTotals,
    /// What Procore adds to the revenue of sent CORs; in none of the totals.
    pub markup: Option<Markup>,
    /// What the owner may see of received CORs as revenue that follows cost; null when nothing.
    pub owner_sees: Option<String>,
    /// What to know before the push: locked lines, gaps, what is removed, and what Procore adds.
    pub notes: Vec<Note>,
    /// How many lines will be written.
    pub writes: usize,
    /// How often Procore is asked for it.
    pub requests: Requests,
    /// What was found before the push; with a `stop` among it the plan can't be confirmed.
    pub preflight: Vec<PreflightFinding>,
    /// How many lines were removed in Procore and have no answer yet, or are locked there though their COR is void where
    /// nothing would be written; with any the plan can't be confirmed.
    pub unanswered: usize,
    /// Why the plan can't be confirmed; null when it can.
    pub blocked: Option<String>,
}

/// The status of a change event: the word of the company, and what it means to Procore.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MappedStatus {
    pub name: String,
    /// `open`, `pending`, `closed` or `void`.
    pub mapped_to: String,
}

/// How many requests a push makes when nothing goes wrong.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Requests {
    pub reads: usize,
    pub writes: usize,
}

/// A COR of a plan.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlannedCor {
    pub cor_id: CorId,
    pub number: String,
    /// The company at the other end.
    pub counterparty: String,
    /// The commitment that was chosen for it, by number and title; null for sent CORs.
    pub contract: Option<String>,
    #[serde(flatten)]
    pub change: PlannedChange,
    /// It has no place in Procore any more, as when it is void: its lines are removed there.
    pub taken_out: bool,
    /// What locked lines keep out of Procore; negative for what they keep in it.
    pub gap: Amount,
    /// What its amounts hold besides those of its lines, since each is rounded to the cent and Procore holds fractions of it.
    pub rounding: PlannedChange,
    pub lines: Vec<PlannedLine>,
}

/// A line of a plan.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlannedLine {
    /// What the line is called in answers.
    pub key: String,
    pub action: LineAction,
    /// Procore's id of the line, if it exists.
    pub line_id: Option<ProcoreId>,
    pub description: String,
    pub budget_code_id: Option<ProcoreId>,
    /// The budget code as people write it; null where no list names it.
    pub budget_code: Option<String>,
    /// The commitment, for received CORs.
    pub contract_id: Option<ProcoreId>,
    #[serde(flatten)]
    pub change: PlannedChange,
    /// What Procore will lack or have too much of it.
    pub gap: Amount,
    /// The fields of an update that change.
    pub fields: BTreeSet<Field>,
    /// The fields that should change and are locked in Procore.
    pub withheld: BTreeSet<Field>,
    /// Why something is locked, or what to know about it: a rounding that is far more than one. Else empty.
    pub reason: String,
    /// Where it is locked and another line can make up for it: what that line would be. Answer `adjust` for it.
    pub adjustment: Option<String>,
    /// What was answered about it.
    pub answer: Option<Answer>,
}

/// What happens to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineAction {
    /// It is new, or made again.
    Create,
    /// It changes in place.
    Update,
    /// It goes.
    Remove,
    /// Nothing.
    Unchanged,
    /// It should change or go, and Procore doesn't let it.
    Locked,
    /// Somebody removed it in Procore: answer whether to make it again.
    RemovedThere,
}

/// An amount before and after.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct PlannedChange {
    pub previous: Amount,
    pub new: Amount,
    pub difference: Amount,
}

/// The three totals of a change event, and what Procore shows for it.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct PlannedTotals {
    /// Lines of our CORs, those outside this push included.
    pub ours: PlannedChange,
    /// What `ours` holds besides the amounts of the CORs, each rounded to the cent.
    pub rounding_in_ours: PlannedChange,
    /// Everybody else's lines, which are never touched.
    pub others: Amount,
    /// How many those are.
    pub others_count: usize,
    /// The whole event.
    pub whole: PlannedChange,
    /// What `whole` holds besides `ours` and `others`, since each is rounded to the cent and Procore holds fractions of it.
    pub rounding: PlannedChange,
    /// The revenue of others' lines that nobody gave, and that follows their cost: in none of these totals but the latest.
    pub revenue_that_follows_cost: Amount,
    /// What Procore shows as latest, which may come from quotes or commitments.
    pub latest: Amount,
}

/// Makes the plan, and tells all that a person looks at before confirming it.
pub async fn review(app: &App, actor: &Actor, id: DraftId) -> Result<PushPlan, Error> {
    Ok(PushPlan::of(app, &plan(app, actor, id).await?))
}

impl PushPlan {
    fn of(app: &App, shown: &Shown) -> Self {
        let (plan, mapping, totals) = (&shown.order.plan, &shown.opened.mapping, shown.totals());
        let url = |event| app.event_in_procore(mapping.procore_company_id, mapping.procore_project_id, event);
        Self {
            draft_id: shown.opened.draft.id,
            version: version(&shown.order),
            side: plan.side,
            currency: shown.order.currency,
            detail: shown.order.breakdown,
            event: EventTarget::from(&shown.order.target),
            event_status: shown.found.as_ref().map(|found| MappedStatus {
                name: found.status.name.clone(),
                mapped_to: String::from(found.status.mapped_to.clone()),
            }),
            url: plan.event.map(url),
            cors: plan.cors.iter().map(|cor| PlannedCor::of(shown, cor)).collect(),
            totals: PlannedTotals {
                ours: totals.ours.into(),
                rounding_in_ours: shown.rounding_in_ours().into(),
                others: totals.others,
                others_count: totals.others_count,
                whole: totals.whole.into(),
                rounding: shown.rounding().into(),
                revenue_that_follows_cost: totals.following,
                latest: totals.latest,
            },
            markup: shown.markup(),
            owner_sees: shown.owner_sees(),
            notes: notes(shown),
            writes: plan.writes(),
            requests: Requests::of(plan),
            preflight: shown.preflight.clone(),
            unanswered: shown.unanswered + shown.undecided,
            blocked: blocked(shown),
        }
    }
}

/// Why a plan can't be confirmed.
fn blocked(shown: &Shown) -> Option<String> {
    match shown.unanswered {
        _ if !stops(&shown.preflight).is_empty() => Some(copy::plan::STOPPED.into()),
        0 => (shown.undecided > 0).then(|| confirm::UNDECIDED.into()),
        n => Some(copy::plan::unanswered(n)),
    }
}

impl Requests {
    fn of(plan: &push_plan::Plan) -> Self {
        let writes = plan.batches(push_plan::BATCH_LIMIT).len();
        match plan.event {
            None => Self { reads: writes.saturating_sub(1), writes: writes.max(1) },
            Some(_) => Self { reads: writes.max(1), writes },
        }
    }
}

impl From<push_plan::AmountChange> for PlannedChange {
    fn from(change: push_plan::AmountChange) -> Self {
        Self { previous: change.previous, new: change.new, difference: change.difference() }
    }
}

impl PlannedChange {
    /// Whether both amounts are nothing, to the cent.
    pub fn is_nothing(&self) -> bool {
        self.previous.is_zero() && self.new.is_zero()
    }
}

impl PlannedCor {
    fn of(shown: &Shown, plan: &push_plan::PlanCor) -> Self {
        let side = shown.opened.side();
        let cor = shown.opened.cors.iter().find(|cor| cor.id == plan.cor);
        // The prime contract is the whole event's, and told with its markup.
        let contract = shown.opened.body.contracts.get(&plan.cor).filter(|_| side == Side::Received);
        Self {
            cor_id: plan.cor,
            number: plan.number.clone(),
            counterparty: cor.map_or("", |cor| shown.opened.party(cor)).to_owned(),
            contract: contract.and_then(|id| Some(shown.data.contract(side, *id)?.name())),
            change: shown.cor_change(plan).into(),
            taken_out: plan.taken_out,
            gap: shown.comparable(plan.gap()),
            rounding: shown.rounding_in(plan).into(),
            lines: plan.lines.iter().map(|line| PlannedLine::of(shown, plan, line)).collect(),
        }
    }
}

impl PlannedLine {
    fn of(shown: &Shown, cor: &push_plan::PlanCor, line: &push_plan::PlanLine) -> Self {
        let key = slot(cor.cor, line.key);
        let answer = shown.opened.body.answers.get(&key).copied();
        let values = line.wanted.as_ref().or(line.before.as_ref());
        let code = values.and_then(|values| values.budget_code);
        let (fields, withheld) = match &line.action {
            Action::Update { fields, withheld, .. } => (fields.clone(), withheld.clone()),
            _ => Default::default(),
        };
        let far_off = shown.rounding_warning(cor.cor);
        let far_off = far_off.filter(|_| line.key == LineKey::Rounding && line.wanted.is_some()).unwrap_or_default();
        Self {
            action: LineAction::from(&line.action),
            line_id: line.line.map(ProcoreId::from),
            description: values.map(|values| values.description.clone()).unwrap_or_default(),
            budget_code_id: code.map(ProcoreId::from),
            budget_code: code.and_then(|id| shown.data.code(id)).map(|code| code.code.clone()),
            contract_id: values.and_then(|values| values.contract).map(ProcoreId::from),
            change: shown.line_change(line).into(),
            gap: shown.comparable(line.gap()),
            fields,
            withheld,
            reason: format!("{far_off} {}", reason(shown, cor, line, answer)).trim().to_owned(),
            adjustment: adjustment(cor, line, answer).filter(|_| shown.compares()),
            answer,
            key,
        }
    }

    /// Whether it was there before: made anew, or removed by somebody, it was not.
    pub fn was_there(&self) -> bool {
        !matches!(self.action, LineAction::Create | LineAction::RemovedThere)
    }

    /// Whether it is a question what becomes of it, since somebody removed it in Procore.
    pub fn is_asked(&self) -> bool {
        self.action == LineAction::RemovedThere || self.answer == Some(Answer::Recreate)
    }

    /// Whether the locked line is left as it is: of a void COR only if somebody said so.
    pub fn is_left(&self, taken_out: bool) -> bool {
        if taken_out { self.answer == Some(Answer::Leave) } else { self.answer != Some(Answer::Adjust) }
    }
}

/// Why something is locked, or what else there is to know about a line.
fn reason(shown: &Shown, cor: &push_plan::PlanCor, line: &push_plan::PlanLine, answer: Option<Answer>) -> String {
    match &line.action {
        Action::Locked { why } if line.gap().is_zero() || !shown.compares() => why.clone(),
        Action::Locked { why } if cor.taken_out => format!("{why}. It can't be removed."),
        Action::Locked { why } => format!("{why}. {} stays out of Procore.", line.gap()),
        Action::Update { withheld, why, .. } if !withheld.is_empty() => {
            let names = withheld.iter().map(|field| field.name()).collect::<Vec<_>>().join(", ");
            format!("The {names} can't change: {}.", why.as_deref().unwrap_or("locked in Procore"))
        }
        Action::Create if answer == Some(Answer::Recreate) => "Removed in Procore; made again.".into(),
        Action::RemovedThere => "Somebody removed this line in Procore.".into(),
        _ => String::new(),
    }
}

/// A locked line that should change or go can be made up for by another one: the arithmetic, before that is asked for.
fn adjustment(cor: &push_plan::PlanCor, line: &push_plan::PlanLine, answer: Option<Answer>) -> Option<String> {
    let makes_up = line.key.adjustment()?;
    let planned = cor.lines.iter().find(|line| line.key == makes_up);
    match (&line.action, planned) {
        (Action::Locked { .. }, _) if line.before.is_some() && !line.gap().is_zero() => {
            let wanted = line.wanted.as_ref().map_or(Amount::ZERO, |values| values.amount);
            Some(format!("Add a line for the difference: {wanted} − {} = {}", line.previous(), line.gap()))
        }
        (_, Some(planned)) if answer == Some(Answer::Adjust) => {
            Some(format!("The difference of {} is a line of its own", planned.after()))
        }
        _ => None,
    }
}

impl From<&Action> for LineAction {
    fn from(action: &Action) -> Self {
        match action {
            Action::Create => Self::Create,
            Action::Update { .. } => Self::Update,
            Action::Remove => Self::Remove,
            Action::Unchanged => Self::Unchanged,
            Action::Locked { .. } => Self::Locked,
            Action::RemovedThere => Self::RemovedThere,
        }
    }
}
