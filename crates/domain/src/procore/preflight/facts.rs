//! What is known before a push, gathered from what is stored and from what the plan reads anyway.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    money::Currency,
    procore::{Amount, Side, currency::KnownCurrency, push_plan::Work},
};

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
    /// Whether a person chose it. Otherwise it is the contract of a line locked in Procore, whose adjustment is paid under the same.
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
    /// The project's list no longer shows it.
    Gone,
    /// It could not be read, with the reason. What we know of it is older.
    Unread(String),
}

/// Lines of the CORs in Procore that no push accounts for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surplus {
    /// Of which COR and what, a sentence each.
    pub says: Vec<String>,
    /// The push would write one of these CORs into another event than its own, so that it counts twice.
    pub anew: bool,
}

/// Lines in the plan's event with a mark that their COR had before it was unlinked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// The COR's number.
    pub number: String,
    /// What each says and its amount.
    pub lines: Vec<(String, Amount)>,
}

/// Everything that the checks before a push need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The person's permission on change events.
    pub access: ChangeEventPermission,
    /// As whom, in Procore.
    pub login: String,
    /// The event; nothing for a new one.
    pub event: Option<TargetEvent>,
    /// What all amounts of the push are in.
    pub currency: Currency,
    /// What is known of the currency of project and event.
    pub there: KnownCurrency,
    /// Lines of the CORs in Procore that no push accounts for.
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
