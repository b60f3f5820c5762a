//! People, companies, projects, and what a person may do.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{
    id::{CompanyId, ProjectId, UserId},
    list::{self, Listed},
    read,
};

/// The person a token acts for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Me {
    /// The same in every company.
    pub id: UserId,
    /// An e-mail address.
    #[serde(default, deserialize_with = "read::text")]
    pub login: String,
    /// Only given in a company.
    #[serde(default, deserialize_with = "read::some_text")]
    pub name: Option<String>,
}

/// A person, where a record names one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UserRef {
    /// Their id.
    pub id: UserId,
    /// An e-mail address.
    #[serde(default, deserialize_with = "read::text")]
    pub login: String,
    /// Their name.
    #[serde(default, deserialize_with = "read::text")]
    pub name: String,
}

/// A company account that the person can see.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// Its name.
    #[serde(default, deserialize_with = "read::text")]
    pub name: String,
    /// Whether it is in use.
    #[serde(default = "read::yes", deserialize_with = "read::or_yes")]
    pub is_active: bool,
}

/// A project that the person can see.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    #[serde(default, deserialize_with = "read::text")]
    pub name: String,
    /// Number and name together, as Procore shows them; often missing.
    #[serde(default, deserialize_with = "read::some_text")]
    pub display_name: Option<String>,
    /// As people know it.
    #[serde(default, deserialize_with = "read::text")]
    pub project_number: String,
    /// Whether it is in use.
    #[serde(default = "read::yes", deserialize_with = "read::or_yes")]
    pub active: bool,
    /// ISO code of its money, where the list names it.
    #[serde(default, rename = "currency_configuration", deserialize_with = "read::currency")]
    pub currency: Option<String>,
    /// IANA name, such as `America/Chicago`.
    #[serde(default, deserialize_with = "read::some_text")]
    pub time_zone: Option<String>,
    /// When it was last changed.
    #[serde(default, deserialize_with = "read::time")]
    pub updated_at: Option<Timestamp>,
}

/// The currency settings of a project or of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrencySettings {
    /// ISO code (`CAD`); none where the settings name none.
    pub currency: Option<String>,
    /// Whether records below may be kept in another currency: a company's projects, or a project's contracts. Taken for
    /// granted where it isn't said.
    pub several: bool,
}

impl<'de> Deserialize<'de> for CurrencySettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let answer = Value::deserialize(deserializer)?;
        // v1.0 answers bare objects; v2.0 has the same under `data`.
        let settings = answer.get("data").unwrap_or(&answer);
        let several = settings.get("multicurrency_enabled").and_then(Value::as_bool).unwrap_or(true);
        Ok(Self { currency: read::currency_in(settings), several })
    }
}

/// What the person may do in a project.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Permissions {
    /// The tools of the project.
    #[serde(default, deserialize_with = "list::within")]
    pub tools: Listed<Tool>,
}

impl Permissions {
    /// A tool by its name (`Change Events`), in whichever of its spellings.
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        let plain = |name: &str| name.to_lowercase().replace(['_', '-'], " ");
        self.tools
            .records
            .iter()
            .find(|tool| [&tool.name, &tool.friendly_name].into_iter().any(|n| plain(n) == plain(name)))
    }
}

/// A tool of Procore's, such as Change Events.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tool {
    /// Procore's name.
    #[serde(default, deserialize_with = "read::text")]
    pub name: String,
    /// What people call it.
    #[serde(default, deserialize_with = "read::text")]
    pub friendly_name: String,
    /// The person's level.
    #[serde(default, deserialize_with = "access_level")]
    pub user_access_level: Option<AccessLevel>,
    /// Whether the person may make new records.
    #[serde(default, deserialize_with = "read::flag")]
    pub can_create: bool,
}

/// `{"name": "Standard"}`, or the word alone.
fn access_level<'de, D: Deserializer<'de>>(from: D) -> Result<Option<AccessLevel>, D::Error> {
    Ok(read::some_text(from)?.map(|name| AccessLevel { name }))
}

/// `None`, `Read Only`, `Standard` or `Admin`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AccessLevel {
    /// Its name.
    #[serde(default, deserialize_with = "read::text")]
    pub name: String,
}
