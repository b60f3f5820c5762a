//! What a caller wants written, read from v1.1 and v1.0 bodies into one shape.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::answer::Problem;
use crate::Switches;
use crate::world::{ExternalData, Strategy};

/// A field of a PATCH: absent, set to nothing, or set.
pub(super) type Change<T> = Option<Option<T>>;

/// The wanted change of an event.
#[derive(Debug, Default)]
pub(super) struct EventWrite {
    pub(super) number: Change<String>,
    pub(super) title: Change<String>,
    pub(super) description: Change<String>,
    pub(super) scope: Option<String>,
    pub(super) status: Option<i64>,
    pub(super) change_type: Change<i64>,
    pub(super) change_reason: Change<i64>,
    pub(super) prime_contract: Change<i64>,
    pub(super) source_of_revenue_rom: Change<String>,
    pub(super) external_data: Change<ExternalData>,
    pub(super) custom_fields: Map<String, Value>,
    /// None where the body names no lines at all.
    pub(super) items: Option<Vec<ItemWrite>>,
}

/// The wanted change of a line.
#[derive(Debug, Default)]
pub(super) struct ItemWrite {
    pub(super) id: Option<i64>,
    pub(super) deleted: bool,
    pub(super) description: Change<String>,
    pub(super) wbs: Change<i64>,
    pub(super) cost: EstimateWrite,
    pub(super) vendor: Change<i64>,
    pub(super) contract: Change<i64>,
    pub(super) revenue: EstimateWrite,
    pub(super) source_of_revenue_rom: Change<String>,
}

/// The wanted change of an estimate.
#[derive(Debug, Default)]
pub(super) struct EstimateWrite {
    pub(super) amount: Change<Decimal>,
    pub(super) strategy: Option<Strategy>,
    pub(super) quantity: Change<Decimal>,
    pub(super) unit_cost: Change<Decimal>,
    pub(super) unit: Change<String>,
}

impl EstimateWrite {
    /// Whether it says anything.
    pub(super) fn is_empty(&self) -> bool {
        self.amount.is_none()
            && self.strategy.is_none()
            && self.quantity.is_none()
            && self.unit_cost.is_none()
            && self.unit.is_none()
    }
}

impl EventWrite {
    /// Reads the `change_event` of a v1.1 body.
    pub(super) fn v11(body: &Value, switches: &Switches) -> Result<Self, Vec<Problem>> {
        let event = event_of(body)?;
        let mut read = Reader { cost_wants_numbers: switches.cost_wants_numbers, ..Reader::default() };
        let write = Self {
            number: text(event, "number"),
            title: text(event, "title"),
            description: text(event, "description"),
            scope: read.one_of(event, "scope", &["tbd", "in_scope", "out_of_scope"]),
            status: reference(event, "status").flatten(),
            change_type: reference(event, "change_type"),
            change_reason: reference(event, "change_reason"),
            prime_contract: reference(event, "prime_contract_for_estimates"),
            source_of_revenue_rom: read
                .one_of(event, "source_of_revenue_rom", &["latest_cost", "manual", "automatic", "no_revenue_expected"])
                .map(Some),
            external_data: nullable(event, "external_data", |data| {
                Some(ExternalData {
                    origin_id: text(data, "origin_id").flatten(),
                    origin_data: text(data, "origin_data").flatten(),
                })
            }),
            custom_fields: custom_fields(event),
            items: read.list(event, "change_items", Reader::item_v11),
        };
        read.done(write)
    }

    /// Reads the `change_event` of a v1.0 body.
    pub(super) fn v10(body: &Value) -> Result<Self, Vec<Problem>> {
        let event = event_of(body)?;
        let mut read = Reader::default();
        let origin_id = text(event, "origin_id");
        let origin_data = text(event, "origin_data").flatten();
        let write = Self {
            number: text(event, "number"),
            title: text(event, "title"),
            scope: read.one_of(event, "event_scope", &["tbd", "in_scope", "out_of_scope"]),
            status: integer(event, "change_event_status_id").flatten(),
            change_reason: integer(event, "change_order_change_reason_id"),
            external_data: origin_id.map(|id| id.map(|id| ExternalData { origin_id: Some(id), origin_data })),
            items: read.list(event, "change_event_line_items_attributes", Reader::item_v10),
            ..Self::default()
        };
        read.done(write)
    }
}

fn event_of(body: &Value) -> Result<&Value, Vec<Problem>> {
    let missing = || vec![Problem::malformed("change_event", "change_event is missing")];
    body.get("change_event").filter(|event| event.is_object()).ok_or_else(missing)
}

/// Collects what is malformed while the rest is read.
#[derive(Default)]
struct Reader {
    problems: Vec<Problem>,
    /// Whether figures of `cost_impact` must be numbers.
    cost_wants_numbers: bool,
}

impl Reader {
    fn done<T>(self, value: T) -> Result<T, Vec<Problem>> {
        if self.problems.is_empty() { Ok(value) } else { Err(self.problems) }
    }

    fn list<T>(&mut self, of: &Value, key: &'static str, read: fn(&mut Self, &Value) -> T) -> Option<Vec<T>> {
        let value = of.get(key).filter(|value| !value.is_null())?;
        let Some(list) = value.as_array() else {
            self.problems.push(Problem::malformed(key, format!("{key} must be an array")));
            return None;
        };
        Some(list.iter().map(|item| read(self, item)).collect())
    }

