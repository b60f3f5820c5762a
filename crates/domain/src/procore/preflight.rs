//! What is looked at before a push: whether Procore would take it, and if not, what to do and who can do it.
//!
//! Pure: the facts are gathered elsewhere, from what is stored and from what the plan reads anyway.

mod contract;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Amount, Side, currency::KnownCurrency, push_plan::Work};
use crate::money::Currency;

/// What is looked at, in the order in which one thing needs the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PreflightCheck {
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

impl PreflightCheck {
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

    /// The check of a [`PreflightCheck::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|check| check.code() == code)
    }
}

impl PreflightCheck {
    /// Whether Procore's answer about the person decides it.
    pub const fn is_about_the_person(self) -> bool {
        matches!(self, Self::Connection | Self::App | Self::Tool | Self::Permission)
    }
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// What a check before a push found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreflightFinding {
    /// What was looked at.
    pub check: PreflightCheck,
    /// How it came out.
    pub level: Level,
    /// What is the case.
    pub says: String,
    /// What to do about it; null where nothing is wrong.
    pub correction: Option<Correction>,
    /// When what it says was read; null for what was read just now.
    pub as_of: Option<Timestamp>,
}

/// What corrects something that a check before a push found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Correction {
    /// What to do.
    pub says: String,
    /// Who can do it.
    pub who: Who,
    /// The page where the reader can do it, if there is one here.
    pub link: Option<String>,
}

/// What the person may do with change events, as Procore told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeEventPermission {
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
pub struct TargetEvent {
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

/// A contract that money of the push is put under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractFacts {
    /// Number and title; what is left of it, where that is not known any more.
    pub name: String,
    /// A person chose it. Any other is that of a line which is locked in Procore: a line that makes up for it is paid under the same.
    pub chosen: bool,
    /// Procore's word for its status; may be empty.
    pub status: String,
    /// The currency that Procore names for it; empty where it names none.
    pub currency: String,
    /// Whether that is so now.
    pub seen: ContractReading,
}

/// What reading a contract by its id told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContractReading {
    /// It was read just now.
    Now,
    /// It is in the project's list no more.
    Gone,
    /// It could not be read; why. What is known of it is older.
    Unread(String),
}

/// What Procore holds of the CORs that no push accounts for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surplus {
    /// Of which COR and what, a sentence each.
    pub says: Vec<String>,
    /// The push would write one of these CORs into another event than its own: it would count twice from then on.
    pub anew: bool,
}

/// Lines of a COR that is linked to no event, live in the event of the plan: they bear a mark from before it was unlinked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// The COR's number.
    pub number: String,
    /// What each says and its amount.
    pub lines: Vec<(String, Amount)>,
}

/// What is known before a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// What the person may do.
    pub access: ChangeEventPermission,
    /// As whom, in Procore.
    pub login: String,
    /// The event; nothing for a new one.
    pub event: Option<TargetEvent>,
    /// What all amounts of the push are in.
    pub currency: Currency,
    /// What is known of the currency of project and event.
    pub there: KnownCurrency,
    /// What Procore holds of the CORs that no push accounts for.
    pub surplus: Surplus,
    /// What its event holds of its CORs from before they were unlinked.
    pub former: Vec<Former>,
    /// What the push does to the lines of its event.
    pub work: Work,
    /// How many lines that money is put into have a budget code.
    pub codes: usize,
    /// Of these, the codes that are no longer in the budget, by name, one a line. None that was chosen: without one that is,
    /// there is no plan.
    pub codes_gone: Vec<String>,
    /// When the budget's codes were last read.
    pub codes_read_at: Option<Timestamp>,
    /// That is so long ago that they may have changed.
    pub codes_old: bool,
    /// What Procore shows no budget codes of, and the permission that would show them; nothing where some can be chosen.
    pub codes_unseen: Option<(&'static str, &'static str)>,
    /// The contracts, each once: the chosen ones and those that locked lines are under.
    pub contracts: Vec<ContractFacts>,
    /// What Procore shows no contracts of, and the permission that would show them; nothing where some can be chosen.
    pub unseen: Option<(&'static str, &'static str)>,
    /// Received CORs are paid under a contract. That of sent ones is the prime contract for markup estimates that this push sets.
    pub side: Side,
}

/// What was found, a finding for each of [`PreflightCheck::ALL`].
pub fn preflight(facts: &Facts) -> Vec<PreflightFinding> {
    PreflightCheck::ALL
        .into_iter()
        .map(|check| match check {
            PreflightCheck::Connection => connection(facts),
            PreflightCheck::App => app(facts),
            PreflightCheck::Tool => tool(facts),
            PreflightCheck::Permission => permission(&facts.access, facts.event.as_ref()),
            PreflightCheck::Event => {
                let event = counted_already(event(facts.event.as_ref(), facts.work), &facts.former);
                beside(event, &facts.surplus)
            }
            PreflightCheck::Currency => currency(facts),
            PreflightCheck::Codes => codes(facts),
            PreflightCheck::Contract => contract::contract(facts),
        })
        .collect()
}

