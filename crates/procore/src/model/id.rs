//! Ids: 64 bit, numbers in v1 answers and strings in v2 answers, never to be mixed up.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

/// Declares ids, each a type of its own.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(IdVisitor).map($name)
            }
        }
    )+};
}

ids! {
    /// A company account in Procore.
    CompanyId,
    /// A project of a company.
    ProjectId,
    /// A person's login; the same in every company.
    UserId,
    /// A change event of a project.
    ChangeEventId,
    /// A line (change item) of a change event.
    LineId,
    /// A budget code. Not a cost code: a budget code is a cost code with a cost type.
    WbsCodeId,
    /// A status of change events, named by the company.
    StatusId,
    /// A type of change, named by the company.
    ChangeTypeId,
    /// A reason of change, named by the company.
    ChangeReasonId,
    /// A contract: a commitment on a line, a prime contract on an event.
    ContractId,
    /// A company in the directory of a project.
    VendorId,
    /// A hook: somewhere to be told.
    HookId,
    /// A trigger of a hook.
    TriggerId,
    /// A request for quote, change order, contract or budget change that a line is part of.
    DocumentId,
}

struct IdVisitor;

impl de::Visitor<'_> for IdVisitor {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a 64-bit id, as a number or a string")
    }

    fn visit_i64<E: de::Error>(self, id: i64) -> Result<i64, E> {
        Ok(id)
    }

    fn visit_u64<E: de::Error>(self, id: u64) -> Result<i64, E> {
        i64::try_from(id).map_err(|_| E::custom("the id is larger than 63 bits"))
    }

    fn visit_str<E: de::Error>(self, id: &str) -> Result<i64, E> {
        id.parse().map_err(|_| E::custom("the id is not a number"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_number_or_a_string_and_nothing_else() {
        let read = |text: &str| serde_json::from_str::<ProjectId>(text).ok().map(|id| id.0);
        assert_eq!(read("562949953508586"), Some(562_949_953_508_586));
        assert_eq!(read("\"562949953508586\""), Some(562_949_953_508_586));
        for wrong in ["1.0", "\"\"", "\"12a\"", "null", "true", "[1]", "18446744073709551615", "9.2e18"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(serde_json::to_string(&ProjectId(562_949_953_508_586)).unwrap(), "562949953508586");
    }
}
