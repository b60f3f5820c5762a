//! Step 2: what can be chosen for the lines of a push, and what of it can't be chosen any more.

use domain::{
    ProcoreId,
    procore::{Side, push::Target},
    role::Actor,
};
use store::repo::change_event::EventRow;

use super::{
    choose_lines::code_is_gone,
    copy::choices,
    draft::{Answer, OpenedDraft},
    preflight::{First, first},
    push_draft::{DraftCor, DraftLine, PushDraft},
};
use crate::{
    App, Error,
    integration::{
        change_events,
        reference::{self, ReferenceData, Unseen},
    },
};

/// A draft with the codes and contracts that it chooses from.
#[derive(Debug)]
pub struct LineChoices {
    pub draft: PushDraft,
    pub data: ReferenceData,
    /// The prime contract that the event of sent CORs has already, which can't be changed.
    pub prime: Option<(i64, String)>,
    /// What the prime contract of sent CORs is for.
    pub about_markup: Option<String>,
    /// Whether it is asked if new lines say that no revenue is expected.
    pub asks_revenue: bool,
    /// What stops the push whatever its lines are.
    pub first: First,
}

/// The choices as last read from Procore.
pub(crate) async fn line_choices(app: &App, actor: &Actor, opened: &OpenedDraft) -> Result<LineChoices, Error> {
    let data = reference::get(app, actor, opened.project.id).await?;
    let there = chosen_event(app, actor, opened).await?;
    let first = first(app, actor, opened).await?;
    let draft = PushDraft::of(opened, &data, &first);
    let (received, asks) = (draft.side == Side::Received, draft.asks());
    // Nothing is made of CORs that are all void, but for a line that makes up for a locked one.
    let creates = asks || opened.body.answers.values().any(|answer| *answer == Answer::Adjust);
    let prime = there.as_ref().and_then(|event| event.prime_contract_id);
    Ok(LineChoices {
        prime: prime.map(|id| (id, choices::prime_contract(&data, id))),
        about_markup: (!received && asks).then(|| choices::about_markup(there.as_ref(), first.compares())),
        asks_revenue: received && creates,
        draft,
        data,
        first,
    })
}

/// The event that sent CORs go to, as last read.
async fn chosen_event(app: &App, actor: &Actor, opened: &OpenedDraft) -> Result<Option<EventRow>, Error> {
    let (Side::Sent, Some(Target::Existing { event, .. })) = (opened.side(), &opened.body.target) else {
        return Ok(None);
    };
    change_events::one(app, actor, opened.project.id, *event).await
}

impl LineChoices {
    /// What Procore shows nothing of.
    pub fn unseen(&self) -> Vec<Unseen> {
        self.data.unseen(self.draft.side)
    }

    /// The contract of a COR: the one that is set in Procore, or the chosen one.
    pub fn contract_of(&self, cor: &DraftCor) -> Option<ProcoreId> {
        let set = self.prime.as_ref().map(|(id, _)| ProcoreId::from(*id));
        set.or(cor.contract_id)
    }

    /// The chosen code of a line, where codes are shown.
    fn chosen(&self, line: &DraftLine) -> Option<ProcoreId> {
        line.budget_code_id.filter(|_| !self.unseen().contains(&Unseen::BudgetCodes))
    }

    /// The same, if it can still be chosen.
    pub fn code_of(&self, line: &DraftLine) -> Option<ProcoreId> {
        self.chosen(line).filter(|code| self.data.has_code(code.get()))
    }

    /// What is wrong with the code of a line, for one who `insists` on going on.
    pub fn error_of(&self, line: &DraftLine, insists: bool) -> Option<String> {
        let gone = self.chosen(line).filter(|code| !self.data.has_code(code.get()));
        let lacks = insists && self.draft.missing.budget_codes.contains(&line.key);
        let gone = gone.map(|code| code_is_gone(&self.data, code.get()));
        gone.or_else(|| lacks.then(|| choices::CODE_IS_MISSING.to_owned()))
    }

    /// Whether codes are shown that were only suggested.
    pub fn has_suggestions(&self) -> bool {
        self.draft.suggested && !self.unseen().contains(&Unseen::BudgetCodes)
    }
}
