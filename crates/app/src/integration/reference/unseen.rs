//! What Procore shows nothing of, in words.

use domain::procore::Side;

/// What Procore shows nothing of. A list that one may not see is answered empty or as not found, seldom as forbidden, so
/// nobody can tell it from one that has nothing in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unseen {
    /// Subcontracts and purchase orders.
    Commitments,
    /// Contracts with the owner.
    PrimeContracts,
    /// The project's budget codes.
    BudgetCodes,
    /// Names of the companies that commitments are with.
    Vendors,
}

impl Unseen {
    /// The contracts that a side chooses from.
    pub const fn contracts(side: Side) -> Self {
        match side {
            Side::Received => Self::Commitments,
            Side::Sent => Self::PrimeContracts,
        }
    }

    /// What is not shown, in words.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Commitments => "Procore shows no commitments: there are none, or you may not see them.",
            Self::PrimeContracts => "Procore shows no prime contracts: there are none, or you may not see them.",
            Self::BudgetCodes => "Procore shows no budget codes: the project's Budget has none, or you may not see it.",
            Self::Vendors => "Procore doesn't show the names of some vendors.",
        }
    }

    /// What would show it.
    pub const fn permission(self) -> &'static str {
        match self {
            Self::Commitments => "Read Only permission on Commitments",
            Self::PrimeContracts => "Read Only permission on Prime Contracts",
            Self::BudgetCodes => "Read Only permission on the Budget",
            Self::Vendors => "Read Only permission on the Directory",
        }
    }

    /// Both, with whom to ask.
    pub fn sentence(self) -> String {
        format!("{} Ask a Procore Admin for {}.", self.says(), self.permission())
    }
}
