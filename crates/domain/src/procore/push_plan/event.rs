//! A change event as the planner sees it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Action;
use crate::procore::{Amount, amount::exact};

/// A change event read from Procore, in the terms of one side: `amount` is the field that side writes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct EventLines {
    /// Procore's id.
    pub id: i64,
    /// All lines, deleted ones included.
    pub lines: Vec<EventLine>,
}

/// A line as Procore has it now, whoever wrote it. A [`KnownLine`](super::KnownLine) is one of ours, as we last knew it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EventLine {
    /// Procore's id.
    pub id: i64,
    /// What it says.
    pub values: Values,
    /// What Procore shows as its latest amount.
    #[serde(with = "exact")]
    pub latest: Amount,
    /// The fields Procore doesn't let anybody change.
    pub locked: BTreeSet<Field>,
    /// What it is tied to: "tied to RFQ 3".
    pub tied_to: Option<String>,
    /// Whether it can be removed.
    pub deletable: bool,
    /// Whether it was removed.
    pub deleted: bool,
    /// The currency that Procore names for it, which may be its contract's; empty for most companies.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub currency: String,
    /// Its amount is revenue that nobody gave: Procore shows the owner what the line costs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub follows_cost: bool,
}

/// What we write of a line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Values {
    /// Its description, number and mark included.
    pub description: String,
    /// Its amount.
    #[serde(with = "exact")]
    pub amount: Amount,
    /// Its WBS code.
    pub budget_code: Option<i64>,
    /// Its commitment.
    pub contract: Option<i64>,
    /// Its vendor.
    pub vendor: Option<i64>,
}

/// A field of a line that can change or be locked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FieldOfLine)]
pub enum Field {
    /// The description.
    Description,
    /// The amount.
    Amount,
    /// The budget code.
    BudgetCode,
    /// The contract.
    Contract,
    /// The vendor.
    Vendor,
}

impl Field {
    /// All fields.
    pub const ALL: [Self; 5] = [Self::Description, Self::Amount, Self::BudgetCode, Self::Contract, Self::Vendor];

    /// The words on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::Amount => "amount",
            Self::BudgetCode => "budget code",
            Self::Contract => "contract",
            Self::Vendor => "vendor",
        }
    }
}

impl Values {
    /// The fields in which `self` and `other` differ.
    pub fn differing(&self, other: &Self) -> BTreeSet<Field> {
        Field::ALL
            .into_iter()
            .filter(|field| match field {
                Field::Description => self.description != other.description,
                Field::Amount => self.amount != other.amount,
                Field::BudgetCode => self.budget_code != other.budget_code,
                Field::Contract => self.contract != other.contract,
                Field::Vendor => self.vendor != other.vendor,
            })
            .collect()
    }

    /// The same with the budget code, contract and vendor of `there` where it has none: what was left open Procore may fill in,
    /// by a setting of its project.
    pub fn filled_in(&self, there: &Self) -> Self {
        let mut filled = self.clone();
        filled.budget_code = filled.budget_code.or(there.budget_code);
        filled.contract = filled.contract.or(there.contract);
        filled.vendor = filled.vendor.or(there.vendor);
        filled
    }

    /// Takes `field` from `other`.
    pub fn keep(&mut self, field: Field, other: &Self) {
        match field {
            Field::Description => self.description.clone_from(&other.description),
            Field::Amount => self.amount = other.amount,
            Field::BudgetCode => self.budget_code = other.budget_code,
            Field::Contract => self.contract = other.contract,
            Field::Vendor => self.vendor = other.vendor,
        }
    }
}

impl EventLine {
    /// What keeps its amount from being changed or it from being removed, in words; `None` when nothing does.
    pub fn lock(&self) -> Option<String> {
        let free = self.deletable && !self.locked.contains(&Field::Amount);
        (!free || self.tied_to.is_some()).then(|| self.why_locked())
    }

    /// What keeps it from being removed, in words; `None` when nothing does.
    pub fn stays(&self) -> Option<String> {
        match self.removal() {
            Action::Locked { why } => Some(why),
            _ => None,
        }
    }

    fn why_locked(&self) -> String {
        self.tied_to.clone().unwrap_or_else(|| "locked in Procore".to_owned())
    }

    /// What to do so that this line says `wanted`.
    pub(super) fn change_to(&self, wanted: &Values) -> Action {
        let differing = self.values.differing(wanted);
        let (withheld, fields): (BTreeSet<Field>, BTreeSet<Field>) =
            differing.into_iter().partition(|f| self.locked.contains(f));
        match (fields.is_empty(), withheld.is_empty()) {
            (true, true) => Action::Unchanged,
            // An amount that cannot follow makes the whole line stay: half an update helps nobody.
            _ if withheld.contains(&Field::Amount) => Action::Locked { why: self.why_locked() },
            (true, false) => Action::Locked { why: self.why_locked() },
            (false, true) => Action::Update { fields, withheld, why: None },
            (false, false) => Action::Update { fields, withheld, why: Some(self.why_locked()) },
        }
    }

    /// What to do so that this line goes.
    pub(super) fn removal(&self) -> Action {
        // Single fields that are disabled say nothing of the whole line; most lines have some.
        if self.deletable && self.locked.len() < Field::ALL.len() {
            Action::Remove
        } else {
            Action::Locked { why: self.why_locked() }
        }
    }
}
