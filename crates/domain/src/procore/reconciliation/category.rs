//! The words of a reconciliation.

use crate::{
    money::Money,
    procore::{Amount, currency::CurrencyTrouble},
};

/// Where money stands between the log and Procore.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Category {
    /// Procore holds what the COR says, to the cent.
    Matched,
    /// Procore holds another amount than the COR says.
    AmountDiffers,
    /// No change event that counts holds it: never pushed, refused, or the event was deleted or voided.
    NotInProcore,
    /// A push owns it, and what Procore will hold is not known yet.
    Waiting,
    /// Procore keeps its project in another currency, or nobody knows in which: amounts are never converted.
    NotComparable,
    /// A Void COR of which Procore holds something all the same: that much too much is in the forecast.
    ToTakeOut,
    /// A Draft or Void COR: it has no place in a forecast, and is in none.
    NotToPush,
    /// Change events without a COR of ours, and other people's lines in those that have some.
    OnlyInProcore,
}

impl Category {
    /// All categories, in the order of the report.
    pub const ALL: [Self; 8] = [
        Self::Matched,
        Self::AmountDiffers,
        Self::NotInProcore,
        Self::Waiting,
        Self::NotComparable,
        Self::ToTakeOut,
        Self::NotToPush,
        Self::OnlyInProcore,
    ];

    /// What a forecast should hold of so much in the log.
    pub fn asks_for(self, ours: Money) -> Amount {
        match self {
            Self::ToTakeOut | Self::NotToPush | Self::OnlyInProcore => Amount::ZERO,
            Self::Matched | Self::AmountDiffers | Self::NotInProcore | Self::Waiting | Self::NotComparable => {
                ours.into()
            }
        }
    }

    /// The words on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Matched => "Matched",
            Self::AmountDiffers => "Amount differs",
            Self::NotInProcore => "Not in Procore",
            Self::Waiting => "Waiting",
            Self::NotComparable => "Can't be compared",
            Self::ToTakeOut => "Void, still in Procore",
            Self::NotToPush => "Draft or Void",
            Self::OnlyInProcore => "In Procore, not here",
        }
    }

    /// The word in addresses, snapshots and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::AmountDiffers => "amount_differs",
            Self::NotInProcore => "not_in_procore",
            Self::Waiting => "waiting",
            Self::NotComparable => "not_comparable",
            Self::ToTakeOut => "to_take_out",
            Self::NotToPush => "not_to_push",
            Self::OnlyInProcore => "only_in_procore",
        }
    }

    /// The category of a [`Category::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.code() == code)
    }
}

/// Whether a change event's money counts in a forecast.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counts {
    /// It does.
    Yes,
    /// The event is void.
    Void,
    /// The event is deleted, or not shown any more.
    Gone,
    /// It is kept in another currency, and amounts are never converted.
    OtherCurrency,
    /// Procore names no currency and nobody stated one, so that its amount can't be compared.
    UnknownCurrency,
}

impl Counts {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Yes, Self::Void, Self::Gone, Self::OtherCurrency, Self::UnknownCurrency];

    /// The word in snapshots and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Void => "void",
            Self::Gone => "gone",
            Self::OtherCurrency => "other_currency",
            Self::UnknownCurrency => "unknown_currency",
        }
    }

    /// Of an event that is neither void nor gone, by why its amounts can't be compared with ours.
    pub const fn by(trouble: Option<&CurrencyTrouble>) -> Self {
        match trouble {
            None => Self::Yes,
            Some(CurrencyTrouble::Differs { .. }) => Self::OtherCurrency,
            // Where Procore and people contradict each other, nobody knows.
            Some(CurrencyTrouble::Unknown | CurrencyTrouble::Contradiction { .. }) => Self::UnknownCurrency,
        }
    }

    /// Whether its amounts are in another currency than ours, or in one that nobody knows.
    pub const fn in_other_currency(self) -> bool {
        matches!(self, Self::OtherCurrency | Self::UnknownCurrency)
    }

    /// The word of a [`Counts::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|counts| counts.code() == code)
    }
}
