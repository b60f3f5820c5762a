//! How Procore's values are read. For `deserialize_with`.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error as _};
use serde_json::{Value, value::RawValue};

/// An amount or quantity as Procore writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// This much, to the last digit.
    Exact(Decimal),
    /// A number with more digits before its point than a decimal holds.
    TooLarge,
    /// No number, or one with more digits than can be read exactly.
    Odd,
}

impl Figure {
    /// The product, exactly.
    pub fn times(self, other: Self) -> Self {
        match (self, other) {
            (Self::Exact(a), Self::Exact(b)) => a.checked_mul(b).map_or(Self::TooLarge, Self::Exact),
            (Self::Odd, _) | (_, Self::Odd) => Self::Odd,
            _ => Self::TooLarge,
        }
    }
}

/// A figure: `"76.25"`, `76.25`, or nothing (`null`, `""`). The text of the answer is parsed as it stands, never through a
/// float. One that can't be read fails nothing but itself. (Works under serde_json only, and not inside flattened or
/// untagged types.)
pub(super) fn figure<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Figure>, D::Error> {
    let Some(raw) = Option::<Box<RawValue>>::deserialize(deserializer)? else { return Ok(None) };
    let text = match raw.get() {
        quoted if quoted.starts_with('"') => serde_json::from_str(quoted).map_err(D::Error::custom)?,
        number => number.to_owned(),
    };
    let text = text.trim();
    Ok(match exact(text) {
        _ if text.is_empty() => None,
        Some(amount) => Some(Figure::Exact(amount)),
        None if is_large(text) => Some(Figure::TooLarge),
        None => Some(Figure::Odd),
    })
}

/// Whether a text that is no decimal we can hold is a number all the same, and a large one.
fn is_large(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let mantissa = mantissa.trim_start_matches(['+', '-']);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = !mantissa.trim_matches('.').is_empty() && digits(whole) && digits(fraction);
    let whole = i64::try_from(whole.trim_start_matches('0').len()).unwrap_or(i64::MAX);
    let power = exponent.trim_start_matches('+');
    let moved = exponent.parse().unwrap_or(if !power.is_empty() && digits(power) { i64::MAX } else { 0 });
    // A decimal holds 28 digits, whatever they are.
    is_number && whole.saturating_add(moved) > 28
}

fn exact(text: &str) -> Option<Decimal> {
    // The library also reads `1_000`, which no JSON number is.
    if !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E')) {
        return None;
    }
    match text.split_once(['e', 'E']) {
        None => Decimal::from_str_exact(text).ok(),
        // The library rounds a mantissa that is too long; refuse it first.
        Some((mantissa, _)) => {
            Decimal::from_str_exact(mantissa).ok()?;
            Decimal::from_scientific(text).ok()
        }
    }
}

/// A word of which not all are known: kept as it is where it is none of ours.
pub(super) fn word<'de, D: Deserializer<'de>, T: From<String>>(deserializer: D) -> Result<T, D::Error> {
    text(deserializer).map(T::from)
}

/// The same where nothing is said.
pub(super) fn some_word<'de, D: Deserializer<'de>, T: From<String>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(some_text(deserializer)?.map(T::from))
}

/// `null` is the same as missing.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(d: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(d)?.unwrap_or_default())
}

/// Yes or no in whichever spelling; anything else is the same as missing, which is no.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(truth(&Value::deserialize(deserializer)?).unwrap_or(false))
}

/// The same where missing is yes.
pub(super) fn or_yes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(truth(&Value::deserialize(deserializer)?).unwrap_or(true))
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(is) => Some(*is),
        Value::Number(number) => number.as_i64().map(|number| number != 0),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Texts of a list; what is none of it is left out.
pub(super) fn words_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(texts(&Value::deserialize(deserializer)?))
}

/// For `default`.
pub(super) fn yes() -> bool {
    true
}

/// More characters than any text that a person writes into Procore.
const LONGEST_TEXT: usize = 1 << 16;

/// A text that Procore sometimes writes as a number, such as a contract's number, or as an object, such as a unit of
/// measure: `{"id": 3, "name": "h"}`. Of an object that has no name all texts are taken, so that a mark within is found.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = Option::<Value>::deserialize(deserializer)?.map(words).unwrap_or_default();
    Ok(text.chars().take(LONGEST_TEXT).collect())
}

