//! Line items: four sections, a quantity at a rate or one amount.

use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{ids::LineItemId, money::Money};

/// The section of a COR that a line belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Section {
    /// People's hours.
    Labor,
    /// What is built in.
    Material,
    /// What is used.
    Equipment,
    /// Anything else: fees, permits, freight.
    Other,
}

impl Section {
    /// All sections in print order.
    pub const ALL: [Self; 4] = [Self::Labor, Self::Material, Self::Equipment, Self::Other];

    /// The name on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Labor => "Labor",
            Self::Material => "Material",
            Self::Equipment => "Equipment",
            Self::Other => "Other",
        }
    }

    /// The word in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Labor => "labor",
            Self::Material => "material",
            Self::Equipment => "equipment",
            Self::Other => "other",
        }
    }

    /// The section of a [`Section::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// How a line's amount comes about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(into = "UnitPrice")]
pub enum Pricing {
    /// So many units at so much each, rounded to the cent, halves away from zero.
    Extended {
        /// How many; up to four decimals.
        quantity: Decimal,
        /// Of what: `h`, `ft`, `ea`.
        unit: String,
        /// Price of one; up to four decimals.
        rate: Decimal,
    },
    /// One amount.
    Lump,
}

/// Quantity, unit and rate of a line, as JSON has them beside its amount.
#[derive(Default, Serialize, ToSchema)]
pub struct UnitPrice {
    /// Null for an amount without a quantity; so are unit and rate.
    #[schema(value_type = Option<String>)]
    quantity: Option<Decimal>,
    unit: Option<String>,
    #[schema(value_type = Option<String>)]
    rate: Option<Decimal>,
}

impl From<Pricing> for UnitPrice {
    fn from(pricing: Pricing) -> Self {
        match pricing {
            Pricing::Extended { quantity, unit, rate } => {
                Self { quantity: Some(quantity), unit: Some(unit), rate: Some(rate) }
            }
            Pricing::Lump => Self::default(),
        }
    }
}

/// A line of a COR, as its sender prices it. Its amount always follows from its pricing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = CorLine)]
pub struct LineItem {
    /// Stable across edits: it is how the pushed line in Procore is found again.
    pub id: LineItemId,
    /// Where it stands.
    pub section: Section,
    /// What it is for.
    pub description: String,
    /// How the amount comes about.
    #[serde(flatten)]
    #[schema(value_type = UnitPrice)]
    pub pricing: Pricing,
    /// The amount.
    pub amount: Money,
}

/// Why a line was refused, in words for the person who typed it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LineError {
    /// Quantity or rate has more than four decimals, or is out of range.
    #[error("Quantity and rate have four decimals at the most and stay below 1,000,000,000.")]
    OutOfRange,
    /// Quantity × rate is beyond what an amount can hold.
    #[error("Quantity × rate is too large.")]
    TooLarge,
}

impl LineItem {
    /// A line of `quantity` units at `rate`.
    pub fn extended(
        id: LineItemId,
        section: Section,
        description: impl Into<String>,
        quantity: Decimal,
        unit: impl Into<String>,
        rate: Decimal,
    ) -> Result<Self, LineError> {
        let limit = Decimal::from(1_000_000_000u32);
        for number in [quantity, rate] {
            if number.normalize().scale() > 4 || number.abs() >= limit {
                return Err(LineError::OutOfRange);
            }
        }
        let amount = quantity.checked_mul(rate).and_then(Money::rounded).ok_or(LineError::TooLarge)?;
        let pricing = Pricing::Extended { quantity: quantity.normalize(), unit: unit.into(), rate: rate.normalize() };
        Ok(Self { id, section, description: description.into(), pricing, amount })
    }

    /// A line of one amount.
    pub fn lump(id: LineItemId, section: Section, description: impl Into<String>, amount: Money) -> Self {
        Self { id, section, description: description.into(), pricing: Pricing::Lump, amount }
    }
}

/// A rate with two decimals at the least: "92.10", "0.0825".
pub fn rate_with_cents(rate: &Decimal) -> String {
    let mut rate = rate.normalize();
    rate.rescale(rate.scale().max(2));
    rate.to_string()
}
