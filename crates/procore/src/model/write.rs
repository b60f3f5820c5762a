//! What is written to a change event (v1.1).

use rust_decimal::Decimal;
use serde::{Serialize, Serializer, ser::SerializeStruct as _};
use serde_json::value::RawValue;

use super::{
    change_event::{ExternalData, Scope},
    id::{ChangeReasonId, ChangeTypeId, ContractId, LineId, StatusId, VendorId, WbsCodeId},
};

/// Where Procore takes the revenue of new lines from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceOfRevenueRom {
    /// From what the line costs.
    LatestCost,
    /// As given.
    Manual,
    /// Quantity × unit price.
    Automatic,
    /// Nothing is expected.
    NoRevenueExpected,
}

/// A change event to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewChangeEvent {
    /// Procore numbers it if absent.
    pub number: Option<String>,
    /// Short.
    pub title: String,
    /// May hold HTML.
    pub description: Option<String>,
    /// Required.
    pub status: StatusId,
    /// Required.
    pub scope: Scope,
    /// The company's type.
    pub change_type: Option<ChangeTypeId>,
    /// The company's reason.
    pub change_reason: Option<ChangeReasonId>,
    /// The prime contract by whose settings Procore adds estimated markup to the revenue of its lines.
    pub prime_contract_for_estimates: Option<ContractId>,
    /// Where the revenue of lines comes from.
    pub source_of_revenue_rom: Option<SourceOfRevenueRom>,
    /// Our back-reference.
    pub external_data: Option<ExternalData>,
    /// All its lines.
    pub change_items: Vec<ItemWrite>,
}

/// A change of a change event. What is absent stays as it is, lines that are not named too.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChangeEventPatch {
    /// A new number.
    pub number: Option<String>,
    /// A new title.
    pub title: Option<String>,
    /// A new description.
    pub description: Option<String>,
    /// A new status.
    pub status: Option<StatusId>,
    /// A new scope.
    pub scope: Option<Scope>,
    /// A new type.
    pub change_type: Option<ChangeTypeId>,
    /// A new reason.
    pub change_reason: Option<ChangeReasonId>,
    /// A prime contract for markup estimates.
    pub prime_contract_for_estimates: Option<ContractId>,
    /// Where the revenue of lines comes from.
    pub source_of_revenue_rom: Option<SourceOfRevenueRom>,
    /// A back-reference.
    pub external_data: Option<ExternalData>,
    /// Lines to be added, changed or removed.
    pub change_items: Vec<ItemWrite>,
}

/// A line to be added (no id), changed, or removed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ItemWrite {
    /// The line to be changed; a new one if absent.
    pub id: Option<LineId>,
    /// Removes it, into the recycle bin.
    pub deleted: bool,
    /// A description.
    pub description: Option<String>,
    /// A budget code; a new line without one gets "None".
    pub budget_code: Option<WbsCodeId>,
    /// What it costs, and whom it goes to.
    pub cost: Option<CostWrite>,
    /// What it brings.
    pub revenue: Option<RevenueWrite>,
    /// Says that the line brings nothing, whatever it costs. Only where `revenue` is absent.
    pub no_revenue: bool,
}

/// The estimated cost of a line. The amount stands as given, also beside a quantity.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CostWrite {
    /// In the event's currency. Without it the estimate stays as it is: amount, quantity and unit.
    pub amount: Option<Decimal>,
    /// How many.
    pub quantity: Option<Decimal>,
    /// For one.
    pub unit_cost: Option<Decimal>,
    /// Of what: a unit from the company's list.
    pub unit_of_measure: Option<String>,
    /// The company that it is meant for.
    pub vendor: Option<VendorId>,
    /// The commitment that it is meant for, which is not a prime contract.
    pub contract: Option<ContractId>,
}

/// The estimated revenue of a line. The amount stands as given, also beside a quantity.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RevenueWrite {
    /// In the event's currency.
    pub amount: Decimal,
    /// How many.
    pub quantity: Option<Decimal>,
    /// For one.
    pub unit_cost: Option<Decimal>,
    /// Of what: a unit from the company's list.
    pub unit_of_measure: Option<String>,
}

/// The body of a create or change.
#[derive(Serialize)]
pub(crate) struct Envelope<T> {
    pub change_event: T,
}

#[derive(Serialize)]
struct ById<I> {
    id: I,
}

fn by_id<I>(id: I) -> ById<I> {
    ById { id }
}

impl Serialize for NewChangeEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ChangeEventPatch {
            number: self.number.clone(),
            title: Some(self.title.clone()),
            description: self.description.clone(),
            status: Some(self.status),
            scope: Some(self.scope.clone()),
            change_type: self.change_type,
            change_reason: self.change_reason,
            prime_contract_for_estimates: self.prime_contract_for_estimates,
            source_of_revenue_rom: self.source_of_revenue_rom,
            external_data: self.external_data.clone(),
            change_items: self.change_items.clone(),
        }
        .serialize(serializer)
    }
}

