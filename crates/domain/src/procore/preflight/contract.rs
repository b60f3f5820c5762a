//! What is looked at of the contracts that lines are paid under.

use super::{
    super::{Side, currency, push_plan::Work},
    ContractFacts, ContractReading, Correction, Facts, Level, PreflightCheck, PreflightFinding, Who, folded, found, ok,
    unknown,
};

/// The words for a contract that is over.
const OVER: &[&str] = &["void", "terminated"];
/// Those for one that is done.
const DONE: &[&str] = &["closed", "complete"];
/// Those for one that is being made.
const NOT_YET: &[&str] = &["draft", "out for bid", "out for tender", "out for signature", "processing", "submitted"];
/// Those for one in force; an order is received in parts.
const IN_FORCE: &[&str] = &["approved", "partially received", "received"];

/// The remedy for a contract that nobody chose.
const LOCKED: &str =
    "It is the contract of a locked line. Leave that line as it is, or correct the contract in Procore.";

/// Whether the contracts are in force, in the COR's currency, and known to be.
pub(super) fn contract(facts: &Facts) -> PreflightFinding {
    let told = |words: &[&str]| {
        // Sent CORs are paid under none: theirs says only whose markup Procore adds.
        if facts.side == Side::Sent {
            return None;
        }
        let is = |contract: &&ContractFacts| words.contains(&folded(&contract.status).as_str());
        let names: Vec<_> = facts.contracts.iter().filter(is).map(|c| format!("{} is {}", c.name, c.status)).collect();
        (!names.is_empty()).then(|| names.join("; "))
    };
    let stop = |says: String, remedy| found(PreflightCheck::Contract, Level::Stop, says, remedy, Who::You);
    let another = |is: &dyn Fn(&ContractFacts) -> bool, remedy: &'static str| {
        if facts.contracts.iter().any(|contract| is(contract) && contract.chosen) { remedy } else { LOCKED }
    };
    let warn = |says, remedy| found(PreflightCheck::Contract, Level::Warn, says, remedy, Who::ProjectAdmin);
    if let Some(gone) = facts.contracts.iter().find(|contract| contract.seen == ContractReading::Gone) {
        let remedy = if gone.chosen { "Choose another contract." } else { LOCKED };
        return stop(format!("{} is no longer in Procore.", gone.name), remedy);
    }
    if let Some(over) = told(OVER) {
        let is_over = |contract: &ContractFacts| OVER.contains(&folded(&contract.status).as_str());
        return stop(format!("{over}: nothing can be paid under it."), another(&is_over, "Choose another contract."));
    }
    let foreign = |c: &&ContractFacts| !c.currency.is_empty() && !currency::is(&c.currency, facts.currency);
    if let Some(foreign) = facts.contracts.iter().find(foreign) {
        let says = format!(
            "{} is kept in {} and these amounts are in {}. Amounts are never converted.",
            foreign.name,
            foreign.currency,
            facts.currency.code()
        );
        let remedy = if foreign.chosen { "Choose a contract in the same currency." } else { LOCKED };
        return stop(says, remedy);
    }
    if let Some(done) = told(DONE) {
        return warn(format!("{done}: changes to it may be refused later."), "Ask whoever administers the contract.");
    }
    if let Some(not_yet) = told(NOT_YET) {
        let remedy = "Have the contract approved before its change order.";
        return warn(format!("{not_yet}: change orders need an approved contract."), remedy);
    }
    let unread = facts.contracts.iter().find_map(|contract| match &contract.seen {
        ContractReading::Unread(why) => Some((contract, why)),
        _ => None,
    });
    if let Some((contract, why)) = unread {
        let says = format!("Whether {} is in force could not be read now. {why}", contract.name);
        let finding = unknown(PreflightCheck::Contract, says);
        let give = |(_, permission)| Correction {
            says: format!("Give you {permission}."),
            who: Who::ProjectAdmin,
            link: None,
        };
        return PreflightFinding { correction: facts.unseen.map(give), ..finding };
    }
    // Every other known word was told above.
    let odd = |c: &&ContractFacts| facts.side == Side::Received && !IN_FORCE.contains(&folded(&c.status).as_str());
    if let Some(odd) = facts.contracts.iter().find(odd) {
        let says = match odd.status.trim() {
            "" => format!("Procore names no status of {}, so whether it is in force is not known.", odd.name),
            word => format!("{} is “{word}”. Whether it is in force then is not known.", odd.name),
        };
        return unknown(PreflightCheck::Contract, says);
    }
    match facts.contracts.as_slice() {
        [] if facts.work == Work::TakesOut => ok(PreflightCheck::Contract, "Lines that are removed need none."),
        [] => match facts.unseen {
            Some((says, permission)) => found(
                PreflightCheck::Contract,
                Level::Unknown,
                says,
                &format!("Give you {permission}."),
                Who::ProjectAdmin,
            ),
            None if facts.side == Side::Sent => ok(PreflightCheck::Contract, "Sent CORs need none."),
            None => ok(PreflightCheck::Contract, "None was chosen."),
        },
        [one] if facts.side == Side::Sent => ok(PreflightCheck::Contract, format!("{}.", one.name)),
        [one] => ok(PreflightCheck::Contract, format!("{} is {}.", one.name, one.status)),
        many if facts.side == Side::Sent => ok(PreflightCheck::Contract, format!("{} contracts.", many.len())),
        many => ok(PreflightCheck::Contract, format!("{} contracts, all in force.", many.len())),
    }
}
