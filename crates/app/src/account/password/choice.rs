//! Which passwords may be chosen: long enough, not among those that are tried first, and not made of what everybody knows
//! of the person. No rules about kinds of characters (NIST SP 800-63B-4, 3.1.1.2).

use std::sync::LazyLock;

use secrecy::{ExposeSecret as _, SecretString};
use unicode_normalization::UnicodeNormalization as _;
use zxcvbn::{Score, zxcvbn};

use crate::FieldErrors;

/// The shortest password accepted.
const SHORTEST: usize = 10;
/// The longest password. Hashing a longer one would help only an attacker.
pub(crate) const LONGEST: usize = 200;
/// What zxcvbn must think of it at least: more than a hundred million guesses.
const STRONG: Score = Score::Three;
/// The commonest passwords that are long enough, one a line, sorted: Django's list of twenty thousand.
const COMMON: &str = include_str!("common.txt");
/// So many letters must be left of a password without names that others know and without common passwords.
const OWN: usize = 8;
/// And what is left must be no common password itself: more than a million guesses.
const NOT_COMMON: Score = Score::Two;
/// Parts of names that are shorter stand in many words.
const SHORTEST_PART: usize = 4;
/// A whole name that is shorter stands in any word.
const SHORTEST_WHOLE: usize = 2;

/// Whether a password may be chosen; the sentence goes beside the field `field`. `about` is what everybody knows: the
/// company's name, the person's, their e-mail.
pub fn check(errors: &mut FieldErrors, field: &str, password: &SecretString, about: &[&str]) {
    let password = password.expose_secret();
    let length = password.chars().count();
    if length < SHORTEST {
        errors.add(field, format!("Use at least {SHORTEST} characters; several words are best."));
    } else if length > LONGEST {
        errors.add(field, format!("Use at most {LONGEST} characters."));
    } else if is_common(password) || zxcvbn(password, &[]).score() < STRONG {
        errors.add(field, "This password is easily guessed. Use several words that don't belong together.");
    } else if is_made_of(password, &parts(about)) {
        errors.add(
            field,
            "This password is made of a name or an e-mail that others know. Use several words that don't belong together.",
        );
    }
}

/// Whether little is left without the known names, or it is one of them in disguise.
fn is_made_of(password: &str, known: &[String]) -> bool {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    is_little_without(&squeezed(password), &known) || zxcvbn(password, &known).score() < STRONG
}

/// Whether it is a common password, or one with something before, between or after it that people add to be let through.
fn is_common(password: &str) -> bool {
    static SQUEEZED: LazyLock<Vec<String>> = LazyLock::new(|| COMMON.lines().map(squeezed).collect());
    let folded = password.to_lowercase();
    let squeezed = squeezed(password);
    let core = without_digits_around(&squeezed);
    // What is common without its digits is in the list with others.
    let is_listed =
        |common: &String| *common == squeezed || (!core.is_empty() && without_digits_around(common) == core);
    let within: Vec<&str> = SQUEEZED.iter().map(String::as_str).filter(|common| squeezed.contains(common)).collect();
    COMMON.lines().any(|common| common == folded)
        || SQUEEZED.iter().any(is_listed)
        || is_little_without(&squeezed, &within)
        || zxcvbn(&squeezed, &[]).score() < NOT_COMMON
}

/// Whether a squeezed password has some of `parts` in it, and too little besides.
fn is_little_without(squeezed: &str, parts: &[&str]) -> bool {
    let mut longest_first: Vec<&str> = parts.iter().copied().filter(|part| squeezed.contains(part)).collect();
    longest_first.sort_by_key(|part| std::cmp::Reverse(part.len()));
    let left = longest_first.iter().fold(squeezed.to_owned(), |left, part| left.replace(part, ""));
    let letters = left.chars().filter(|c| c.is_alphabetic()).count();
    !longest_first.is_empty() && (letters < OWN || zxcvbn(&left, &[]).score() < NOT_COMMON)
}

/// Names without what stands between their words, and word by word; and the product's own. A whole name counts however
/// short it is.
fn parts(about: &[&str]) -> Vec<String> {
    let mut parts = vec!["ledgerboard".to_owned()];
    for text in about.iter().flat_map(|text| [(*text).to_owned(), spelled_out(text)]) {
        let words = text.split(|c: char| !c.is_alphanumeric()).map(squeezed);
        parts.extend(words.filter(|word| word.chars().count() >= SHORTEST_PART));
        parts.extend(Some(squeezed(&text)).filter(|whole| whole.chars().count() >= SHORTEST_WHOLE));
    }
    parts.sort();
    parts.dedup();
    parts
}

