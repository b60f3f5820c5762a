//! Money: integer minor units, never a float.

use std::{
    borrow::Cow,
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Neg, Sub, SubAssign},
};

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::{
    json,
    number::{self, NumberError},
};

/// The largest amount accepted, in minor units: ten billion dollars. It keeps every sum of a log within `i64`.
pub const LIMIT: i64 = 1_000_000_000_000;
/// The largest sum, in minor units: a million of the largest amounts. Several of these still fit `i64`.
const SUM_LIMIT: i64 = 1_000_000 * LIMIT;

/// A currency by its ISO 4217 code. Only currencies with two minor digits are supported; that is every currency a
/// North American project is likely to be kept in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Currency {
    /// United States dollar.
    Usd,
    /// Canadian dollar.
    Cad,
    /// Euro.
    Eur,
    /// Pound sterling.
    Gbp,
    /// Australian dollar.
    Aud,
    /// New Zealand dollar.
    Nzd,
    /// Mexican peso.
    Mxn,
}

impl Currency {
    /// All supported currencies, the most likely first.
    pub const ALL: [Self; 7] = [Self::Usd, Self::Cad, Self::Eur, Self::Gbp, Self::Aud, Self::Nzd, Self::Mxn];

    /// The ISO 4217 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Usd => "USD",
            Self::Cad => "CAD",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Aud => "AUD",
            Self::Nzd => "NZD",
            Self::Mxn => "MXN",
        }
    }

    /// The currency of an ISO 4217 code, if supported.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.code().eq_ignore_ascii_case(code.trim()))
    }

    /// The sign printed before a total.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Usd | Self::Cad | Self::Aud | Self::Nzd | Self::Mxn => "$",
            Self::Eur => "€",
            Self::Gbp => "£",
        }
    }

    /// What may stand beside an amount in it, in capitals: `USD`, `$`, `US$`.
    pub fn marks(self) -> [String; 3] {
        let (code, sign) = (self.code(), self.sign());
        [code.to_owned(), sign.to_owned(), format!("{}{sign}", &code[..2])]
    }
}

/// An amount in minor units (cents) of a currency that the context names. A credit is negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of `minor` units.
    pub const fn minor(minor: i64) -> Self {
        Self(minor)
    }

    /// The amount in minor units.
    pub const fn in_minor(self) -> i64 {
        self.0
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether it is a credit.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The amount as an exact decimal, such as `76.25`.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// A decimal rounded to the cent, halves away from zero. `None` above [`LIMIT`].
    pub fn rounded(amount: Decimal) -> Option<Self> {
        Self::rounded_sum(amount).filter(|money| money.0.unsigned_abs() <= LIMIT.unsigned_abs())
    }

    /// What many amounts add up to, rounded to the cent, halves away from zero. `None` beyond a million of
    /// the largest amounts.
    pub fn rounded_sum(sum: Decimal) -> Option<Self> {
        let cents = sum.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        cents
            .checked_mul(Decimal::ONE_HUNDRED)?
            .to_i64()
            .filter(|c| c.unsigned_abs() <= SUM_LIMIT.unsigned_abs())
            .map(Self)
    }

    /// A decimal that is a whole number of cents: `76.25` and `76.250000` are, `76.251` is not.
    pub fn exact(amount: Decimal) -> Option<Self> {
        let money = Self::rounded(amount)?;
        (money.to_decimal() == amount).then_some(money)
    }

    /// Reads an amount of a currency that a person typed: `1,234.5`, `$1,234.50`, `-500`, `(500)`.
    pub fn typed(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let amount = number::typed_in(text, currency)?;
        let money = Self::rounded(amount).ok_or(MoneyError::TooLarge)?;
        if money.to_decimal() == amount {
            Ok(money)
        } else {
            Err(MoneyError::FractionOfACent { amount, rounded: money })
        }
    }

    /// With a sign on increases, as differences are shown: `+3,470.00`, `(12,600.00)`.
    pub fn signed(self) -> String {
        if self.0 > 0 { format!("+{self}") } else { self.to_string() }
    }

    /// In parentheses beside something else. A negative amount has them already.
    pub fn in_parentheses(self) -> String {
        if self.0 < 0 { self.to_string() } else { format!("({self})") }
    }

    /// The same of a difference, with its sign.
    pub fn aside(self) -> String {
        if self.0 < 0 { self.to_string() } else { format!("({})", self.signed()) }
    }
}

