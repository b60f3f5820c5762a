//! Turns typed text into values, with a sentence for each field that needs to be corrected. Pages and API share it.

use std::borrow::Cow;

use domain::{
    Currency, Money, json, number,
    text::{composed, fold, shortened},
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::FieldErrors;

/// The longest name of anything, in characters.
const NAME: usize = 120;
/// The longest free text.
const TEXT: usize = 10_000;

/// A name: one line, 1 to 120 characters.
pub fn name(errors: &mut FieldErrors, field: &str, typed: &str) -> String {
    let name = optional_line(errors, field, typed);
    if name.is_empty() {
        errors.add(field, "Fill this in.");
    }
    name
}

/// Whether two names are one to people: case, spaces and dashes aside.
pub fn look_alike(one: &str, other: &str) -> bool {
    let (one, other) = (fold(one), fold(other));
    let said = |name: &str| name.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    one == other || !said(&one).is_empty() && said(&one) == said(&other)
}

/// A line that may be empty, up to 120 characters.
pub fn optional_line(errors: &mut FieldErrors, field: &str, typed: &str) -> String {
    line(errors, field, typed, NAME, &format!("Use at most {NAME} characters."))
}

/// A line that may be empty, up to `limit` characters; `too_long` says so.
pub fn line(errors: &mut FieldErrors, field: &str, typed: &str, limit: usize, too_long: &str) -> String {
    let line = composed(typed).split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > limit {
        errors.add(field, too_long);
    }
    if let Some(place) = line.find(is_unreadable) {
        errors.add(field, unreadable_at(&line, place));
    }
    line
}

/// A character that some databases and Procore refuse, or that stands for one that could not be read.
fn is_unreadable(c: char) -> bool {
    c.is_control() || c == char::REPLACEMENT_CHARACTER
}

/// What is wrong with the character at `place`, and where it is, by the text before it.
fn unreadable_at(text: &str, place: usize) -> String {
    const SHOWN: usize = 24;
    let before = text.get(..place).unwrap_or_default().trim_end();
    let from = before.char_indices().rev().nth(SHOWN - 1).map_or(0, |(from, _)| from);
    let at = match before.get(from..).unwrap_or_default().trim_start() {
        "" => "at the beginning".to_owned(),
        shown if from > 0 => format!("after “…{shown}”"),
        shown => format!("after “{shown}”"),
    };
    let kind = match text.get(place..).and_then(|rest| rest.chars().next()) {
        Some(char::REPLACEMENT_CHARACTER) => "a character that could not be read",
        _ => "an invisible character",
    };
    format!("There is {kind} {at}. Delete it, or type this again.")
}

/// Text of several lines, which may be empty.
pub fn text(errors: &mut FieldErrors, field: &str, typed: &str) -> String {
    text_up_to(errors, field, typed, TEXT)
}

/// [`text`] of at most `limit` characters.
pub fn text_up_to(errors: &mut FieldErrors, field: &str, typed: &str, limit: usize) -> String {
    let text = composed(typed).replace("\r\n", "\n").trim().to_owned();
    if text.chars().count() > limit {
        errors.add(field, format!("Use at most {limit} characters."));
    }
    if let Some(place) = text.find(|c| is_unreadable(c) && !matches!(c, '\n' | '\r' | '\t')) {
        errors.add(field, unreadable_at(&text, place));
    }
    text
}

/// What was typed is not an e-mail address.
pub const NOT_AN_EMAIL: &str = "Type an email address such as dana@whitfieldsons.example.";

/// The address holds letters that another script writes alike, such as a Cyrillic о.
pub const NOT_PLAIN_EMAIL: &str =
    "Type the email address with plain letters a to z. One of its letters only looks like one.";

/// An email address, folded. Only a message sent to it would prove that it exists. Addresses with letters beyond ASCII are refused:
/// two of them can look the same and belong to two people.
pub fn email(errors: &mut FieldErrors, field: &str, typed: &str) -> String {
    let email = fold(typed);
    if !email.is_ascii() {
        errors.add(field, NOT_PLAIN_EMAIL);
        return email;
    }
    let plausible = email.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains('@')
    });
    if !plausible || email.chars().any(|c| c.is_whitespace() || c.is_control()) || email.len() > 254 {
        errors.add(field, NOT_AN_EMAIL);
    }
    email
}

/// An amount; empty means nothing.
pub fn amount(errors: &mut FieldErrors, field: &str, typed: &str, currency: Currency) -> Money {
    if typed.trim().is_empty() {
        return Money::ZERO;
    }
    Money::typed(typed, currency).unwrap_or_else(|error| {
        errors.add(field, error.to_string());
        Money::ZERO
    })
}