    fn one_of(&mut self, of: &Value, key: &'static str, known: &[&str]) -> Option<String> {
        let value = text(of, key).flatten()?;
        if !known.contains(&value.as_str()) {
            self.problems.push(Problem::malformed(key, format!("{key} does not have a valid value")));
        }
        Some(value)
    }

    fn decimal(&mut self, of: &Value, key: &'static str) -> Change<Decimal> {
        let value = of.get(key)?;
        let parsed = match value {
            Value::Null => return Some(None),
            Value::Number(number) => exact(&number.to_string()),
            Value::String(text) => exact(text),
            _ => None,
        };
        if parsed.is_none() {
            self.problems.push(Problem::malformed(key, format!("{key} is invalid")));
        }
        Some(parsed)
    }

    fn cost_v11(&mut self, impact: Option<&Value>) -> EstimateWrite {
        let estimate = impact.and_then(|impact| impact.get("estimate"));
        for key in ["amount", "quantity", "unit_cost"].into_iter().filter(|_| self.cost_wants_numbers) {
            if estimate.and_then(|estimate| estimate.get(key)).is_some_and(Value::is_string) {
                self.problems.push(Problem::malformed("change_items", format!("{key} must be a number")));
            }
        }
        self.estimate_v11(impact)
    }

    fn estimate_v11(&mut self, impact: Option<&Value>) -> EstimateWrite {
        let Some(estimate) = impact.and_then(|impact| impact.get("estimate")).filter(|e| e.is_object()) else {
            return EstimateWrite::default();
        };
        EstimateWrite {
            amount: self.decimal(estimate, "amount"),
            strategy: self.strategy(estimate, "calculation_strategy"),
            quantity: self.decimal(estimate, "quantity"),
            unit_cost: self.decimal(estimate, "unit_cost"),
            unit: text(estimate, "unit_of_measure"),
        }
    }

    fn strategy(&mut self, of: &Value, key: &'static str) -> Option<Strategy> {
        match self.one_of(of, key, &["automatic", "manual"])?.as_str() {
            "automatic" => Some(Strategy::Automatic),
            _ => Some(Strategy::Manual),
        }
    }

    fn item_v11(&mut self, item: &Value) -> ItemWrite {
        let (cost, revenue) = (item.get("cost_impact"), item.get("revenue_impact"));
        let proposed = |side: &str| cost.and_then(|cost| cost.get(side)).and_then(|side| reference(side, "proposed"));
        ItemWrite {
            id: integer(item, "id").flatten(),
            deleted: item.get("deleted").is_some_and(|deleted| *deleted == true || *deleted == "true"),
            description: text(item, "description"),
            wbs: reference(item, "budget_code"),
            cost: self.cost_v11(cost),
            vendor: proposed("vendor"),
            contract: proposed("contract"),
            revenue: self.estimate_v11(revenue),
            source_of_revenue_rom: revenue.and_then(|revenue| text(revenue, "source_of_revenue_rom")),
        }
    }

    fn item_v10(&mut self, item: &Value) -> ItemWrite {
        ItemWrite {
            id: integer(item, "id").flatten(),
            deleted: item.get("_destroy").is_some_and(|destroy| *destroy == true || *destroy == "1"),
            description: text(item, "description"),
            // The PATCH calls it wbs_code_id and yet types it as an object; both are taken.
            wbs: reference(item, "budget_code")
                .or_else(|| reference(item, "wbs_code_id"))
                .or_else(|| integer(item, "wbs_code_id")),
            cost: EstimateWrite {
                amount: self.decimal(item, "estimated_cost_amount"),
                strategy: self.strategy(item, "estimated_cost_calculation_strategy"),
                quantity: self.decimal(item, "estimated_cost_quantity"),
                unit_cost: self.decimal(item, "estimated_cost_unit_cost"),
                unit: text(item, "uom"),
            },
            vendor: integer(item, "proposed_vendor_id"),
            contract: integer(item, "proposed_contract_id"),
            ..ItemWrite::default()
        }
    }
}

/// A decimal without going through a float.
fn exact(text: &str) -> Option<Decimal> {
    let text = text.trim();
    Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

fn nullable<T>(of: &Value, key: &str, read: impl FnOnce(&Value) -> Option<T>) -> Change<T> {
    match of.get(key)? {
        Value::Null => Some(None),
        value => Some(read(value)),
    }
}

fn text(of: &Value, key: &str) -> Change<String> {
    nullable(of, key, |value| match value {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    })
}

fn as_id(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn integer(of: &Value, key: &str) -> Change<i64> {
    nullable(of, key, as_id)
}

/// `{"id": n}` under a key; an object without an id is nothing, as null is.
fn reference(of: &Value, key: &str) -> Change<i64> {
    of.get(key).filter(|value| value.is_object() || value.is_null())?;
    nullable(of, key, |value| as_id(value.get("id")?))
}

/// Flat `custom_field_<id>` keys (create) and a `custom_fields` object (update).
fn custom_fields(event: &Value) -> Map<String, Value> {
    let flat = event.as_object().into_iter().flatten();
    let nested = event.get("custom_fields").and_then(Value::as_object).into_iter().flatten();
    flat.chain(nested)
        .filter(|(key, _)| key.starts_with("custom_field_"))
        .map(|(key, value)| (key.clone(), serde_json::json!({ "data_type": "string", "value": value })))
        .collect()
}
