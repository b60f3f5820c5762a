//! Values in requests of the API.

use std::borrow::Cow;

use domain::{ProcoreId, json::text};
use serde::Deserialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema, Type, schema::SchemaType},
};

/// A Procore id, or `null` for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct ProcoreIdOrNone(pub Option<ProcoreId>);

impl PartialSchema for ProcoreIdOrNone {
    fn schema() -> RefOr<Schema> {
        text("A Procore id, or null for none.")
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
