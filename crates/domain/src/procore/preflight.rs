//! Checks before a push: whether Procore would accept it, and if not, what to do and who can do it.
//!
//! Pure: the caller gathers the facts from what is stored and from what the plan reads anyway.

mod amounts;
mod contract;
mod facts;
mod person;
mod target_event;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

pub use self::facts::{ChangeEventPermission, ContractFacts, ContractReading, Facts, Former, Surplus, TargetEvent};
use self::{
    amounts::{codes, currency},
    person::{app, connection, permission, tool},
    target_event::{beside, counted_already, event},
};
use super::push_plan::Work;

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

/// Why an event can't be chosen, and what to warn about, from the person's permission and the event as it was last read.
pub fn choosable(access: &ChangeEventPermission, event: &TargetEvent, work: Work) -> (Option<String>, Option<String>) {
    // A reason that holds for every event is shown once, above the list.
    let anyway = permission(access, None).level == Level::Stop;
    let findings = [permission(access, Some(event)), self::event(Some(event), work)];
    let own = |finding: &&PreflightFinding| finding.check == PreflightCheck::Event || !anyway;
    let says = |level: Level| findings.iter().filter(own).find(|f| f.level == level).map(|f| f.says.clone());
    (says(Level::Stop), says(Level::Warn))
}

/// A word as it is compared: `Out_For_Bid ` is `out for bid`.
fn folded(word: &str) -> String {
    let plain = word.to_lowercase().replace(['_', '-'], " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
