//! What Procore adds to a change event of its own accord.

use serde::Serialize;
use utoipa::ToSchema;

use super::Amount;

/// What Procore adds to the revenue of a change event of its own accord, as last read. It is in no other figure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, ToSchema)]
pub struct AddedByProcore {
    /// As markup, by the prime contract for markup estimates.
    pub markup: Amount,
    /// As revenue of lines that nobody priced, which follows their cost.
    pub revenue_that_follows_cost: Amount,
}
