//! Our lines in Procore: what we want there, what is there, and the difference. No HTTP here; events are described in our terms.

pub mod added;
pub mod amount;
pub mod budget;
pub mod budget_code;
pub mod comparison;
pub mod currency;
pub mod difference;
pub mod footing;
pub mod leftover;
pub mod looks;
pub mod preflight;
pub mod push;
pub mod push_plan;
pub mod push_state;
pub mod reconciliation;
pub mod reference;

pub use added::AddedByProcore;
pub use amount::Amount;

/// Which side of the change event a COR's money goes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub enum Side {
    /// CORs we sent: revenue, tied to a prime contract.
    Sent,
    /// CORs we received: cost, tied to a commitment.
    Received,
}

impl Side {
    /// Both sides.
    pub const ALL: [Self; 2] = [Self::Sent, Self::Received];

    /// The word in URLs, the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
        }
    }

    /// The side of a [`Side::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// The name on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sent => "Sent",
            Self::Received => "Received",
        }
    }

    /// What the other company is called on this side.
    pub const fn counterparty(self) -> &'static str {
        match self {
            Self::Sent => "Customer",
            Self::Received => "Contractor",
        }
    }
}
