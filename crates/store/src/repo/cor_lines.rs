//! The lines of a COR.

use domain::{
    CorId,
    cor::{LineItem, Pricing},
};
use rust_decimal::Decimal;

use crate::{
    db::{Row, StoreError, Tx},
    many,
};

const INSERT_LINES: &str =
    "INSERT INTO cor_line (cor_id, position, id, section, description, quantity, unit, rate, amount) VALUES";

pub(super) fn line(row: &Row) -> Result<LineItem, StoreError> {
    let decimal = |text: Option<String>| -> Result<Option<Decimal>, StoreError> {
        let parse =
            |text: String| text.parse().map_err(|_| StoreError::Corrupt("a quantity or rate of a COR".to_owned()));
        text.map(parse).transpose()
    };
    let pricing = match (decimal(row.get(4)?)?, row.get::<Option<String>>(5)?, decimal(row.get(6)?)?) {
        (Some(quantity), Some(unit), Some(rate)) => Pricing::Extended { quantity, unit, rate },
        _ => Pricing::Lump,
    };
    Ok(LineItem { id: row.get(1)?, section: row.get(2)?, description: row.get(3)?, pricing, amount: row.get(7)? })
}

pub(super) fn write_lines(tx: &mut Tx, cor: CorId, lines: &[LineItem]) -> Result<(), StoreError> {
    let rows = (0_i64..).zip(lines).map(|(position, line)| {
        let (quantity, unit, rate) = match &line.pricing {
            Pricing::Extended { quantity, unit, rate } => (Some(quantity), Some(unit.as_str()), Some(rate)),
            Pricing::Lump => (None, None, None),
        };
        [
            cor.into(),
            position.into(),
            line.id.into(),
            line.section.into(),
            (&line.description).into(),
            quantity.map(Decimal::to_string).into(),
            unit.into(),
            rate.map(Decimal::to_string).into(),
            line.amount.into(),
        ]
    });
    many::insert(tx, INSERT_LINES, rows, "").map(|_| ())
}
