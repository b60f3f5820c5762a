//! How a plan is shown: every line that will be written, and three totals.

use domain::{
    Currency, ProcoreId, ProjectId,
    cor::{Breakdown, LineKey},
    procore::{
        Amount, Side,
        preflight::{self, Check, Level, Who},
        push_plan::{self, Action, Field},
    },
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App,
    push::{
        Answer,
        api::draft::EventTarget,
        beside,
        draft::{slot, version},
        plan::Shown,
    },
};

/// What a push will write. Previous and new add up the field that the side writes: cost or revenue.
#[derive(Debug, Serialize, ToSchema)]
pub struct Plan {
    draft_id: Uuid,
    /// Identifies this plan; send it with the push, so that no other one is confirmed.
    version: String,
    side: Side,
    currency: Currency,
    detail: Breakdown,
    event: EventTarget,
    /// The change event's page in Procore.
    url: Option<String>,
    cors: Vec<PlanCor>,
    totals: Totals,
    /// What Procore adds to the revenue of sent CORs; in none of the totals.
    markup: Option<Markup>,
    /// What the owner may see of received CORs as revenue that follows cost; null when nothing.
    owner_sees: Option<String>,
    /// How many lines will be written.
    writes: usize,
    /// What was found before the push; with a `stop` among it the plan can't be confirmed.
    preflight: Vec<Finding>,
    /// How many lines were removed in Procore and have no answer yet, or are locked there though their COR is void where
    /// nothing would be written; with any the plan can't be confirmed.
    unanswered: usize,
}

/// What Procore adds to the revenue of sent CORs, by the change event's prime contract for markup estimates.
#[derive(Debug, Serialize, ToSchema)]
struct Markup {
    /// What it adds now.
    there: Amount,
    /// Lines of the change event that are not of this push. A prime contract that this push sets has Procore add markup to
    /// them too.
    other_lines: usize,
    /// The revenue of those lines now, with what follows cost.
    other_revenue: Amount,
    /// Somebody changed it there by hand.
    edited: bool,
    /// What our price has as markup of its own.
    ours: Option<Amount>,
    /// What to know about it; empty when there is nothing.
    says: String,
    /// Whether that is a warning: our price would be marked up twice, other lines are marked up too, or the CORs were given
    /// different prime contracts and none is set.
    warns: bool,
}

impl From<beside::Markup> for Markup {
    fn from(markup: beside::Markup) -> Self {
        let (warns, says) = markup.sentence().unwrap_or_default();
        Self {
            there: markup.there,
            other_lines: markup.other_lines,
            other_revenue: markup.other_revenue,
            edited: markup.edited,
            ours: markup.ours.map(Amount::from),
            says,
            warns,
        }
    }
}

/// What a check before the push found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Finding {
    check: Check,
    level: Level,
    /// What is the case.
    says: String,
    /// What mends it; else empty.
    remedy: String,
    /// Who can.
    who: Option<Who>,
    /// The page where the caller can do it, if there is one here.
    link: Option<String>,
    /// When what it says was read; null for what was read just now.
    as_of: Option<Timestamp>,
}

impl Finding {
    pub(crate) fn of(app: &App, project: ProjectId, finding: &preflight::Finding) -> Self {
        let page = (finding.check == Check::Currency && finding.level == Level::Stop)
            .then(|| app.page(&format!("/projects/{project}/settings/procore#currency")));
        let (remedy, who) = finding.remedy.clone().unzip();
        Self {
            check: finding.check,
            level: finding.level,
            says: finding.says.clone(),
            remedy: remedy.unwrap_or_default(),
            who,
            link: page,
            as_of: finding.as_of,
        }
    }
}

/// A COR of a plan.
#[derive(Debug, Serialize, ToSchema)]
struct PlanCor {
    cor_id: Uuid,
    number: String,
    #[serde(flatten)]
    change: Change,
    /// It has no place in Procore any more, as when it is void: its lines are removed there.
    taken_out: bool,
    /// What locked lines keep out of Procore; negative for what they keep in it.
    gap: Amount,
    /// What its amounts hold besides those of its lines, since each is rounded to the cent and Procore holds fractions of it.
    rounding: Change,
    lines: Vec<PlanLine>,
}

/// A line of a plan.
#[derive(Debug, Serialize, ToSchema)]
struct PlanLine {
    key: String,
    action: LineAction,
    /// Procore's id of the line, if it exists.
    line_id: Option<ProcoreId>,
    description: String,
    budget_code_id: Option<ProcoreId>,
    /// The commitment, for received CORs.
    contract_id: Option<ProcoreId>,
    #[serde(flatten)]
    change: Change,
    /// What Procore will lack or have too much of it.
    gap: Amount,
    /// The fields of an update that change.
    fields: Vec<&'static str>,
    /// The fields that should change and are locked in Procore.
    withheld: Vec<&'static str>,
    /// Why something is locked, or what to know about it: a rounding that is far more than one. Else empty.
    reason: String,
}

