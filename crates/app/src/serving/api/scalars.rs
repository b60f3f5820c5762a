//! Values in requests of the API.

use domain::ProcoreId;
use serde::Deserialize;
use utoipa::ToSchema;

/// A Procore id, or null for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Option<String>, pattern = "^[1-9][0-9]{0,18}$", examples("562949953425841"))]
pub struct ProcoreIdOrNone(pub Option<ProcoreId>);
