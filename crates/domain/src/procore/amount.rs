//! Amounts as Procore holds them, to the last digit.
//!
//! Others may write fractions of a cent there, and three lines of 33.3333 are 100.00, not 99.99. So we add amounts from Procore
//! exactly, and round to the cent where we show, compare or take them over. A sum with an unreadable amount is unreadable.

use std::{
    borrow::Cow,
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Neg, Sub},
    str::FromStr,
};

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema, Type, schema::SchemaType},
};

use crate::{
    json,
    money::{LIMIT, Money},
};

/// An amount in Procore, in the currency that the context names. A credit is negative.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Amount {
    /// This much, exactly.
    Exact(Decimal),
    /// Beyond what an amount can be: ten billion, or what a sum can hold.
    TooLarge,
    /// No number at all.
    Unreadable,
    /// An amount in another currency than the context's, or in one that nobody knows. Amounts are never converted.
    NotComparable,
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self::Exact(Decimal::ZERO);

    /// One amount as Procore wrote it; too large beyond [`LIMIT`].
    pub fn of(amount: Decimal) -> Self {
        if amount.abs() <= Decimal::new(LIMIT, 2) { Self::Exact(amount) } else { Self::TooLarge }
    }

    /// Rounded to the cent, halves away from zero; `None` where it can't be read.
    pub fn money(self) -> Option<Money> {
        match self {
            Self::Exact(amount) => Money::rounded_sum(amount),
            Self::TooLarge | Self::Unreadable | Self::NotComparable => None,
        }
    }

    /// Whether it can be read.
    pub fn is_readable(self) -> bool {
        matches!(self, Self::Exact(_))
    }

    /// Whether it is zero to the cent. An unreadable amount is not zero.
    pub fn is_zero(self) -> bool {
        self.money() == Some(Money::ZERO)
    }

    /// As it is shown: to the cent, or why it can't be. A sum is taken of the exact amounts, a difference of what is shown; see
    /// [`footing`](super::footing).
    #[must_use]
    pub fn shown(self) -> Self {
        self.money().map_or(self, Self::from)
    }

    /// As it is shown beside another one: to the last digit where rounding would hide that they differ.
    pub fn told_beside(self, other: Self) -> String {
        match self {
            Self::Exact(amount) if self.same(other) && self != other => amount.normalize().to_string(),
            _ => self.to_string(),
        }
    }

    /// As it stands beside amounts that it is or isn't to be compared with. Nothing is nothing in each currency.
    #[must_use]
    pub fn beside(self, compares: bool) -> Self {
        if compares || self.is_zero() { self } else { Self::NotComparable }
    }

    /// Whether both are shown alike.
    pub fn same(self, other: Self) -> bool {
        self == other || self.money().is_some_and(|money| other.money() == Some(money))
    }

    /// With a sign on increases, as differences are shown: `+3,470.00`, `(12,600.00)`.
    pub fn signed(self) -> String {
        self.money().map_or_else(|| self.to_string(), Money::signed)
    }

    /// Sums can't be bounded as single amounts are, but by what [`Money`] holds.
    fn kept(sum: Option<Decimal>) -> Self {
        match sum {
            Some(sum) if Money::rounded_sum(sum).is_some() => Self::Exact(sum),
            _ => Self::TooLarge,
        }
    }
}

impl Default for Amount {
    fn default() -> Self {
        Self::ZERO
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self::Exact(money.to_decimal())
    }
}

impl PartialEq<Money> for Amount {
    fn eq(&self, money: &Money) -> bool {
        self.money() == Some(*money)
    }
}

/// As [`Money`] is shown, or why it can't be.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.money()) {
            (_, Some(money)) => money.fmt(f),
            (Self::Unreadable, None) => f.write_str("could not be read"),
            (Self::NotComparable, None) => f.write_str("can't be compared"),
            (_, None) => f.write_str("too large to read"),
        }
    }
}

impl Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        match (self, other) {
            (Self::Exact(a), Self::Exact(b)) => Self::kept(a.checked_add(b)),
            (Self::Unreadable, _) | (_, Self::Unreadable) => Self::Unreadable,
            (Self::TooLarge, _) | (_, Self::TooLarge) => Self::TooLarge,
            (Self::NotComparable, _) | (_, Self::NotComparable) => Self::NotComparable,
        }
    }
}

impl Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        match self {
            Self::Exact(amount) => Self::Exact(-amount),
            other => other,
        }
    }
}

impl Sub for Amount {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

const TOO_LARGE: &str = "too large";
const UNREADABLE: &str = "unreadable";
const NOT_COMPARABLE: &str = "not comparable";

/// As it is stored: `1234.5`, or the word for why there is none.
impl Amount {
    /// The stored text.
    pub fn stored(self) -> String {
        match self {
            Self::Exact(amount) => amount.normalize().to_string(),
            Self::TooLarge => TOO_LARGE.to_owned(),
            Self::Unreadable => UNREADABLE.to_owned(),
            Self::NotComparable => NOT_COMPARABLE.to_owned(),
        }
    }
}

/// What was stored is not an amount.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a stored amount")]
pub struct NotStored;

impl FromStr for Amount {
    type Err = NotStored;
    /// Reads [`Amount::stored`]; an exponent too, as migrations write one.
    fn from_str(stored: &str) -> Result<Self, NotStored> {
        let number = |text| Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text));
        match stored {
            TOO_LARGE => Ok(Self::TooLarge),
            UNREADABLE => Ok(Self::Unreadable),
            NOT_COMPARABLE => Ok(Self::NotComparable),
            number_text => number(number_text).map(|amount| Self::kept(Some(amount))).map_err(|_| NotStored),
        }
    }
}

