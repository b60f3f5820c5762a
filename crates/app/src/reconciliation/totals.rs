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
