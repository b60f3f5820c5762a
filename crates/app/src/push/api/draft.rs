//! How a draft of a push is shown.

use domain::{
    Currency, Money, ProcoreId,
    cor::Breakdown,
    procore::{Side, push::Target},
};
use serde::Serialize;
use store::repo::cor::Cor;
use utoipa::ToSchema;
use uuid::Uuid;

use super::plan::Finding;
use crate::{
    App,
    push::{Opened, choose_lines, draft::slot, preflight::First},
};

/// A push that is being put together.
#[derive(Debug, Serialize, ToSchema)]
pub struct PushDraft {
    id: Uuid,
    project_id: Uuid,
    side: Side,
    /// What its CORs added up to when it was begun.
    amount: Money,
    currency: Currency,
    /// The change event that its CORs are linked to; another can't be chosen.
    linked_event_id: Option<ProcoreId>,
    /// The chosen change event.
    event: Option<EventTarget>,
    detail: Breakdown,
    /// Whether the lines that it makes for received CORs say that no revenue is expected.
    no_revenue_expected: bool,
    cors: Vec<DraftCor>,
    /// Whether codes or contracts were suggested from an earlier push.
    suggested: bool,
    missing: Missing,
    /// What is known before lines are chosen: what the caller may do, and the chosen event as it was last read. A `stop` among it
    /// keeps the push from being confirmed. The plan's pre-flight has all checks.
    preflight: Vec<Finding>,
    /// Whether there is a plan to confirm.
    planned: bool,
    /// The push it became; then nothing in it changes any more.
    push_id: Option<Uuid>,
}

/// A change event that is pushed to.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventTarget {
    /// Null for one that is still to be made.
    id: Option<ProcoreId>,
    /// Empty when it is left to Procore.
    number: String,
    title: String,
}

/// A COR of a draft.
#[derive(Debug, Serialize, ToSchema)]
struct DraftCor {
    id: Uuid,
    number: String,
    title: String,
    /// The company at the other end.
    counterparty: String,
    amount: Money,
    /// The chosen commitment or prime contract.
    contract_id: Option<ProcoreId>,
    /// Its lines in the chosen detail.
    lines: Vec<DraftLine>,
}

/// A line of a COR in the chosen detail.
#[derive(Debug, Serialize, ToSchema)]
struct DraftLine {
    /// What the line is called in choices, answers and plans.
    key: String,
    description: String,
    amount: Money,
    /// The chosen budget code.
    budget_code_id: Option<ProcoreId>,
}

/// What has to be chosen before there can be a plan.
#[derive(Debug, Serialize, ToSchema)]
struct Missing {
    /// The change event.
    event: bool,
    /// How many CORs have no contract.
    contracts: usize,
    /// The keys of lines without a budget code, or with one that is no longer in the budget.
    budget_codes: Vec<String>,
}

impl From<&Target> for EventTarget {
    fn from(target: &Target) -> Self {
        match target {
            Target::Existing { event, number, title, .. } => {
                Self { id: Some(ProcoreId::from(*event)), number: number.clone(), title: title.clone() }
            }
            Target::New(new) => Self { id: None, number: new.number.clone(), title: new.title.clone() },
        }
    }
}

impl PushDraft {
    /// A draft and what it lacks.
    pub fn of(app: &App, opened: Opened, missing: choose_lines::Missing, first: &First) -> Self {
        let cors = opened.cors.iter().map(|cor| DraftCor::of(&opened, cor)).collect();
        let preflight = first.findings.iter().map(|finding| Finding::of(app, opened.project.id, finding)).collect();
        let (draft, body) = (opened.draft, opened.body);
        Self {
            id: draft.id.0,
            project_id: draft.project.0,
            side: draft.side,
            amount: body.sum,
            currency: body.currency,
            linked_event_id: body.tied.map(ProcoreId::from),
            detail: body.breakdown,
            no_revenue_expected: body.no_revenue,
            cors,
            suggested: body.suggested,
            missing: Missing {
                event: body.target.is_none(),
                contracts: missing.contracts,
                budget_codes: missing.codes,
            },
            preflight,
            event: body.target.as_ref().map(EventTarget::from),
            planned: body.planned.is_some(),
            push_id: body.push.map(|push| push.0),
        }
    }
}

impl DraftCor {
    fn of(opened: &Opened, cor: &Cor) -> Self {
        let line = |line: domain::cor::BrokenDown| {
            let key = slot(cor.id, line.key);
            let budget_code_id = opened.body.codes.get(&key).copied().map(ProcoreId::from);
            DraftLine { key, description: line.description, amount: line.amount, budget_code_id }
        };
        Self {
            id: cor.id.0,
            number: cor.number.to_string(),
            title: cor.title.clone(),
            counterparty: opened.party(cor).to_owned(),
            amount: cor.due_in_procore(),
            contract_id: opened.body.contracts.get(&cor.id).copied().map(ProcoreId::from),
            lines: opened.lines(cor).into_iter().map(line).collect(),
        }
    }
}
