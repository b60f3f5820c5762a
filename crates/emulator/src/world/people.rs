//! Companies, people and projects.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// A company ("Procore account").
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Company {
    /// Id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// ISO 4217 code of the money that its projects are kept in unless they say otherwise.
    pub currency: String,
    /// Whether the app is installed here. Without, every call for this company is answered 403 though sign-in works.
    pub app_connected: bool,
}

/// A person who can sign in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// Id, the same in every company.
    pub id: i64,
    /// E-mail address.
    pub login: String,
    /// Full name.
    pub name: String,
    /// Password of the emulator's login page.
    pub password: String,
    /// Companies the person belongs to.
    pub companies: BTreeSet<i64>,
    /// Companies the person is an administrator of: every project, every tool.
    pub admin_of: BTreeSet<i64>,
    /// Without this, prime contract lists are empty and single ones 404.
    pub sees_prime_contracts: bool,
    /// An account of an app, not of a person; it cannot use the login page.
    pub service_account: bool,
}

/// A tool besides Change Events that a person may be kept from seeing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// Prime Contracts.
    PrimeContracts,
    /// Subcontracts and purchase orders.
    Commitments,
    /// The project's Directory, vendors among it.
    Directory,
    /// The Budget, and with it the budget codes.
    Budget,
}

/// Permission on a project's Change Events tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// In the directory, but without the tool.
    None,
    /// Reads.
    ReadOnly,
    /// Creates, and edits own events.
    Standard,
    /// Edits any event.
    Admin,
}

impl Level {
    /// Procore's numbers and words for the level.
    pub fn in_procore(self) -> (i64, &'static str) {
        match self {
            Level::None => (1, "none"),
            Level::ReadOnly => (2, "read_only"),
            Level::Standard => (3, "standard"),
            Level::Admin => (4, "admin"),
        }
    }
}

/// A construction project.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Project {
    /// Id.
    pub id: i64,
    /// Company.
    pub company_id: i64,
    /// The number people use, such as "24-118".
    pub number: String,
    /// Name.
    pub name: String,
    /// Inactive projects are listed only on request.
    pub active: bool,
    /// Stage, such as "Course of Construction".
    pub stage: String,
    /// Street.
    pub address: String,
    /// City.
    pub city: String,
    /// State.
    pub state: String,
    /// ISO 4217 code of its money.
    pub currency: String,
    /// Who is in the directory, and what each may do with change events.
    pub access: BTreeMap<i64, Level>,
    /// Change event settings.
    pub settings: ProjectSettings,
}

/// The project's change event settings, as far as they change behaviour here.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ProjectSettings {
    /// Budget codes of linked lines stay editable and follow the change order.
    pub sync_wbs_code: bool,
    /// The Change Events tool is turned off: it is not listed, and its calls are answered 403.
    #[serde(default)]
    pub change_events_off: bool,
}
