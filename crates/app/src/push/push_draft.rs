//! A push that is being put together, and what it still lacks.

use domain::{
    CorId, Currency, DraftId, Money, ProcoreId, ProjectId, PushId,
    cor::{Breakdown, BrokenDown},
    procore::{Side, preflight::PreflightFinding},
    role::Actor,
};
use serde::Serialize;
use store::repo::cor::Cor;
use utoipa::ToSchema;

use super::{
    choose_lines::{Missing, missing},
    draft::{OpenedDraft, open, slot},
    preflight::{First, first},
    target::EventTarget,
};
use crate::{
    App, Error,
    integration::reference::{self, ReferenceData},
};

/// A push that is being put together.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PushDraft {
    pub id: DraftId,
    pub project_id: ProjectId,
    pub side: Side,
    /// What its CORs added up to when it was begun.
    pub amount: Money,
    pub currency: Currency,
    /// The change event that its CORs are linked to; another can't be chosen.
    pub linked_event_id: Option<ProcoreId>,
    /// The chosen change event.
    pub event: Option<EventTarget>,
    pub detail: Breakdown,
    /// Whether the lines that it makes for received CORs say that no revenue is expected.
    pub no_revenue_expected: bool,
    pub cors: Vec<DraftCor>,
    /// Whether codes or contracts were suggested from an earlier push.
    pub suggested: bool,
    /// The budget code that was used for all lines.
    pub budget_code_for_all: Option<ProcoreId>,
    pub missing: Missing,
    /// What is known before lines are chosen: what the caller may do, and the chosen event as it was last read. A `stop` among it
    /// keeps the push from being confirmed. The plan's pre-flight has all checks.
    pub preflight: Vec<PreflightFinding>,
    /// Whether there is a plan to confirm.
    pub planned: bool,
    /// The push it became; then nothing in it changes any more.
    pub push_id: Option<PushId>,
}

/// A COR of a draft.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DraftCor {
    pub id: CorId,
    pub number: String,
    pub title: String,
    /// The company at the other end.
    pub counterparty: String,
    pub amount: Money,
    /// It has no place in Procore any more, as when it is void: its lines are removed, and nothing is to be chosen.
    pub taken_out: bool,
    /// The chosen commitment or prime contract.
    pub contract_id: Option<ProcoreId>,
    /// Its lines in the chosen detail.
    pub lines: Vec<DraftLine>,
}

/// A line of a COR in the chosen detail.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DraftLine {
    /// What the line is called in choices, answers and plans.
    pub key: String,
    pub description: String,
    pub amount: Money,
    /// The chosen budget code.
    pub budget_code_id: Option<ProcoreId>,
    /// The code is only suggested, and nobody confirmed it yet.
    pub suggested: bool,
}

/// A draft with its choices and what is still missing.
pub(crate) async fn push_draft(app: &App, actor: &Actor, id: DraftId) -> Result<PushDraft, Error> {
    let opened = open(app, actor, id).await?;
    // What can be chosen is read again where it is old, as behind the pages of the wizard.
    match reference::refresh_if_stale(app, actor, opened.project.id).await {
        Ok(_) | Err(Error::ProcoreUnavailable(_) | Error::SignInToProcore(_) | Error::ProcoreRefused(_)) => {}
        Err(error) => return Err(error),
    }
    let first = first(app, actor, &opened).await?;
    let data = reference::get(app, actor, opened.project.id).await?;
    Ok(PushDraft::of(&opened, &data, &first))
}

impl PushDraft {
    /// A draft and what it lacks.
    pub(crate) fn of(opened: &OpenedDraft, data: &ReferenceData, first: &First) -> Self {
        let (draft, body) = (&opened.draft, &opened.body);
        Self {
            id: draft.id,
            project_id: draft.project,
            side: draft.side,
            amount: body.sum,
            currency: body.currency,
            linked_event_id: body.tied.map(ProcoreId::from),
            event: body.target.as_ref().map(EventTarget::from),
            detail: body.breakdown,
            no_revenue_expected: body.no_revenue,
            cors: opened.cors.iter().map(|cor| DraftCor::of(opened, cor)).collect(),
            suggested: body.suggested,
            budget_code_for_all: body.for_all.map(ProcoreId::from),
            missing: missing(opened, data),
            preflight: first.findings.clone(),
            planned: body.planned.is_some(),
            push_id: body.push,
        }
    }

    /// Whether anything is to be chosen: of void CORs lines are only removed.
    pub fn asks(&self) -> bool {
        self.cors.iter().any(|cor| !cor.taken_out)
    }
}

impl DraftCor {
    fn of(opened: &OpenedDraft, cor: &Cor) -> Self {
        let line = |line: BrokenDown| {
            let key = slot(cor.id, line.key);
            DraftLine {
                budget_code_id: opened.body.codes.get(&key).copied().map(ProcoreId::from),
                suggested: opened.body.suggestions.contains(&key),
                description: line.description,
                amount: line.amount,
                key,
            }
        };
        Self {
            id: cor.id,
            number: cor.number.to_string(),
            title: cor.title.clone(),
            counterparty: opened.party(cor).to_owned(),
            amount: cor.due_in_procore(),
            taken_out: !cor.status.belongs_in_procore(),
            contract_id: opened.body.contracts.get(&cor.id).copied().map(ProcoreId::from),
            lines: opened.lines(cor).into_iter().map(line).collect(),
        }
    }
}
