//! What is looked at before a push: whether Procore would take it, and if not, what to do and who can do it.
//!
//! Pure: the facts are gathered elsewhere, from what is stored and from what the plan reads anyway.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Amount, Side,
    currency::{self, KnownCurrency},
};
use crate::money::Currency;

/// What is looked at, in the order in which one thing needs the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The person is signed in to Procore.
    Connection,
    /// The app is installed in the Procore account.
    App,
    /// The project has the Change Events tool.
    Tool,
    /// The person may do there what the push does.
    Permission,
    /// The event takes changes.
    Event,
    /// The Procore project is kept in the CORs' currency.
    Currency,
    /// The chosen budget codes are in the budget.
    Codes,
    /// The chosen contracts are in force.
    Contract,
}

impl Check {
    /// All checks, in order.
    pub const ALL: [Self; 8] = [
        Self::Connection,
        Self::App,
        Self::Tool,
        Self::Permission,
        Self::Event,
        Self::Currency,
        Self::Codes,
        Self::Contract,
    ];

    /// The words on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connection => "Sign-in to Procore",
            Self::App => "App in Procore",
            Self::Tool => "Change Events tool",
            Self::Permission => "Your permission",
            Self::Event => "Change Event",
            Self::Currency => "Currency",
            Self::Codes => "Budget codes",
            Self::Contract => "Contract",
        }
    }

    /// The word in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::App => "app",
            Self::Tool => "tool",
            Self::Permission => "permission",
            Self::Event => "event",
            Self::Currency => "currency",
            Self::Codes => "codes",
            Self::Contract => "contract",
        }
    }

    /// The check of a [`Check::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|check| check.code() == code)
    }
}

impl Check {
    /// Whether Procore's answer about the person decides it.
    pub const fn is_about_the_person(self) -> bool {
        matches!(self, Self::Connection | Self::App | Self::Tool | Self::Permission)
    }
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Can't be told now; Procore says so when it is pushed.
    Unknown,
    /// The push may go, and somebody should know.
    Warn,
    /// Procore would refuse it.
    Stop,
}

impl Level {
    /// All of them, from calm to grave.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Unknown, Self::Warn, Self::Stop];

    /// The level of a [`Level::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }

    /// The word in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Warn => "warn",
            Self::Stop => "stop",
        }
    }
}

/// Who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The person who pushes.
    You,
    /// Who administers the Procore project.
    ProjectAdmin,
    /// Who administers the Procore account.
    AccountAdmin,
}

impl Who {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::You, Self::ProjectAdmin, Self::AccountAdmin];

    /// The one of a [`Who::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|who| who.code() == code)
    }

    /// The words on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::You => "You",
            Self::ProjectAdmin => "An administrator of the Procore project",
            Self::AccountAdmin => "An administrator of the Procore account",
        }
    }

    /// The word in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::You => "you",
            Self::ProjectAdmin => "project_admin",
            Self::AccountAdmin => "account_admin",
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// How it came out.
    pub level: Level,
    /// What is the case.
    pub says: String,
    /// What mends it, and who can do it; nothing where nothing is wrong.
    pub remedy: Option<(String, Who)>,
    /// When what it says was read, where that was not just now.
    pub as_of: Option<Timestamp>,
}

/// What the person may do with change events, as Procore told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// The person's level, by Procore's word: `none`, `read_only`, `standard`, `admin`, in any spelling.
    Level(String),
    /// The project has no such tool.
    NoTool,
    /// The app is not installed in the account.
    NoApp,
    /// Procore shows the person no such project.
    NoProject,
    /// The person has to sign in first; why, if there is more to say.
    SignIn(String),
    /// Procore could not be asked; why.
    Unknown(String),
}

/// The event of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFacts {
    /// "CE 002".
    pub name: String,
    /// The word Procore shows for its status.
    pub status: String,
    /// What it means there: `open`, `pending`, `closed`, `void`.
    pub mapped_to: String,
    /// Whether the person made it; nothing when Procore doesn't say.
    pub own: Option<bool>,
    /// What its lines add up to in the field that the push writes.
    pub sum: Amount,
    /// The lines with an amount that can't be read, as what they say and why, where they are known: nobody can tell what the
    /// event adds up to.
    pub unreadable: Vec<(String, Amount)>,
}

