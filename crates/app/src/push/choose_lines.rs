//! Step 2: the detail, a budget code for every line and the contract.

use std::collections::{BTreeMap, BTreeSet};

use domain::{CorId, DraftId, ProcoreId, cor::Breakdown, procore::Side, role::Actor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    choose_event::{ChosenEvent, choose_event},
    draft::{DraftBody, OpenedDraft, open, save, slot},
};
use crate::{
    App, Error, FieldErrors,
    integration::reference::{self, ReferenceData, Unseen},
};

/// The detail, budget codes and contracts. What is not named keeps its choice.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenLines {
    pub detail: Breakdown,
    /// The commitment of received CORs, by the COR's id; of sent ones the prime contract for markup estimates, which is optional:
    /// with one set, Procore adds markup on top of the price, and to every other line of the change event. `null` takes a choice back.
    #[serde(default)]
    #[schema(required = false)]
    pub contracts: BTreeMap<CorId, ProcoreIdOrNone>,
    /// Whether the lines that this push makes for received CORs say that no revenue is expected. In change events that are out
    /// of scope Procore may otherwise show the owner their cost as revenue.
    pub no_revenue_expected: Option<bool>,
    /// The budget code of lines, by their `key`.
    #[serde(default)]
    #[schema(required = false)]
    pub budget_codes: BTreeMap<String, ProcoreId>,
    /// One budget code for every line.
    pub budget_code_for_all: Option<ProcoreId>,
}

/// A Procore id, or null for none.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Option<String>, pattern = "^[1-9][0-9]{0,18}$", examples("562949953425841"))]
pub struct ProcoreIdOrNone(pub Option<ProcoreId>);

impl From<Option<i64>> for ProcoreIdOrNone {
    fn from(id: Option<i64>) -> Self {
        Self(id.map(ProcoreId::from))
    }
}

impl ChosenLines {
    /// A detail, and nothing else.
    pub fn in_detail(detail: Breakdown) -> Self {
        Self {
            detail,
            contracts: BTreeMap::new(),
            no_revenue_expected: None,
            budget_codes: BTreeMap::new(),
            budget_code_for_all: None,
        }
    }
}

/// What the form knows beside what is chosen in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// The code that was used for all lines, here or in another detail: it is kept, and lines get it that have no code of
    /// their own.
    pub for_all: Option<i64>,
    /// The codes shown are what is wanted, suggested ones included.
    pub confirmed: bool,
}

/// What has to be chosen before there can be a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Missing {
    /// The change event.
    pub event: bool,
    /// How many CORs have no contract.
    pub contracts: usize,
    /// The keys of lines without a budget code, or with one that is no longer in the budget.
    pub budget_codes: Vec<String>,
}

impl Missing {
    /// Whether nothing is missing of what lines need.
    pub fn is_nothing(&self) -> bool {
        self.contracts == 0 && self.budget_codes.is_empty()
    }

