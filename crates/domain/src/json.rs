//! How the trade's words stand in JSON: each by its code, and described once for the API's document.
//!
//! Money and ids say the same beside their types.

use std::fmt;

#[doc(hidden)]
pub use serde;
use serde::{
    Deserializer,
    de::{self, Visitor},
};
#[doc(hidden)]
pub use utoipa;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

use crate::{
    activity, change_notification,
    cor::{Breakdown, Means, Section, Status},
    money::Currency,
    procore::{
        Side,
        preflight::{Level, PreflightCheck, Who},
        push::{Purpose, Scope},
        push_state::{ProcoreState, RequestedAction},
        reconciliation::{Category, Counts, compare::Became},
    },
    role::Role,
};

/// Writes, reads and describes words by their `code()` and `from_code()`, under the name that each has in the API.
#[macro_export]
macro_rules! words_in_json {
    ($($(#[doc = $doc:literal])* $word:ty, $name:literal;)+) => {$(
        impl $crate::json::serde::Serialize for $word {
            fn serialize<S: $crate::json::serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.code())
            }
        }

        impl<'de> $crate::json::serde::Deserialize<'de> for $word {
            fn deserialize<D: $crate::json::serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::json::read(from, "a word", |code| {
                    Self::from_code(code).ok_or_else(|| $crate::json::unknown(code, &Self::ALL.map(Self::code)))
                })
            }
        }

        impl $crate::json::utoipa::PartialSchema for $word {
            fn schema() -> $crate::json::utoipa::openapi::RefOr<$crate::json::utoipa::openapi::Schema> {
                $crate::json::word(concat!($($doc),*), Self::ALL.map(Self::code))
            }
        }

        impl $crate::json::utoipa::ToSchema for $word {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
    )+};
}

words_in_json! {
    /// Where a COR stands.
    Status, "CorStatus";
    /// How an approval was given that the sender recorded.
    Means, "ApprovalMeans";
    /// Which side of a log: CORs we sent, or CORs we received.
    Side, "LogSide";
    /// A COR's place in Procore, on the caller's side.
    ProcoreState, "ProcoreState";
    /// The section of a line.
    Section, "LineSection";
    /// In which detail a COR is written to Procore.
    Breakdown, "Detail";
    /// Whether a change is in the scope of the contract.
    Scope, "EventScope";
    /// What is looked at before a push.
    PreflightCheck, "PreflightCheck";
    /// How it came out: `stop` keeps a plan from being confirmed.
    Level, "PreflightLevel";
    /// Who can mend it.
    Who, "PreflightWho";
    /// Where money stands between the log and Procore.
    Category, "MoneyStands";
    /// Whether a change event's money counts in a forecast.
    Counts, "EventCounts";
    /// An ISO 4217 code.
    Currency, "Currency";
    /// What a push is for.
    Purpose, "PurposeOfPush";
    /// What a person asked for while a request was on its way.
    RequestedAction, "AskedFor";
    /// What became of something between two reconciliations.
    Became, "Became";
    /// What a person is in their company.
    Role, "Role";
    /// The kind of an entry of the activity.
    activity::EntryKind, "ActivityKind";
    /// How far a contractor's answer to a Change Notification is.
    change_notification::Response, "NotificationResponse";
}

/// Reads a text by `parse`, whose error says what is wrong with it. `expected` names it where there is no text at all.
pub fn read<'de, D: Deserializer<'de>, T>(
    from: D,
    expected: &'static str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, D::Error> {
    struct Text<F>(&'static str, F);

    impl<T, F: FnOnce(&str) -> Result<T, String>> Visitor<'_> for Text<F> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{} as a string", self.0)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            (self.1)(text).map_err(E::custom)
        }
    }

    from.deserialize_str(Text(expected, parse))
}

/// That a code is none of those there are.
pub fn unknown(code: &str, known: &[&str]) -> String {
    format!("“{}” is none of {}.", crate::text::shortened(code, 40), known.join(", "))
}

/// The schema of a word.
pub fn word<const N: usize>(description: &str, codes: [&str; N]) -> RefOr<Schema> {
    text(description).enum_values(Some(codes)).into()
}

/// The schema of a text, to be narrowed.
pub fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description.trim()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{from_str, json, to_string, to_value};
    use utoipa::{PartialSchema, ToSchema};

    use super::*;

    #[test]
    fn a_word_that_is_none_names_those_that_are() {
        let error = from_str::<Side>("\"both\"").unwrap_err().to_string();
        assert!(error.starts_with("“both” is none of sent, received."), "{error}");
        let error = from_str::<Side>("7").unwrap_err().to_string();
        assert!(error.contains("expected a word as a string"), "{error}");
    }

    #[test]
    fn a_word_is_its_code_wherever_it_stands() {
        assert_eq!(to_string(&Side::Sent).unwrap(), "\"sent\"");
        assert_eq!(from_str::<Side>("\"s\\u0065nt\"").unwrap(), Side::Sent);
        let counted = BTreeMap::from([(Status::Draft, 1), (Status::ApprovedCoIssued, 2)]);
        let text = to_string(&counted).unwrap();
        assert_eq!(text, r#"{"draft":1,"approved_co_issued":2}"#);
        assert_eq!(from_str::<BTreeMap<Status, i32>>(&text).unwrap(), counted);
    }

    /// Each of them is written as it is described, and read back.
    #[test]
    fn every_word_is_described_as_it_is_written() {
        fn check<T: serde::Serialize + serde::de::DeserializeOwned + ToSchema + PartialEq + fmt::Debug>(
            all: impl IntoIterator<Item = T>,
        ) {
            let all: Vec<T> = all.into_iter().collect();
            let codes = to_value(&all).unwrap();
            assert_eq!(to_value(T::schema()).unwrap()["enum"], codes, "{}", T::name());
            assert_eq!(serde_json::from_value::<Vec<T>>(codes).unwrap(), all);
        }
        check(Status::ALL);
        check(Means::ALL);
        check(Side::ALL);
        check(ProcoreState::ALL);
        check(Section::ALL);
        check(Breakdown::ALL);
        check(Scope::ALL);
        check(PreflightCheck::ALL);
        check(Level::ALL);
        check(Who::ALL);
        check(Category::ALL);
        check(Counts::ALL);
        check(Currency::ALL);
        check(Purpose::ALL);
        check(RequestedAction::ALL);
        check(Became::ALL);
        check(Role::ALL);
        check(activity::EntryKind::ALL);
        check(change_notification::Response::ALL);
    }

    #[test]
    fn a_word_has_the_name_of_the_api() {
        assert_eq!(<Status as ToSchema>::name(), "CorStatus");
        let described = json!({ "type": "string", "description": "Which side of a log: CORs we sent, or CORs we received.",
            "enum": ["sent", "received"] });
        assert_eq!(to_value(Side::schema()).unwrap(), described);
    }
}
