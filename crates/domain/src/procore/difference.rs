//! The difference that remains between Procore and a COR that is up to date: somebody accepted it or left it alone. The log, the
//! COR's page and its comparison with Procore use the same words for it.

use super::Amount;
use crate::money::Money;

const BEGINS: &str = "Difference of ";
/// What stands behind the amount: a reason of Procore's may hold the first words too.
const GOES_ON: &str = ": Procore has ";

/// What Procore lacks of a COR, as it is shown everywhere; negative when it holds too much.
pub fn difference(asked: Money, there: Amount) -> Amount {
    Amount::from(asked) - there.shown()
}

/// The reason that the log keeps: what `reason` says, and the difference after it if there is one. One that was told before is
/// told anew.
pub fn told(asked: Money, there: Amount, reason: &str) -> String {
    let rest = found(reason).map_or(reason, |at| &reason[..at]).trim_end();
    let difference = difference(asked, there);
    if difference.is_zero() || !difference.is_readable() {
        return rest.to_owned();
    }
    let sentence = format!("{BEGINS}{}{GOES_ON}{there}, and this COR asks for {asked}.", difference.signed());
    format!("{rest} {sentence}").trim_start().to_owned()
}

/// The difference in a few words, of a reason that tells one: "Difference of (0.01)".
pub fn words(reason: &str) -> Option<&str> {
    let told = &reason[found(reason)?..];
    told.split_once(GOES_ON).map(|(words, _)| words)
}

/// Where a reason tells a difference: last of all.
fn found(reason: &str) -> Option<usize> {
    reason.rfind(BEGINS).filter(|at| reason[*at..].contains(GOES_ON))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_told_once_and_after_everything_else() {
        let asked = Money::minor(1_260_000);
        let cent = Amount::from(Money::minor(1_260_001));
        let first = told(asked, cent, "Left as it is in Procore: A line was changed in Procore: 1.00 → 2.00.");
        assert_eq!(
            first,
            "Left as it is in Procore: A line was changed in Procore: 1.00 → 2.00. Difference of (0.01): Procore has 12,600.01, \
             and this COR asks for 12,600.00."
        );
        assert_eq!(words(&first), Some("Difference of (0.01)"));
        let less = told(asked, Amount::from(Money::minor(1_259_000)), &first);
        assert_eq!(words(&less), Some("Difference of +10.00"));
        assert_eq!(less.matches("Difference of").count(), 1, "{less}");
        let alone = told(asked, cent, "");
        assert!(alone.starts_with("Difference of (0.01): "), "{alone}");
        assert_eq!(told(asked, asked.into(), &alone), "");
        assert_eq!((words(""), words("Left as it is: something")), (None, None));
        let theirs = "A line was changed in Procore: “Difference of opinion: north wall” → “North wall”.";
        assert_eq!((words(theirs), told(asked, asked.into(), theirs)), (None, theirs.to_owned()));
        let both = told(asked, cent, theirs);
        assert_eq!((words(&both), told(asked, asked.into(), &both)), (Some("Difference of (0.01)"), theirs.to_owned()));
        assert_eq!(told(asked, Amount::Unreadable, ""), "", "what can't be read has no difference");
    }
}