/// What happens to a line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum LineAction {
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
#[derive(Debug, Serialize, ToSchema)]
struct Change {
    previous: Amount,
    new: Amount,
    difference: Amount,
}

/// The three totals of a change event, and what Procore shows for it.
#[derive(Debug, Serialize, ToSchema)]
struct Totals {
    /// Lines of our CORs, those outside this push included.
    ours: Change,
    /// Everybody else's lines, which are never touched.
    others: Amount,
    /// How many those are.
    others_count: usize,
    /// The whole event.
    whole: Change,
    /// What `whole` holds besides `ours` and `others`, since each is rounded to the cent and Procore holds fractions of it.
    rounding: Change,
    /// The revenue of others' lines that nobody gave, and that follows their cost: in none of these totals but the latest.
    revenue_that_follows_cost: Amount,
    /// What Procore shows as latest, which may come from quotes or commitments.
    latest: Amount,
}

impl From<push_plan::Change> for Change {
    fn from(change: push_plan::Change) -> Self {
        Self { previous: change.previous, new: change.new, difference: change.difference() }
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

impl Plan {
    /// A plan as it was shown.
    pub fn of(app: &App, shown: &Shown) -> Self {
        let (plan, mapping) = (&shown.order.plan, &shown.opened.mapping);
        let totals = shown.totals();
        Self {
            draft_id: shown.opened.draft.id.0,
            version: version(&shown.order),
            side: plan.side,
            currency: shown.order.currency,
            detail: shown.order.breakdown,
            event: EventTarget::from(&shown.order.target),
            url: plan
                .event
                .map(|event| app.event_in_procore(mapping.procore_company_id, mapping.procore_project_id, event)),
            cors: plan.cors.iter().map(|cor| plan_cor(shown, cor)).collect(),
            totals: Totals {
                ours: totals.ours.into(),
                others: totals.others,
                others_count: totals.others_count,
                whole: totals.whole.into(),
                rounding: shown.rounding().into(),
                revenue_that_follows_cost: totals.following,
                latest: totals.latest,
            },
            markup: shown.markup().map(Markup::from),
            owner_sees: shown.owner_sees(),
            writes: plan.writes(),
            preflight: shown
                .preflight
                .iter()
                .map(|finding| Finding::of(app, shown.opened.project.id, finding))
                .collect(),
            unanswered: shown.unanswered + shown.undecided,
        }
    }
}

fn plan_cor(shown: &Shown, cor: &push_plan::PlanCor) -> PlanCor {
    PlanCor {
        cor_id: cor.cor.0,
        number: cor.number.clone(),
        change: shown.cor_change(cor).into(),
        taken_out: cor.taken_out,
        gap: if shown.compares() { cor.gap() } else { Amount::NotComparable },
        rounding: shown.rounding_in(cor).into(),
        lines: cor.lines.iter().map(|line| plan_line(shown, cor, line)).collect(),
    }
}

fn plan_line(shown: &Shown, cor: &push_plan::PlanCor, line: &push_plan::PlanLine) -> PlanLine {
    let key = slot(cor.cor, line.key);
    let values = line.wanted.as_ref().or(line.before.as_ref());
    let names = |fields: &std::collections::BTreeSet<Field>| fields.iter().map(|field| code(*field)).collect();
    let (fields, withheld, reason) = match &line.action {
        Action::Update { fields, withheld, why } => (names(fields), names(withheld), why.clone().unwrap_or_default()),
        Action::Locked { why } => (Vec::new(), Vec::new(), why.clone()),
        Action::Create if shown.opened.body.answers.get(&key) == Some(&Answer::Recreate) => {
            (Vec::new(), Vec::new(), "It was removed in Procore and is made again.".to_owned())
        }
        _ => Default::default(),
    };
    let warning = shown.rounding_warning(cor.cor).filter(|_| line.key == LineKey::Rounding && line.wanted.is_some());
    let reason = [warning.unwrap_or_default(), reason].join(" ").trim().to_owned();
    let change = shown.line_change(line);
    PlanLine {
        key,
        action: LineAction::from(&line.action),
        line_id: line.line.map(ProcoreId::from),
        description: values.map(|v| v.description.clone()).unwrap_or_default(),
        budget_code_id: values.and_then(|v| v.budget_code).map(ProcoreId::from),
        contract_id: values.and_then(|v| v.contract).map(ProcoreId::from),
        change: change.into(),
        gap: if shown.compares() { line.gap() } else { Amount::NotComparable },
        fields,
        withheld,
        reason,
    }
}

/// A field of a line by its word here.
const fn code(field: Field) -> &'static str {
    match field {
        Field::Description => "description",
        Field::Amount => "amount",
        Field::BudgetCode => "budget_code",
        Field::Contract => "contract",
        Field::Vendor => "vendor",
    }
}
