//! The change order request: its number, status, line items and total.

pub mod approval;
pub mod breakdown;
pub mod cor_number;
pub mod line;
mod markup;
pub mod status;
pub mod take_over;
pub mod total;

use serde::Serialize;
use utoipa::ToSchema;

pub use approval::{Besides, Means, Recorded, StatusRefused};
pub use breakdown::{Breakdown, BrokenDown, LineKey};
pub use cor_number::CorNumber;
pub use line::{LineItem, Pricing, Section, rate_with_cents};
pub use status::Status;
pub use total::SumAndTotal;

use crate::money::Money;

/// What a COR asks for: its line items and, if somebody overtyped it, the total.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(into = "PriceInJson")]
pub struct Price {
    /// The line items, in the order they are shown.
    pub lines: Vec<LineItem>,
    /// The total somebody typed over the computed one, to round it.
    pub overtyped: Option<Money>,
}

/// The lines of a COR and its amounts, as they stand in JSON.
#[derive(Serialize, ToSchema)]
#[schema(as = CorPrice)]
pub struct PriceInJson {
    lines: Vec<LineItem>,
    /// What the lines add up to.
    computed: Money,
    /// The total minus that.
    rounding: Money,
    /// A sentence where a typed total is further from the lines than a rounding is; else empty.
    rounding_warning: String,
    /// The amount requested.
    total: Money,
}

impl From<Price> for PriceInJson {
    fn from(price: Price) -> Self {
        Self {
            computed: price.computed(),
            rounding: price.rounding(),
            rounding_warning: price.totals().warning().unwrap_or_default(),
            total: price.total(),
            lines: price.lines,
        }
    }
}

impl Price {
    /// The sum of the line items.
    pub fn computed(&self) -> Money {
        self.lines.iter().map(|l| l.amount).sum()
    }

    /// The amount requested: the overtyped total, else the computed one.
    pub fn total(&self) -> Money {
        self.overtyped.unwrap_or_else(|| self.computed())
    }

    /// The difference between the two; a line of its own in every breakdown.
    pub fn rounding(&self) -> Money {
        self.total() - self.computed()
    }

    /// The sum of one section.
    pub fn section_total(&self, section: Section) -> Money {
        self.lines.iter().filter(|l| l.section == section).map(|l| l.amount).sum()
    }

    /// The sections that have lines, with what those add up to.
    pub fn sections(&self) -> impl Iterator<Item = (Section, Vec<&LineItem>, Money)> {
        let of = |section| {
            let lines: Vec<_> = self.lines.iter().filter(|line| line.section == section).collect();
            (section, lines, self.section_total(section))
        };
        Section::ALL.into_iter().map(of).filter(|(_, lines, _)| !lines.is_empty())
    }
}