/// A chosen contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractFacts {
    /// Number and title.
    pub name: String,
    /// Procore's word for its status; may be empty.
    pub status: String,
    /// The currency that Procore names for it; empty where it names none.
    pub currency: String,
    /// Whether that is so now.
    pub seen: Seen,
}

/// What reading a contract by its id told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It was read just now.
    Now,
    /// It is in the project's list no more.
    Gone,
    /// It could not be read; why. What is known of it is older.
    Unread(String),
}

/// What is known before a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// What the person may do.
    pub access: Access,
    /// As whom, in Procore.
    pub login: String,
    /// The event; nothing for a new one.
    pub event: Option<EventFacts>,
    /// What all amounts of the push are in.
    pub currency: Currency,
    /// What is known of the currency of project and event.
    pub there: KnownCurrency,
    /// The push takes lines out and does nothing else, as of CORs that are void.
    pub only_takes_out: bool,
    /// How many lines have a budget code.
    pub codes: usize,
    /// Chosen codes that are no longer in the budget.
    pub codes_gone: usize,
    /// When the budget's codes were last read.
    pub codes_read_at: Option<Timestamp>,
    /// That is so long ago that they may have changed.
    pub codes_old: bool,
    /// The chosen contracts, each once.
    pub contracts: Vec<ContractFacts>,
    /// What Procore shows no contracts of, and the permission that would show them; nothing where some can be chosen.
    pub unseen: Option<(&'static str, &'static str)>,
    /// Received CORs are paid under a contract. That of sent ones is the prime contract for markup estimates that this push sets.
    pub side: Side,
}

/// What was found, a finding for each of [`Check::ALL`].
pub fn preflight(facts: &Facts) -> Vec<Finding> {
    Check::ALL
        .into_iter()
        .map(|check| match check {
            Check::Connection => connection(facts),
            Check::App => app(facts),
            Check::Tool => tool(facts),
            Check::Permission => permission(&facts.access, facts.event.as_ref()),
            Check::Event => event(facts.event.as_ref(), facts.only_takes_out),
            Check::Currency => currency(facts),
            Check::Codes => codes(facts),
            Check::Contract => contract(facts),
        })
        .collect()
}

/// The sentences that stop the push; empty when it may go.
pub fn stops(findings: &[Finding]) -> Vec<String> {
    let stop = |finding: &&Finding| finding.level == Level::Stop;
    let sentence = |finding: &Finding| match &finding.remedy {
        Some((remedy, _)) => format!("{} {remedy}", finding.says),
        None => finding.says.clone(),
    };
    findings.iter().filter(stop).map(sentence).collect()
}

fn ok(check: Check, says: impl Into<String>) -> Finding {
    Finding { check, level: Level::Ok, says: says.into(), remedy: None, as_of: None }
}

fn unknown(check: Check, says: impl Into<String>) -> Finding {
    Finding { check, level: Level::Unknown, says: says.into(), remedy: None, as_of: None }
}

fn found(check: Check, level: Level, says: impl Into<String>, remedy: &str, who: Who) -> Finding {
    Finding { check, level, says: says.into(), remedy: Some((remedy.to_owned(), who)), as_of: None }
}

/// What later checks say when an earlier one left nothing to ask.
const FIRST: &str = "Can't be checked before that.";

fn connection(facts: &Facts) -> Finding {
    match &facts.access {
        Access::SignIn(why) => {
            let says = if why.is_empty() { "You are not signed in to Procore." } else { why };
            found(Check::Connection, Level::Stop, says, "Sign in to Procore.", Who::You)
        }
        _ => ok(Check::Connection, format!("Signed in as {}.", facts.login)),
    }
}

fn app(facts: &Facts) -> Finding {
    match &facts.access {
        Access::NoApp => found(
            Check::App,
            Level::Stop,
            "Ledgerboard is not installed in this Procore account.",
            "Install it under Company Admin → App Management.",
            Who::AccountAdmin,
        ),
        Access::SignIn(_) => unknown(Check::App, FIRST),
        Access::Unknown(why) => unknown(Check::App, why),
        _ => ok(Check::App, "Installed in the account."),
    }
}