/// A quantity, rate or amount that a program sends: a plain decimal as a string, `-1260.00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plain(pub Decimal);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        number::plain(&text).map(Self).map_err(de::Error::custom)
    }
}

impl PartialSchema for Plain {
    fn schema() -> RefOr<Schema> {
        json::text(
            "A plain decimal: digits, an optional point, an optional minus first. No commas, currency signs or spaces.",
        )
        .pattern(Some(r"^-?\d+(\.\d+)?$"))
        .examples(["-500.00"])
        .into()
    }
}

impl ToSchema for Plain {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Plain")
    }
}

/// A date, as browsers post it; empty means none.
pub fn date(errors: &mut FieldErrors, field: &str, typed: &str) -> Option<Date> {
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    typed.parse().map_err(|_| errors.add(field, "Type the date as 2026-11-30.")).ok()
}

/// One of the things offered, by its id or code.
pub fn choice<T>(errors: &mut FieldErrors, field: &str, found: Option<T>) -> Option<T> {
    if found.is_none() {
        errors.add(field, "Choose one.");
    }
    found
}

/// A line shortened to fit a sentence.
pub fn brief(text: &str) -> String {
    shortened(text, 60)
}

/// A field that a form may leave empty and a program has to send.
pub fn required<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// A text; null says the same as none.
pub fn nullable<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}

/// A quantity, rate or amount that a program sends, or null.
pub fn plain<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let number = Option::<Plain>::deserialize(from)?;
    Ok(number.map_or_else(String::new, |Plain(number)| number.to_string()))
}

/// The same for a field that may be left out: null is an empty text.
pub fn stated<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    plain(from).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<T>(parse: impl Fn(&mut FieldErrors) -> T) -> bool {
        let mut errors = FieldErrors::default();
        parse(&mut errors);
        !errors.0.is_empty()
    }

    #[test]
    fn names_are_one_line_of_a_decent_length() {
        let mut errors = FieldErrors::default();
        assert_eq!(name(&mut errors, "name", "  Harbor \n Point "), "Harbor Point");
        assert_eq!(errors, FieldErrors::default());
        for bad in ["", "  ", "a\u{7}b", &"x".repeat(121)] {
            assert!(refused(|errors| name(errors, "name", bad)), "{bad:?}");
        }
    }

    #[test]
    fn what_nobody_sees_is_left_out_and_what_cannot_be_read_is_refused() {
        for bad in ["a\0b", "a\u{1b}b", "a\u{FFFD}b"] {
            assert!(refused(|errors| optional_line(errors, "title", bad)), "{bad:?}");
            assert!(refused(|errors| text(errors, "description", bad)), "{bad:?}");
        }
        for seen in ["a\u{202e}b", "a\u{2066}b", "a\u{200b}b", "a\u{feff}b"] {
            let mut errors = FieldErrors::default();
            assert_eq!(optional_line(&mut errors, "title", seen), "ab");
            assert_eq!(text(&mut errors, "description", seen), "ab");
            assert_eq!(errors, FieldErrors::default());
        }
        for (bad, at) in [
            ("\u{7}VAV", "an invisible character at the beginning"),
            ("VAV credit\u{7}, ASI", "an invisible character after “VAV credit”"),
            ("Façade of the north wing, level 2 \0", "an invisible character after “…the north wing, level 2”"),
            ("VAV\u{FFFD}", "a character that could not be read after “VAV”"),
        ] {
            let mut errors = FieldErrors::default();
            optional_line(&mut errors, "title", bad);
            assert_eq!(errors.get("title"), format!("There is {at}. Delete it, or type this again."));
        }
        assert!(!refused(|errors| text(errors, "description", "a\r\n\tb")));
        assert!(!refused(|errors| optional_line(errors, "title", "Façade – 4″ שלום")));
    }

    #[test]
    fn an_email_has_a_user_and_a_host() {
        assert_eq!(email(&mut FieldErrors::default(), "email", " Dana@Whitfield.Example "), "dana@whitfield.example");
        for bad in [
            "",
            "dana",
            "dana@",
            "@host.example",
            "dana@host",
            "a b@host.example",
            "a@b@host.example",
            "a@.b",
            "dan\u{430}@host.example",
        ] {
            assert!(refused(|errors| email(errors, "email", bad)), "{bad:?}");
        }
    }

    #[test]
    fn days_and_amounts_may_be_left_out_but_not_mistyped() {
        let amount = |errors: &mut FieldErrors, typed: &str| amount(errors, "value", typed, Currency::Usd);
        assert!(!refused(|errors| date(errors, "due", "")) && !refused(|errors| amount(errors, "")));
        assert!(refused(|errors| date(errors, "due", "30/11/2026")));
        assert!(refused(|errors| amount(errors, "12x")));
    }
}