/// The sentences that stop the push; empty when it may go.
pub fn stops(findings: &[PreflightFinding]) -> Vec<String> {
    let stop = |finding: &&PreflightFinding| finding.level == Level::Stop;
    let sentence = |finding: &PreflightFinding| match &finding.correction {
        Some(correction) => format!("{} {}", finding.says, correction.says),
        None => finding.says.clone(),
    };
    findings.iter().filter(stop).map(sentence).collect()
}

fn ok(check: PreflightCheck, says: impl Into<String>) -> PreflightFinding {
    PreflightFinding { check, level: Level::Ok, says: says.into(), correction: None, as_of: None }
}

fn unknown(check: PreflightCheck, says: impl Into<String>) -> PreflightFinding {
    PreflightFinding { check, level: Level::Unknown, says: says.into(), correction: None, as_of: None }
}

fn found(check: PreflightCheck, level: Level, says: impl Into<String>, remedy: &str, who: Who) -> PreflightFinding {
    let correction = Correction { says: remedy.to_owned(), who, link: None };
    PreflightFinding { check, level, says: says.into(), correction: Some(correction), as_of: None }
}

/// What later checks say when an earlier one left nothing to ask.
const FIRST: &str = "Can't be checked before that.";

fn connection(facts: &Facts) -> PreflightFinding {
    match &facts.access {
        ChangeEventPermission::SignIn(why) => {
            let says = if why.is_empty() { "You are not signed in to Procore." } else { why };
            found(PreflightCheck::Connection, Level::Stop, says, "Sign in to Procore.", Who::You)
        }
        _ => ok(PreflightCheck::Connection, format!("Signed in as {}.", facts.login)),
    }
}

fn app(facts: &Facts) -> PreflightFinding {
    match &facts.access {
        ChangeEventPermission::NoApp => found(
            PreflightCheck::App,
            Level::Stop,
            "Ledgerboard is not installed in this Procore account.",
            "Install it under Company Admin → App Management. Where that has no Install button, ask Procore to allow custom apps.",
            Who::AccountAdmin,
        ),
        ChangeEventPermission::SignIn(_) => unknown(PreflightCheck::App, FIRST),
        ChangeEventPermission::Unknown(why) => unknown(PreflightCheck::App, why),
        _ => ok(PreflightCheck::App, "Installed in the account."),
    }
}

fn tool(facts: &Facts) -> PreflightFinding {
    match &facts.access {
        ChangeEventPermission::NoTool => found(
            PreflightCheck::Tool,
            Level::Stop,
            "The Procore project has no Change Events tool.",
            "Turn it on under Project Admin → Tool Settings.",
            Who::ProjectAdmin,
        ),
        ChangeEventPermission::NoProject => found(
            PreflightCheck::Tool,
            Level::Stop,
            "Procore doesn't show you this project.",
            "Add you to the project's directory.",
            Who::ProjectAdmin,
        ),
        ChangeEventPermission::SignIn(_) | ChangeEventPermission::NoApp => unknown(PreflightCheck::Tool, FIRST),
        ChangeEventPermission::Unknown(_) => unknown(PreflightCheck::Tool, "Procore could not be asked."),
        ChangeEventPermission::Level(_) => ok(PreflightCheck::Tool, "Turned on in the project."),
    }
}

fn permission(access: &ChangeEventPermission, event: Option<&TargetEvent>) -> PreflightFinding {
    let ChangeEventPermission::Level(level) = access else {
        let says =
            if matches!(access, ChangeEventPermission::Unknown(_)) { "Procore could not be asked." } else { FIRST };
        return unknown(PreflightCheck::Permission, says);
    };
    let stop =
        |says: &str, remedy: &str| found(PreflightCheck::Permission, Level::Stop, says, remedy, Who::ProjectAdmin);
    let own = event.and_then(|event| event.own);
    match level.to_lowercase().replace(['_', '-'], " ").trim() {
        "admin" => ok(PreflightCheck::Permission, "Admin: you may create and edit any Change Event."),
        "standard" if event.is_none() => ok(PreflightCheck::Permission, "Standard: you may create a Change Event."),
        "standard" => match own {
            Some(true) => {
                ok(PreflightCheck::Permission, "Standard: you may edit this Change Event, which you created.")
            }
            Some(false) => stop(
                "With Standard permission you may edit only Change Events that you created; this one is somebody else's.",
                "Give you Admin permission on Change Events, or create a new event.",
            ),
            None => unknown(PreflightCheck::Permission, "Standard: you may edit Change Events that you created."),
        },
        "read only" => stop(
            "Your permission on Change Events is Read Only.",
            "Give you Standard permission to create events, or Admin to edit any.",
        ),
        "none" => stop(
            "You have no permission on Change Events in this project.",
            "Give you Standard permission to create events, or Admin to edit any.",
        ),
        _ => unknown(PreflightCheck::Permission, format!("Procore calls your permission “{level}”.")),
    }
}

