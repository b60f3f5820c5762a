//! The trade's words, money, ids and moments as they stand in JSON, each described once for the document.

use std::{borrow::Cow, fmt};

use domain::{
    Currency, Money,
    cor::{Breakdown, Means, Section, Status},
    number,
    procore::{
        Side,
        preflight::{Check, Level, Who},
        push::Scope,
        push_state::ProcoreState,
        reconciliation::{Category, Counts},
    },
};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use store::repo::log::SortBy;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type, schema::SchemaType},
};

/// A word of the trade by its code: written, read and described.
macro_rules! words {
    ($($(#[doc = $doc:literal])* $name:ident($word:ty) of $all:expr;)+) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(pub $word);

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.0.code())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let code = Cow::<'de, str>::deserialize(from)?;
                let found = <$word>::from_code(&code);
                found.map(Self).ok_or_else(|| unknown(&code, $all.into_iter().map(<$word>::code)))
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let codes = $all.into_iter().map(<$word>::code);
                text(concat!($($doc),*)).enum_values(Some(codes)).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )+};
}

words! {
    /// Where a COR stands.
    CorStatus(Status) of Status::ALL;
    /// How an approval was given that the sender recorded.
    ApprovalMeans(Means) of Means::ALL;
    /// Which side of a log: CORs we sent, or CORs we received.
    LogSide(Side) of [Side::Sent, Side::Received];
    /// A COR's place in Procore, on the caller's side.
    CorInProcore(ProcoreState) of ProcoreState::ALL;
    /// The section of a line.
    LineSection(Section) of Section::ALL;
    /// In which detail a COR is written to Procore.
    Detail(Breakdown) of Breakdown::ALL;
    /// Whether a change is in the scope of the contract.
    EventScope(Scope) of Scope::ALL;
    /// The column a log is sorted by.
    SortKey(SortBy) of SortBy::ALL;
    /// What is looked at before a push.
    PreflightCheck(Check) of Check::ALL;
    /// How it came out: `stop` keeps a plan from being confirmed.
    PreflightLevel(Level) of Level::ALL;
    /// Who can mend it.
    PreflightWho(Who) of Who::ALL;
    /// Where money stands between the log and Procore.
    MoneyStands(Category) of Category::ALL;
    /// Whether a change event's money counts in a forecast.
    EventCounts(Counts) of Counts::ALL;
    /// An ISO 4217 code.
    CurrencyCode(Currency) of Currency::ALL;
}

fn unknown<E: de::Error>(code: &str, known: impl Iterator<Item = &'static str>) -> E {
    let known = known.collect::<Vec<_>>().join(", ");
    E::custom(format_args!("“{}” is none of {known}.", domain::text::shortened(code, 40)))
}

fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description.trim()))
}

/// What Procore holds, rounded to the cent: an [`Amount`], or `null` where that can't be read or compared, which is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AmountInProcore(pub domain::procore::Amount);

impl Serialize for AmountInProcore {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.money().map(Amount).serialize(to)
    }
}

impl PartialSchema for AmountInProcore {
    fn schema() -> RefOr<Schema> {
        let description = "An amount in Procore, rounded to the cent; the currency stands beside it. `null` where it is too \
                           large to read or no number, which is not zero: correct it in Procore. `null` as well where it is compared with ours and \
                           kept in another currency.";
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some(description))
            .pattern(Some(r"^-?\d+\.\d{2}$"))
            .examples(["-1260.00"])
            .into()
    }
}

impl ToSchema for AmountInProcore {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("AmountInProcore")
    }
}

/// What Procore adds to the revenue of a change event of its own accord, as last read. It is in no other figure.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddedByProcore {
    /// As markup, by the prime contract for markup estimates.
    pub markup: AmountInProcore,
    /// As revenue of lines that nobody priced, which follows their cost.
    pub revenue_that_follows_cost: AmountInProcore,
}

/// An amount as a string with two decimals: `-1260.00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount(pub Money);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minor = self.0.in_minor();
        let (sign, magnitude) = (if minor < 0 { "-" } else { "" }, minor.unsigned_abs());
        write!(f, "{sign}{}.{:02}", magnitude / 100, magnitude % 100)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        text("An amount with two decimals; the currency stands beside it.")
            .pattern(Some(r"^-?\d+\.\d{2}$"))
            .examples(["-1260.00"])
            .into()
    }
}

impl ToSchema for Amount {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Amount")
    }
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
        text("A plain decimal: digits, a point between digits, a minus before them. No commas, signs of currencies or blanks.")
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

/// An id of Procore's. A string, since some have more digits than a double holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcoreId(pub i64);

impl Serialize for ProcoreId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ProcoreId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        let id = text.parse().ok().filter(|id| *id > 0);
        id.map(Self).ok_or_else(|| de::Error::custom("This is no id of Procore's: a string of digits."))
    }
}

impl PartialSchema for ProcoreId {
    fn schema() -> RefOr<Schema> {
        text("An id of Procore's.").pattern(Some("^[1-9][0-9]{0,18}$")).examples(["562949953425841"]).into()
    }
}

impl ToSchema for ProcoreId {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ProcoreId")
    }
}

/// An id of Procore's, or `null` for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct ProcoreIdOrNone(pub Option<ProcoreId>);

impl PartialSchema for ProcoreIdOrNone {
    fn schema() -> RefOr<Schema> {
        text("An id of Procore's, or null for none.")
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .pattern(Some("^[1-9][0-9]{0,18}$"))
            .examples(["562949953425841"])
            .into()
    }
}

impl ToSchema for ProcoreIdOrNone {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ProcoreIdOrNone")
    }
}

/// A moment, RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        text("A moment in UTC.").format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).into()
    }
}

impl ToSchema for Moment {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Moment")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_decimals_and_a_sign_when_they_are_credits() {
        for (minor, text) in
            [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123_456_789, "1234567.89"), (-126_000, "-1260.00")]
        {
            assert_eq!(Amount(Money::minor(minor)).to_string(), text);
        }
    }

    #[test]
    fn a_word_that_is_none_names_those_that_are() {
        let error = serde_json::from_str::<LogSide>("\"both\"").unwrap_err().to_string();
        assert!(error.starts_with("“both” is none of sent, received."), "{error}");
        assert_eq!(serde_json::to_string(&LogSide(Side::Sent)).unwrap(), "\"sent\"");
    }

    #[test]
    fn ids_of_procore_are_strings_of_digits() {
        assert_eq!(serde_json::from_str::<ProcoreId>("\"562949953425841\"").unwrap().0, 562_949_953_425_841);
        for bad in ["\"\"", "\"-1\"", "\"0\"", "7", "\"x\"", "\"99999999999999999999\""] {
            assert!(serde_json::from_str::<ProcoreId>(bad).is_err(), "{bad}");
        }
    }
}
