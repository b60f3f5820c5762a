//! A line of a COR as a person types it or a program sends it.

use domain::{
    Currency, LineItemId, Money,
    cor::{LineItem, Pricing, Section},
    number,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    FieldErrors,
    typed::{self, Plain, nullable, plain, required},
};

/// A line: a quantity at a rate, or an amount.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewLine)]
pub struct LineInput {
    /// The id of a line that stays; without it, or with an unknown one, the line is new. Procore's line follows the id.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub id: Option<LineItemId>,
    #[serde(deserialize_with = "required")]
    #[schema(value_type = Section)]
    pub section: Option<Section>,
    #[schema(max_length = 120)]
    pub description: String,
    /// Up to four decimals.
    #[serde(default, deserialize_with = "plain")]
    #[schema(value_type = Option<Plain>)]
    pub quantity: String,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 120)]
    pub unit: String,
    /// Up to four decimals.
    #[serde(default, deserialize_with = "plain")]
    #[schema(value_type = Option<Plain>)]
    pub rate: String,
    /// Computed when there are a quantity and a rate; one that says something else beside them is refused.
    #[serde(default, deserialize_with = "plain")]
    #[schema(value_type = Option<Plain>)]
    pub amount: String,
}

impl From<&LineItem> for LineInput {
    fn from(line: &LineItem) -> Self {
        let (quantity, unit, rate, amount) = match &line.pricing {
            Pricing::Extended { quantity, unit, rate } => {
                (quantity.to_string(), unit.clone(), rate.to_string(), String::new())
            }
            Pricing::Lump => (String::new(), String::new(), String::new(), line.amount.to_string()),
        };
        Self {
            id: Some(line.id),
            section: Some(line.section),
            description: line.description.clone(),
            quantity,
            unit,
            rate,
            amount,
        }
    }
}

impl LineInput {
    /// A line with nothing typed into it.
    pub const BLANK: &'static Self = &Self {
        id: None,
        section: None,
        description: String::new(),
        quantity: String::new(),
        unit: String::new(),
        rate: String::new(),
        amount: String::new(),
    };

    /// Nothing but a section was typed into it.
    pub fn is_blank(&self) -> bool {
        [&self.description, &self.quantity, &self.unit, &self.rate, &self.amount]
            .iter()
            .all(|text| text.trim().is_empty())
    }

    /// Its amount, even without a description: zero for a blank line, nothing while the amount can't be read.
    pub fn amount_so_far(&self, currency: Currency) -> Option<Money> {
        if self.is_blank() {
            return Some(Money::ZERO);
        }
        let nobody = LineItemId(uuid::Uuid::nil());
        let named = LineInput { description: "—".to_owned(), unit: String::new(), ..self.clone() };
        named.read(currency, nobody).ok().map(|line| line.amount)
    }

    /// Quantity times rate, unless another amount was typed.
    pub fn computed(&self, currency: Currency) -> Option<Money> {
        self.amount_so_far(currency).filter(|_| self.is_extended())
    }

    fn is_extended(&self) -> bool {
        !self.quantity.trim().is_empty() && !self.rate.trim().is_empty()
    }

    pub(super) fn read(&self, currency: Currency, id: LineItemId) -> Result<LineItem, String> {
        let section = self.section.ok_or("Choose a section for this line.")?;
        let mut errors = FieldErrors::default();
        let description = typed::optional_line(&mut errors, "description", &self.description);
        let unit = typed::optional_line(&mut errors, "unit", &self.unit);
        if let Some(sentence) = errors.0.into_values().next() {
            return Err(sentence);
        }
        if description.is_empty() {
            return Err("Say what this line is for.".to_owned());
        }
        match (self.quantity.trim(), self.rate.trim(), self.amount.trim()) {
            ("", "", "") => Err("Give a quantity and a rate, or an amount.".to_owned()),
            ("", "", amount) => {
                let amount = Money::typed(amount, currency).map_err(|error| error.to_string())?;
                Ok(LineItem::lump(id, section, description, amount))
            }
            ("", _, _) | (_, "", _) => Err("A quantity needs a rate, and a rate a quantity.".to_owned()),
            (quantity, rate, amount) => {
                let quantity = number::typed(quantity).map_err(|error| format!("Quantity: {error}"))?;
                let rate = number::typed_in(rate, currency).map_err(|error| format!("Rate: {error}"))?;
                let line = LineItem::extended(id, section, description, quantity, unit, rate)
                    .map_err(|error| error.to_string())?;
                match amount {
                    "" => Ok(line),
                    typed => same_amount(line, Money::typed(typed, currency).map_err(|error| error.to_string())?),
                }
            }
        }
    }
}

/// The line, if the amount typed beside quantity and rate is their product.
fn same_amount(line: LineItem, typed: Money) -> Result<LineItem, String> {
    if line.amount == typed {
        return Ok(line);
    }
    let computed = line.amount;
    Err(format!(
        "Quantity times rate is {computed}, and the amount says {typed}. Correct one of them, or leave the amount out."
    ))
}
