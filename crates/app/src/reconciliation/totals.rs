//! What sides of projects add up to: an office's total in each currency.

use std::{collections::BTreeMap, iter::Sum};

use domain::{
    Currency, Money,
    procore::{Amount, footing, reconciliation::Category},
};

use super::ReconciledSide;

/// Sides of projects in one currency. Every sum is of the same sides.
#[derive(Debug, Clone)]
pub struct SideTotals<'a> {
    /// What all amounts are in.
    pub currency: Currency,
    /// What is added up.
    pub sides: Vec<&'a ReconciledSide>,
    /// How many sides are excluded because they can't be compared. If none can be compared, none is excluded and there is no
    /// sum.
    pub without: usize,
}

impl<'a> SideTotals<'a> {
    /// A side alone.
    pub fn one(side: &'a ReconciledSide) -> Self {
        Self { currency: side.currency, sides: vec![side], without: 0 }
    }

    /// The total in each currency.
    pub fn by_currency(sides: &'a [ReconciledSide]) -> Vec<Self> {
        let mut all: BTreeMap<Currency, Vec<&ReconciledSide>> = BTreeMap::new();
        for side in sides {
            all.entry(side.currency).or_default().push(side);
        }
        let total = |(currency, all): (_, Vec<&'a ReconciledSide>)| {
            let (apart, known): (Vec<_>, Vec<_>) = all.into_iter().partition(|side| side.gap == Amount::NotComparable);
            let (sides, without) = if known.is_empty() { (apart, 0) } else { (known, apart.len()) };
            Self { currency, sides, without }
        };
        all.into_iter().map(total).collect()
    }

    fn add<T: Sum>(&self, amount: impl Fn(&ReconciledSide) -> T) -> T {
        self.sides.iter().map(|side| amount(side)).sum()
    }

    /// What the logs add up to.
    pub fn log_total(&self) -> Money {
        self.add(|side| side.log_total)
    }

    /// The Draft and Void part of it, which gaps exclude.
    pub fn draft_or_void(&self) -> Money {
        self.add(|side| side.draft_or_void)
    }

    /// How many CORs those are.
    pub fn draft_or_void_cors(&self) -> usize {
        self.add(|side| side.draft_or_void_cors)
    }

    /// What the change events that count add up to.
    pub fn events_total(&self) -> Amount {
        self.add(|side| side.events_total)
    }

    /// What is missing in Procore, less what is too much there.
    pub fn gap(&self) -> Amount {
        self.add(|side| side.gap)
    }

    /// How many CORs, or change events, are in a category.
    pub fn count(&self, category: Category) -> usize {
        self.add(|side| side.sum(category).count)
    }

    /// A category's part of the gap; of *Matched*, which has none, the amount in Procore.
    pub fn part(&self, category: Category) -> Amount {
        self.add(|side| part(side, category))
    }

    /// What the categories' parts, each rounded, miss of the gap.
    pub fn rounding(&self) -> Amount {
        self.add(|side| match side.gap {
            Amount::NotComparable => Amount::ZERO,
            // *Matched* shows its amount, not its gap.
            _ => side.sum(Category::Matched).gap - side.rounding.into(),
        })
    }

    /// What the sides' amounts of *Matched*, each rounded, miss of their sum; `None` if they add up.
    pub fn left_of_matched(&self) -> Option<Money> {
        self.left(|side| part(side, Category::Matched))
    }

    /// What the sides' change events, each total rounded, miss of their sum; `None` if they add up.
    pub fn left_of_events(&self) -> Option<Money> {
        self.left(|side| side.events_total)
    }

    fn left(&self, amount: fn(&ReconciledSide) -> Amount) -> Option<Money> {
        let all = || self.sides.iter().map(|side| amount(side)).filter(|amount| *amount != Amount::NotComparable);
        Some(footing::rounding(all(), all().sum())).filter(|left| !left.is_zero())
    }
}

fn part(side: &ReconciledSide, category: Category) -> Amount {
    let sum = side.sum(category);
    if category == Category::Matched { sum.in_procore } else { sum.gap }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconciliation::samples::{apart, side};

    /// A total as it is shown, without what is said of those that can't be compared.
    #[derive(Debug, PartialEq)]
    struct Total {
        log: String,
        events: String,
        gap: String,
        without: usize,
        parts: Vec<(usize, String)>,
    }

    fn shown(sides: &[ReconciledSide]) -> Total {
        let total = SideTotals::by_currency(sides).pop().unwrap();
        let known = Category::ALL.into_iter().filter(|category| *category != Category::NotComparable);
        Total {
            log: total.log_total().to_string(),
            events: total.events_total().to_string(),
            gap: total.gap().to_string(),
            without: total.without,
            parts: known.map(|category| (total.count(category), total.part(category).to_string())).collect(),
        }
    }

    #[test]
    fn a_total_adds_up_the_same_projects_in_every_column_and_says_which_it_leaves_out() {
        let alone = shown(&[(&side()).into(), (&side()).into()]);
        assert_eq!((&*alone.log, &*alone.events, &*alone.gap), ("293,941.80", "210,430.08", "64,979.52"));
        let mixed = [(&side()).into(), (&apart()).into(), (&side()).into()];
        assert_eq!(shown(&mixed), Total { without: 1, ..alone });
        let total = SideTotals::by_currency(&mixed).pop().unwrap();
        assert_eq!(total.count(Category::NotComparable), 0);
    }

    #[test]
    fn a_total_of_what_nobody_can_compare_is_no_sum_and_never_nothing() {
        let none = Amount::NotComparable.to_string();
        let all = shown(&[(&apart()).into(), (&apart()).into()]);
        assert_eq!((&*all.log, all.without), ("293,941.80", 0));
        assert_eq!((&all.events, &all.gap), (&none, &none));
    }
}
