//! The nested form in which a change event travels.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, value::RawValue};

use super::{
    BudgetCode, ChangeEvent, ChangeItem, ContractRef, DocumentRef, Estimate, EventReason, EventStatus, EventType,
    ExternalData, Markup, PrimeContractRef, Scope, VendorRef,
};
use crate::model::{
    ChangeEventId, LineId, UserRef, WbsCodeId,
    read::{self, Figure},
};

#[derive(Deserialize)]
struct WireEvent {
    id: ChangeEventId,
    #[serde(default, deserialize_with = "read::text")]
    number: String,
    #[serde(default, deserialize_with = "read::text")]
    title: String,
    #[serde(default, deserialize_with = "read::text")]
    description: String,
    status: EventStatus,
    #[serde(default, deserialize_with = "read::some_word")]
    scope: Option<Scope>,
    #[serde(default, deserialize_with = "read::mention")]
    change_type: Option<EventType>,
    #[serde(default, deserialize_with = "read::mention")]
    change_reason: Option<EventReason>,
    #[serde(default, deserialize_with = "read::reference")]
    prime_contract_for_estimates: Option<PrimeContractRef>,
    #[serde(default, deserialize_with = "markup")]
    markup_items: Vec<Markup>,
    #[serde(default, deserialize_with = "read::flag")]
    has_edited_markups: bool,
    #[serde(default, deserialize_with = "external_data")]
    external_data: Option<ExternalData>,
    #[serde(default, deserialize_with = "read::or_default")]
    change_items: Vec<ChangeItem>,
    #[serde(default, deserialize_with = "read::mention")]
    created_by: Option<UserRef>,
    #[serde(default, deserialize_with = "read::time")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "read::time")]
    updated_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "read::removed")]
    deleted_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "read::flag")]
    in_recycle_bin: bool,
    #[serde(default, deserialize_with = "read::currency")]
    currency_configuration: Option<String>,
    #[serde(default, deserialize_with = "read::some_text")]
    source_of_revenue_rom: Option<String>,
    #[serde(default)]
    notes: Value,
}

/// Procore writes "None" as a code without a code: an object with an id whose `flat_code` and `description` are blank.
fn budget_code<'de, D: Deserializer<'de>>(from: D) -> Result<Option<BudgetCode>, D::Error> {
    let Some(code) = read::reference::<D, Shown>(from)? else { return Ok(None) };
    let blank = code.flat_code.as_deref().is_some_and(|text| text.trim().is_empty());
    let said = code.description.trim();
    Ok((!blank || !said.is_empty()).then(|| BudgetCode {
        id: code.id,
        flat_code: code.flat_code.unwrap_or_default(),
        description: code.description,
    }))
}

/// A code as answered, with an unsaid `flat_code` told apart from a blank one.
#[derive(Deserialize)]
struct Shown {
    id: WbsCodeId,
    #[serde(default, deserialize_with = "said_text")]
    flat_code: Option<String>,
    #[serde(default, deserialize_with = "read::text")]
    description: String,
}

fn said_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    read::text(from).map(Some)
}

/// `[{"revenue": {"estimate_amount": "12.30", "latest_price_amount": "12.30"}}]`. One that can't be read is markup all the
/// same, of an amount that nobody knows.
fn markup<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Markup>, D::Error> {
    #[derive(Default, Deserialize)]
    struct Revenue {
        #[serde(default, deserialize_with = "read::figure")]
        estimate_amount: Option<Figure>,
        #[serde(default, deserialize_with = "read::figure")]
        latest_price_amount: Option<Figure>,
    }
    #[derive(Deserialize)]
    struct Item {
        #[serde(default, deserialize_with = "read::or_default")]
        revenue: Revenue,
    }
    let odd = || Markup { estimate: Some(Figure::Odd), latest_price: None };
    let Some(raw) = Option::<Box<RawValue>>::deserialize(from)? else { return Ok(Vec::new()) };
    let Ok(items) = serde_json::from_str::<Vec<Box<RawValue>>>(raw.get()) else { return Ok(vec![odd()]) };
    let item = |raw: Box<RawValue>| match serde_json::from_str::<Item>(raw.get()) {
        Ok(Item { revenue }) => Markup { estimate: revenue.estimate_amount, latest_price: revenue.latest_price_amount },
        Err(_) => odd(),
    };
    Ok(items.into_iter().map(item).collect())
}

/// Whatever its form, what stands in it is kept: events of ours are found again by it.
fn external_data<'de, D: Deserializer<'de>>(from: D) -> Result<Option<ExternalData>, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(match &value {
        Value::Null => None,
        Value::Object(_) => ExternalData::deserialize(&value).ok(),
        other => Some(ExternalData { origin_id: read::texts(other).join(" "), origin_data: String::new() }),
    })
}