impl Serialize for ChangeEventPatch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = Sparse::new(serializer, "change_event")?;
        map.put("number", self.number.as_ref())?;
        map.put("title", self.title.as_ref())?;
        map.put("description", self.description.as_ref())?;
        map.put("status", self.status.map(by_id))?;
        map.put("scope", self.scope.clone())?;
        map.put("change_type", self.change_type.map(by_id))?;
        map.put("change_reason", self.change_reason.map(by_id))?;
        map.put("prime_contract_for_estimates", self.prime_contract_for_estimates.map(by_id))?;
        map.put("source_of_revenue_rom", self.source_of_revenue_rom)?;
        map.put("external_data", self.external_data.as_ref())?;
        map.put("change_items", (!self.change_items.is_empty()).then_some(&self.change_items))?;
        map.end()
    }
}

impl Serialize for ItemWrite {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = Sparse::new(serializer, "change_item")?;
        map.put("id", self.id)?;
        map.put("deleted", self.deleted.then_some(true))?;
        map.put("description", self.description.as_ref())?;
        map.put("budget_code", self.budget_code.map(by_id))?;
        map.put("cost_impact", self.cost.as_ref())?;
        match &self.revenue {
            Some(revenue) => map.put("revenue_impact", Some(revenue))?,
            None => map.put("revenue_impact", self.no_revenue.then_some(NoRevenue::EXPECTED))?,
        }
        map.end()
    }
}

#[derive(Serialize)]
struct NoRevenue {
    source_of_revenue_rom: SourceOfRevenueRom,
}

impl NoRevenue {
    const EXPECTED: Self = Self { source_of_revenue_rom: SourceOfRevenueRom::NoRevenueExpected };
}

impl Serialize for CostWrite {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Proposed<I> {
            proposed: ById<I>,
        }
        let mut map = Sparse::new(serializer, "cost_impact")?;
        let (quantity, unit_cost) = (self.quantity.map(plain), self.unit_cost.map(plain));
        let estimate = self.amount.map(|amount| EstimateWrite {
            amount: number(money(amount)),
            calculation_strategy: MANUAL,
            quantity: quantity.map(number),
            unit_cost: unit_cost.map(number),
            unit_of_measure: self.unit_of_measure.as_deref(),
        });
        map.put("estimate", estimate)?;
        map.put("vendor", self.vendor.map(|id| Proposed { proposed: by_id(id) }))?;
        map.put("contract", self.contract.map(|id| Proposed { proposed: by_id(id) }))?;
        map.end()
    }
}

impl Serialize for RevenueWrite {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = Sparse::new(serializer, "revenue_impact")?;
        let estimate = EstimateWrite {
            amount: money(self.amount),
            calculation_strategy: MANUAL,
            quantity: self.quantity.map(plain),
            unit_cost: self.unit_cost.map(plain),
            unit_of_measure: self.unit_of_measure.as_deref(),
        };
        map.put("estimate", Some(estimate))?;
        // Without it Procore would replace the amount by what the line costs.
        map.put("source_of_revenue_rom", Some(SourceOfRevenueRom::Manual))?;
        map.end()
    }
}

/// The amount stands as given and is not multiplied out again.
const MANUAL: &str = "manual";

/// Figures are written as Procore documents them: as numbers for cost, as strings for revenue.
#[derive(Serialize)]
struct EstimateWrite<'a, F> {
    amount: F,
    calculation_strategy: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<F>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_cost: Option<F>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_of_measure: Option<&'a str>,
}

/// A figure as a JSON number, digit by digit: it never passes through a float on this side.
fn number(figure: String) -> Box<RawValue> {
    RawValue::from_string(figure).expect("a decimal is a JSON number")
}

fn plain(figure: Decimal) -> String {
    figure.normalize().to_string()
}

/// Two decimals, or more where the amount has more: writing never rounds.
fn money(amount: Decimal) -> String {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount.to_string()
}

/// An object that leaves out what is absent: to Procore, `null` means "clear it".
struct Sparse<S: Serializer>(S::SerializeStruct);

impl<S: Serializer> Sparse<S> {
    fn new(serializer: S, name: &'static str) -> Result<Self, S::Error> {
        // JSON does not need the length.
        serializer.serialize_struct(name, 1).map(Self)
    }

    fn put(&mut self, key: &'static str, value: Option<impl Serialize>) -> Result<(), S::Error> {
        value.map_or(Ok(()), |value| self.0.serialize_field(key, &value))
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.0.end()
    }
}

#[cfg(test)]
mod tests;
