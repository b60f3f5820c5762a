//! Text that people type: made equal where it looks equal, folded for search and order, cut between what people see as
//! characters.

use std::fmt;

use icu_properties::props::{BidiControl, BinaryProperty, DefaultIgnorableCodePoint, VariationSelector};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Text as it is kept: composed (NFC), without characters that nobody sees.
///
/// Two texts that look the same would otherwise be two (a zero-width space, an accent written as a character of its own), and a
/// bidi control would turn what stands beside it around. Joiners stay where a script or an emoji needs them.
pub fn composed(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.nfc().peekable();
    while let Some(c) = rest.next() {
        if is_joiner(c) {
            if joins(before) && joins(rest.peek().copied()) {
                kept.push(c);
            }
        } else if VariationSelector::for_char(c) {
            // Picks between two looks of the character before it.
            kept.extend(before.map(|_| c));
        } else if !is_invisible(c) {
            kept.push(c);
            before = Some(c);
        }
    }
    // What was taken out may have kept two characters apart that compose.
    if kept.len() == text.len() { kept } else { kept.nfc().collect() }
}

/// Zero-width non-joiner and joiner.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// Whether a joiner beside `c` can change how it looks: in Arabic, Indic and other joined scripts, and between emoji.
fn joins(c: Option<char>) -> bool {
    c.is_some_and(|c| c >= '\u{0600}')
}

/// A character that leaves no trace of its own on screen or paper, or only turns others around.
fn is_invisible(c: char) -> bool {
    DefaultIgnorableCodePoint::for_char(c) || BidiControl::for_char(c)
}

/// Text folded for search and comparison: lower case, one form for characters that mean the same (NFKC), white space collapsed to
/// single blanks, nothing invisible.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return joined(text.split_ascii_whitespace().map(str::to_ascii_lowercase));
    }
    let plain: String = text.nfkc().filter(|c| !is_invisible(*c)).collect();
    let folded: String = plain.to_lowercase().nfkc().collect();
    joined(folded.split_whitespace().map(str::to_owned))
}

fn joined(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(" ")
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

/// `text` cut to at most `limit` characters, with an ellipsis when something was cut.
pub fn shortened(text: &str, limit: usize) -> String {
    let kept = cut(text, limit);
    if kept.len() == text.len() {
        return text.to_owned();
    }
    format!("{}…", cut(text, limit.saturating_sub(1)).trim_end())
}

/// The beginning of `text`, at most `limit` characters (Unicode scalar values). Never cuts through what people see as one
/// character: an accent stays on its letter, an emoji stays whole.
pub fn cut(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let mut room = limit;
    for (at, seen) in text.grapheme_indices(true) {
        match room.checked_sub(seen.chars().count()) {
            Some(left) => room = left,
            None => return text.get(..at).unwrap_or_default(),
        }
    }
    text
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
    fn what_looks_the_same_is_the_same() {
        assert_eq!(composed("E\u{301}-1"), "É-1");
        assert_eq!(composed("A\u{200B}B\u{202E}C\u{FEFF}"), "ABC");
        assert_eq!(composed("E\u{200B}\u{301}"), "É", "what kept them apart is gone");
        assert_eq!(composed("\u{2067}\u{200D}\u{FE0F}\u{200B}"), "");
        for kept in ["👩\u{200D}🔧", "❤\u{FE0F}", "می\u{200C}خواهم", "שלום", "naïve"] {
            assert_eq!(composed(kept), kept);
        }
        assert_eq!(composed("co\u{200D}st"), "cost", "no joiner changes Latin letters");
    }

    #[test]
    fn search_finds_a_text_however_it_was_typed() {
        assert_eq!(fold("E\u{301}CLAIR  \u{200B}N°\u{A0}ﬁve"), fold("éclair n° five"));
        assert_eq!(fold("１２"), "12");
        assert_eq!(natural_key("É-1"), natural_key("e\u{301}-01"));
        assert_eq!(fold(" Door  Hardware\t"), "door hardware");
    }

    #[test]
    fn what_people_see_as_one_character_is_never_cut() {
        assert_eq!(cut("e\u{301}e\u{301}", 3), "e\u{301}");
        assert_eq!(shortened("ok 👩\u{200D}🔧 later", 6), "ok…");
        assert_eq!(cut("ab", 2), "ab");
        assert_eq!(cut("é", 1), "é");
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
