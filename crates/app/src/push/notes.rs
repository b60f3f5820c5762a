//! What to know before a push is confirmed, in sentences.

use domain::{
    procore::{
        Amount,
        push_plan::{Action, PlanCor, Work},
    },
    text::counted,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::plan::Shown;

/// A sentence about a push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Note {
    pub says: String,
    /// Whether it is a warning, or only good to know.
    pub warns: bool,
}

impl Note {
    fn warning(says: impl Into<String>) -> Self {
        Self { says: says.into(), warns: true }
    }

    fn good_to_know(says: impl Into<String>) -> Self {
        Self { says: says.into(), warns: false }
    }
}

/// What to know before a plan is confirmed.
pub(crate) fn notes(shown: &Shown) -> Vec<Note> {
    let plan = &shown.order.plan;
    // What stays of a void COR is told with what goes of it.
    let kept = || plan.cors.iter().filter(|cor| !cor.taken_out);
    let mut notes = Vec::new();
    let adds = plan.work() != Work::TakesOut;
    if let Some((warns, says)) = shown.markup().filter(|_| adds).and_then(|markup| markup.sentence()) {
        notes.push(Note { says, warns });
    }
    notes.extend(shown.owner_sees().map(Note::good_to_know));
    notes.extend(plan.cors.iter().filter(|cor| cor.taken_out).map(taken_out));
    let locked = kept().flat_map(|cor| &cor.lines).filter(|line| matches!(line.action, Action::Locked { .. }));
    match locked.count() {
        0 => {}
        1 => notes.push(Note::warning("One line is locked in Procore and stays as it is.")),
        n => notes.push(Note::warning(format!("{n} lines are locked in Procore and stay as they are."))),
    }
    let gap: Amount = kept().map(PlanCor::gap).sum();
    if !gap.is_zero() && shown.compares() {
        notes.push(Note::warning(format!("After this push Procore lacks {gap} of what the CORs ask for.")));
    }
    let copies: usize = plan.cors.iter().map(|cor| cor.surplus.len()).sum();
    if copies > 0 {
        let what = counted(copies, "more line carries", "more lines carry");
        notes.push(Note::warning(format!(
            "{what} our reference in Procore (a copy?). It counts with others' lines and isn't touched."
        )));
    }
    let far_off = plan.cors.iter().filter(|cor| shown.rounding_warning(cor.cor).is_some());
    let far_off: Vec<_> = far_off.map(|cor| format!("COR {}", cor.number)).collect();
    if !far_off.is_empty() {
        notes.push(Note::warning(format!(
            "The typed total is far from the sum of the lines: {}. See the Rounding line.",
            far_off.join(", ")
        )));
    }
    if plan.writes() == 0 && shown.unanswered == 0 && !plan.cors.iter().any(|cor| cor.taken_out) {
        notes.push(Note::good_to_know("No changes to push: Procore has these lines already."));
    }
    notes
}

/// What the click takes out of Procore, and what stays there.
fn taken_out(cor: &PlanCor) -> Note {
    let removed = cor.lines.iter().filter(|line| line.action == Action::Remove).count();
    let is_locked = cor.lines.iter().any(|line| matches!(line.action, Action::Locked { .. }));
    let (number, made_up) = (&cor.number, cor.made_up());
    let stays = format!(
        "{} of it is locked in Procore and stays there unless you add a line that makes up for it.",
        cor.change().new
    );
    if is_locked && removed == 0 && made_up.is_zero() {
        return Note::warning(format!("COR {number} is void: {stays}"));
    }
    let lines = counted(removed, "line", "lines");
    let goes = match removed {
        0 => "none of its lines can be removed from Procore".to_owned(),
        1 => format!("{lines} of {} is removed from Procore", cor.removed()),
        _ => format!("{lines} of {} are removed from Procore", cor.removed()),
    };
    let made_up = if made_up.is_zero() {
        String::new()
    } else {
        format!(" {made_up} of it is locked there and made up for by a line of its own.")
    };
    let stays = if is_locked { format!(" {stays}") } else { String::new() };
    Note::warning(format!("COR {number} is void: {goes}.{made_up}{stays}"))
}
