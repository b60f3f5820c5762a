//! What contracts and budget codes are called.

use std::collections::BTreeMap;

use domain::procore::Side;
use store::repo::reference::ReferenceRow;
use sync::reference::{BudgetCode, Stored};

use super::{Contract, Kind};

/// What contracts and budget codes are called, as last read. No request is made for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    contracts: BTreeMap<i64, String>,
    codes: BTreeMap<i64, String>,
}

impl Names {
    /// The names of what a side chooses from. What is damaged has none.
    pub(crate) fn of(rows: &[ReferenceRow], side: Side) -> Self {
        let row = |kind: Kind| rows.iter().find(|row| row.kind == kind.code());
        let contracts = row(Kind::of_contracts(side)).and_then(|row| Stored::<Contract>::of(row).ok());
        let codes = row(Kind::BudgetCodes).and_then(|row| Stored::<BudgetCode>::of(row).ok());
        Self {
            contracts: contracts.into_iter().flat_map(|known| known.items).map(|c| (c.id, c.name())).collect(),
            codes: codes.into_iter().flat_map(Stored::named).map(|code| (code.id, code.name())).collect(),
        }
    }

    /// Number and title of a contract; nothing for one that no list shows.
    pub fn contract(&self, id: i64) -> Option<&str> {
        self.contracts.get(&id).map(String::as_str)
    }

    /// Number and name of a budget code; nothing for one that no list shows.
    pub fn code(&self, id: i64) -> Option<&str> {
        self.codes.get(&id).map(String::as_str)
    }
}
