//! Lists that Procore shows as empty, in words.

use domain::procore::Side;

/// A list that Procore shows as empty. It answers hidden lists as empty or not found, rarely as forbidden, so we can't tell
/// hidden from empty.
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

    /// What is missing, in words.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Commitments => "Procore shows no commitments. There are none, or you can't see them.",
            Self::PrimeContracts => "Procore shows no prime contracts. There are none, or you can't see them.",
            Self::BudgetCodes => "Procore shows no budget codes. The project's Budget has none, or you can't see it.",
            Self::Vendors => "Procore doesn't show the names of some vendors.",
        }
    }

    /// The permission that would show it.
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
