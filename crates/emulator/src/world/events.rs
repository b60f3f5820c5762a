//! Change events and their lines.

use jiff::Timestamp;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A change event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeEvent {
    /// Id.
    pub id: i64,
    /// Project.
    pub project_id: i64,
    /// Number, unique in the project.
    pub number: String,
    /// Title.
    pub title: Option<String>,
    /// Description; may hold HTML.
    pub description: Option<String>,
    /// `tbd`, `in_scope` or `out_of_scope`.
    pub scope: String,
    /// Status.
    pub status_id: i64,
    /// Change type.
    pub change_type_id: Option<i64>,
    /// Change reason.
    pub change_reason_id: Option<i64>,
    /// The prime contract its revenue estimates are for.
    pub prime_contract_id: Option<i64>,
    /// The estimated markup, where a person edited it.
    #[serde(default)]
    pub edited_markup: Option<Decimal>,
    /// `latest_cost`, `manual`, `automatic` or `no_revenue_expected`.
    pub source_of_revenue_rom: Option<String>,
    /// What it was made from.
    #[serde(default)]
    pub origin: Option<EventOrigin>,
    /// An integration's own reference.
    pub external_data: Option<ExternalData>,
    /// Custom fields, as they were sent.
    pub custom_fields: Map<String, Value>,
    /// Who made it.
    pub created_by: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it or one of its lines last changed.
    pub updated_at: Timestamp,
    /// When it went to the recycle bin.
    pub deleted_at: Option<Timestamp>,
    /// Lines in the order they were made, including deleted ones.
    pub items: Vec<ChangeItem>,
}

impl ChangeEvent {
    /// The lines that are not deleted.
    pub fn live_items(&self) -> impl Iterator<Item = &ChangeItem> {
        self.items.iter().filter(|item| item.deleted_at.is_none())
    }

    /// The sum of the cost estimates of the lines that are not deleted.
    pub fn cost_total(&self) -> Decimal {
        total(self.live_items().map(|item| item.cost.amount))
    }

    /// The sum of the revenue estimates of the lines that are not deleted.
    pub fn revenue_total(&self) -> Decimal {
        total(self.live_items().map(|item| item.revenue.amount))
    }

    /// The line with this id, deleted or not.
    pub fn item(&self, id: i64) -> Option<&ChangeItem> {
        self.items.iter().find(|item| item.id == id)
    }
}

/// What amounts add up to; where no decimal holds it, the largest there is.
fn total(mut amounts: impl Iterator<Item = Decimal>) -> Decimal {
    amounts.try_fold(Decimal::ZERO, Decimal::checked_add).unwrap_or(Decimal::MAX)
}

/// What an event was made from: an RFI, an observation, …
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventOrigin {
    /// Its id.
    pub origin_id: i64,
    /// `rfi`, `observations`, `meetings`, …
    pub origin_type: String,
    /// As people know it.
    pub display_name: String,
}

/// The reference an integration left on an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalData {
    /// The integration's id for it.
    pub origin_id: Option<String>,
    /// Whatever else it keeps.
    pub origin_data: Option<String>,
}

/// A line of a change event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeItem {
    /// Id.
    pub id: i64,
    /// Description.
    pub description: Option<String>,
    /// Budget code; none is shown as "None".
    pub wbs_code_id: Option<i64>,
    /// Rough order of magnitude of the cost.
    pub cost: Estimate,
    /// Proposed vendor.
    pub vendor_id: Option<i64>,
    /// Proposed commitment.
    pub contract_id: Option<i64>,
    /// Rough order of magnitude of the revenue.
    pub revenue: Estimate,
    /// `latest_cost`, `manual`, `automatic` or `no_revenue_expected`.
    pub source_of_revenue_rom: Option<String>,
    /// A cost that took the estimate's place, from a quote or a commitment.
    pub latest_cost: Option<LatestCost>,
    /// What ties the line to something that forbids its edit.
    pub lock: Option<Lock>,
    /// Who made it.
    pub created_by: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was deleted; the row stays.
    pub deleted_at: Option<Timestamp>,
}

