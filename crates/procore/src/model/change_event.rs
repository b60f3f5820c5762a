//! A change event and its lines, as Procore answers them (v1.1).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    UserRef,
    id::{ChangeEventId, ChangeReasonId, ChangeTypeId, ContractId, LineId, StatusId, VendorId, WbsCodeId},
    read::{self, Figure},
};

mod line;

/// What a change may cost and bring, gathered in one place before it becomes change orders.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeEvent {
    /// Its id.
    pub id: ChangeEventId,
    /// As people know it: `014`, `CE 9`. Unique in the project.
    pub number: String,
    /// Short.
    pub title: String,
    /// May hold HTML; empty if none.
    pub description: String,
    /// The company's status.
    pub status: EventStatus,
    /// Whether the contract covers it; absent where Procore doesn't say.
    pub scope: Option<Scope>,
    /// The company's type.
    pub change_type: Option<EventType>,
    /// The company's reason.
    pub change_reason: Option<EventReason>,
    /// "Prime Contract (For Markup Estimates)": where one is set, Procore adds estimated markup to the lines' revenue by that
    /// contract's settings. One per event.
    pub prime_contract_for_estimates: Option<PrimeContractRef>,
    /// The estimated markup that Procore adds to the revenue of the lines. No line's figures hold it.
    pub markup: Vec<Markup>,
    /// Somebody changed the markup by hand.
    pub has_edited_markups: bool,
    /// The back-reference of one integration.
    pub external_data: Option<ExternalData>,
    /// The lines, in no particular order; deleted ones only when asked for.
    pub change_items: Vec<ChangeItem>,
    /// Who made it.
    pub created_by: Option<UserRef>,
    /// When.
    pub created_at: Option<Timestamp>,
    /// Last change of the event or of its lines.
    pub updated_at: Option<Timestamp>,
    /// Set when it is in the recycle bin.
    pub deleted_at: Option<Timestamp>,
    /// Deleted, but can be restored.
    pub in_recycle_bin: bool,
    /// ISO code (`USD`) of every amount in it. Most answers name none.
    pub currency: Option<String>,
    /// Where the revenue of new lines comes from: `manual`, `latest_cost`, ….
    pub source_of_revenue_rom: Option<String>,
    /// What went wrong beside the request that succeeded, such as a budget code that could not be kept in step.
    pub notes: Vec<String>,
}

/// Estimated markup on the revenue of an event's lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Markup {
    /// As estimated.
    pub estimate: Option<Figure>,
    /// As it stands in what was made from the event since.
    pub latest_price: Option<Figure>,
}

/// The company's status of an event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EventStatus {
    /// Its id.
    pub id: StatusId,
    /// The company's own word.
    #[serde(default, deserialize_with = "read::text")]
    pub name: String,
    /// What the word means to Procore.
    #[serde(default, rename = "mapped_to_status", deserialize_with = "read::word")]
    pub mapped_to: StatusKind,
}

/// What a status means, whatever a company calls it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(from = "String", into = "String")]
pub enum StatusKind {
    /// Being worked on.
    Open,
    /// Waiting.
    Pending,
    /// All that follows from it is done.
    Closed,
    /// No change after all.
    Void,
    /// A kind that Procore did not have when this was written.
    Other(String),
    /// Not said.
    #[default]
    Unknown,
}

impl From<String> for StatusKind {
    fn from(kind: String) -> Self {
        match kind.to_ascii_lowercase().as_str() {
            "open" => Self::Open,
            "pending" => Self::Pending,
            "closed" => Self::Closed,
            "void" => Self::Void,
            "" => Self::Unknown,
            _ => Self::Other(kind),
        }
    }
}

impl From<StatusKind> for String {
    fn from(kind: StatusKind) -> Self {
        match kind {
            StatusKind::Open => "open".into(),
            StatusKind::Pending => "pending".into(),
            StatusKind::Closed => "closed".into(),
            StatusKind::Void => "void".into(),
            StatusKind::Other(kind) => kind,
            StatusKind::Unknown => String::new(),
        }
    }
}

/// Whether the contract already covers the change.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "String")]
pub enum Scope {
    /// To be determined.
    Tbd,
    /// Covered.
    InScope,
    /// To be paid on top.
    OutOfScope,
    /// A word that Procore did not have when this was written.
    Other(String),
}

impl From<String> for Scope {
    fn from(word: String) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "tbd" => Self::Tbd,
            "in_scope" => Self::InScope,
            "out_of_scope" => Self::OutOfScope,
            _ => Self::Other(word),
        }
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Tbd => "tbd".into(),
            Scope::InScope => "in_scope".into(),
            Scope::OutOfScope => "out_of_scope".into(),
            Scope::Other(word) => word,
        }
    }
}

/// The company's type of an event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EventType {
    /// Its id.
    pub id: ChangeTypeId,
    /// The company's word.
    #[serde(default, deserialize_with = "read::text")]
    pub name: String,
    /// Short.
    #[serde(default, deserialize_with = "read::text")]
    pub abbreviation: String,
}

/// The company's reason of an event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EventReason {
    /// Its id.
    pub id: ChangeReasonId,
    /// The company's word.
    #[serde(default, rename = "change_reason", deserialize_with = "read::text")]
    pub name: String,
}

/// The prime contract of an event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "WirePrimeContract")]
pub struct PrimeContractRef {
    /// Its id.
    pub id: ContractId,
    /// As people know it.
    pub number: String,
    /// Its title.
    pub name: String,
}