/// German letters as they are written where there are none.
fn spelled_out(text: &str) -> String {
    let mut text = text.nfc().collect::<String>().to_lowercase();
    for (letter, spelled) in [("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("ø", "oe"), ("æ", "ae"), ("å", "aa")]
    {
        text = text.replace(letter, spelled);
    }
    text
}

/// Letters and digits alone, folded, without accents.
fn squeezed(text: &str) -> String {
    // People who type without accents write these letters so.
    let plain = |c| match c {
        'ß' => 's',
        'ø' => 'o',
        'ł' => 'l',
        'đ' => 'd',
        'æ' => 'a',
        other => other,
    };
    text.to_lowercase().nfkd().filter(|c| c.is_alphanumeric()).map(plain).collect()
}

fn without_digits_around(squeezed: &str) -> &str {
    squeezed.trim_matches(|c: char| c.is_numeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str) -> String {
        let mut errors = FieldErrors::default();
        let about = [
            "Whitfield & Sons Construction",
            "Qvarnstroem & Xiberras",
            "Ruth Calloway",
            "ruth.calloway@whitfieldsons.example",
        ];
        check(&mut errors, "password", &password.into(), &about);
        errors.get("password").to_owned()
    }

    #[test]
    fn passwords_are_long_enough_and_not_too_long() {
        for good in ["several plain words", "quite other words", "four words of hers", "kmwq-72hd-pqzn-ee4t-mmnx"] {
            assert_eq!(refused(good), "", "{good}");
        }
        assert!(refused("123456789").contains("at least 10"));
        assert!(refused(&"x".repeat(201)).contains("at most 200"));
    }

    #[test]
    fn the_commonest_passwords_are_refused_every_one() {
        assert!(COMMON.lines().count() > 1_700);
        for common in COMMON.lines() {
            assert!(refused(common).contains("easily guessed"), "{common}");
        }
        // And what people make of them.
        for common in ["Password123!", "QWERTYUIOP", "P@ssw0rd2026", "iloveyou1234", "aaaaaaaaaaaa", "1234567890123"] {
            assert!(refused(common).contains("easily guessed"), "{common}");
        }
    }

    #[test]
    fn a_common_password_with_something_around_it_is_no_other() {
        for dressed_up in [
            " katherine1",
            "mileycyrus1",
            "maximiliano2026",
            "p a s s w o r d 1 2 3",
            "password password",
            "letmein-letmein",
            "ledgerboard-password1",
            "2026 maximiliano!",
            "my basketball",
        ] {
            assert!(!refused(dressed_up).is_empty(), "{dressed_up}");
        }
        assert_eq!(refused("basketball never eats dumplings"), "", "a common word may be among others");
    }

    #[test]
    fn a_known_name_with_little_around_it_is_refused() {
        let refused_at = |company: &str, password: &str| {
            let mut errors = FieldErrors::default();
            check(&mut errors, "password", &password.into(), &[company, "Ruth Calloway", "ruth@x.example"]);
            !errors.get("password").is_empty()
        };
        for (company, password) in [
            ("Whitfield & Sons", "whitfieldsons12345678"),
            ("Whitfield & Sons Construction", "Whitfield & Sons Construction 20262026"),
            ("Whitfield & Sons", "WhitfieldSons-Welcome1"),
            ("ABC", "ABCABC2026!!"),
            ("ABC", "abc-abc-welcome1"),
            ("Müller Bau", "mullerbau2026"),
            ("Müller Bau", "Muellerbau2026"),
            ("Müller Bau", "MÜLLERBAU-2026"),
            ("Mu\u{308}ller Bau", "Müller-Bau-20262027"),
            ("Grøn & Søn", "gronsonbyg1234"),
        ] {
            assert!(refused_at(company, password), "{company}: {password}");
        }
        for (company, password) in
            [("ABC", "four words of hers"), ("Müller Bau", "quite other words"), ("GE", "several plain words")]
        {
            assert!(!refused_at(company, password), "{company}: {password}");
        }
    }

    #[test]
    fn names_that_everybody_knows_are_refused() {
        for known in [
            "Whitfield & Sons Construction",
            "whitfield sons",
            "WhitfieldSons1",
            "whitfield2026",
            "Whitf1eld2026",
            "RuthCalloway!",
            "calloway1234",
            "ruth.calloway@whitfieldsons.example",
            "ledgerboard1",
        ] {
            assert!(refused(known).contains("guessed") || refused(known).contains("others know"), "{known}");
        }
        for hard_to_guess_elsewhere in ["qvarnstroem xiberras", "Qvarnstroem & Xiberras", "Xiberras-2026-xiberras!"] {
            assert!(refused(hard_to_guess_elsewhere).contains("others know"), "{hard_to_guess_elsewhere}");
        }
        assert_eq!(refused("qvarnstroem never eats dumplings"), "", "a name may be among other words");
    }
}
