//! The price of a COR while it is typed.

use domain::{
    Currency, Money,
    cor::{Price, Section, SumAndTotal},
};

use crate::cor::{input::CorInput, line_input::LineInput};

/// The sum of typed lines and the typed total, as far as they can be read.
#[derive(Debug, Clone)]
pub struct TypedPrice {
    lines: Vec<(Option<Section>, Option<Money>)>,
    /// What the lines add up to; nothing while one of them can't be read.
    pub sum: Option<Money>,
    /// That sum, where there are lines, beside the typed total.
    pub totals: SumAndTotal,
    before: Option<SumAndTotal>,
}

impl TypedPrice {
    /// The price that is typed over the one `before`.
    pub fn of(typed: &CorInput, currency: Currency, before: Option<&Price>) -> Self {
        let amount = |line: &LineInput| (line.section, line.amount_so_far(currency));
        let lines: Vec<_> = typed.lines.iter().map(amount).collect();
        let sum = lines.iter().map(|(_, amount)| *amount).sum::<Option<Money>>();
        let has_lines = typed.lines.iter().any(|line| !line.is_blank());
        let total = Some(typed.total.trim()).filter(|total| !total.is_empty());
        let totals = SumAndTotal {
            sum: sum.filter(|_| has_lines),
            typed: total.and_then(|total| Money::typed(total, currency).ok()),
        };
        Self { lines, sum, totals, before: before.map(Price::totals) }
    }

    /// What the lines of a section add up to.
    pub fn subtotal(&self, section: Section) -> Option<Money> {
        self.lines.iter().filter(|(of, _)| *of == Some(section)).map(|(_, amount)| *amount).sum()
    }

    /// The typed total is further from the lines than a rounding is.
    pub fn is_far_off(&self) -> bool {
        self.sum.is_some() && self.totals.is_far_off()
    }

    /// The person has to say whether the typed total or the lines count.
    pub fn is_doubtful(&self) -> bool {
        self.sum.is_some() && self.totals.is_doubtful(self.before)
    }

    /// The lines that the total was typed for are gone. The person keeps it as a lump sum or types another.
    pub fn has_lost_its_lines(&self) -> bool {
        self.sum.is_some() && self.totals.has_lost_its_lines(self.before)
    }

    /// Total and sum as they are stored.
    pub fn stored(&self) -> SumAndTotal {
        self.before.unwrap_or_default()
    }
}