#[derive(Deserialize)]
struct WireItem {
    id: LineId,
    #[serde(default, deserialize_with = "read::text")]
    description: String,
    #[serde(default, deserialize_with = "budget_code")]
    budget_code: Option<BudgetCode>,
    #[serde(default = "read::yes", deserialize_with = "read::or_yes")]
    editable: bool,
    #[serde(default = "read::yes", deserialize_with = "read::or_yes")]
    deletable: bool,
    #[serde(default, deserialize_with = "read::words_of")]
    disabled_fields: Vec<String>,
    #[serde(default, deserialize_with = "read::removed")]
    deleted_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "read::or_default")]
    latest_cost_values: Latest,
    #[serde(default, deserialize_with = "read::or_default")]
    latest_revenue_values: Latest,
    #[serde(default, deserialize_with = "read::or_default")]
    cost_impact: CostImpact,
    #[serde(default, deserialize_with = "read::or_default")]
    revenue_impact: RevenueImpact,
    #[serde(default, deserialize_with = "read::or_default")]
    budget_impact: BudgetImpact,
    #[serde(default, deserialize_with = "read::currency")]
    currency_configuration: Option<String>,
    #[serde(default, deserialize_with = "read::time")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "read::time")]
    updated_at: Option<Timestamp>,
}

#[derive(Default, Deserialize)]
struct Latest {
    #[serde(default, deserialize_with = "read::figure")]
    amount: Option<Figure>,
}

#[derive(Default, Deserialize)]
struct CostImpact {
    estimate: Option<Estimate>,
    #[serde(default, deserialize_with = "read::or_default")]
    vendor: LineVendor,
    #[serde(default, deserialize_with = "read::or_default")]
    contract: LineContract,
    #[serde(default, deserialize_with = "read::reference")]
    commitment: Option<DocumentRef>,
    #[serde(default, deserialize_with = "read::reference")]
    change_order_package: Option<DocumentRef>,
    #[serde(default, deserialize_with = "read::reference")]
    request_for_quote: Option<DocumentRef>,
}

#[derive(Default, Deserialize)]
struct LineVendor {
    #[serde(default, deserialize_with = "read::reference")]
    proposed: Option<VendorRef>,
    #[serde(default, deserialize_with = "read::reference")]
    confirmed: Option<VendorRef>,
}

#[derive(Default, Deserialize)]
struct LineContract {
    #[serde(default, deserialize_with = "read::reference")]
    proposed: Option<ContractRef>,
    #[serde(default, deserialize_with = "read::reference")]
    confirmed: Option<ContractRef>,
}

#[derive(Default, Deserialize)]
struct RevenueImpact {
    estimate: Option<Estimate>,
    #[serde(default, deserialize_with = "read::reference")]
    change_order: Option<DocumentRef>,
    #[serde(default, deserialize_with = "read::reference")]
    change_order_package: Option<DocumentRef>,
    #[serde(default, deserialize_with = "read::some_text")]
    source_of_revenue_rom: Option<String>,
}

#[derive(Default, Deserialize)]
struct BudgetImpact {
    #[serde(default, deserialize_with = "read::reference")]
    budget_change: Option<DocumentRef>,
    #[serde(default, deserialize_with = "read::reference")]
    budget_modification: Option<DocumentRef>,
}

impl<'de> Deserialize<'de> for ChangeItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = WireItem::deserialize(deserializer)?;
        Ok(Self {
            id: wire.id,
            description: wire.description,
            budget_code: wire.budget_code,
            editable: wire.editable,
            deletable: wire.deletable,
            disabled_fields: wire.disabled_fields,
            deleted_at: wire.deleted_at,
            cost_estimate: wire.cost_impact.estimate,
            revenue_estimate: wire.revenue_impact.estimate,
            source_of_revenue_rom: wire.revenue_impact.source_of_revenue_rom,
            latest_cost: wire.latest_cost_values.amount,
            latest_revenue: wire.latest_revenue_values.amount,
            contract_proposed: wire.cost_impact.contract.proposed,
            contract_confirmed: wire.cost_impact.contract.confirmed,
            vendor_proposed: wire.cost_impact.vendor.proposed,
            vendor_confirmed: wire.cost_impact.vendor.confirmed,
            request_for_quote: wire.cost_impact.request_for_quote,
            commitment: wire.cost_impact.commitment,
            commitment_package: wire.cost_impact.change_order_package,
            prime_change_order: wire.revenue_impact.change_order,
            prime_package: wire.revenue_impact.change_order_package,
            budget_change: wire.budget_impact.budget_change,
            budget_modification: wire.budget_impact.budget_modification,
            currency: wire.currency_configuration,
            created_at: wire.created_at,
            updated_at: wire.updated_at,
        })
    }
}

impl<'de> Deserialize<'de> for ChangeEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = WireEvent::deserialize(deserializer)?;
        Ok(Self {
            id: wire.id,
            number: wire.number,
            title: wire.title,
            description: wire.description,
            status: wire.status,
            scope: wire.scope,
            change_type: wire.change_type,
            change_reason: wire.change_reason,
            prime_contract_for_estimates: wire.prime_contract_for_estimates,
            markup: wire.markup_items,
            has_edited_markups: wire.has_edited_markups,
            external_data: wire.external_data.filter(|data| !data.origin_id.is_empty() || !data.origin_data.is_empty()),
            change_items: wire.change_items,
            created_by: wire.created_by,
            created_at: wire.created_at,
            updated_at: wire.updated_at,
            deleted_at: wire.deleted_at,
            in_recycle_bin: wire.in_recycle_bin,
            currency: wire.currency_configuration,
            source_of_revenue_rom: wire.source_of_revenue_rom,
            notes: read::texts(&wire.notes),
        })
    }
}
