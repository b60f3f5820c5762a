//! The names of contracts and budget codes.

use std::collections::BTreeMap;

use domain::procore::Side;
use store::repo::reference::ReferenceRow;
use sync::reference::{BudgetCode, Stored};

use super::lists::{ProcoreContract, ReferenceList};

/// The names of contracts and budget codes, as last read. Makes no request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    contracts: BTreeMap<i64, String>,
    codes: BTreeMap<i64, String>,
}

impl Names {
    /// The names of a side's choices. A damaged list has none.
    pub(crate) fn of(rows: &[ReferenceRow], side: Side) -> Self {
        let row = |kind: ReferenceList| rows.iter().find(|row| row.kind == kind.code());
        let contracts = row(ReferenceList::of_contracts(side)).and_then(|row| Stored::<ProcoreContract>::of(row).ok());
        let codes = row(ReferenceList::BudgetCodes).and_then(|row| Stored::<BudgetCode>::of(row).ok());
        Self {
            contracts: contracts.into_iter().flat_map(|known| known.items).map(|c| (c.id, c.name())).collect(),
            codes: codes.into_iter().flat_map(Stored::named).map(|code| (code.id, code.name())).collect(),
        }
    }

    /// Number and title of a contract; `None` if no list shows it.
    pub fn contract(&self, id: i64) -> Option<&str> {
        self.contracts.get(&id).map(String::as_str)
    }

    /// Number and name of a budget code; `None` if no list shows it.
    pub fn code(&self, id: i64) -> Option<&str> {
        self.codes.get(&id).map(String::as_str)
    }
}
