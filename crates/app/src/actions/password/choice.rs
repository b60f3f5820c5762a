//! Which passwords may be chosen: long enough, not among those that are tried first, and not made of what everybody knows
//! of the person. No rules about kinds of characters (NIST SP 800-63B-4, 3.1.1.2).

use secrecy::{ExposeSecret as _, SecretString};
use zxcvbn::{Score, zxcvbn};

use crate::FieldErrors;

/// The shortest password accepted.
const SHORTEST: usize = 10;
/// The longest: beyond it nobody types, and hashing it would be work for an attacker's benefit.
pub(in crate::actions) const LONGEST: usize = 200;
/// What zxcvbn must think of it at least: more than a hundred million guesses.
const STRONG: Score = Score::Three;
/// The commonest passwords that are long enough, one a line, sorted: Django's list of twenty thousand.
const COMMON: &str = include_str!("common.txt");
/// So much must be left of a password without names that others know.
const OWN: usize = 8;
/// Parts of names that are shorter stand in many words.
const SHORTEST_PART: usize = 4;

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
    let squeezed = squeezed(password);
    let mut longest_first: Vec<&str> =
        known.iter().map(String::as_str).filter(|part| squeezed.contains(part)).collect();
    longest_first.sort_by_key(|part| std::cmp::Reverse(part.len()));
    let left = longest_first.iter().fold(squeezed.clone(), |left, part| left.replace(part, ""));
    if !longest_first.is_empty() && left.chars().count() < OWN {
        return true;
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    zxcvbn(password, &known).score() < STRONG
}

fn is_common(password: &str) -> bool {
    let folded = password.to_lowercase();
    COMMON.lines().any(|common| common == folded)
}

/// Names without what stands between their words, and word by word; and the product's own.
fn parts(about: &[&str]) -> Vec<String> {
    let mut parts = vec!["ledgerboard".to_owned()];
    for text in about {
        parts.push(squeezed(text));
        parts.extend(text.split(|c: char| !c.is_alphanumeric()).map(squeezed));
    }
    parts.retain(|part| part.chars().count() >= SHORTEST_PART);
    parts
}

/// Letters and digits alone, folded.
fn squeezed(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
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
