//! What the lists of reference data hold.

#![allow(missing_docs, reason = "most fields say by their names what they are")]

use domain::{ProcoreId, procore::Side};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sync::reference::{BUDGET_CODES, BudgetCode};
use utoipa::ToSchema;

use super::unseen::Unseen;

/// A status that change events may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventStatus {
    #[serde(with = "domain::ids::as_procore_id")]
    #[schema(value_type = ProcoreId)]
    pub id: i64,
    /// The account's own word.
    pub name: String,
    /// What it means to Procore: `open`, `pending`, `closed`, `void`.
    pub mapped_to: String,
    /// Whether new change events get it in Procore.
    pub default: bool,
}

/// A type or a reason that change events may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TypeOrReason {
    #[serde(with = "domain::ids::as_procore_id")]
    #[schema(value_type = ProcoreId)]
    pub id: i64,
    /// The account's own word.
    pub name: String,
}

/// A contract in Procore: a subcontract or purchase order, which pays for received CORs, or a prime contract, which pays for
/// sent ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProcoreContract)]
pub struct ProcoreContract {
    #[serde(with = "domain::ids::as_procore_id")]
    #[schema(value_type = ProcoreId)]
    pub id: i64,
    pub number: String,
    pub title: String,
    /// `Draft`, `Approved`, …
    pub status: String,
    /// The company that does the work under a commitment.
    #[serde(default, rename = "vendor_id", with = "domain::ids::as_procore_id::option")]
    #[schema(value_type = Option<ProcoreId>)]
    pub vendor: Option<i64>,
    /// Its name; empty where there is none, or Procore doesn't show it.
    #[serde(default)]
    pub vendor_name: String,
    /// The currency that Procore names for it, which may be another than its project's; empty where it names none.
    #[serde(default)]
    pub currency: String,
}

impl ProcoreContract {
    /// As people name it: number and title.
    pub fn name(&self) -> String {
        format!("{} {}", self.number, self.title)
    }

    /// Takes the place of what was known of it. Procore doesn't always say whom a commitment pays, and in which currency.
    pub(crate) fn replace_in(self, known: &mut [Self]) {
        let said = |now: String, before: &mut String| if now.is_empty() { std::mem::take(before) } else { now };
        if let Some(before) = known.iter_mut().find(|before| before.id == self.id) {
            *before = Self {
                vendor: self.vendor.or(before.vendor),
                vendor_name: said(self.vendor_name, &mut before.vendor_name),
                currency: said(self.currency, &mut before.currency),
                ..self
            };
        }
    }
}

/// What can be chosen for change events of a project and their lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReferenceData {
    /// A record of Procore's that could not be read. It can't be chosen, and is told where it would be.
    pub unread: Vec<UnreadRecord>,
    /// In Procore's order, as types and reasons are.
    pub statuses: Vec<EventStatus>,
    pub types: Vec<TypeOrReason>,
    pub reasons: Vec<TypeOrReason>,
    /// By code.
    pub budget_codes: Vec<BudgetCode>,
    /// Codes that can no longer be chosen; kept for their names.
    #[serde(skip)]
    pub codes_gone: Vec<BudgetCode>,
    /// The contracts that pay for received CORs, by number.
    pub commitments: Vec<ProcoreContract>,
    /// The contracts that pay for sent CORs, by number.
    pub prime_contracts: Vec<ProcoreContract>,
    /// When the budget codes were read from Procore.
    #[serde(rename = "budget_codes_read_at")]
    pub codes_read_at: Timestamp,
    /// When the oldest list was read from Procore.
    #[serde(rename = "read_at")]
    pub fetched_at: Timestamp,
}

/// A record that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnreadRecord {
    /// The list it stands in.
    pub list: ReferenceList,
    /// Which it is, and why, in a sentence.
    pub why: String,
}

impl ReferenceData {
    pub(super) fn nothing(fetched_at: Timestamp) -> Self {
        Self {
            unread: Vec::new(),
            statuses: Vec::new(),
            types: Vec::new(),
            reasons: Vec::new(),
            budget_codes: Vec::new(),
            codes_gone: Vec::new(),
            commitments: Vec::new(),
            prime_contracts: Vec::new(),
            codes_read_at: fetched_at,
            fetched_at,
        }
    }

    /// The contracts a side chooses from: commitments for cost, prime contracts for revenue.
    pub fn contracts(&self, side: Side) -> &[ProcoreContract] {
        match side {
            Side::Received => &self.commitments,
            Side::Sent => &self.prime_contracts,
        }
    }

