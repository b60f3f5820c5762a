//! Divides a COR into lines of a change event. Every way adds up to the total of the COR, to the cent.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Price, Section};
use crate::{ids::LineItemId, money::Money};

/// How much detail is pushed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Breakdown {
    /// Every line item is a line.
    LineItems,
    /// One line a section.
    Sections,
    /// One line a COR.
    LumpSum,
}

impl Breakdown {
    /// All ways, the most detailed first.
    pub const ALL: [Self; 3] = [Self::LineItems, Self::Sections, Self::LumpSum];

    /// The name on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LineItems => "Line items",
            Self::Sections => "By section",
            Self::LumpSum => "Lump sum",
        }
    }

    /// The word in forms, the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LineItems => "line_items",
            Self::Sections => "sections",
            Self::LumpSum => "lump_sum",
        }
    }

    /// The breakdown of a [`Breakdown::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.code() == code)
    }
}

/// What a pushed line stands for, stable across edits of the COR.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LineKey {
    /// The whole COR.
    Total,
    /// A section.
    Section(Section),
    /// A line item.
    Item(LineItemId),
    /// The difference between the overtyped and the computed total.
    Rounding,
    /// The adjustment of the line of the whole COR, which is locked in Procore.
    AdjustTotal,
    /// The adjustment of a section's line.
    AdjustSection(Section),
    /// The adjustment of a line item's line.
    AdjustItem(LineItemId),
    /// The adjustment of the rounding's line.
    AdjustRounding,
}

impl LineKey {
    /// The adjustment of a locked line of this key; `None` for an adjustment.
    pub const fn adjustment(self) -> Option<Self> {
        match self {
            Self::Total => Some(Self::AdjustTotal),
            Self::Section(section) => Some(Self::AdjustSection(section)),
            Self::Item(item) => Some(Self::AdjustItem(item)),
            Self::Rounding => Some(Self::AdjustRounding),
            Self::AdjustTotal | Self::AdjustSection(_) | Self::AdjustItem(_) | Self::AdjustRounding => None,
        }
    }
}

/// One line that a COR asks for in Procore: a line item, a section, or the whole COR, by the chosen detail.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BrokenDown {
    /// What it stands for.
    pub key: LineKey,
    /// What it says, without number or reference.
    pub description: String,
    /// Its amount.
    pub amount: Money,
}

impl Price {
    /// The lines of this COR in the given detail. Sections without lines are left out. A lump sum is one line that `title` names,
    /// the rounding included; a COR without line items is one whatever was asked for.
    pub fn broken_down(&self, breakdown: Breakdown, title: &str) -> Vec<BrokenDown> {
        let whole = || vec![BrokenDown { key: LineKey::Total, description: title.to_owned(), amount: self.total() }];
        let mut lines: Vec<BrokenDown> = match breakdown {
            _ if self.lines.is_empty() => return whole(),
            Breakdown::LumpSum => return whole(),
            Breakdown::Sections => Section::ALL
                .into_iter()
                .filter(|section| self.lines.iter().any(|l| l.section == *section))
                .map(|section| BrokenDown {
                    key: LineKey::Section(section),
                    description: format!("{}: {title}", section.name()),
                    amount: self.section_total(section),
                })
                .collect(),
            Breakdown::LineItems => self
                .lines
                .iter()
                .map(|line| BrokenDown {
                    key: LineKey::Item(line.id),
                    description: format!("{}: {}", line.section.name(), line.description),
                    amount: line.amount,
                })
                .collect(),
        };
        if !self.rounding().is_zero() {
            lines.push(BrokenDown {
                key: LineKey::Rounding,
                description: "Rounding".to_owned(),
                amount: self.rounding(),
            });
        }
        lines
    }
}

