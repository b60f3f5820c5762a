//! What a push did to void CORs, in words: which lines it removed, how much they were, and what stays.

use domain::{
    procore::{
        Amount,
        push_plan::{Action, PlanCor, PlanLine},
    },
    text::counted,
};

/// "3 lines of 12,600.00".
pub(crate) fn lines(cors: &[&PlanCor]) -> String {
    format!("{} of {}", counted(count(cors), "line", "lines"), removed(cors))
}

/// What became of all of them.
pub(crate) fn heading(cors: &[&PlanCor]) -> String {
    let locked = (!made_up(cors).is_zero()).then(|| format!("{} is locked there and made up for", made_up(cors)));
    let stays = (!stays(cors).is_zero()).then(|| format!("{} is locked there and stays", stays(cors)));
    let parts: Vec<String> = goes(cors).into_iter().chain(locked).chain(stays).collect();
    if parts.is_empty() { "Nothing was left to remove from Procore".to_owned() } else { parts.join("; ") }
}

/// What became of one of them, in sentences.
pub(crate) fn told(cor: &PlanCor) -> String {
    let cors = [cor];
    let (made_up, stays) = (made_up(&cors), stays(&cors));
    let goes = goes(&cors).map(|goes| format!("{goes}."));
    let locked = (!made_up.is_zero()).then(|| format!("{made_up} of it is locked in Procore and made up for there."));
    let stays = (!stays.is_zero()).then(|| format!("{stays} of it is locked in Procore and stays there."));
    [goes, locked, stays].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn goes(cors: &[&PlanCor]) -> Option<String> {
    match count(cors) {
        0 => None,
        1 => Some(format!("{} was removed from Procore", lines(cors))),
        _ => Some(format!("{} were removed from Procore", lines(cors))),
    }
}

fn going<'a>(cors: &'a [&PlanCor]) -> impl Iterator<Item = &'a PlanLine> {
    cors.iter().flat_map(|cor| &cor.lines).filter(|line| line.action == Action::Remove)
}

fn count(cors: &[&PlanCor]) -> usize {
    going(cors).count()
}

fn removed(cors: &[&PlanCor]) -> Amount {
    cors.iter().map(|cor| cor.removed()).sum()
}

/// What stays in Procore as it is, for a line beside it takes it back.
fn made_up(cors: &[&PlanCor]) -> Amount {
    let stay = |line: &&PlanLine| line.action == Action::Unchanged && line.key.adjustment().is_some();
    cors.iter().flat_map(|cor| &cor.lines).filter(stay).map(PlanLine::previous).sum()
}

/// What is locked there and counts on.
fn stays(cors: &[&PlanCor]) -> Amount {
    let locked = |line: &&PlanLine| matches!(line.action, Action::Locked { .. });
    cors.iter().flat_map(|cor| &cor.lines).filter(locked).map(PlanLine::previous).sum()
}
