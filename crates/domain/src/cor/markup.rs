//! Markup that a price has of its own: overhead, profit and fee as lines.

use super::{LineItem, Price};
use crate::money::Money;

/// Words that each mark a line as markup.
const WORDS: [&str; 6] = ["overhead", "profit", "markup", "markups", "ohp", "fee"];
/// Pairs of words that mark a line as markup: "Mark-up", "OH&P", "O & P".
const PAIRS: [[&str; 2]; 3] = [["mark", "up"], ["oh", "p"], ["o", "p"]];
/// Fees that are costs.
const COSTS: [&str; 5] = ["permit", "filing", "inspection", "disposal", "license"];

impl Price {
    /// The sum of the lines that are markup by their description; nothing without any. Markup inside rates is not counted.
    pub fn markup(&self) -> Option<Money> {
        let lines: Vec<Money> = self.lines.iter().filter(|line| is_markup(line)).map(|line| line.amount).collect();
        (!lines.is_empty()).then(|| lines.into_iter().sum())
    }
}

fn is_markup(line: &LineItem) -> bool {
    let text = line.description.to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let costs = words.iter().any(|word| COSTS.contains(word));
    let said = words.iter().any(|word| WORDS.contains(word) && !(costs && *word == "fee"));
    said || words.windows(2).any(|pair| PAIRS.iter().any(|both| both.as_slice() == pair))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{LineItemId, cor::Section};

    fn priced(lines: &[(&str, i64)]) -> Price {
        let line = |(text, cents): &(&str, i64)| {
            LineItem::lump(LineItemId(Uuid::nil()), Section::Other, *text, Money::minor(*cents))
        };
        Price { lines: lines.iter().map(line).collect(), overtyped: None }
    }

    #[test]
    fn lines_that_say_they_are_markup_are_added_up() {
        for text in ["Overhead and fee, 10 %", "OH&P", "O & P 15%", "Mark-up", "PROFIT", "Contractor's fee"] {
            assert_eq!(priced(&[("Pipe", 1000), (text, 100)]).markup(), Some(Money::minor(100)), "{text}");
        }
        assert_eq!(priced(&[("Overhead", 70), ("Profit", 30)]).markup(), Some(Money::minor(100)));
        for text in
            ["Permit fee", "Pipe, overheads", "Mark walls up to level 3", "Profile plates", "Feed pump", "Op. 3"]
        {
            assert_eq!(priced(&[(text, 100)]).markup(), None, "{text}");
        }
    }
}
