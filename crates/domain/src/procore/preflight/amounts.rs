//! Whether amounts and budget codes of the push fit the Procore project.

use std::collections::BTreeSet;

use super::{Facts, Level, PreflightCheck, PreflightFinding, Who, found, ok};
use crate::procore::push_plan::Work;

pub(super) fn currency(facts: &Facts) -> PreflightFinding {
    let ours = facts.currency.code();
    if facts.work == Work::TakesOut {
        return ok(PreflightCheck::Currency, "Lines that are removed bring no amount.");
    }
    match facts.there.agrees_with(facts.currency) {
        Ok(()) if facts.there.named.is_empty() => {
            ok(PreflightCheck::Currency, format!("{ours}, as was stated for this project."))
        }
        Ok(()) => ok(PreflightCheck::Currency, format!("{ours}, as Procore names it.")),
        Err(trouble) => found(PreflightCheck::Currency, Level::Stop, trouble.sentence(), trouble.remedy(), Who::You),
    }
}

pub(super) fn codes(facts: &Facts) -> PreflightFinding {
    let lines = |n: usize| if n == 1 { "1 line".to_owned() } else { format!("{n} lines") };
    if facts.work == Work::TakesOut {
        return ok(PreflightCheck::Codes, "Lines that are removed need none.");
    }
    if let Some((says, permission)) = facts.codes_unseen {
        let says =
            format!("{says} Lines go without one, and count in no line of the Budget until somebody gives them one.");
        return found(PreflightCheck::Codes, Level::Warn, says, &format!("Give you {permission}."), Who::ProjectAdmin);
    }
    if facts.codes == 0 {
        return ok(PreflightCheck::Codes, "No line is written with one.");
    }
    if !facts.codes_gone.is_empty() {
        let names = facts.codes_gone.iter().map(String::as_str).collect::<BTreeSet<_>>();
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        let says = match facts.codes_gone.len() {
            1 => format!("1 line would get {names}, which is no longer in the budget."),
            n => format!("{n} lines would get codes that are no longer in the budget: {names}."),
        };
        let remedy = "It is the code of a locked line. Leave that line as it is, or put the code back into the budget.";
        return found(PreflightCheck::Codes, Level::Stop, says, remedy, Who::You);
    }
    let says = format!("{} with a code of the budget.", lines(facts.codes));
    let found = if facts.codes_old {
        let remedy = "Refresh the codes on the step before.";
        found(PreflightCheck::Codes, Level::Warn, format!("{says} It may have changed since."), remedy, Who::You)
    } else {
        ok(PreflightCheck::Codes, says)
    };
    PreflightFinding { as_of: facts.codes_read_at, ..found }
}
