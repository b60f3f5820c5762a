//! The currency of a Procore project, and whether our amounts may go there.
//!
//! We never convert amounts, so we must know the currency: a COR in CAD written at par into a USD project is wrong money that
//! looks right. Procore names the currency in some answers and leaves it blank in most; where it does, a person states it once
//! for the project.

use serde::{Deserialize, Serialize};

use crate::money::Currency;

/// What is known of the currency a Procore project is kept in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KnownCurrency {
    /// The codes that Procore's answers name, each once, in its own spelling. It names none for most companies.
    pub named: Vec<String>,
    /// What a person stated.
    pub stated: Option<Currency>,
}

/// Why amounts in one currency can't go into a Procore project, or be compared with it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "trouble", rename_all = "snake_case")]
pub enum CurrencyTrouble {
    /// Procore names no currency and nobody stated one.
    Unknown,
    /// Procore names another currency than somebody stated.
    Contradiction {
        /// What Procore names.
        named: String,
        /// What was stated.
        stated: Currency,
    },
    /// The project is kept in another currency than the amounts.
    Differs {
        /// The project's.
        theirs: String,
        /// The amounts'.
        ours: Currency,
        /// Whether only a person says so, and not Procore.
        #[serde(default)]
        stated: bool,
    },
}

impl KnownCurrency {
    /// The same with what further answers of Procore name; blank codes name nothing.
    pub fn naming<'a>(mut self, codes: impl IntoIterator<Item = &'a str>) -> Self {
        for code in codes.into_iter().map(str::trim).filter(|code| !code.is_empty()) {
            if !self.named.iter().any(|known| known.eq_ignore_ascii_case(code)) {
                self.named.push(code.to_owned());
            }
        }
        self
    }

    /// The code to show: what Procore names, else what was stated; nothing where that contradicts itself or is unknown.
    pub fn code(&self) -> Option<&str> {
        match (self.named.as_slice(), self.stated) {
            ([], stated) => stated.map(Currency::code),
            ([named], None) => Some(named),
            ([named], Some(stated)) => is(named, stated).then_some(named),
            _ => None,
        }
    }

    /// Whether amounts in `ours` may be written there and compared with what is there.
    pub fn agrees_with(&self, ours: Currency) -> Result<(), CurrencyTrouble> {
        if let Some(stated) = self.stated
            && let Some(named) = self.named.iter().find(|named| !is(named, stated))
        {
            return Err(CurrencyTrouble::Contradiction { named: named.clone(), stated });
        }
        let differs = |theirs: &str, stated| CurrencyTrouble::Differs { theirs: theirs.to_owned(), ours, stated };
        if let Some(other) = self.named.iter().find(|named| !is(named, ours)) {
            return Err(differs(other, false));
        }
        match self.stated {
            Some(stated) if stated != ours => Err(differs(stated.code(), true)),
            None if self.named.is_empty() => Err(CurrencyTrouble::Unknown),
            _ => Ok(()),
        }
    }
}

/// Whether a code of Procore's is a currency of ours.
pub fn is(code: &str, currency: Currency) -> bool {
    Currency::from_code(code) == Some(currency)
}

impl CurrencyTrouble {
    /// What is the case.
    pub fn sentence(&self) -> String {
        match self {
            Self::Unknown => {
                "Procore doesn't name the currency of this project, and nobody has stated it yet. Amounts are \
                              never converted."
                    .to_owned()
            }
            Self::Contradiction { named, stated } => format!(
                "Procore names {named} as the currency, but {} was stated for this project. Amounts are never converted.",
                stated.code()
            ),
            Self::Differs { theirs, ours, stated: false } => format!(
                "The Procore project is kept in {theirs} and these amounts are in {}. Amounts are never converted.",
                ours.code()
            ),
            Self::Differs { theirs, ours, stated: true } => format!(
                "It was stated that the Procore project is kept in {theirs}, and these amounts are in {}. Amounts are never \
                 converted.",
                ours.code()
            ),
        }
    }

