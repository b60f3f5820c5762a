//! Hooks, their triggers, and what is delivered to them.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::send::without_nul;

use super::{
    id::{CompanyId, HookId, ProjectId, TriggerId, UserId},
    list::{self, Listed},
    read,
};

/// What a trigger is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// `Change Events`.
    ChangeEvents,
    /// `Change Event Line Items`. A delivery names the line, and its event only in some payload versions.
    ChangeEventLines,
}

impl Resource {
    /// All that we know of.
    pub const ALL: [Resource; 2] = [Self::ChangeEvents, Self::ChangeEventLines];

    /// Procore's name, as its list of resources spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChangeEvents => "Change Events",
            Self::ChangeEventLines => "Change Event Line Items",
        }
    }

    /// The resource with this name, whatever its case and separators.
    pub fn named(name: &str) -> Option<Self> {
        let plain = |name: &str| name.to_lowercase().replace(['_', '-'], " ");
        Self::ALL.into_iter().find(|resource| plain(resource.name()) == plain(name))
    }
}

/// What happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Happened {
    /// It was made.
    Create,
    /// It was changed.
    Update,
    /// It was removed.
    Delete,
}

impl Happened {
    /// All that may happen.
    pub const ALL: [Happened; 3] = [Self::Create, Self::Update, Self::Delete];

    /// Procore's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// The word in whichever case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|happened| happened.name().eq_ignore_ascii_case(name))
    }
}

/// The versions of Procore's calls about hooks. Of v2.0, the newer one, the calls for single triggers and for many at once
/// are documented apart; v1.0 knows single triggers only. A hook is looked after by the version that shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookApi {
    /// Below a company's project.
    V20,
    /// The project is a parameter.
    V10,
}

impl HookApi {
    /// Both, in the order in which they are tried.
    pub const BOTH: [HookApi; 2] = [Self::V20, Self::V10];
}

/// The project whose hooks are meant, and how they are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HookPlace {
    /// The project.
    pub project: ProjectId,
    /// The version of the calls.
    pub api: HookApi,
}

/// A hook to be made.
#[derive(Debug, Clone)]
pub struct NewHook {
    /// The app's own name for its hooks: `a` to `z`, digits and hyphens.
    pub namespace: String,
    /// Where deliveries go.
    pub destination_url: String,
    /// Sent with every delivery as `Authorization`, to the letter: the only proof that it comes from Procore.
    pub authorization: secrecy::SecretString,
}

/// A hook as Procore shows it: its `Authorization` is masked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Hook {
    /// Its id.
    pub id: HookId,
    /// Whether it receives deliveries; v1.0 doesn't say, since all of its hooks do.
    #[serde(default = "unsaid", rename = "status", deserialize_with = "active")]
    pub active: bool,
    /// The app's own name for its hooks.
    #[serde(default, deserialize_with = "read::text")]
    pub namespace: String,
    /// Where deliveries go.
    #[serde(default, deserialize_with = "read::text")]
    pub destination_url: String,
    /// `v2.0`, `v3.0` or `v4.0`; empty from v1.0.
    #[serde(default, deserialize_with = "read::text")]
    pub payload_version: String,
    /// When it was made.
    #[serde(default, deserialize_with = "read::time")]
    pub created_at: Option<Timestamp>,
}

fn unsaid() -> bool {
    true
}

fn active<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(read::text(deserializer)? != "disabled")
}

/// What a hook waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wanted {
    /// What it is about.
    pub resource: Resource,
    /// What must happen to it.
    pub happened: Happened,
}

impl Wanted {
    /// Everything that happens to change events and their lines.
    pub fn all() -> impl Iterator<Item = Wanted> {
        Resource::ALL
            .into_iter()
            .flat_map(|resource| Happened::ALL.into_iter().map(move |happened| Wanted { resource, happened }))
    }
}

impl Serialize for Wanted {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pair = [("resource_name", self.resource.name()), ("event_type", self.happened.name())];
        serializer.collect_map(pair)
    }
}

/// A trigger of a hook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Trigger {
    /// Its id.
    pub id: TriggerId,
    /// Procore's name of the resource.
    #[serde(default, deserialize_with = "read::text")]
    pub resource_name: String,
    /// `create`, `update` or `delete`.
    #[serde(default, deserialize_with = "read::text")]
    pub event_type: String,
}

impl Trigger {
    /// What it waits for, if it is something we know of.
    pub fn wanted(&self) -> Option<Wanted> {
        let (resource, happened) = (Resource::named(&self.resource_name)?, Happened::named(&self.event_type)?);
        Some(Wanted { resource, happened })
    }
}

/// What Procore says of a delivery to a hook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Delivery {
    /// The event's id.
    #[serde(default, deserialize_with = "read::text")]
    pub id: String,
    /// What became of it.
    #[serde(default, deserialize_with = "read::word")]
    pub status: DeliveryStatus,
    /// Every attempt.
    #[serde(default, rename = "delivery_attempts", deserialize_with = "list::within")]
    pub attempts: Listed<Attempt>,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// It was answered with a 2xx. The filter's word for it is another than the record's.
    Delivered,
    /// It waits for its turn.
    Enqueued,
    /// It failed and is tried again.
    Retrying,
    /// It failed for too long and is not tried again.
    Discarded,
    /// A word no document knows; empty if none is said.
    Other(String),
}

impl Default for DeliveryStatus {
    fn default() -> Self {
        Self::Other(String::new())
    }
}

impl From<String> for DeliveryStatus {
    fn from(word: String) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "delivered" | "succeeded" | "successful" => Self::Delivered,
            "enqueued" => Self::Enqueued,
            "retrying" | "failed" | "failing" => Self::Retrying,
            "discarded" => Self::Discarded,
            _ => Self::Other(word),
        }
    }
}

