//! A total that somebody typed over the sum of the lines, and when a person has to confirm it.

use super::Price;
use crate::money::Money;

/// The largest difference that counts as a rounding: 100.00.
const ROUNDING: Money = Money::minor(10_000);

/// What the lines of a COR add up to, and what was typed over it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SumAndTotal {
    /// The sum of the lines; nothing where there are none and the typed total is all there is.
    pub sum: Option<Money>,
    /// The typed total.
    pub typed: Option<Money>,
}

impl Price {
    /// The sum of the lines beside the typed total.
    pub fn totals(&self) -> SumAndTotal {
        SumAndTotal { sum: (!self.lines.is_empty()).then(|| self.computed()), typed: self.overtyped }
    }
}

impl SumAndTotal {
    /// What the typed total has over the lines.
    pub fn rounding(self) -> Money {
        self.typed.zip(self.sum).map_or(Money::ZERO, |(typed, sum)| typed - sum)
    }

    /// Whether the typed total is further from the lines than a rounding is: by more than 1 % of them, or by more than 100.00.
    pub fn is_far_off(self) -> bool {
        let magnitude = |money: Money| i128::from(money.in_minor()).abs();
        let (rounding, sum) = (magnitude(self.rounding()), magnitude(self.sum.unwrap_or_default()));
        rounding > magnitude(ROUNDING) || rounding * 100 > sum
    }

    /// Whether the person has to say if the typed total or the lines count: the total was typed for other lines, or is far from
    /// their sum. What was decided `before` is not asked again.
    pub fn is_doubtful(self, before: Option<Self>) -> bool {
        let outlived = before.is_some_and(|before| before.typed == self.typed && before.sum != self.sum);
        let differs = !self.rounding().is_zero() && before != Some(self) && (outlived || self.is_far_off());
        differs || self.has_lost_its_lines(before)
    }

    /// Whether the total was typed over lines that are gone now, and would be the whole price as a lump sum.
    pub fn has_lost_its_lines(self, before: Option<Self>) -> bool {
        let outlived = |before: Self| before.typed == self.typed && before.sum.is_some();
        self.typed.is_some() && self.sum.is_none() && before.is_some_and(outlived)
    }

    /// The question of [`SumAndTotal::is_doubtful`].
    pub fn question(self) -> String {
        let typed = self.typed.unwrap_or_default();
        match self.sum {
            Some(sum) => format!(
                "The total of {typed} was typed; the lines add up to {sum}, which leaves a Rounding of {}. Keep the total, or \
                 take the sum of the lines.",
                self.rounding()
            ),
            None => format!(
                "The total of {typed} was typed for lines that are gone. Keep it as a lump sum, or type another total."
            ),
        }
    }

    /// The warning for readers of a COR whose total is far from its lines.
    pub fn warning(self) -> Option<String> {
        let (typed, sum) = self.typed.zip(self.sum).filter(|_| self.is_far_off())?;
        Some(format!("The total was typed: {typed}. The lines add up to {sum}."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(sum: i64, typed: i64) -> SumAndTotal {
        SumAndTotal { sum: Some(Money::minor(sum)), typed: Some(Money::minor(typed)) }
    }

    #[test]
    fn a_rounding_is_at_most_a_hundredth_and_at_most_a_hundred() {
        for (sum, typed, far_off) in [
            (223_448, 225_000, false),
            (223_448, 225_682, false),
            (223_448, 225_683, true),
            (2_184_030, 2_194_030, false),
            (2_184_030, 2_194_031, true),
            (2_184_030, 2_000_000, true),
            (-50_000, -50_500, false),
            (-50_000, -49_499, true),
            (0, 1, true),
            (1, 2, true),
            (-1_000, 1_000, true),
        ] {
            assert_eq!(totals(sum, typed).is_far_off(), far_off, "{typed} over {sum}");
            assert_eq!(totals(sum, typed).warning().is_some(), far_off, "{typed} over {sum}");
        }
        let only = SumAndTotal { sum: None, typed: Some(Money::minor(1_000_000)) };
        assert!(!only.is_far_off() && !only.is_doubtful(None), "a lump sum rounds nothing");
    }

    #[test]
    fn a_typed_total_is_asked_about_when_its_lines_change_or_it_is_far_off() {
        let before = Some(totals(223_448, 225_000));
        assert!(totals(223_449, 225_000).is_doubtful(before), "a cent more in the lines");
        assert!(!totals(223_448, 225_000).is_doubtful(before), "as it was");
        assert!(!totals(223_449, 225_100).is_doubtful(before), "typed anew");
        assert!(!totals(225_000, 225_000).is_doubtful(before), "they agree");
        assert!(!totals(223_448, 225_000).is_doubtful(None), "a rounding");
        assert!(totals(223_448, 100_000).is_doubtful(None), "far off");
        assert!(!totals(223_448, 100_000).is_doubtful(Some(totals(223_448, 100_000))), "said before");
        let lump_sum = Some(SumAndTotal { sum: None, typed: Some(Money::minor(225_000)) });
        assert!(totals(223_448, 225_000).is_doubtful(lump_sum), "it got lines");
    }

    #[test]
    fn a_typed_total_is_no_lump_sum_before_somebody_says_so() {
        let before = Some(totals(234_030, 235_000));
        let alone = |typed| SumAndTotal { sum: None, typed: Some(Money::minor(typed)) };
        assert!(alone(235_000).is_doubtful(before) && alone(235_000).has_lost_its_lines(before), "its lines are gone");
        let question = alone(235_000).question();
        assert!(question.contains("2,350.00 was typed for lines that are gone. Keep it as a lump sum"), "{question}");
        assert!(!alone(200_000).is_doubtful(before), "typed anew");
        assert!(!alone(235_000).is_doubtful(Some(alone(235_000))), "it was one before");
        assert!(!SumAndTotal::default().is_doubtful(before), "nothing counts, and that shows");
        assert!(!totals(100, 235_000).has_lost_its_lines(before), "a line is left");
        let even = Some(SumAndTotal { sum: Some(Money::ZERO), typed: Some(Money::minor(500)) });
        assert!(alone(500).is_doubtful(even), "lines that come to nothing are lines");
    }
}
