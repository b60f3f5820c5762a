//! The table of typed numbers, which the script of the editor is held against as well, and what programs may send.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use domain::{
    Currency, Money,
    money::MoneyError,
    number::{self, NumberError},
};
use rust_decimal::Decimal;
use serde::Deserialize;

/// A typed text and what becomes of it; neither of the three: it is no number.
#[derive(Deserialize)]
struct Case {
    typed: String,
    r#in: Option<String>,
    is: Option<String>,
    could_be: Option<Vec<String>>,
    #[serde(default)]
    other: bool,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("typed_numbers.json")).unwrap()
}

fn texts(numbers: &[Decimal]) -> Vec<String> {
    numbers.iter().map(Decimal::to_string).collect()
}

#[test]
fn a_typed_number_is_read_in_one_way_or_refused_with_what_it_could_be() {
    for case in cases() {
        let currency = case.r#in.as_deref().map(|code| Currency::from_code(code).unwrap());
        let read = match currency {
            Some(currency) => number::typed_in(&case.typed, currency),
            None => number::typed(&case.typed),
        };
        match (&read, case.is, case.could_be) {
            (Ok(number), Some(is), _) => assert_eq!(number.to_string(), is, "{:?}", case.typed),
            (Err(error @ NumberError::Unclear { .. }), None, Some(could_be)) => {
                assert_eq!(texts(error.would_be()), could_be, "{:?}", case.typed);
            }
            (Err(NumberError::OtherCurrency { .. }), None, None) => assert!(case.other, "{:?}", case.typed),
            (Err(NumberError::NotANumber(_) | NumberError::TooLong), None, None) => {
                assert!(!case.other, "{:?}", case.typed);
            }
            _ => panic!("{:?} became {read:?}", case.typed),
        }
    }
}

#[test]
fn a_refusal_shows_what_to_type() {
    let said = |typed: &str| number::typed_in(typed, Currency::Usd).unwrap_err().to_string();
    assert_eq!(said("7,50"), "“7,50” is not clear. Type 7.50, or 750 if you mean that.");
    assert_eq!(said("1.234,5"), "“1.234,5” is not clear. Type 1,234.5 if you mean that.");
    assert_eq!(said("(-5)"), "“(-5)” is not clear. Type -5, or 5 if you mean that.");
    assert_eq!(said("12x"), "“12x” is not a number. Type one such as 1,250.00 or (500.00).");
    assert_eq!(said("€5"), "“€5” is not in USD. Type the amount in USD, without “€”.");
    assert_eq!(said(&"1".repeat(1 << 20)), "This number has too many digits.");
    let long = said(&"x".repeat(59));
    assert!(long.chars().count() < 120 && long.contains('…'), "{long}");
    let said = |sent: &str| number::plain(sent).unwrap_err().to_string();
    assert_eq!(
        said("1,234.50"),
        "“1,234.50” is not a plain decimal such as 1250.00 or -500. Send 1234.50 if you mean that."
    );
    assert_eq!(
        said("7,50"),
        "“7,50” is not a plain decimal such as 1250.00 or -500. Send 7.50, or 750 if you mean that."
    );
    assert_eq!(said("x"), "“x” is not a plain decimal such as 1250.00 or -500.");
}

#[test]
fn a_program_sends_plain_decimals_alone() {
    for (sent, is) in [("0", "0"), ("7.50", "7.50"), ("-500", "-500"), ("-0.00", "0.00"), ("1234567.89", "1234567.89")]
    {
        assert_eq!(number::plain(sent).unwrap().to_string(), is, "{sent}");
    }
    for sent in [
        "",
        " ",
        " 5",
        "5 ",
        "+5",
        ".5",
        "5.",
        "1,234",
        "7,50",
        "(500)",
        "500-",
        "\u{2212}5",
        "$5",
        "1e3",
        "--5",
        "-",
        "1_000",
        "\u{a0}5",
        "NaN",
        "١٢",
        "5\n",
        "5\0",
        "1.2.3",
        "0x10",
    ] {
        assert!(matches!(number::plain(sent), Err(NumberError::NotPlain { .. })), "{sent:?}");
    }
    assert_eq!(number::plain(&"9".repeat(59)), Err(NumberError::TooLong));
    assert_eq!(number::plain(&format!("0.{}1", "0".repeat(40))), Err(NumberError::TooLong), "never rounded unasked");
    assert_eq!(number::plain(&"9".repeat(1 << 20)), Err(NumberError::TooLong));
}

/// Whatever a program may send, a person may type, and it is the same number.
#[test]
fn what_is_plain_is_clear() {
    for case in cases() {
        if let Ok(sent) = number::plain(&case.typed) {
            assert_eq!(number::typed(&case.typed), Ok(sent), "{:?}", case.typed);
        }
    }
}

#[test]
fn an_amount_is_a_whole_number_of_cents() {
    let read = |typed| Money::typed(typed, Currency::Usd);
    for (typed, minor) in
        [("1,234.5", 123_450), ("$ 1,234.50", 123_450), ("-500", -50_000), ("(500)", -50_000), (" .5 ", 50)]
    {
        assert_eq!(read(typed), Ok(Money::minor(minor)), "{typed}");
    }
    assert_eq!(read("0.500"), Ok(Money::minor(50)));
    assert_eq!(read("10,000,000,000.01"), Err(MoneyError::TooLarge));
    let said = |typed| read(typed).unwrap_err().to_string();
    assert_eq!(said("12.345"), "An amount has two decimals at the most: 12.35 rather than 12.345.");
    assert_eq!(said("(0.001)"), "An amount has two decimals at the most: 0.00 rather than -0.001.");
    assert_eq!(said("7,50"), "“7,50” is not clear. Type 7.50, or 750 if you mean that.");
}