    /// What mends it.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Unknown => "State the currency of the Procore project under project settings → Procore.",
            Self::Contradiction { .. } => {
                "Check the currency in Procore, then correct it under project settings → Procore."
            }
            Self::Differs { stated: false, .. } => {
                "Map this project to a Procore project that is kept in its currency."
            }
            Self::Differs { stated: true, .. } => {
                "Check the currency in Procore. Correct what was stated under project settings → Procore, or map this project \
                 to a Procore project that is kept in its currency."
            }
        }
    }

    /// What amounts in Procore are in: a code, or that nobody knows.
    pub fn theirs(&self) -> &str {
        match self {
            Self::Unknown => "currency not known",
            Self::Contradiction { named: theirs, .. } | Self::Differs { theirs, .. } => theirs,
        }
    }

    /// The same in a few words: "kept in USD here and in CAD in Procore".
    pub fn reason(&self) -> String {
        match self {
            Self::Unknown => "the Procore project's currency is not stated".to_owned(),
            Self::Contradiction { named, stated } => format!("Procore names {named}, and {} was stated", stated.code()),
            Self::Differs { theirs, ours, .. } => format!("kept in {} here and in {theirs} in Procore", ours.code()),
        }
    }

    /// Both, for where there is no room for a link.
    pub fn with_remedy(&self) -> String {
        format!("{} {}", self.sentence(), self.remedy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(named: &[&str], stated: Option<Currency>) -> KnownCurrency {
        KnownCurrency { stated, ..KnownCurrency::default() }.naming(named.iter().copied())
    }

    /// What Procore names, what was stated, and what becomes of amounts in USD.
    #[test]
    fn only_a_known_currency_that_is_ours_lets_amounts_through() {
        use Currency::{Cad, Usd};
        let contradiction = |named: &str, stated| CurrencyTrouble::Contradiction { named: named.into(), stated };
        let differs = |theirs: &str, stated| CurrencyTrouble::Differs { theirs: theirs.into(), ours: Usd, stated };
        let cases = [
            (known(&[], None), Err(CurrencyTrouble::Unknown)),
            (known(&["", "  "], None), Err(CurrencyTrouble::Unknown)),
            (known(&["USD"], None), Ok(())),
            (known(&[" usd "], None), Ok(())),
            (known(&[], Some(Usd)), Ok(())),
            (known(&["USD", "usd"], Some(Usd)), Ok(())),
            (known(&["CAD"], None), Err(differs("CAD", false))),
            // A currency that we don't price in is another one, not an unknown one.
            (known(&["JPY"], None), Err(differs("JPY", false))),
            (known(&[], Some(Cad)), Err(differs("CAD", true))),
            (known(&["CAD"], Some(Cad)), Err(differs("CAD", false))),
            (known(&["CAD"], Some(Usd)), Err(contradiction("CAD", Usd))),
            (known(&["USD"], Some(Cad)), Err(contradiction("USD", Cad))),
            // One of several answers that says otherwise is enough.
            (known(&["USD", "CAD"], None), Err(differs("CAD", false))),
            (known(&["USD", "CAD"], Some(Usd)), Err(contradiction("CAD", Usd))),
        ];
        for (known, wanted) in cases {
            assert_eq!(known.agrees_with(Usd), wanted, "{known:?}");
        }
    }

    #[test]
    fn a_code_is_shown_where_everything_says_the_same() {
        assert_eq!(known(&[], None).code(), None);
        assert_eq!(known(&["USD"], None).code(), Some("USD"));
        assert_eq!(known(&[], Some(Currency::Cad)).code(), Some("CAD"));
        assert_eq!(known(&["USD"], Some(Currency::Usd)).code(), Some("USD"));
        assert_eq!(known(&["USD"], Some(Currency::Cad)).code(), None);
        assert_eq!(known(&["USD", "CAD"], None).code(), None);
    }
}