    /// In words, beside the Next button.
    pub fn sentence(&self) -> String {
        let contracts = match self.contracts {
            0 => String::new(),
            1 => "1 COR still needs a contract".into(),
            n => format!("{n} CORs still need a contract"),
        };
        let codes = match self.budget_codes.len() {
            0 => String::new(),
            1 => "1 line still needs a budget code".into(),
            n => format!("{n} lines still need a budget code"),
        };
        [contracts, codes].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// Whether a draft can go on to its plan with what was chosen the last time: its CORs' change event, and their codes and
/// contracts. The event is chosen by that.
pub async fn as_before(app: &App, actor: &Actor, id: DraftId) -> Result<bool, Error> {
    let opened = open(app, actor, id).await?;
    let Some(tied) = opened.body.tied else { return Ok(false) };
    match choose_event(app, actor, id, ChosenEvent::existing(tied)).await {
        Ok(first) if !first.stops() => {}
        // The first step says why, and what to do.
        Ok(_)
        | Err(
            Error::Invalid(_)
            | Error::Conflict(_)
            | Error::SignInToProcore(_)
            | Error::ProcoreRefused(_)
            | Error::ProcoreUnavailable(_),
        ) => return Ok(false),
        Err(other) => return Err(other),
    }
    let data = reference::get(app, actor, opened.project.id).await?;
    Ok(missing(&open(app, actor, id).await?, &data).is_nothing())
}

/// Stores the choices, complete or not, and answers what is missing.
pub async fn choose_lines(app: &App, actor: &Actor, id: DraftId, chosen: ChosenLines) -> Result<Missing, Error> {
    choose_in_form(app, actor, id, chosen, Form { for_all: None, confirmed: true }).await
}

/// The same as a form posts it: with every code that it shows, chosen or only suggested.
pub async fn choose_in_form(
    app: &App,
    actor: &Actor,
    id: DraftId,
    chosen: ChosenLines,
    form: Form,
) -> Result<Missing, Error> {
    actor.may_write()?;
    let opened = open(app, actor, id).await?;
    let data = reference::get(app, actor, opened.project.id).await?;
    let known = |code: &i64| data.budget_codes.iter().any(|c| c.id == *code);
    let before = opened.body.breakdown;
    let mut body = DraftBody { breakdown: chosen.detail, planned: None, ..opened.body.clone() };
    body.no_revenue = chosen.no_revenue_expected.unwrap_or(body.no_revenue);
    for (cor, contract) in chosen.contracts.into_iter().filter(|(cor, _)| body.cors.contains(cor)) {
        match contract.0.map(ProcoreId::get).filter(|id| data.contract(opened.side(), *id).is_some()) {
            Some(contract) => _ = body.contracts.insert(cor, contract),
            None => _ = body.contracts.remove(&cor),
        }
    }
    let codes = chosen.budget_codes.into_iter().map(|(slot, code)| (slot, code.get()));
    for (slot, code) in codes.filter(|(_, code)| known(code)) {
        let before = body.codes.insert(slot.clone(), code);
        if form.confirmed || before != Some(code) {
            body.suggestions.remove(&slot);
        }
    }
    let opened = OpenedDraft { body: body.clone(), ..opened };
    if let Some(code) = chosen.budget_code_for_all.map(ProcoreId::get).filter(known) {
        for slot in slots(&opened) {
            body.suggestions.remove(&slot);
            body.codes.insert(slot, code);
        }
    }
    if let Some(code) = form.for_all.filter(known) {
        body.for_all = Some(code);
        let other_detail = before != body.breakdown;
        for slot in slots(&opened) {
            let own = body.codes.get(&slot).is_some_and(known);
            if !own || (other_detail && body.suggestions.contains(&slot)) {
                body.suggestions.remove(&slot);
                body.codes.insert(slot, code);
            }
        }
    }
    save_and_judge(app, actor, opened, body, &data).await
}

/// The same for callers that name what they choose: a line, code or contract that is not there is refused, and nothing
/// is stored. Errors carry `code.<slot>`, `contract.<COR id>` or `code_for_all`.
pub async fn choose_known_lines(app: &App, actor: &Actor, id: DraftId, chosen: ChosenLines) -> Result<Missing, Error> {
    actor.may_write()?;
    let opened = open(app, actor, id).await?;
    let data = reference::get(app, actor, opened.project.id).await?;
    unknown(&opened, &chosen, &data).check()?;
    choose_lines(app, actor, id, chosen).await
}

/// The slots of the chosen detail.
fn slots(opened: &OpenedDraft) -> BTreeSet<String> {
    let of_cor = |cor| opened.lines(cor).into_iter().map(move |line| slot(cor.id, line.key));
    opened.cors.iter().flat_map(of_cor).collect()
}

fn unknown(opened: &OpenedDraft, chosen: &ChosenLines, data: &ReferenceData) -> FieldErrors {
    let mut errors = FieldErrors::default();
    let body = DraftBody { breakdown: chosen.detail, ..opened.body.clone() };
    let slots = slots(&OpenedDraft { body, ..opened.clone() });
    let known = |code: i64| data.budget_codes.iter().any(|c| c.id == code);
    for (slot, code) in &chosen.budget_codes {
        if !slots.contains(slot) {
            errors.add(&format!("code.{slot}"), "There is no such line in this detail.");
        } else if !known(code.get()) {
            errors.add(&format!("code.{slot}"), not_in_budget(data, code.get()));
        }
    }
    for (cor, contract) in &chosen.contracts {
        if !opened.body.cors.contains(cor) {
            errors.add(&format!("contract.{cor}"), "This COR is not part of this push.");
        } else if contract.0.is_some_and(|id| data.contract(opened.side(), id.get()).is_none()) {
            errors.add(&format!("contract.{cor}"), "This contract can't be chosen for this side.");
        }
    }
    if let Some(code) = chosen.budget_code_for_all.map(ProcoreId::get).filter(|code| !known(*code)) {
        errors.add("code_for_all", not_in_budget(data, code));
    }
    errors
}

/// Why a budget code can't be chosen, by its name where it has one.
fn not_in_budget(data: &ReferenceData, code: i64) -> String {
    match data.code(code) {
        Some(code) => format!("{} is not in the project's budget any more.", code.name()),
        None => "This budget code is not in the project's budget.".to_owned(),
    }
}

/// What to say of a line whose code left the budget since it was chosen.
pub fn code_is_gone(data: &ReferenceData, code: i64) -> String {
    format!("{} Choose another one.", not_in_budget(data, code))
}

async fn save_and_judge(
    app: &App,
    actor: &Actor,
    opened: OpenedDraft,
    mut body: DraftBody,
    data: &ReferenceData,
) -> Result<Missing, Error> {
    // A draft is bounded by the lines of its CORs: those that are gone, or never were, are dropped.
    let ours = opened.slots();
    body.codes.retain(|slot, _| ours.contains(slot));
    body.suggestions.retain(|slot| ours.contains(slot));
    let judged = OpenedDraft { body: body.clone(), ..opened.clone() };
    save(app, actor, &opened, &body).await?;
    Ok(missing(&judged, data))
}

/// What is missing in a draft as it is.
pub fn missing(opened: &OpenedDraft, data: &ReferenceData) -> Missing {
    let mut missing = Missing { event: opened.body.target.is_none(), ..Missing::default() };
    // What received CORs are paid from; the prime contract only says whose markup Procore adds.
    let needs_contract = opened.side() == Side::Received && !data.contracts(opened.side()).is_empty();
    // Where Procore shows none at all nothing can be chosen; whether a line needs one is Procore's to say.
    let needs_code = !data.unseen(opened.side()).contains(&Unseen::BudgetCodes);
    for cor in opened.asking() {
        let chosen = opened.body.contracts.get(&cor.id).copied();
        if needs_contract && chosen.and_then(|id| data.contract(opened.side(), id)).is_none() {
            missing.contracts += 1;
        }
        for line in opened.lines(cor).into_iter().filter(|_| needs_code) {
            let slot = slot(cor.id, line.key);
            let code = opened.body.codes.get(&slot);
            if !code.is_some_and(|code| data.budget_codes.iter().any(|c| c.id == *code)) {
                missing.budget_codes.push(slot);
            }
        }
    }
    missing
}
