//! What the editor of a COR posts.

use domain::{Money, cor::Section, number};

use crate::cor::{
    input::{CorInput, TotalSaid},
    line_input::LineInput,
};

/// What the form posts: the COR as typed, and what to do with it.
#[derive(Debug, Default)]
pub(crate) struct Posted {
    pub typed: CorInput,
    pub version: i64,
    /// The version that is overwritten knowingly.
    pub over: Option<i64>,
    /// The value of the button that was pressed.
    pub button: String,
}

impl Posted {
    /// The fields of lines are repeated; the n-th of each name belong together.
    pub fn read(pairs: Vec<(String, String)>) -> Self {
        let mut posted = Self::default();
        let mut counts = std::collections::BTreeMap::new();
        let (mut said, mut counts_for) = (String::new(), None);
        for (name, value) in pairs {
            if let Some(field) = name.strip_prefix("line_") {
                let n: &mut usize = counts.entry(field.to_owned()).or_default();
                *n += 1;
                let lines = &mut posted.typed.lines;
                lines.resize_with(lines.len().max(*n), LineInput::default);
                let line = &mut lines[*n - 1];
                match field {
                    "id" => line.id = value.parse().ok(),
                    "section" => line.section = Section::from_code(&value),
                    "description" => line.description = value,
                    "quantity" => line.quantity = value,
                    "unit" => line.unit = value,
                    "rate" => line.rate = value,
                    "amount" => line.amount = value,
                    _ => {}
                }
                continue;
            }
            match name.as_str() {
                "counts" => said = value,
                "counts_for" => counts_for = sum(&value),
                "version" => posted.version = value.parse().unwrap_or(0),
                "over" => posted.over = value.parse().ok(),
                "do" => {
                    posted.typed.send = value == "send";
                    posted.button = value;
                }
                _ => posted.typed.put(&name, value),
            }
        }
        if let (Some(sum), "total" | "lines") = (counts_for, said.as_str()) {
            posted.typed.said = TotalSaid::Which { keep: said == "total", sum };
        }
        posted
    }

    /// Save everything but the price, because an approval locked it.
    pub fn saves_the_rest(&self) -> bool {
        self.button == "rest"
    }

    /// One more empty line was asked for by a browser without script.
    pub fn adds_to(&self) -> Option<Section> {
        self.button.strip_prefix("add:").and_then(Section::from_code)
    }
}

/// What the lines added up to when somebody said which counts; empty where there were none.
#[expect(clippy::option_option, reason = "unreadable, none and a sum are three cases")]
fn sum(posted: &str) -> Option<Option<Money>> {
    match posted {
        "" => Some(None),
        sum => number::plain(sum).ok().and_then(Money::exact).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(body: &[(&str, &str)]) -> Posted {
        Posted::read(body.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn the_nth_field_of_each_name_makes_the_nth_line() {
        let posted = posted(&[
            ("title", "Reroute"),
            ("line_id", ""),
            ("line_section", "labor"),
            ("line_description", "Pipefitter"),
            ("line_id", "x"),
            ("line_section", "other"),
            ("line_description", "Permit"),
            ("line_amount", ""),
            ("line_amount", "500"),
            ("do", "add:material"),
        ]);
        assert_eq!(posted.typed.lines.len(), 2);
        assert_eq!(
            (posted.typed.lines[1].description.as_str(), posted.typed.lines[1].amount.as_str()),
            ("Permit", "500")
        );
        assert_eq!(posted.adds_to(), Some(Section::Material));
        assert!(!posted.typed.send);
    }
}
