//! Text, folded for search and order.

use std::fmt;

/// Text folded for search and comparison: lower case, white space collapsed to single blanks.
pub fn fold(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// A key that sorts as people read numbers: 2 before 10 before 10.1, "A2" before "A10". Runs of digits are written
/// with their length before them and without leading zeros, everything else is folded.
pub fn natural_key(text: &str) -> String {
    let folded = fold(text);
    let mut key = String::with_capacity(folded.len() + 8);
    let mut rest = folded.as_str();
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        if digits {
            let significant = run.trim_start_matches('0');
            key.push_str(&format!("{:02}{significant}", significant.len().min(99)));
        } else {
            key.push_str(run);
        }
        rest = tail;
    }
    key
}

/// `text` cut to at most `limit` characters, at a character boundary, with an ellipsis when something was cut.
pub fn shortened(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// "1 line", "2 lines".
pub fn counted<N: Copy + fmt::Display + PartialEq + From<bool>>(n: N, one: &str, many: &str) -> String {
    let word = if n == N::from(true) { one } else { many };
    format!("{n} {word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sort_as_people_read_them() {
        let mut numbers = vec!["10.1", "A10", "2", "10", "014.1", "a2", "14", "9", "10.10", "10.2"];
        numbers.sort_by_key(|n| natural_key(n));
        assert_eq!(numbers, ["2", "9", "10", "10.1", "10.2", "10.10", "14", "014.1", "a2", "A10"]);
    }

    #[test]
    fn leading_zeros_and_case_do_not_make_another_number() {
        assert_eq!(natural_key("014"), natural_key("14"));
        assert_eq!(natural_key(" A 7"), natural_key("a  07"));
        assert_ne!(natural_key("14"), natural_key("14.1"));
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert_eq!(shortened("ä".repeat(5).as_str(), 4), "äää…");
        assert_eq!(shortened("short", 5), "short");
    }

    #[test]
    fn one_is_counted_as_one() {
        assert_eq!(counted(1_usize, "project", "projects"), "1 project");
        assert_eq!(counted(0_i64, "project", "projects"), "0 projects");
        assert_eq!(counted(-1_i64, "day", "days"), "-1 days");
    }
}