/// The same where nothing is told apart from an empty text.
pub(super) fn some_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Some(text(deserializer)?).filter(|text| !text.is_empty()))
}

/// What Procore writes under one name or under another. (A serde `alias` refuses a record that has both.)
pub(super) fn either(first: String, second: String) -> String {
    if first.trim().is_empty() { second } else { first }
}

fn words(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Object(mut map) => {
            let named =
                ["name", "display_name", "title"].into_iter().find(|key| map.get(*key).is_some_and(Value::is_string));
            match named.and_then(|key| map.remove(key)) {
                Some(name) => words(name),
                None => texts(&Value::Object(map)).join(" "),
            }
        }
        list @ Value::Array(_) => texts(&list).join(" "),
        Value::Null | Value::Bool(_) => String::new(),
    }
}

/// The texts in a value of no documented form.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if !text.is_empty() => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// The code in `{"currency_iso_code": "USD"}`. Procore leaves it blank in most answers, and whatever is no text names no
/// currency.
pub(super) fn currency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = Option::<Value>::deserialize(deserializer)?;
    Ok(value.as_ref().and_then(currency_in))
}

/// The same of a value.
pub(super) fn currency_in(value: &Value) -> Option<String> {
    let code = value.get("currency_iso_code").and_then(Value::as_str).map(str::trim);
    code.filter(|code| !code.is_empty()).map(str::to_owned)
}

/// A time that nothing hangs on: an odd form counts as missing.
pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let value = Option::<Value>::deserialize(deserializer)?;
    Ok(value.as_ref().and_then(Value::as_str).and_then(|text| text.parse().ok()))
}

/// When a record was removed. That something stands there says that it was, whatever the time; one that can't be read is the
/// beginning of time.
pub(super) fn removed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(match Option::<Value>::deserialize(deserializer)? {
        None | Some(Value::Null | Value::Bool(false)) => None,
        Some(Value::String(text)) if text.trim().is_empty() => None,
        Some(value) => Some(value.as_str().and_then(|text| text.parse().ok()).unwrap_or(Timestamp::UNIX_EPOCH)),
    })
}

/// A reference such as `{"id": 1, …}`. Procore writes an absent one as `null`, `{}` or `{"id": null}`.
pub(super) fn reference<'de, D: Deserializer<'de>, T: DeserializeOwned>(d: D) -> Result<Option<T>, D::Error> {
    #[derive(Deserialize)]
    struct Probe {
        id: Option<serde::de::IgnoredAny>,
    }
    let Some(raw) = Option::<Box<RawValue>>::deserialize(d)? else { return Ok(None) };
    let probe: Probe = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
    if probe.id.is_none() {
        return Ok(None);
    }
    serde_json::from_str(raw.get()).map(Some).map_err(D::Error::custom)
}

