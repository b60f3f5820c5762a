//! What a change event refers to: the company's words, budget codes and contracts.

use serde::Deserialize;

use super::{
    change_event::{StatusKind, VendorRef},
    id::{ChangeReasonId, ChangeTypeId, ContractId, StatusId, WbsCodeId},
    read,
};

/// A status that change events may have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Status {
    /// Its id.
    pub id: StatusId,
    /// The company's own word.
    #[serde(default, deserialize_with = "read::text")]
    pub name: String,
    /// What the word means to Procore.
    #[serde(default, rename = "mapped_to_status", deserialize_with = "read::word")]
    pub mapped_to: StatusKind,
    /// Whether new events get it.
    #[serde(default, deserialize_with = "read::flag")]
    pub default_status: bool,
    /// Whether people may choose it.
    #[serde(default = "read::yes", deserialize_with = "read::or_yes")]
    pub show_in_select: bool,
}

/// A type that change events may have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "WireType")]
pub struct ChangeType {
    /// Its id.
    pub id: ChangeTypeId,
    /// The company's word.
    pub name: String,
    /// Short.
    pub abbreviation: String,
    /// Whether people may choose it.
    pub show_in_select: bool,
}

#[derive(Deserialize)]
struct WireType {
    id: ChangeTypeId,
    #[serde(default, deserialize_with = "read::text")]
    change_type: String,
    #[serde(default, deserialize_with = "read::text")]
    name: String,
    #[serde(default, deserialize_with = "read::text")]
    abbreviation: String,
    #[serde(default = "read::yes", deserialize_with = "read::or_yes")]
    show_in_select: bool,
}

impl From<WireType> for ChangeType {
    fn from(wire: WireType) -> Self {
        let name = read::either(wire.change_type, wire.name);
        Self { id: wire.id, name, abbreviation: wire.abbreviation, show_in_select: wire.show_in_select }
    }
}

/// A reason that change events may have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "WireReason")]
pub struct ChangeReason {
    /// Its id.
    pub id: ChangeReasonId,
    /// The company's word.
    pub name: String,
    /// Whether people may choose it.
    pub show_in_select: bool,
}

#[derive(Deserialize)]
struct WireReason {
    id: ChangeReasonId,
    #[serde(default, deserialize_with = "read::text")]
    change_reason: String,
    #[serde(default, deserialize_with = "read::text")]
    name: String,
    #[serde(default = "read::yes", deserialize_with = "read::or_yes")]
    show_in_select: bool,
}

impl From<WireReason> for ChangeReason {
    fn from(wire: WireReason) -> Self {
        let name = read::either(wire.change_reason, wire.name);
        Self { id: wire.id, name, show_in_select: wire.show_in_select }
    }
}

/// A budget code of a project.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WbsCode {
    /// Its id, which is not the cost code's.
    pub id: WbsCodeId,
    /// As people know it: `03-300.S`.
    #[serde(default, deserialize_with = "read::text")]
    pub flat_code: String,
    /// The names of its segments in a row.
    #[serde(default, deserialize_with = "read::text")]
    pub flat_name: String,
    /// In words.
    #[serde(default, deserialize_with = "read::text")]
    pub description: String,
    /// `active` or `inactive`; empty if not said.
    #[serde(default, deserialize_with = "read::text")]
    pub status: String,
}

/// A subcontract or purchase order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Commitment {
    /// Its id.
    pub id: ContractId,
    /// As people know it.
    #[serde(default, deserialize_with = "read::text")]
    pub number: String,
    /// Its title.
    #[serde(default, deserialize_with = "read::text")]
    pub title: String,
    /// `Draft`, `Approved`, ….
    #[serde(default, deserialize_with = "read::text")]
    pub status: String,
    /// `WorkOrderContract` or `PurchaseOrderContract`; empty where the list does not say.
    #[serde(default, rename = "type", deserialize_with = "read::text")]
    pub kind: String,
    /// Whether it is signed.
    #[serde(default, deserialize_with = "read::flag")]
    pub executed: bool,
    /// The company that does the work, often without its name.
    #[serde(default, deserialize_with = "read::reference")]
    pub vendor: Option<VendorRef>,
    /// ISO code of its money, where it is named: a contract may be kept in another currency than its project.
    #[serde(default, rename = "currency_configuration", deserialize_with = "read::currency")]
    pub currency: Option<String>,
}

/// The contract with the owner.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PrimeContract {
    /// Its id.
    pub id: ContractId,
    /// As people know it.
    #[serde(default, deserialize_with = "read::text")]
    pub number: String,
    /// Its title.
    #[serde(default, deserialize_with = "read::text")]
    pub title: String,
    /// `Draft`, `Approved`, ….
    #[serde(default, deserialize_with = "read::text")]
    pub status: String,
    /// Whether it is signed.
    #[serde(default, deserialize_with = "read::flag")]
    pub executed: bool,
    /// ISO code of its money, where it is named.
    #[serde(default, rename = "currency_configuration", deserialize_with = "read::currency")]
    pub currency: Option<String>,
}
