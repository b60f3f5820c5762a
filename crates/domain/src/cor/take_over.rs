//! Takes over into a COR what somebody changed of its lines in Procore.

use super::{LineItem, LineKey, Price, Pricing, Section};
use crate::{ids::LineItemId, money::Money};

/// What a line that makes the difference up is called.
const ADJUSTED: &str = "Adjusted as in Procore";

impl Price {
    /// This price with one pushed line as it is in Procore now; `None` in `is` when it was removed there. `id` is for a
    /// line that makes up the difference, where a pushed line stood for several. `None` when nothing would be left.
    pub fn taking_over(&self, key: LineKey, is: Option<Money>, id: LineItemId) -> Option<Self> {
        let mut price = self.clone();
        let rounding = self.overtyped.map(|_| self.rounding());
        match key {
            LineKey::Rounding => {
                let total = self.computed() + is.unwrap_or_default();
                price.overtyped = Some(total).filter(|total| *total != self.computed());
                return Some(price);
            }
            // An adjustment belongs to another line, and the next plan compares both together.
            LineKey::AdjustTotal | LineKey::AdjustSection(_) | LineKey::AdjustItem(_) | LineKey::AdjustRounding => {
                return Some(price);
            }
            LineKey::Item(item) => match is {
                Some(amount) => price.lines.iter_mut().filter(|l| l.id == item).for_each(|line| set(line, amount)),
                None => price.lines.retain(|line| line.id != item),
            },
            LineKey::Section(section) => match is {
                Some(amount) => price.adjust(section, amount - self.section_total(section), id),
                None => price.lines.retain(|line| line.section != section),
            },
            LineKey::Total => {
                // A lump sum includes the rounding, which stays.
                let amount = is? - self.rounding();
                match price.lines.as_mut_slice() {
                    [only] => set(only, amount),
                    _ => price.adjust(Section::Other, amount - self.computed(), id),
                }
            }
        }
        // A typed total keeps its difference to the lines.
        price.overtyped = rounding.map(|rounding| price.computed() + rounding);
        (!price.lines.is_empty()).then_some(price)
    }

    fn adjust(&mut self, section: Section, difference: Money, id: LineItemId) {
        if !difference.is_zero() {
            self.lines.push(LineItem::lump(id, section, ADJUSTED, difference));
        }
    }
}

fn set(line: &mut LineItem, amount: Money) {
    if line.amount != amount {
        (line.pricing, line.amount) = (Pricing::Lump, amount);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::cor::Breakdown;

    fn id(n: usize) -> LineItemId {
        LineItemId(Uuid::from_u128(n as u128 + 1))
    }

    proptest! {
        /// Pushed in any detail, any line edited there: taken over, the COR asks for exactly what Procore has.
        #[test]
        fn what_is_taken_over_is_what_the_cor_asks_for(
            cents in prop::collection::vec((-99_999i64..99_999, 0usize..4), 1..6),
            overtyped in prop::option::of(-99_999i64..99_999),
            detail in 0usize..3,
            which in 0usize..6,
            is in -99_999i64..99_999,
        ) {
            let lines = cents.iter().enumerate().map(|(n, (cents, section))| {
                LineItem::lump(id(n), Section::ALL[*section], "Work", Money::minor(*cents))
            });
            let price = Price { lines: lines.collect(), overtyped: overtyped.map(Money::minor) };
            let breakdown = Breakdown::ALL[detail];
            let mut there = price.broken_down(breakdown, "T");
            let which = which % there.len();
            there[which].amount = Money::minor(is);
            let taken = price.taking_over(there[which].key, Some(Money::minor(is)), id(99)).unwrap();
            let mut asked = taken.broken_down(breakdown, "T");
            for line in there.iter().filter(|line| !(line.key == LineKey::Rounding && line.amount.is_zero())) {
                let at = asked.iter().position(|l| l.key == line.key);
                prop_assert_eq!(asked.remove(at.unwrap()).amount, line.amount);
            }
            prop_assert!(asked.is_empty(), "{:?}", asked);
        }
    }

    #[test]
    fn a_removed_line_goes_and_a_cor_is_never_emptied() {
        let lines = vec![
            LineItem::lump(id(0), Section::Labor, "A", Money::minor(100)),
            LineItem::lump(id(1), Section::Material, "B", Money::minor(200)),
        ];
        let price = Price { lines, overtyped: None };
        let less = price.taking_over(LineKey::Item(id(0)), None, id(9)).unwrap();
        assert_eq!(less.total(), Money::minor(200));
        assert_eq!(less.taking_over(LineKey::Section(Section::Material), None, id(9)), None);
        assert_eq!(price.taking_over(LineKey::Total, None, id(9)), None);
    }
}
