//! Columns that add up, though Procore holds fractions of a cent.
//!
//! One rule, wherever parts and their total come from Procore:
//!
//! - An amount is shown rounded to the cent, and a total is the exact sum, rounded ([`Amount::shown`]).
//! - A difference is that of the two amounts as they are shown, so that a row adds up.
//! - What the rounded parts leave out of the rounded total is a part of its own, named [`ROUNDING`], so that a column adds up.

use super::{Amount, push_plan::AmountChange};
use crate::money::Money;

/// What the part is called.
pub const ROUNDING: &str = "Rounding";
/// Why there is such a part.
pub const WHY: &str = "Procore holds fractions of a cent";
/// Both, as a line of a table.
pub const LINE: &str = "Rounding: Procore holds fractions of a cent";

/// What `parts`, each rounded, leave out of their rounded `total`; nothing where that can't be told. A part without an amount
/// is none.
pub fn rounding(parts: impl IntoIterator<Item = Amount>, total: Amount) -> Money {
    let (mut count, mut sum) = (0_u64, Money::ZERO);
    for part in parts.into_iter().filter_map(Amount::money) {
        (count, sum) = (count + 1, sum + part);
    }
    let left = total.money().map_or(Money::ZERO, |total| total - sum);
    // Half a cent for each of them is all that rounding can do. More is something else, and isn't called by its name.
    if left.in_minor().unsigned_abs() * 2 <= count + 1 { left } else { Money::ZERO }
}

/// The same before and after.
pub fn rounding_of(parts: &[AmountChange], total: AmountChange) -> AmountChange {
    AmountChange {
        previous: rounding(parts.iter().map(|part| part.previous), total.previous).into(),
        new: rounding(parts.iter().map(|part| part.new), total.new).into(),
    }
}

/// In a few words, where a total stands alone; empty when there is nothing to say.
pub fn told(rounding: AmountChange) -> String {
    match (rounding.previous.is_zero(), rounding.new.is_zero()) {
        (true, true) => String::new(),
        (true, false) => format!("{ROUNDING} {}: {WHY}", rounding.new),
        (false, true) => format!("{ROUNDING} {} of previous: {WHY}", rounding.previous),
        (false, false) => format!("{ROUNDING} {}, of previous {}: {WHY}", rounding.new, rounding.previous),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::*;

    fn exact(text: &str) -> Amount {
        Amount::of(text.parse().unwrap())
    }

    #[test]
    fn what_rounding_leaves_out_is_a_line_of_its_own() {
        let cases: [(&[&str], &str, i64); 5] = [
            (&["33.3333", "33.3333", "33.3333", "100"], "200.00", 1),
            (&["0.005", "0.005"], "0.01", -1),
            (&["-0.004", "-0.004"], "(0.01)", -1),
            (&["1.00", "2.00"], "3.00", 0),
            (&[], "0.00", 0),
        ];
        for (parts, total, left) in cases {
            let parts = || parts.iter().map(|part| exact(part));
            let sum: Amount = parts().sum();
            assert_eq!((sum.to_string().as_str(), rounding(parts(), sum)), (total, Money::minor(left)));
        }
    }

    #[test]
    fn what_is_no_rounding_is_not_called_so() {
        assert_eq!(rounding([exact("1.00")], exact("3.00")), Money::ZERO, "a part is missing");
        for none in [Amount::TooLarge, Amount::Unreadable, Amount::NotComparable] {
            assert_eq!(rounding([exact("0.004"), none], none), Money::ZERO);
            assert_eq!(rounding([exact("0.006"), none], exact("0.006")), Money::ZERO, "it is in no sum");
        }
    }

    #[test]
    fn a_total_that_stands_alone_says_it_in_words() {
        let change =
            |previous, new| AmountChange { previous: Money::minor(previous).into(), new: Money::minor(new).into() };
        assert_eq!(told(change(0, 0)), "");
        assert_eq!(told(change(0, 1)), "Rounding 0.01: Procore holds fractions of a cent");
        assert_eq!(told(change(-1, 0)), "Rounding (0.01) of previous: Procore holds fractions of a cent");
        assert_eq!(told(change(2, 1)), "Rounding 0.01, of previous 0.02: Procore holds fractions of a cent");
    }

    fn any_amount() -> impl Strategy<Value = Amount> {
        (-99_999_999..99_999_999_i64, 0..6_u32).prop_map(|(digits, scale)| Amount::of(Decimal::new(digits, scale)))
    }

    proptest! {
        /// Whatever Procore holds: what is shown adds up, down and across, and each total is the exact sum, rounded.
        #[test]
        fn what_is_shown_adds_up(parts in prop::collection::vec((any_amount(), any_amount()), 0..40)) {
            let parts: Vec<AmountChange> = parts.into_iter().map(|(previous, new)| AmountChange { previous, new }).collect();
            let total = parts.iter().copied().fold(AmountChange::default(), AmountChange::plus);
            let exact: Decimal = parts.iter().map(|p| if let Amount::Exact(new) = p.new { new } else { Decimal::ZERO }).sum();
            prop_assert_eq!(total.new.money(), Money::rounded_sum(exact));
            let left = rounding_of(&parts, total);
            let rows = || parts.iter().copied().chain([left]);
            let shown = |amount: fn(&AmountChange) -> Amount| rows().map(|row| amount(&row).money().unwrap()).sum::<Money>();
            prop_assert_eq!(shown(|row| row.previous), total.previous.money().unwrap());
            prop_assert_eq!(shown(|row| row.new), total.new.money().unwrap());
            prop_assert_eq!(shown(|row| row.difference()), total.difference().money().unwrap());
            for row in rows().chain([total]) {
                let (previous, new) = (row.previous.money().unwrap(), row.new.money().unwrap());
                prop_assert_eq!(row.difference().money(), Some(new - previous));
            }
        }
    }
}