fn tool(facts: &Facts) -> Finding {
    match &facts.access {
        Access::NoTool => found(
            Check::Tool,
            Level::Stop,
            "The Procore project has no Change Events tool.",
            "Turn it on under Project Admin → Tool Settings.",
            Who::ProjectAdmin,
        ),
        Access::NoProject => found(
            Check::Tool,
            Level::Stop,
            "Procore doesn't show you this project.",
            "Add you to the project's directory.",
            Who::ProjectAdmin,
        ),
        Access::SignIn(_) | Access::NoApp => unknown(Check::Tool, FIRST),
        Access::Unknown(_) => unknown(Check::Tool, "Procore could not be asked."),
        Access::Level(_) => ok(Check::Tool, "Turned on in the project."),
    }
}

fn permission(access: &Access, event: Option<&EventFacts>) -> Finding {
    let Access::Level(level) = access else {
        let says = if matches!(access, Access::Unknown(_)) { "Procore could not be asked." } else { FIRST };
        return unknown(Check::Permission, says);
    };
    let stop = |says: &str, remedy: &str| found(Check::Permission, Level::Stop, says, remedy, Who::ProjectAdmin);
    let own = event.and_then(|event| event.own);
    match level.to_lowercase().replace(['_', '-'], " ").trim() {
        "admin" => ok(Check::Permission, "Admin: you may create and edit any Change Event."),
        "standard" if event.is_none() => ok(Check::Permission, "Standard: you may create a Change Event."),
        "standard" => match own {
            Some(true) => ok(Check::Permission, "Standard: you may edit this Change Event, which you created."),
            Some(false) => stop(
                "With Standard permission you may edit only Change Events that you created; this one is somebody else's.",
                "Give you Admin permission on Change Events, or create a new event.",
            ),
            None => unknown(Check::Permission, "Standard: you may edit Change Events that you created."),
        },
        "read only" => stop(
            "Your permission on Change Events is Read Only.",
            "Give you Standard permission to create events, or Admin to edit any.",
        ),
        "none" => stop(
            "You have no permission on Change Events in this project.",
            "Give you Standard permission to create events, or Admin to edit any.",
        ),
        _ => unknown(Check::Permission, format!("Procore calls your permission “{level}”.")),
    }
}

fn event(event: Option<&EventFacts>, only_takes_out: bool) -> Finding {
    let Some(event) = event else { return ok(Check::Event, "A new one is created.") };
    let is = format!("{} is {}", event.name, event.status);
    let meaning = folded(&event.mapped_to);
    let counts = meaning != "void";
    let mend =
        |says: String| found(Check::Event, Level::Stop, says, "Correct it in Procore, then look again.", Who::You);
    if let Some((line, amount)) = event.unreadable.first().filter(|_| counts) {
        let more = match event.unreadable.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        return mend(format!("{}: the amount of “{line}”{more} {}.", event.name, why(*amount)));
    }
    if counts && !event.sum.is_readable() {
        return mend(format!("{}: an amount in it {}.", event.name, why(event.sum)));
    }
    match meaning.as_str() {
        "void" if only_takes_out => ok(Check::Event, format!("{is}; lines are only removed from it.")),
        "void" => found(
            Check::Event,
            Level::Stop,
            format!("{is}, and costs in a void event don't count."),
            "Reopen it in Procore, or choose another event.",
            Who::You,
        ),
        "closed" => found(
            Check::Event,
            Level::Warn,
            format!("{is}, and Procore may refuse changes to it."),
            "Reopen it in Procore if the push is refused.",
            Who::You,
        ),
        "open" | "pending" => ok(Check::Event, format!("{is}.")),
        _ => unknown(Check::Event, meaningless(event)),
    }
}

/// An event of which nobody can tell whether it takes changes.
fn meaningless(event: &EventFacts) -> String {
    let status = match event.status.trim() {
        "" => format!("Procore names no status of {}", event.name),
        status => format!("{} is “{status}”", event.name),
    };
    match event.mapped_to.trim() {
        "" => format!("{status}, and Procore doesn't say what that means: open, pending, closed or void."),
        meaning => {
            format!("{status}. To Procore that means “{meaning}”, which is none of open, pending, closed and void.")
        }
    }
}

