//! How Procore's values are read. For `deserialize_with`.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error as _};
use serde_json::{Value, value::RawValue};

/// An amount or quantity: `"76.25"`, `76.25`, or nothing (`null`, `""`). The text of the answer is parsed as it stands
/// and exactly, or not at all. (Works under serde_json only, and not inside flattened or untagged types.)
pub(super) fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let Some(raw) = Option::<Box<RawValue>>::deserialize(deserializer)? else { return Ok(None) };
    let text = match raw.get() {
        quoted if quoted.starts_with('"') => serde_json::from_str(quoted).map_err(D::Error::custom)?,
        number => number.to_owned(),
    };
    if text.trim().is_empty() {
        return Ok(None);
    }
    exact(text.trim()).map(Some).ok_or_else(|| D::Error::custom("an amount is not an exact decimal"))
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

/// `null` is the same as missing.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(d: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(d)?.unwrap_or_default())
}

/// `null` is the same as missing, which is yes.
pub(super) fn or_yes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(true))
}

/// For `default`.
pub(super) fn yes() -> bool {
    true
}

/// More characters than any text that a person writes into Procore.
const LONGEST_TEXT: usize = 1 << 16;

/// A text that Procore sometimes writes as a number, such as a contract's number.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Option::<Value>::deserialize(deserializer)? {
        Some(Value::String(text)) => text.chars().take(LONGEST_TEXT).collect(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    })
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Deserialize)]
    struct Line {
        #[serde(default, deserialize_with = "decimal")]
        amount: Option<Decimal>,
    }

    fn read(amount: &str) -> Result<Option<Decimal>, serde_json::Error> {
        serde_json::from_str::<Line>(&format!(r#"{{"amount":{amount}}}"#)).map(|line| line.amount)
    }

    proptest! {
        /// Any amount comes through to the last digit, as a string and as a number; most of these are no floats.
        #[test]
        fn every_decimal_survives(mantissa in any::<i64>(), low in any::<u32>(), scale in 0u32..=28) {
            let wanted = Decimal::from_i128_with_scale(i128::from(mantissa) * 4_294_967_296 + i128::from(low), scale);
            prop_assert_eq!(read(&format!("\"{wanted}\"")).unwrap(), Some(wanted));
            prop_assert_eq!(read(&wanted.to_string()).unwrap(), Some(wanted));
        }

        /// Exponents only move the point.
        #[test]
        fn exponents_move_the_point(digits in -999_999_999i64..=999_999_999, exponent in -15i32..=15) {
            let ten = Decimal::from(10u64.pow(exponent.unsigned_abs()));
            let wanted = if exponent < 0 { Decimal::from(digits) / ten } else { Decimal::from(digits) * ten };
            prop_assert_eq!(read(&format!("{digits}e{exponent}")).unwrap(), Some(wanted));
            prop_assert_eq!(read(&format!("\"{digits}E{exponent:+}\"")).unwrap(), Some(wanted));
        }
    }

    #[test]
    fn nothing_is_nothing_and_nonsense_is_an_error() {
        for nothing in ["null", "\"\"", "\" \""] {
            assert_eq!(read(nothing).unwrap(), None);
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
            "1e99",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
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
        assert_eq!(read("\"76.25\"").unwrap(), read("76.250000").unwrap());
        assert_eq!(read("0.1").unwrap().unwrap() + read("\"0.2\"").unwrap().unwrap(), Decimal::new(3, 1));
    }
}
