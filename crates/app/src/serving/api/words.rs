//! What stands in several requests or answers of the API, and nowhere else.

use std::borrow::Cow;

use domain::{ProcoreId, json::text, number};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema, Type, schema::SchemaType},
};

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