fn event(event: Option<&TargetEvent>, work: Work) -> PreflightFinding {
    let Some(event) = event else { return ok(PreflightCheck::Event, "A new one is created.") };
    let is = format!("{} is {}", event.name, event.status);
    let meaning = folded(&event.mapped_to);
    let counts = meaning != "void";
    let mend = |says: String| {
        found(PreflightCheck::Event, Level::Stop, says, "Correct it in Procore, then look again.", Who::You)
    };
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
        "void" if work == Work::TakesOut => {
            ok(PreflightCheck::Event, format!("{is}; lines can be removed from it all the same."))
        }
        "void" => {
            let remedy = match work {
                Work::MakesUp => "Reopen it in Procore, or leave what is locked in it as it is.",
                Work::TakesOut | Work::Writes => "Reopen it in Procore, or choose another event.",
            };
            found(
                PreflightCheck::Event,
                Level::Stop,
                format!("{is}, and costs in a void event don't count."),
                remedy,
                Who::You,
            )
        }
        "closed" => found(
            PreflightCheck::Event,
            Level::Warn,
            format!("{is}, and Procore may refuse changes to it."),
            "Reopen it in Procore if the push is refused.",
            Who::You,
        ),
        "open" | "pending" => ok(PreflightCheck::Event, format!("{is}.")),
        _ => unknown(PreflightCheck::Event, meaningless(event)),
    }
}

/// What is found of the event, and which of its CORs it holds already: pushed anew, they would be in it twice. What adds up to
/// nothing doubles no money, and somebody should know of it.
fn counted_already(event: PreflightFinding, former: &[Former]) -> PreflightFinding {
    if former.is_empty() || event.level == Level::Stop {
        return event;
    }
    let says = former.iter().map(Former::sentence).collect::<Vec<_>>().join(" ");
    if former.iter().any(|former| !former.sum().is_zero()) {
        let remedy = "Remove these lines in Procore first, then look again: pushed now, it would count twice.";
        return found(PreflightCheck::Event, Level::Stop, says, remedy, Who::You);
    }
    let before = event.correction.map(|correction| format!("{} ", correction.says)).unwrap_or_default();
    let remedy = format!("{before}Remove these lines in Procore; this push leaves them there.");
    found(PreflightCheck::Event, Level::Warn, format!("{} {says}", event.says), &remedy, Who::You)
}

impl Former {
    fn sum(&self) -> Amount {
        self.lines.iter().map(|(_, amount)| *amount).sum()
    }

    fn sentence(&self) -> String {
        let (number, sum) = (&self.number, self.sum());
        let first = self.lines.first().map(|(says, _)| says.as_str()).unwrap_or_default();
        match self.lines.len() {
            1 => format!(
                "COR {number}: 1 line of {sum} is in this Change Event from before it was unlinked (“{first}”), and no push \
                 accounts for it."
            ),
            lines => format!(
                "COR {number}: {lines} lines of {sum} are in this Change Event from before it was unlinked (“{first}” and {} \
                 more), and no push accounts for them.",
                lines - 1
            ),
        }
    }
}

/// What is found of the event, and what else Procore holds of its CORs.
fn beside(event: PreflightFinding, surplus: &Surplus) -> PreflightFinding {
    if surplus.says.is_empty() || event.level == Level::Stop {
        return event;
    }
    let says = surplus.says.join(" ");
    if surplus.anew {
        let remedy =
            "Remove that surplus first, in the COR's comparison with Procore: pushed now, it would count twice.";
        return found(PreflightCheck::Event, Level::Stop, says, remedy, Who::You);
    }
    let remedy = "Remove that surplus in the COR's comparison with Procore; this push leaves it there.";
    let before = event.correction.map(|correction| format!("{} ", correction.says)).unwrap_or_default();
    found(PreflightCheck::Event, Level::Warn, format!("{} {says}", event.says), &format!("{before}{remedy}"), Who::You)
}

/// An event of which nobody can tell whether it takes changes.
fn meaningless(event: &TargetEvent) -> String {
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
        Amount::NotComparable => "is in another currency",
        Amount::Exact(_) | Amount::Unreadable => "could not be read",
    }
}

fn currency(facts: &Facts) -> PreflightFinding {
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

fn codes(facts: &Facts) -> PreflightFinding {
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

/// What stands in the way of choosing an event, and what is to be known of it, from what the person may do and what the event
/// was when it was read: the first keeps it from being chosen.
pub fn choosable(access: &ChangeEventPermission, event: &TargetEvent, work: Work) -> (Option<String>, Option<String>) {
    // What stands in the way of every event is told once, above them all.
    let anyway = permission(access, None).level == Level::Stop;
    let findings = [permission(access, Some(event)), self::event(Some(event), work)];
    let own = |finding: &&PreflightFinding| finding.check == PreflightCheck::Event || !anyway;
    let says = |level: Level| findings.iter().filter(own).find(|f| f.level == level).map(|f| f.says.clone());
    (says(Level::Stop), says(Level::Warn))
}
