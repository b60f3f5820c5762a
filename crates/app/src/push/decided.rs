//! What a person decided by confirming a plan: to write over what somebody changed, another event, answers about lines.

use domain::{
    PushId,
    audit::Fact,
    procore::{
        push_plan::{Action, Plan, PlanCor, PlanLine},
        push_state::ProcoreState,
    },
    role::Actor,
};
use store::{CompanyTx, repo::cor::Cor};

use super::draft::{Answer, OpenedDraft, slot};
use crate::{App, Error, record::Decision};

/// The entry for one COR of a push that is being confirmed; nothing where there was nothing to decide.
pub(crate) fn decided(
    app: &App,
    tx: &mut CompanyTx<'_>,
    actor: &Actor,
    opened: &OpenedDraft,
    (cor, plan, whole): (&Cor, &PlanCor, &Plan),
    push: PushId,
) -> Result<Option<Fact>, Error> {
    let link = opened.links.get(&cor.id);
    let drifted = link.filter(|l| l.state.is_drift() || l.state == ProcoreState::ChangedInProcore);
    let mut says = Vec::new();
    if let Some(left) = link.and_then(|l| l.event).filter(|event| whole.event != Some(*event)) {
        let number = tx.change_event(cor.project, left)?.map_or_else(String::new, |event| format!(" {}", event.number));
        says.push(format!("chose another Change Event for it, as CE{number} was deleted"));
    } else if drifted.is_some() {
        says.push("had ours written over what was changed in Procore".to_owned());
    }
    says.extend(answers(opened, cor, plan));
    if says.is_empty() {
        return Ok(None);
    }
    let decision = Decision {
        says: says.join("; "),
        why: drifted.map(|l| l.reason.clone()).unwrap_or_default(),
        event: whole.event,
        push: Some(push),
    };
    decision.fact(app, tx, actor, cor).map(Some)
}

/// What was answered about lines that were removed or locked there.
fn answers(opened: &OpenedDraft, cor: &Cor, plan: &PlanCor) -> Vec<String> {
    let count = |answer: Answer, what: &dyn Fn(&PlanLine) -> bool| {
        let given = |line: &&PlanLine| opened.body.answers.get(&slot(cor.id, line.key)) == Some(&answer) && what(line);
        plan.lines.iter().filter(given).count()
    };
    let locked = |line: &PlanLine| matches!(line.action, Action::Locked { .. });
    // What another line makes up for stays as it is, so its own action says nothing of the lock any more.
    let made_up = |line: &PlanLine| line.key.adjustment().is_some_and(|key| plan.lines.iter().any(|l| l.key == key));
    let told = [
        (count(Answer::Leave, &|line| line.action == Action::RemovedThere), "left out", "removed in Procore"),
        (count(Answer::Recreate, &|line| line.action == Action::Create), "had made again", "removed in Procore"),
        (count(Answer::Leave, &locked), "left as it is", "locked in Procore"),
        (count(Answer::Adjust, &made_up), "made up by a line of its own", "locked in Procore"),
    ];
    let sentence = |(count, did, what): (usize, &str, &str)| match count {
        0 => None,
        1 => Some(format!("{did}: 1 line {what}")),
        n => Some(format!("{did}: {n} lines {what}")),
    };
    told.into_iter().filter_map(sentence).collect()
}