/// A word as it is compared: `Out_For_Bid ` is `out for bid`.
fn folded(word: &str) -> String {
    let plain = word.to_lowercase().replace(['_', '-'], " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

const fn why(amount: Amount) -> &'static str {
    match amount {
        Amount::TooLarge => "is too large to read",
        Amount::Exact(_) | Amount::Unreadable => "could not be read",
    }
}

fn currency(facts: &Facts) -> Finding {
    let ours = facts.currency.code();
    if facts.only_takes_out {
        return ok(Check::Currency, "Lines that are removed bring no amount.");
    }
    match facts.there.agrees_with(facts.currency) {
        Ok(()) if facts.there.named.is_empty() => {
            ok(Check::Currency, format!("{ours}, as was stated for this project."))
        }
        Ok(()) => ok(Check::Currency, format!("{ours}, as Procore names it.")),
        Err(trouble) => found(Check::Currency, Level::Stop, trouble.sentence(), trouble.remedy(), Who::You),
    }
}

fn codes(facts: &Facts) -> Finding {
    let lines = |n: usize| if n == 1 { "1 line".to_owned() } else { format!("{n} lines") };
    if facts.codes_gone > 0 {
        let says = format!("{} name a budget code that is no longer in the budget.", lines(facts.codes_gone));
        return found(Check::Codes, Level::Stop, says, "Choose another budget code.", Who::You);
    }
    if facts.only_takes_out {
        return ok(Check::Codes, "Lines that are removed need none.");
    }
    let says = format!("{} with a code of the budget.", lines(facts.codes));
    let found = if facts.codes_old {
        let remedy = "Refresh the codes on the step before.";
        found(Check::Codes, Level::Warn, format!("{says} It may have changed since."), remedy, Who::You)
    } else {
        ok(Check::Codes, says)
    };
    Finding { as_of: facts.codes_read_at, ..found }
}

/// The words for a contract that is over.
const OVER: &[&str] = &["void", "terminated"];
/// Those for one that is done.
const DONE: &[&str] = &["closed", "complete"];
/// Those for one that is being made.
const NOT_YET: &[&str] = &["draft", "out for bid", "out for tender", "out for signature", "processing", "submitted"];
/// Those for one in force; an order is received in parts.
const IN_FORCE: &[&str] = &["approved", "partially received", "received"];

fn contract(facts: &Facts) -> Finding {
    let told = |words: &[&str]| {
        // Sent CORs are paid under none: theirs says only whose markup Procore adds.
        if facts.side == Side::Sent {
            return None;
        }
        let is = |contract: &&ContractFacts| words.contains(&folded(&contract.status).as_str());
        let names: Vec<_> = facts.contracts.iter().filter(is).map(|c| format!("{} is {}", c.name, c.status)).collect();
        (!names.is_empty()).then(|| names.join("; "))
    };
    let stop = |says: String| found(Check::Contract, Level::Stop, says, "Choose another contract.", Who::You);
    let warn = |says, remedy| found(Check::Contract, Level::Warn, says, remedy, Who::ProjectAdmin);
    if let Some(gone) = facts.contracts.iter().find(|contract| contract.seen == Seen::Gone) {
        return stop(format!("{} is no longer in Procore.", gone.name));
    }
    if let Some(over) = told(OVER) {
        return stop(format!("{over}: nothing can be paid under it."));
    }
    let foreign = |c: &&ContractFacts| !c.currency.is_empty() && !currency::is(&c.currency, facts.currency);
    if let Some(foreign) = facts.contracts.iter().find(foreign) {
        let says = format!(
            "{} is kept in {} and these amounts are in {}. Amounts are never converted.",
            foreign.name,
            foreign.currency,
            facts.currency.code()
        );
        return found(Check::Contract, Level::Stop, says, "Choose a contract in the same currency.", Who::You);
    }
    if let Some(done) = told(DONE) {
        return warn(format!("{done}: changes to it may be refused later."), "Ask whoever administers the contract.");
    }
    if let Some(not_yet) = told(NOT_YET) {
        let remedy = "Have the contract approved before its change order.";
        return warn(format!("{not_yet}: change orders need an approved contract."), remedy);
    }
    let unread = facts.contracts.iter().find_map(|contract| match &contract.seen {
        Seen::Unread(why) => Some((contract, why)),
        _ => None,
    });
    if let Some((contract, why)) = unread {
        return unknown(Check::Contract, format!("Whether {} is in force could not be read now. {why}", contract.name));
    }
    // Every other known word was told above.
    let odd = |c: &&ContractFacts| facts.side == Side::Received && !IN_FORCE.contains(&folded(&c.status).as_str());
    if let Some(odd) = facts.contracts.iter().find(odd) {
        let says = match odd.status.trim() {
            "" => format!("Procore names no status of {}, so whether it is in force is not known.", odd.name),
            word => format!("{} is “{word}”. Whether it is in force then is not known.", odd.name),
        };
        return unknown(Check::Contract, says);
    }
    match facts.contracts.as_slice() {
        [] if facts.only_takes_out => ok(Check::Contract, "Lines that are removed need none."),
        [] => match facts.unseen {
            Some((says, permission)) => {
                found(Check::Contract, Level::Unknown, says, &format!("Give you {permission}."), Who::ProjectAdmin)
            }
            None if facts.side == Side::Sent => ok(Check::Contract, "Sent CORs need none."),
            None => ok(Check::Contract, "None was chosen."),
        },
        [one] if facts.side == Side::Sent => ok(Check::Contract, format!("{}.", one.name)),
        [one] => ok(Check::Contract, format!("{} is {}.", one.name, one.status)),
        many if facts.side == Side::Sent => ok(Check::Contract, format!("{} contracts.", many.len())),
        many => ok(Check::Contract, format!("{} contracts, all in force.", many.len())),
    }
}

/// What stands in the way of choosing an event, and what is to be known of it, from what the person may do and what the event
/// was when it was read: the first keeps it from being chosen.
pub fn choosable(access: &Access, event: &EventFacts, only_takes_out: bool) -> (Option<String>, Option<String>) {
    // What stands in the way of every event is told once, above them all.
    let anyway = permission(access, None).level == Level::Stop;
    let findings = [permission(access, Some(event)), self::event(Some(event), only_takes_out)];
    let own = |finding: &&Finding| finding.check == Check::Event || !anyway;
    let says = |level: Level| findings.iter().filter(own).find(|f| f.level == level).map(|f| f.says.clone());
    (says(Level::Stop), says(Level::Warn))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(level: &str) -> Facts {
        Facts {
            access: Access::Level(level.to_owned()),
            login: "d.whitfield@whitfieldsons.example".to_owned(),
            event: None,
            currency: Currency::Usd,
            there: KnownCurrency { stated: Some(Currency::Usd), ..KnownCurrency::default() },
            codes: 3,
            codes_gone: 0,
            codes_read_at: None,
            codes_old: false,
            only_takes_out: false,
            contracts: contracts("Approved", Seen::Now),
            unseen: None,
            side: Side::Received,
        }
    }

    fn contract_facts(status: &str, currency: &str) -> ContractFacts {
        let (name, status, currency) = ("SC-23-007 Mechanical".into(), status.into(), currency.into());
        ContractFacts { name, status, currency, seen: Seen::Now }
    }

    fn contracts(status: &str, seen: Seen) -> Vec<ContractFacts> {
        vec![ContractFacts { seen, ..contract_facts(status, "") }]
    }

    fn existing(mapped_to: &str, own: Option<bool>) -> EventFacts {
        EventFacts {
            name: "CE 002".into(),
            status: "Open".into(),
            mapped_to: mapped_to.into(),
            own,
            sum: Amount::ZERO,
            unreadable: Vec::new(),
        }
    }

    fn unreadable() -> EventFacts {
        let lines = vec![("Crane time".to_owned(), Amount::TooLarge), ("Rigging".to_owned(), Amount::Unreadable)];
        EventFacts { unreadable: lines, ..existing("open", None) }
    }

    #[test]
    fn an_amount_that_cannot_be_read_is_told_with_its_line() {
        let findings = preflight(&Facts { event: Some(unreadable()), ..facts("admin") });
        assert_eq!(
            stops(&findings),
            [
                "CE 002: the amount of “Crane time” (and 1 more) is too large to read. Correct it in Procore, then look again."
            ]
        );
    }

    fn level(facts: &Facts, check: Check) -> Level {
        preflight(facts).into_iter().find(|finding| finding.check == check).unwrap().level
    }

    #[test]
    fn everything_in_order_stops_nothing() {
        for event in [None, Some(existing("open", Some(false))), Some(existing("pending", None))] {
            let findings = preflight(&Facts { event, ..facts("admin") });
            assert_eq!(findings.iter().map(|f| f.check).collect::<Vec<_>>(), Check::ALL);
            assert!(findings.iter().all(|f| f.level == Level::Ok && f.remedy.is_none()), "{findings:#?}");
            assert!(stops(&findings).is_empty());
        }
    }

    #[test]
    fn each_stop_says_what_to_do_and_who_can() {
        let with = |access: Access| Facts { access, ..facts("admin") };
        let contract = |status: &str| contracts(status, Seen::Now);
        let cases = [
            (with(Access::SignIn(String::new())), Check::Connection, Who::You),
            (with(Access::NoApp), Check::App, Who::AccountAdmin),
            (with(Access::NoTool), Check::Tool, Who::ProjectAdmin),
            (with(Access::NoProject), Check::Tool, Who::ProjectAdmin),
            (facts("read_only"), Check::Permission, Who::ProjectAdmin),
            (facts("None"), Check::Permission, Who::ProjectAdmin),
            (
                Facts { event: Some(existing("open", Some(false))), ..facts("Standard") },
                Check::Permission,
                Who::ProjectAdmin,
            ),
            (Facts { event: Some(existing("void", None)), ..facts("admin") }, Check::Event, Who::You),
            (Facts { event: Some(unreadable()), ..facts("admin") }, Check::Event, Who::You),
            (Facts { there: KnownCurrency::default(), ..facts("admin") }, Check::Currency, Who::You),
            (Facts { there: KnownCurrency::default().naming(["CAD"]), ..facts("admin") }, Check::Currency, Who::You),
            (Facts { contracts: vec![contract_facts("Approved", "CAD")], ..facts("admin") }, Check::Contract, Who::You),
            (Facts { codes_gone: 1, ..facts("admin") }, Check::Codes, Who::You),
            (Facts { contracts: contract("Void"), ..facts("admin") }, Check::Contract, Who::You),
            (Facts { contracts: contract("Terminated"), ..facts("admin") }, Check::Contract, Who::You),
            (Facts { contracts: contracts("Approved", Seen::Gone), ..facts("admin") }, Check::Contract, Who::You),
            (
                Facts { contracts: contracts("Void", Seen::Unread("No answer.".into())), ..facts("admin") },
                Check::Contract,
                Who::You,
            ),
        ];
        for (facts, check, who) in cases {
            let findings = preflight(&facts);
            let finding = findings.iter().find(|f| f.check == check).unwrap();
            assert_eq!(finding.level, Level::Stop, "{finding:?}");
            assert_eq!(finding.remedy.as_ref().map(|(_, who)| *who), Some(who), "{finding:?}");
            let others = findings.iter().filter(|f| f.level == Level::Stop).count();
            assert_eq!(others, 1, "one cause, one stop: {findings:#?}");
            assert_eq!(stops(&findings).len(), 1);
        }
    }

    #[test]
    fn what_no_source_says_procore_refuses_is_a_warning() {
        let contract = |status: &str| contracts(status, Seen::Now);
        let cases = [
            (Facts { event: Some(existing("closed", None)), ..facts("admin") }, Check::Event),
            (Facts { contracts: contract("Out For Signature"), ..facts("admin") }, Check::Contract),
            (Facts { contracts: contract("Complete"), ..facts("admin") }, Check::Contract),
            (Facts { codes_old: true, ..facts("admin") }, Check::Codes),
        ];
        for (facts, check) in cases {
            assert_eq!(level(&facts, check), Level::Warn, "{check:?}");
            assert!(stops(&preflight(&facts)).is_empty());
        }
    }

    #[test]
    fn a_contract_in_an_unknown_status_is_not_taken_for_one_in_force() {
        let found = |status: &str| {
            let findings = preflight(&Facts { contracts: contracts(status, Seen::Now), ..facts("admin") });
            findings.into_iter().find(|finding| finding.check == Check::Contract).unwrap()
        };
        for status in ["Voided", "Cancelled", "Declined", "approved?", "3", "", " "] {
            let finding = found(status);
            assert_eq!(finding.level, Level::Unknown, "{status}");
            assert!(finding.says.contains("SC-23-007") && finding.says.contains(status.trim()), "{}", finding.says);
        }
        for (status, level) in [
            ("void ", Level::Stop),
            (" TERMINATED", Level::Stop),
            ("Out_For_Tender", Level::Warn),
            ("complete", Level::Warn),
            ("approved ", Level::Ok),
            ("Partially Received", Level::Ok),
        ] {
            assert_eq!(found(status).level, level, "{status}");
        }
        // What stops or warns is told before what is not known.
        let both = vec![contract_facts("Voided", ""), contract_facts("Void", "")];
        assert_eq!(level(&Facts { contracts: both, ..facts("admin") }, Check::Contract), Level::Stop);
        let both = vec![contract_facts("Approved", ""), contract_facts("Voided", "")];
        assert_eq!(level(&Facts { contracts: both, ..facts("admin") }, Check::Contract), Level::Unknown);
    }

    #[test]
    fn an_event_whose_status_means_nothing_known_is_not_taken_for_a_live_one() {
        let found = |status: &str, mapped_to: &str| {
            let event = EventFacts { status: status.into(), ..existing(mapped_to, None) };
            preflight(&Facts { event: Some(event), ..facts("admin") }).remove(4)
        };
        for (status, mapped_to, said) in [
            ("In Verhandlung", "", "CE 002 is “In Verhandlung”, and Procore doesn't say what that means"),
            ("Parked", "parked", "To Procore that means “parked”, which is none of"),
            ("", " ", "Procore names no status of CE 002"),
        ] {
            let finding = found(status, mapped_to);
            assert_eq!((finding.check, finding.level), (Check::Event, Level::Unknown));
            assert!(finding.says.contains(said), "{}", finding.says);
        }
        assert_eq!(found("Void", "Void ").level, Level::Stop);
        assert_eq!(found("Closed", "CLOSED").level, Level::Warn);
        assert_eq!(found("Open", "open").level, Level::Ok);
    }

    #[test]
    fn standard_creates_and_edits_its_own_events() {
        assert_eq!(level(&facts("Standard"), Check::Permission), Level::Ok);
        let on = |own| Facts { event: Some(existing("open", own)), ..facts("standard") };
        assert_eq!(level(&on(Some(true)), Check::Permission), Level::Ok);
        assert_eq!(level(&on(None), Check::Permission), Level::Unknown);
    }

    #[test]
    fn where_lines_are_only_removed_no_code_and_no_contract_is_asked_for_and_a_void_event_is_fine() {
        let findings = preflight(&Facts {
            event: Some(existing("void", None)),
            only_takes_out: true,
            codes: 0,
            codes_old: true,
            contracts: Vec::new(),
            ..facts("admin")
        });
        assert!(findings.iter().all(|f| f.level == Level::Ok), "{findings:#?}");
    }

    #[test]
    fn an_event_that_cannot_be_pushed_into_says_so_where_it_is_chosen() {
        let may = |level: &str| Access::Level(level.to_owned());
        let chosen = |access: Access, mapped: &str, own| choosable(&access, &existing(mapped, own), false);
        assert_eq!(chosen(may("admin"), "open", Some(false)), (None, None));
        let (void, _) = chosen(may("admin"), "void", None);
        assert!(void.unwrap().contains("don't count"));
        let (refused, closed) = chosen(may("admin"), "closed", None);
        assert!(refused.is_none() && closed.unwrap().contains("may refuse changes"));
        let (theirs, _) = chosen(may("standard"), "open", Some(false));
        assert!(theirs.unwrap().contains("somebody else's"));
        let large = EventFacts { sum: Amount::TooLarge, ..existing("open", None) };
        let (large, _) = choosable(&may("admin"), &large, false);
        assert_eq!(large.unwrap(), "CE 002: an amount in it is too large to read.");
        assert_eq!(chosen(may("read_only"), "open", None), (None, None), "that stands in the way of every event");
        assert_eq!(chosen(Access::Unknown("No answer.".into()), "open", None), (None, None), "not known is no refusal");
        assert_eq!(choosable(&may("admin"), &existing("void", None), true), (None, None), "lines may be removed");
    }

    #[test]
    fn what_cannot_be_asked_stops_nothing() {
        let contracts = contracts("Approved", Seen::Unread("Procore is not answering.".into()));
        let findings =
            preflight(&Facts { access: Access::Unknown("Procore is not answering.".into()), contracts, ..facts("") });
        assert!(findings.iter().all(|f| matches!(f.level, Level::Ok | Level::Unknown)), "{findings:#?}");
        assert_eq!(level(&facts("Wizard"), Check::Permission), Level::Unknown, "a level of Procore's to come");
    }
}
