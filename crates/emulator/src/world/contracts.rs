//! Budget codes, vendors and contracts.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A budget code: a cost code crossed with a cost type.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WbsCode {
    /// Id. Not the id of the cost code.
    pub id: i64,
    /// Project.
    pub project_id: i64,
    /// Code, such as "23-2113.L".
    pub flat_code: String,
    /// Description, such as "Hydronic piping, labor".
    pub description: String,
    /// Inactive codes are refused on new lines.
    pub active: bool,
}

/// A company that is paid through a commitment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Vendor {
    /// Id.
    pub id: i64,
    /// Company whose directory it is in.
    pub company_id: i64,
    /// Name.
    pub name: String,
}

/// The two kinds of commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContractKind {
    /// A subcontract.
    WorkOrderContract,
    /// A purchase order.
    PurchaseOrderContract,
}

impl ContractKind {
    /// As change items name it.
    pub fn snake(self) -> &'static str {
        match self {
            ContractKind::WorkOrderContract => "work_order_contract",
            ContractKind::PurchaseOrderContract => "purchase_order_contract",
        }
    }

    /// As commitments name it.
    pub fn camel(self) -> &'static str {
        match self {
            ContractKind::WorkOrderContract => "WorkOrderContract",
            ContractKind::PurchaseOrderContract => "PurchaseOrderContract",
        }
    }
}

/// A subcontract or purchase order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Commitment {
    /// Id.
    pub id: i64,
    /// Project.
    pub project_id: i64,
    /// Kind.
    pub kind: ContractKind,
    /// Number, such as "SC-23-007".
    pub number: String,
    /// Title.
    pub title: String,
    /// Procore's word, such as "Approved".
    pub status: String,
    /// Signed.
    pub executed: bool,
    /// Whom it pays.
    pub vendor_id: Option<i64>,
    /// Its sum, in the project's currency.
    pub grand_total: Decimal,
}

/// The contract with the owner.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PrimeContract {
    /// Id.
    pub id: i64,
    /// Project.
    pub project_id: i64,
    /// Number, such as "PC-001".
    pub number: String,
    /// Title.
    pub title: String,
    /// Procore's word.
    pub status: String,
    /// Signed.
    pub executed: bool,
    /// Its sum, in the project's currency.
    pub grand_total: Decimal,
    /// Who pays it.
    pub owner_vendor_id: Option<i64>,
}