/// One attempt of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Attempt {
    /// What our side answered.
    #[serde(default)]
    pub response_status: Option<u16>,
    /// When it was over.
    #[serde(default, deserialize_with = "read::time")]
    pub completed_at: Option<Timestamp>,
}

/// What a delivery says, in any payload version. It carries no data: what it names has to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The same in every repetition: the ulid, or where there is none the id.
    pub id: String,
    /// What it is about; none where it is something we did not ask for.
    pub resource: Option<Resource>,
    /// What happened; none where it is a word we don't know.
    pub happened: Option<Happened>,
    /// The id of what it is about.
    pub resource_id: i64,
    /// The change event, where the delivery names it: always for [`Resource::ChangeEvents`], sometimes for a line.
    pub change_event: Option<i64>,
    /// The company.
    pub company: Option<CompanyId>,
    /// The project.
    pub project: Option<ProjectId>,
    /// Who did it.
    pub user: Option<UserId>,
    /// The client id of the app that did it; none for people in Procore's own pages, and where Procore does not say.
    pub application: Option<String>,
    /// When, by Procore's clock.
    pub at: Option<Timestamp>,
}

impl Notice {
    /// Reads the body of a delivery. The text says what is missing and quotes nothing.
    pub fn read(body: &[u8]) -> Result<Self, &'static str> {
        let body: Value = serde_json::from_slice(&without_nul(body)).map_err(|_| "the body is not JSON")?;
        let id = [&body["ulid"], &body["id"]].into_iter().find_map(name).ok_or("id is missing")?;
        let resource_name =
            [&body["resource_name"], &body["resource_type"]].into_iter().find_map(name).ok_or("resource is missing")?;
        let happened = [&body["event_type"], &body["reason"]].into_iter().find_map(name).unwrap_or_default();
        let resource_id = number(&body["resource_id"]).ok_or("resource_id is missing")?;
        let resource = Resource::named(&resource_name);
        let change_event = match resource {
            Some(Resource::ChangeEvents) => Some(resource_id),
            Some(Resource::ChangeEventLines) => related_event(&body["related_resources"]),
            None => None,
        };
        Ok(Self {
            id,
            resource,
            happened: Happened::named(&happened),
            resource_id,
            change_event,
            company: number(&body["company_id"]).map(CompanyId),
            project: number(&body["project_id"]).map(ProjectId),
            user: number(&body["user_id"]).or_else(|| number(&body["metadata"]["source_user_id"])).map(UserId),
            application: name(&body["metadata"]["source_application_id"]),
            at: body["timestamp"].as_str().and_then(|at| at.parse().ok()),
        })
    }
}

fn related_event(related: &Value) -> Option<i64> {
    let mut all = related.as_array()?.iter();
    all.find(|one| one["name"].as_str().and_then(Resource::named) == Some(Resource::ChangeEvents))
        .and_then(|one| number(&one["id"]))
}

/// More characters than any id or name in a delivery.
const LONGEST_NAME: usize = 200;

/// A text, or a number as one; nothing else, and not an empty one.
fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.chars().take(LONGEST_NAME).collect()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A number, or a text that is one.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const V2: &str = r#"{"id":7,"ulid":"01ARYZ6S41TSV4RRFFQ69G5FAV","timestamp":"2026-03-02T14:05:00.123456Z",
        "metadata":{"source_user_id":1,"source_application_id":"ledger","source_operation_id":null},
        "user_id":1,"company_id":2,"project_id":3,"api_version":"v2.0","event_type":"UPDATE",
        "resource_name":"Change Events","resource_id":562949953508586}"#;

    #[test]
    fn each_version_says_what_is_to_be_read() {
        let v2 = Notice::read(V2.as_bytes()).unwrap();
        assert_eq!(v2.id, "01ARYZ6S41TSV4RRFFQ69G5FAV");
        assert_eq!((v2.resource, v2.happened), (Some(Resource::ChangeEvents), Some(Happened::Update)));
        assert_eq!((v2.change_event, v2.project), (Some(562_949_953_508_586), Some(ProjectId(3))));
        assert_eq!(v2.application.as_deref(), Some("ledger"));
        assert_eq!(v2.at, Some("2026-03-02T14:05:00.123456Z".parse().unwrap()));

        let v3 = Notice::read(
            br#"{"id":8,"resource_name":"Change Event Line Items","resource_id":5,"event_type":"delete",
                "related_resources":[{"id":3,"name":"Projects"},{"id":"9","name":"Change Events"}],"metadata":{}}"#,
        )
        .unwrap();
        assert_eq!((v3.id.as_str(), v3.change_event, v3.application), ("8", Some(9), None));

        let v4 = Notice::read(
            br#"{"id":"01ARYZ6S41TSV4RRFFQ69G5FAV","reason":"create","company_id":"2","project_id":"3","user_id":"1",
                "resource_type":"Change Event Line Items","resource_id":"5"}"#,
        )
        .unwrap();
        assert_eq!((v4.resource_id, v4.change_event, v4.user), (5, None, Some(UserId(1))));
    }

    #[test]
    fn what_we_did_not_ask_for_is_read_and_nonsense_is_not() {
        let other =
            Notice::read(br#"{"id":1,"resource_name":"Budgets","resource_id":5,"event_type":"merge"}"#).unwrap();
        assert_eq!((other.resource, other.happened), (None, None));
        for wrong in
            ["", "[]", "{}", r#"{"id":1,"resource_name":"Change Events"}"#, r#"{"resource_name":"x","resource_id":1}"#]
        {
            assert!(Notice::read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