impl fmt::Display for LineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Total => f.write_str("total"),
            Self::Section(section) => write!(f, "section:{}", section.code()),
            Self::Item(id) => write!(f, "item:{id}"),
            Self::Rounding => f.write_str("rounding"),
            Self::AdjustTotal => f.write_str("adjust-total"),
            Self::AdjustSection(section) => write!(f, "adjust-section:{}", section.code()),
            Self::AdjustItem(id) => write!(f, "adjust-item:{id}"),
            Self::AdjustRounding => f.write_str("adjust-rounding"),
        }
    }
}

/// A text that is not a line key.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0:?} is not a line key")]
pub struct BadLineKey(pub String);

impl std::str::FromStr for LineKey {
    type Err = BadLineKey;
    fn from_str(text: &str) -> Result<Self, BadLineKey> {
        let bad = || BadLineKey(text.to_owned());
        match text.split_once(':') {
            None if text == "total" => Ok(Self::Total),
            None if text == "rounding" => Ok(Self::Rounding),
            None if text == "adjust-total" => Ok(Self::AdjustTotal),
            None if text == "adjust-rounding" => Ok(Self::AdjustRounding),
            Some(("adjust-section", code)) => Section::from_code(code).map(Self::AdjustSection).ok_or_else(bad),
            Some(("adjust-item", id)) => id.parse().map(Self::AdjustItem).map_err(|_| bad()),
            Some(("section", code)) => Section::from_code(code).map(Self::Section).ok_or_else(bad),
            Some(("item", id)) => id.parse().map(Self::Item).map_err(|_| bad()),
            _ => Err(bad()),
        }
    }
}

impl TryFrom<String> for LineKey {
    type Error = BadLineKey;
    fn try_from(text: String) -> Result<Self, BadLineKey> {
        text.parse()
    }
}

impl From<LineKey> for String {
    fn from(key: LineKey) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;
    use uuid::Uuid;

    use super::*;
    use crate::cor::LineItem;

    fn line() -> impl Strategy<Value = LineItem> {
        (any::<u128>(), 0usize..4, -9_999_999i64..9_999_999, -9_999_999i64..9_999_999, any::<bool>()).prop_map(
            |(id, section, a, b, lump)| {
                let (id, section) = (LineItemId(Uuid::from_u128(id)), Section::ALL[section]);
                if lump {
                    LineItem::lump(id, section, "a line", Money::minor(a))
                } else {
                    LineItem::extended(id, section, "a line", Decimal::new(a, 4), "h", Decimal::new(b, 3)).unwrap()
                }
            },
        )
    }

    proptest! {
        #[test]
        fn every_breakdown_adds_up_to_the_cent(
            lines in prop::collection::vec(line(), 0..12),
            overtyped in prop::option::of(-99_999_999i64..99_999_999),
        ) {
            let price = Price { lines, overtyped: overtyped.map(Money::minor) };
            for breakdown in Breakdown::ALL {
                let cut = price.broken_down(breakdown, "Title");
                prop_assert_eq!(cut.iter().map(|l| l.amount).sum::<Money>(), price.total());
                let mut keys: Vec<_> = cut.iter().map(|l| l.key).collect();
                keys.sort();
                keys.dedup();
                prop_assert_eq!(keys.len(), cut.len(), "keys are unique");
                for line in cut {
                    prop_assert_eq!(line.key.to_string().parse(), Ok(line.key));
                }
            }
        }
    }

    #[test]
    fn the_rounding_is_a_line_of_its_own() {
        let item = LineItem::lump(LineItemId(Uuid::from_u128(1)), Section::Other, "Fee", Money::minor(10_049));
        let price = Price { lines: vec![item], overtyped: Some(Money::minor(10_000)) };
        for breakdown in [Breakdown::LineItems, Breakdown::Sections] {
            let cut = price.broken_down(breakdown, "Fee agreed");
            assert_eq!(cut.last().map(|l| (l.key, l.amount)), Some((LineKey::Rounding, Money::minor(-49))));
        }
        let whole = price.broken_down(Breakdown::LumpSum, "Fee agreed");
        assert_eq!(
            whole.iter().map(|l| (l.key, l.amount)).collect::<Vec<_>>(),
            [(LineKey::Total, Money::minor(10_000))]
        );
    }
}
