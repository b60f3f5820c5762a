//! What is kept of Procore's reference lists, as far as more than the wizard needs it: the names of budget codes.

use std::collections::BTreeSet;

pub use domain::procore::budget_code::BudgetCode;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::repo::reference::ReferenceRow;

use crate::Error;

/// The kind of reference data that lists budget codes: the word in the database and the API.
pub const BUDGET_CODES: &str = "budget_codes";

/// The most codes that are kept after they left the budget: those that left it last.
const GONE: usize = 2_000;

/// A kind as stored.
#[derive(Serialize, Deserialize)]
pub struct Stored<T> {
    /// What can be chosen.
    pub items: Vec<T>,
    /// What could not be read, each in a sentence.
    pub unread: Vec<String>,
    /// What can no longer be chosen, kept for its name.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<T>,
}

impl<T> Stored<T> {
    /// A list as just read.
    pub const fn listed(items: Vec<T>, unread: Vec<String>) -> Self {
        Self { items, unread, gone: Vec::new() }
    }

    /// Everything that has a name, what can be chosen last.
    pub fn named(self) -> impl Iterator<Item = T> {
        self.gone.into_iter().chain(self.items)
    }
}

impl Stored<BudgetCode> {
    /// The same, with the earlier codes that are no longer listed.
    #[must_use]
    pub fn keeping(mut self, before: Self) -> Self {
        let mut known: BTreeSet<i64> = self.items.iter().chain(&self.gone).map(|code| code.id).collect();
        let before = before.items.into_iter().chain(before.gone);
        self.gone.extend(before.filter(|code| known.insert(code.id)));
        self.gone.truncate(GONE);
        self
    }
}

impl<T: DeserializeOwned> Stored<T> {
    /// What a row says; an [`Error::Internal`] where it is damaged.
    pub fn of(row: &ReferenceRow) -> Result<Self, Error> {
        serde_json::from_str(&row.body).map_err(|error| Error::internal(format!("stored {}: {error}", row.kind)))
    }
}

impl<T: Serialize> Stored<T> {
    /// The row's body.
    pub fn body(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}
