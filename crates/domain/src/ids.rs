//! Identifiers: one type per noun, so that an office can never be taken for a project.

use std::{borrow::Cow, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};
use uuid::Uuid;

use crate::json;

/// Where random bytes come from. The product passes the operating system's generator, tests a seeded one.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with random data.
    fn fill(&self, bytes: &mut [u8]);
}

/// A fresh UUID version 7 (RFC 9562 §5.7): its bytes sort by the time it was made, on both databases.
pub fn fresh_uuid(now: Timestamp, entropy: &dyn Entropy) -> Uuid {
    let mut random = [0u8; 10];
    entropy.fill(&mut random);
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// What is known by a name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Named<Id> {
    /// Which one.
    pub id: Id,
    /// What people call it.
    pub name: String,
}

/// A company by its name. (What describes the API asks for types without parameters.)
pub type NamedCompany = Named<CompanyId>;
/// A project by its name.
pub type NamedProject = Named<ProjectId>;
/// A contract by its name.
pub type NamedContract = Named<ContractId>;

/// Whatever it is, its id is a UUID.
impl<Id> PartialSchema for Named<Id> {
    fn schema() -> RefOr<Schema> {
        let id =
            ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
        ObjectBuilder::new()
            .description(Some("Something that is known by a name."))
            .property("id", id)
            .required("id")
            .property("name", ObjectBuilder::new().schema_type(Type::String))
            .required("name")
            .into()
    }
}

impl<Id> ToSchema for Named<Id> {
    fn name() -> Cow<'static, str> {
        "Named".into()
    }
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new identifier, made at `now`.
            pub fn fresh(now: Timestamp, entropy: &dyn Entropy) -> Self {
                Self(fresh_uuid(now, entropy))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

id! {
    /// A company: a contractor when it sends CORs, a customer when it receives them.
    CompanyId,
    /// An office of a company; it owns the Procore integration.
    OfficeId,
    /// A person who signs in.
    PersonId,
    /// A project, shared by the companies that work on it.
    ProjectId,
    /// A contract between a customer and a contractor on a project.
    ContractId,
    /// A change order request.
    CorId,
    /// One line item of a COR.
    LineItemId,
    /// A request for pricing that a customer sends to contractors.
    ChangeNotificationId,
    /// A person's sign-in to Procore.
    LoginId,
    /// The tie between one COR of one company and one change event.
    LinkId,
    /// The wizard's stored draft of a push.
    DraftId,
    /// One confirmed push: a set of CORs into one change event.
    PushId,
    /// An entry of the activity feed.
    ActivityId,
    /// A hook of ours at Procore, through which it tells of changes.
    WebhookId,
    /// A bearer token for the JSON API.
    ApiTokenId,
    /// A reconciliation that was signed off.
    ReconciliationId,
}

/// An id of Procore's. In JSON a string, since some have more digits than a double holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ProcoreId(i64);

impl ProcoreId {
    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl From<i64> for ProcoreId {
    fn from(id: i64) -> Self {
        Self(id)
    }
}

impl fmt::Display for ProcoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for ProcoreId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ProcoreId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        json::read(from, "a Procore id", |text| {
            let id = text.parse().ok().filter(|id| *id > 0);
            id.map(Self).ok_or_else(|| "Not a Procore id. Ids are digits only.".to_owned())
        })
    }
}

impl PartialSchema for ProcoreId {
    fn schema() -> RefOr<Schema> {
        json::text("An id of Procore's.").pattern(Some("^[1-9][0-9]{0,18}$")).examples(["562949953425841"]).into()
    }
}

impl ToSchema for ProcoreId {
    fn name() -> Cow<'static, str> {
        "ProcoreId".into()
    }
}

/// An id of Procore's that is a number in memory: in JSON it stands as a [`ProcoreId`] does. For `#[serde(with = "…")]`.
pub mod as_procore_id {
    use super::{Deserialize, Deserializer, ProcoreId, Serialize, Serializer};

    /// As a string of digits.
    pub fn serialize<S: Serializer>(id: &i64, to: S) -> Result<S::Ok, S::Error> {
        ProcoreId::from(*id).serialize(to)
    }

    /// From a string of digits.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        ProcoreId::deserialize(from).map(ProcoreId::get)
    }

    /// The same of one that may be missing.
    pub mod option {
        use super::{Deserialize, Deserializer, ProcoreId, Serialize, Serializer};

        /// As a string of digits, or null.
        pub fn serialize<S: Serializer>(id: &Option<i64>, to: S) -> Result<S::Ok, S::Error> {
            id.map(ProcoreId::from).serialize(to)
        }

        /// From a string of digits, or null.
        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
            Ok(Option::<ProcoreId>::deserialize(from)?.map(ProcoreId::get))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_str, json, to_string, to_value};

    use super::*;

    #[test]
    fn ids_of_procore_are_strings_of_digits() {
        let id = from_str::<ProcoreId>("\"562949953425841\"").unwrap();
        assert_eq!((id.get(), to_string(&id).unwrap().as_str()), (562_949_953_425_841, "\"562949953425841\""));
        for bad in ["\"\"", "\"-1\"", "\"0\"", "7", "\"x\"", "\"99999999999999999999\""] {
            assert!(from_str::<ProcoreId>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn our_ids_are_uuids_with_a_name_each() {
        let described = json!({ "type": "string", "format": "uuid", "description": "A change order request." });
        assert_eq!((to_value(CorId::schema()).unwrap(), CorId::name()), (described, "CorId".into()));
    }
}