/// Why a typed amount was refused, in words for the person who typed it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MoneyError {
    /// It is no number, or not clearly one.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// It is beyond [`LIMIT`].
    #[error("This amount is too large; the most is 10,000,000,000.00.")]
    TooLarge,
    /// It has more than two decimals.
    #[error("An amount has two decimals at the most: {} rather than {amount}.", .rounded.to_decimal())]
    FractionOfACent {
        /// What was typed.
        amount: Decimal,
        /// The same to the cent.
        rounded: Money,
    },
}

/// Thousands separators, two decimals, credits in parentheses: `(12,600.00)`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let (whole, cents) = (magnitude / 100, magnitude % 100);
        let digits = whole.to_string();
        let mut grouped = String::with_capacity(digits.len() + 8);
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        if self.0 < 0 { write!(f, "({grouped}.{cents:02})") } else { write!(f, "{grouped}.{cents:02}") }
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A string with two decimals: `-1260.00`.
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.to_decimal())
    }
}

/// Exactly as it is written.
impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        json::read(from, "an amount", |text| {
            let written = Decimal::from_str_exact(text).ok().filter(|amount| amount.scale() == 2);
            let money = written.and_then(|amount| i64::try_from(amount.mantissa()).ok()).map(Self);
            let same = money.filter(|money| money.to_decimal().to_string() == text);
            same.ok_or_else(|| format!("“{}” is no amount with two decimals.", crate::text::shortened(text, 40)))
        })
    }
}

impl PartialSchema for Money {
    fn schema() -> RefOr<Schema> {
        json::text("An amount with two decimals; the currency stands beside it.")
            .pattern(Some(r"^-?\d+\.\d{2}$"))
            .examples(["-1260.00"])
            .into()
    }
}

impl ToSchema for Money {
    fn name() -> Cow<'static, str> {
        "Amount".into()
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}
impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}
impl Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}
impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}
impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}
impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_print_as_accountants_write_them() {
        for (minor, printed) in [(0, "0.00"), (5, "0.05"), (123_456_789, "1,234,567.89"), (-1_260_000, "(12,600.00)")] {
            assert_eq!(Money::minor(minor).to_string(), printed);
        }
        assert_eq!(Money::minor(347_000).signed(), "+3,470.00");
        assert_eq!(Money::minor(-1).signed(), "(0.01)");
    }

    #[test]
    fn amounts_in_json_have_two_decimals_and_a_sign_when_they_are_credits() {
        for (minor, text) in
            [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123_456_789, "1234567.89"), (-126_000, "-1260.00")]
        {
            assert_eq!(serde_json::to_string(&Money::minor(minor)).unwrap(), format!("\"{text}\""));
        }
        for bad in [
            "1260",
            "\"1260\"",
            "\"1,260.00\"",
            "\"1.5\"",
            "\"1.500\"",
            "\"-0.00\"",
            "\"+1.00\"",
            "\".50\"",
            "\"01.00\"",
        ] {
            assert!(serde_json::from_str::<Money>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn halves_round_away_from_zero() {
        for (amount, minor) in [("0.005", 1), ("-0.005", -1), ("1.004", 100), ("1.0049999", 100), ("2.675", 268)] {
            assert_eq!(Money::rounded(amount.parse().unwrap()), Some(Money::minor(minor)), "{amount}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(minor in -LIMIT..=LIMIT) {
            let money = Money::minor(minor);
            prop_assert_eq!(Money::typed(&money.to_string(), Currency::Usd), Ok(money));
            prop_assert_eq!(Money::exact(money.to_decimal()), Some(money));
        }

        #[test]
        fn what_is_written_in_json_is_read_back(minor in any::<i64>()) {
            let text = serde_json::to_string(&Money::minor(minor)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&text).unwrap(), Money::minor(minor));
        }
    }
}