#[derive(Deserialize)]
struct WirePrimeContract {
    id: ContractId,
    #[serde(default, deserialize_with = "read::text")]
    number: String,
    #[serde(default, deserialize_with = "read::text")]
    name: String,
    #[serde(default, deserialize_with = "read::text")]
    title: String,
}

impl From<WirePrimeContract> for PrimeContractRef {
    fn from(wire: WirePrimeContract) -> Self {
        Self { id: wire.id, number: wire.number, name: read::either(wire.name, wire.title) }
    }
}

/// A back-reference. Unique in the company, and only one integration may own an event's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
pub struct ExternalData {
    /// The other system's id of the record.
    #[serde(default, deserialize_with = "read::text")]
    pub origin_id: String,
    /// Whatever the other system wants to remember.
    #[serde(default, deserialize_with = "read::text")]
    pub origin_data: String,
}

/// One line of a change event.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeItem {
    /// Its id.
    pub id: LineId,
    /// Empty if none.
    pub description: String,
    /// The budget code; absent for "None".
    pub budget_code: Option<BudgetCode>,
    /// Whether it may be changed at all.
    pub editable: bool,
    /// Whether it may be removed.
    pub deletable: bool,
    /// Fields that may not be changed although the line may be, by names that are documented nowhere. Most lines have some.
    pub disabled_fields: Vec<String>,
    /// Set when it was removed.
    pub deleted_at: Option<Timestamp>,
    /// What it is estimated to cost: the figure integrations write.
    pub cost_estimate: Option<Estimate>,
    /// What it is estimated to bring: the figure integrations write.
    pub revenue_estimate: Option<Estimate>,
    /// Where the revenue comes from: `manual`, `latest_cost`, ….
    pub source_of_revenue_rom: Option<String>,
    /// What Procore shows as cost: the estimate, a quote, a commitment's change order, ….
    pub latest_cost: Option<Figure>,
    /// What Procore shows as revenue.
    pub latest_revenue: Option<Figure>,
    /// The commitment it is meant for.
    pub contract_proposed: Option<ContractRef>,
    /// The commitment that its money went into.
    pub contract_confirmed: Option<ContractRef>,
    /// The company it is meant for.
    pub vendor_proposed: Option<VendorRef>,
    /// The company that its money went to.
    pub vendor_confirmed: Option<VendorRef>,
    /// The request for quote it is in, which locks it.
    pub request_for_quote: Option<DocumentRef>,
    /// The commitment or its change order that it is in, which locks it.
    pub commitment: Option<DocumentRef>,
    /// The package of a commitment's change orders that it is in.
    pub commitment_package: Option<DocumentRef>,
    /// The prime contract's change order that it is in, which locks it.
    pub prime_change_order: Option<DocumentRef>,
    /// The package of the prime contract's change orders that it is in.
    pub prime_package: Option<DocumentRef>,
    /// The budget change that it is in, which locks it.
    pub budget_change: Option<DocumentRef>,
    /// The budget modification that it is in; seen on few lines, and documented nowhere.
    pub budget_modification: Option<DocumentRef>,
    /// ISO code of its amounts, which may be its contract's; most answers name none.
    pub currency: Option<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
}

/// An estimated amount.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Estimate {
    /// In the event's currency.
    #[serde(default, deserialize_with = "read::figure")]
    pub amount: Option<Figure>,
    /// How many.
    #[serde(default, deserialize_with = "read::figure")]
    pub quantity: Option<Figure>,
    /// For one.
    #[serde(default, deserialize_with = "read::figure")]
    pub unit_cost: Option<Figure>,
    /// Of what.
    #[serde(default, deserialize_with = "read::some_text")]
    pub unit_of_measure: Option<String>,
    /// `manual`: the amount as given. `automatic`: quantity × unit cost.
    #[serde(default, deserialize_with = "read::some_text")]
    pub calculation_strategy: Option<String>,
}

impl Estimate {
    /// The amount as Procore says it; where it says none, quantity × unit cost.
    pub fn figure(&self) -> Option<Figure> {
        self.amount.or_else(|| Some(self.quantity?.times(self.unit_cost?)))
    }
}

/// The budget code of a line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BudgetCode {
    /// Its id.
    pub id: WbsCodeId,
    /// As people know it: `03-300.S`.
    #[serde(default, deserialize_with = "read::text")]
    pub flat_code: String,
    /// In words.
    #[serde(default, deserialize_with = "read::text")]
    pub description: String,
}

/// The commitment of a line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ContractRef {
    /// Its id.
    pub id: ContractId,
    /// As people know it.
    #[serde(default, deserialize_with = "read::text")]
    pub number: String,
    /// Its title.
    #[serde(default, deserialize_with = "read::text")]
    pub title: String,
}

/// The company of a line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct VendorRef {
    /// Its id.
    pub id: VendorId,
    /// Often missing.
    #[serde(default, deserialize_with = "read::text")]
    pub name: String,
}

/// A document that a line is part of and that locks it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DocumentRef {
    /// Its id; what kind of document it is the field says that holds it.
    pub id: super::id::DocumentId,
    /// As people know it.
    #[serde(default, deserialize_with = "read::text")]
    pub number: String,
    /// Its title.
    #[serde(default, deserialize_with = "read::text")]
    pub title: String,
    /// `potential_change_order`, `change_order_package`, `contract`; empty where only one kind is possible.
    #[serde(default, rename = "type", deserialize_with = "read::text")]
    pub kind: String,
    /// Its own status, as Procore writes it.
    #[serde(default, deserialize_with = "read::text")]
    pub status: String,
}