    /// The records of a list that could not be read.
    pub fn unread(&self, kind: ReferenceList) -> impl Iterator<Item = &str> {
        self.unread.iter().filter(move |record| record.list == kind).map(|record| record.why.as_str())
    }

    /// The contracts of a side that could not be read.
    pub fn contracts_unread(&self, side: Side) -> impl Iterator<Item = &str> {
        self.unread(ReferenceList::of_contracts(side))
    }

    /// Stores a contract as just read, in place of the known one if there is one.
    pub(crate) fn replace(&mut self, side: Side, contract: ProcoreContract) {
        let known = match side {
            Side::Received => &mut self.commitments,
            Side::Sent => &mut self.prime_contracts,
        };
        if known.iter().any(|before| before.id == contract.id) {
            contract.replace_in(known);
        } else {
            known.push(contract);
        }
    }

    /// The lists of both sides that look empty but may only be hidden, in words.
    pub fn all_unseen(&self) -> Vec<String> {
        let (received, sent) = (self.unseen(Side::Received), self.unseen(Side::Sent));
        let more = sent.iter().filter(|list| !received.contains(list));
        received.iter().chain(more).map(|list| list.sentence()).collect()
    }

    /// The side's lists that look empty but may only be hidden from their reader.
    pub fn unseen(&self, side: Side) -> Vec<Unseen> {
        let lacks_names = self.commitments.iter().any(|c| c.vendor.is_some() && c.vendor_name.is_empty());
        // A list with unreadable records isn't hidden.
        let none = |kind: ReferenceList, empty: bool| empty && self.unread(kind).next().is_none();
        [
            (
                side == Side::Received && none(ReferenceList::Commitments, self.commitments.is_empty()),
                Unseen::Commitments,
            ),
            (
                side == Side::Sent && none(ReferenceList::PrimeContracts, self.prime_contracts.is_empty()),
                Unseen::PrimeContracts,
            ),
            (none(ReferenceList::BudgetCodes, self.budget_codes.is_empty()), Unseen::BudgetCodes),
            (side == Side::Received && lacks_names, Unseen::Vendors),
        ]
        .into_iter()
        .filter_map(|(is, what)| is.then_some(what))
        .collect()
    }

    /// A budget code, including those that can no longer be chosen.
    pub fn code(&self, id: i64) -> Option<&BudgetCode> {
        self.budget_codes.iter().chain(&self.codes_gone).find(|code| code.id == id)
    }

    /// Whether a budget code can be chosen.
    pub fn has_code(&self, id: i64) -> bool {
        self.budget_codes.iter().any(|code| code.id == id)
    }

    /// A contract of a side.
    pub fn contract(&self, side: Side, id: i64) -> Option<&ProcoreContract> {
        self.contracts(side).iter().find(|contract| contract.id == id)
    }
}

/// A list of Procore's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReferenceList)]
pub enum ReferenceList {
    Statuses,
    Types,
    Reasons,
    BudgetCodes,
    /// Subcontracts and purchase orders.
    Commitments,
    PrimeContracts,
}

impl ReferenceList {
    pub(super) const ALL: [Self; 6] =
        [Self::Statuses, Self::Types, Self::Reasons, Self::BudgetCodes, Self::Commitments, Self::PrimeContracts];

    /// The word in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Statuses => "statuses",
            Self::Types => "types",
            Self::Reasons => "reasons",
            Self::BudgetCodes => BUDGET_CODES,
            Self::Commitments => "commitments",
            Self::PrimeContracts => "prime_contracts",
        }
    }

    pub(crate) const fn of_contracts(side: Side) -> Self {
        match side {
            Side::Received => Self::Commitments,
            Side::Sent => Self::PrimeContracts,
        }
    }

    /// The list that may be hidden; vendors' names are no list of their own.
    pub(super) const fn of_unseen(unseen: Unseen) -> Option<Self> {
        match unseen {
            Unseen::Commitments => Some(Self::Commitments),
            Unseen::PrimeContracts => Some(Self::PrimeContracts),
            Unseen::BudgetCodes => Some(Self::BudgetCodes),
            Unseen::Vendors => None,
        }
    }

    pub(super) const fn may_be_hidden(self) -> bool {
        matches!(self, Self::BudgetCodes | Self::Commitments | Self::PrimeContracts)
    }
}