/// The same for a reference that is only shown: one that can't be read is none.
pub(super) fn mention<'de, D: Deserializer<'de>, T: DeserializeOwned>(d: D) -> Result<Option<T>, D::Error> {
    let Some(raw) = Option::<Box<RawValue>>::deserialize(d)? else { return Ok(None) };
    Ok(serde_json::from_str(raw.get()).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Deserialize)]
    struct Line {
        #[serde(default, deserialize_with = "figure")]
        amount: Option<Figure>,
    }

    fn read(amount: &str) -> Option<Figure> {
        serde_json::from_str::<Line>(&format!(r#"{{"amount":{amount}}}"#)).unwrap().amount
    }

    proptest! {
        /// Any amount comes through to the last digit, as a string and as a number; most of these are no floats.
        #[test]
        fn every_decimal_survives(mantissa in any::<i64>(), low in any::<u32>(), scale in 0u32..=28) {
            let wanted = Decimal::from_i128_with_scale(i128::from(mantissa) * 4_294_967_296 + i128::from(low), scale);
            prop_assert_eq!(read(&format!("\"{wanted}\"")), Some(Figure::Exact(wanted)));
            prop_assert_eq!(read(&wanted.to_string()), Some(Figure::Exact(wanted)));
        }

        /// Exponents only move the point.
        #[test]
        fn exponents_move_the_point(digits in -999_999_999i64..=999_999_999, exponent in -15i32..=15) {
            let ten = Decimal::from(10u64.pow(exponent.unsigned_abs()));
            let wanted = if exponent < 0 { Decimal::from(digits) / ten } else { Decimal::from(digits) * ten };
            prop_assert_eq!(read(&format!("{digits}e{exponent}")), Some(Figure::Exact(wanted)));
            prop_assert_eq!(read(&format!("\"{digits}E{exponent:+}\"")), Some(Figure::Exact(wanted)));
        }
    }

    #[test]
    fn nothing_is_nothing_and_nonsense_is_no_number() {
        for nothing in ["null", "\"\"", "\" \""] {
            assert_eq!(read(nothing), None);
        }
        assert_eq!(serde_json::from_str::<Line>("{}").unwrap().amount, None);
        let too_long = format!("0.{}", "1".repeat(40));
        let too_long_mantissa = format!("{too_long}e1");
        for wrong in [
            "\"1,000.00\"",
            "\"1_000\"",
            "\".\"",
            "\"-\"",
            "\"1e\"",
            "\"0x1\"",
            "\"NaN\"",
            "\"$5\"",
            "\"abc\"",
            "true",
            "[]",
            "{}",
            &too_long,
            &too_long_mantissa,
            "\"100,00\"",
            "\"e99\"",
            "1e-99",
        ] {
            assert_eq!(read(wrong), Some(Figure::Odd), "{wrong}");
        }
        let digits = "1".repeat(33);
        for large in ["1e99", "1E+99", "-1e999999999999999999999", &digits, &format!("\"-{digits}.25\"")] {
            assert_eq!(read(large), Some(Figure::TooLarge), "{large}");
        }
    }

    #[test]
    fn what_was_removed_is_removed_whatever_the_time() {
        #[derive(Deserialize)]
        struct Item {
            #[serde(default, deserialize_with = "removed")]
            deleted_at: Option<Timestamp>,
        }
        let read = |value: &str| {
            serde_json::from_str::<Item>(&format!(r#"{{"deleted_at":{value}}}"#)).expect("any value is read").deleted_at
        };
        for (value, gone) in [
            ("null", false),
            ("\"\"", false),
            ("false", false),
            ("\"2026-11-23T17:00:00Z\"", true),
            ("\"9999-12-31T23:59:59Z\"", true),
            ("\"0000-00-00T00:00:00Z\"", true),
            ("\"yesterday\"", true),
            ("1795964400", true),
            ("{}", true),
            ("true", true),
        ] {
            assert_eq!(read(value).is_some(), gone, "{value}");
        }
        assert_eq!(serde_json::from_str::<Item>("{}").unwrap().deleted_at, None);
    }

    #[test]
    fn amounts_compare_as_values() {
        assert_eq!(read("\"76.25\""), read("76.250000"));
        let (Some(Figure::Exact(a)), Some(Figure::Exact(b))) = (read("0.1"), read("\"0.2\"")) else {
            panic!("numbers")
        };
        assert_eq!(a + b, Decimal::new(3, 1));
    }

    #[test]
    fn a_product_is_exact_or_none() {
        let of = |text: &str| read(text).unwrap();
        assert_eq!(of("3").times(of("33.3333")), of("99.9999"));
        assert_eq!(of("1e20").times(of("1e20")), Figure::TooLarge);
        assert_eq!(of("1e99").times(of("1")), Figure::TooLarge);
        assert_eq!(of("1e99").times(of("\"x\"")), Figure::Odd);
    }

    #[test]
    fn an_object_where_a_text_is_expected_is_read_by_its_name() {
        #[derive(Deserialize)]
        struct Record {
            #[serde(default, deserialize_with = "text")]
            text: String,
        }
        let read = |json: &str| serde_json::from_str::<Record>(&format!(r#"{{"text":{json}}}"#)).unwrap().text;
        for (json, wanted) in [
            (r#"{"id": 3, "name": "h"}"#, "h"),
            (r#"{"id": 3, "name": null, "display_name": "RFI 4"}"#, "RFI 4"),
            (r#"{"plain": "COR 1: Pipe [#7F3A9K2M.1]", "html": 5}"#, "COR 1: Pipe [#7F3A9K2M.1]"),
            (r#"["a", "b"]"#, "a b"),
            ("7", "7"),
            ("null", ""),
            ("true", ""),
            ("{}", ""),
        ] {
            assert_eq!(read(json), wanted, "{json}");
        }
    }
}