/// How an amount comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Quantity times unit cost, rounded half up to cents.
    Automatic,
    /// As given.
    #[default]
    Manual,
}

/// An amount with, perhaps, what it is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Estimate {
    /// The amount in the project's currency.
    pub amount: Decimal,
    /// How it comes about.
    pub strategy: Strategy,
    /// Quantity.
    pub quantity: Option<Decimal>,
    /// Cost per unit.
    pub unit_cost: Option<Decimal>,
    /// Unit of measure.
    pub unit: Option<String>,
}

impl Estimate {
    /// A manual amount.
    pub fn manual(amount: Decimal) -> Self {
        Self { amount, ..Self::default() }
    }

    /// Makes an automatic amount follow quantity and unit cost; half a cent goes away from zero. A product that no decimal
    /// holds becomes the largest there is, which [`Estimate::fits`] no longer.
    pub fn settle(&mut self) {
        if self.strategy == Strategy::Automatic {
            let product = self.quantity.unwrap_or_default().checked_mul(self.unit_cost.unwrap_or_default());
            let product = product.unwrap_or(Decimal::MAX);
            self.amount = product.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        }
    }

    /// Whether the amount is one that may be written: below a quadrillion.
    pub fn fits(&self) -> bool {
        self.amount.abs() < Decimal::from(1_000_000_000_000_000_i64)
    }
}

/// What became of an estimate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestCost {
    /// `commitment`, `latest_quote` or `non_commitment`.
    pub source: String,
    /// The amount there.
    pub amount: Decimal,
}

/// Why a line can't be edited freely.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Whether anything of it may be edited at all.
    pub editable: bool,
    /// Fields that may not: `budget_code`, `contract`, `vendor`, `description`, `cost_impact`, `revenue_impact`, or parts of
    /// them such as `cost_impact.estimate.amount`. What Procore calls them is documented nowhere.
    pub disabled_fields: Vec<String>,
    /// The request for quote it went out with.
    pub rfq: Option<Rfq>,
    /// The documents that it is part of.
    #[serde(default)]
    pub ties: Vec<Tie>,
}

impl Lock {
    /// The document of a kind that the line is part of.
    pub fn tie(&self, to: TieTo) -> Option<&Tie> {
        self.ties.iter().find(|tie| tie.to == to)
    }
}

/// What a line can be part of, besides a request for quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieTo {
    /// The schedule of values of a subcontract or purchase order.
    Commitment,
    /// A change order of a commitment.
    CommitmentChangeOrder,
    /// A package of change orders of a commitment.
    CommitmentPackage,
    /// A change order of the prime contract.
    PrimeChangeOrder,
    /// A package of change orders of the prime contract.
    PrimePackage,
    /// A budget change.
    BudgetChange,
    /// A budget modification.
    BudgetModification,
}

impl TieTo {
    /// Whether it is about what the line costs.
    pub fn is_cost(self) -> bool {
        matches!(self, Self::Commitment | Self::CommitmentChangeOrder | Self::CommitmentPackage)
    }

    /// Whether it is about what the line brings.
    pub fn is_revenue(self) -> bool {
        matches!(self, Self::PrimeChangeOrder | Self::PrimePackage)
    }
}

/// A document that a line is part of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tie {
    /// What it is.
    pub to: TieTo,
    /// Its id.
    pub id: i64,
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// Its own status: `draft`, `approved`, …
    pub status: String,
    /// Its line that this one became.
    pub line_item_id: i64,
}

/// A request for quote that a line is part of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rfq {
    /// Id.
    pub id: i64,
    /// Number.
    pub number: String,
    /// Title.
    pub title: String,
    /// `out_for_pricing`, `under_review`, …
    pub status: String,
}
