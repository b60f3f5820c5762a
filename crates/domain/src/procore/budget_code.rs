//! Budget codes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ProcoreId;

/// A budget code. Inactive ones can't be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BudgetCode {
    /// Procore's id of the WBS code, which is not the cost code's.
    #[serde(with = "crate::ids::as_procore_id")]
    #[schema(value_type = ProcoreId)]
    pub id: i64,
    /// As people know it: `23-2113.L`.
    pub code: String,
    /// In words.
    pub description: String,
}

impl BudgetCode {
    /// As people name it: number and name.
    pub fn name(&self) -> String {
        match self.description.as_str() {
            "" => self.code.clone(),
            description => format!("{} · {description}", self.code),
        }
    }
}
