//! People, companies, projects, and what a person may do.

use jiff::Timestamp;
use serde::Deserialize;

use super::{
    id::{CompanyId, ProjectId, UserId},
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
    #[serde(default)]
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
    #[serde(default)]
    pub display_name: Option<String>,
    /// As people know it.
    #[serde(default, deserialize_with = "read::text")]
    pub project_number: String,
    /// Whether it is in use.
    #[serde(default = "read::yes", deserialize_with = "read::or_yes")]
    pub active: bool,
    /// IANA name, such as `America/Chicago`.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// When it was last changed.
    #[serde(default, deserialize_with = "read::time")]
    pub updated_at: Option<Timestamp>,
}

/// What the person may do in a project.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Permissions {
    /// The tools of the project.
    #[serde(default, deserialize_with = "read::or_default")]
    pub tools: Vec<Tool>,
}

impl Permissions {
    /// A tool by its name (`Change Events`), in whichever of its spellings.
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        let plain = |name: &str| name.to_lowercase().replace(['_', '-'], " ");
        self.tools.iter().find(|tool| [&tool.name, &tool.friendly_name].into_iter().any(|n| plain(n) == plain(name)))
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
    #[serde(default)]
    pub user_access_level: Option<AccessLevel>,
    /// Whether the person may make new records.
    #[serde(default, deserialize_with = "read::or_default")]
    pub can_create: bool,
}

/// `None`, `Read Only`, `Standard` or `Admin`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AccessLevel {
    /// Its name.
    #[serde(default, deserialize_with = "read::text")]
    pub name: String,
}