/// For the world: to the cent as [`Money`], or `null` where there is none to compare. What is kept says `#[serde(with = "exact")]`: this
/// loses fractions of a cent and reasons, so nothing reads it back.
impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.money().serialize(to)
    }
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        let description = "An amount in Procore, rounded to the cent; the currency stands beside it. `null` where it is too \
                           large to read or no number, which is not zero: correct it in Procore. `null` as well where it is compared with ours and \
                           kept in another currency.";
        json::text(description)
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .pattern(Some(r"^-?\d+\.\d{2}$"))
            .examples(["-1260.00"])
            .into()
    }
}

impl ToSchema for Amount {
    fn name() -> Cow<'static, str> {
        "AmountInProcore".into()
    }
}

/// An [`Amount`] as it is kept in JSON: its [`Amount::stored`] text, to the last digit.
pub mod exact {
    use serde::{Deserializer, Serializer};

    use super::Amount;
    use crate::json;

    /// Writes it.
    pub fn serialize<S: Serializer>(amount: &Amount, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&amount.stored())
    }

    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Amount, D::Error> {
        json::read(from, "a kept amount", |text| text.parse().map_err(|error: super::NotStored| error.to_string()))
    }

    /// The same of an amount that there may not be.
    pub mod or_none {
        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        use super::Amount;

        #[derive(Serialize, Deserialize)]
        struct Kept(#[serde(with = "super")] Amount);

        /// Writes it.
        pub fn serialize<S: Serializer>(amount: &Option<Amount>, to: S) -> Result<S::Ok, S::Error> {
            amount.map(Kept).serialize(to)
        }

        /// Reads it.
        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Amount>, D::Error> {
            Ok(Option::<Kept>::deserialize(from)?.map(|kept| kept.0))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Amount {
        Amount::of(text.parse().unwrap())
    }

    #[test]
    fn amounts_are_added_before_they_are_rounded() {
        let lines = ["33.3333", "33.3333", "33.3333", "100"].map(of);
        assert_eq!(lines.into_iter().sum::<Amount>(), Money::minor(20_000));
        assert_eq!(of("33.3333").to_string(), "33.33");
        assert_eq!((of("0.004") + of("0.001")).to_string(), "0.01");
        assert_eq!((of("-0.004") - of("0.001")).to_string(), "(0.01)");
    }

    #[test]
    fn what_cannot_be_read_is_never_a_number() {
        let huge = of("10000000000000000000000");
        assert_eq!(huge, Amount::TooLarge);
        for sum in [huge + of("1"), of("1") - huge, -huge, [of("1"), huge].into_iter().sum()] {
            assert_eq!((sum, sum.money(), sum.is_zero()), (Amount::TooLarge, None, false));
            assert_eq!(sum.to_string(), "too large to read");
        }
        assert_eq!(huge + Amount::Unreadable, Amount::Unreadable);
        assert_eq!((Amount::Unreadable - Amount::Unreadable).signed(), "could not be read");
        assert!(!huge.same(Amount::ZERO) && huge.same(huge) && !huge.same(Amount::Unreadable));
    }

    #[test]
    fn many_amounts_add_up_beyond_what_one_may_be() {
        let most = of("10000000000");
        assert_eq!((most + most).to_string(), "20,000,000,000.00");
        let mut doubled = most;
        for _ in 0..60 {
            doubled += doubled;
        }
        assert_eq!(doubled, Amount::TooLarge);
    }

    /// As a stored type holds it.
    #[derive(Serialize, serde::Deserialize, PartialEq, Debug)]
    struct Kept(#[serde(with = "exact")] Amount);

    #[test]
    fn what_is_kept_is_read_back_to_the_last_digit_and_what_is_told_is_to_the_cent() {
        for (amount, kept, told) in [
            (of("1234.5"), "\"1234.5\"", "\"1234.50\""),
            (of("33.3333"), "\"33.3333\"", "\"33.33\""),
            (of("-0.005"), "\"-0.005\"", "\"-0.01\""),
            (Amount::TooLarge, "\"too large\"", "null"),
            (Amount::Unreadable, "\"unreadable\"", "null"),
            (Amount::NotComparable, "\"not comparable\"", "null"),
        ] {
            assert_eq!(serde_json::to_string(&Kept(amount)).unwrap(), kept);
            assert_eq!(serde_json::from_str::<Kept>(kept).unwrap(), Kept(amount));
            assert_eq!(serde_json::to_string(&amount).unwrap(), told);
            assert_eq!(amount.stored().parse(), Ok(amount));
        }
        assert_eq!("-19999e-2".parse(), Ok(of("-199.99")));
        assert_eq!("".parse::<Amount>(), Err(NotStored));
    }

    proptest! {
        #[test]
        fn whole_cents_are_the_same_money(cents in prop::collection::vec(-LIMIT..=LIMIT, 0..50)) {
            let money = cents.iter().copied().map(Money::minor);
            prop_assert_eq!(money.clone().map(Amount::from).sum::<Amount>(), money.sum::<Money>());
        }
    }
}
