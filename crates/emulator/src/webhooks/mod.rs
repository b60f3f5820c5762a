//! Hooks, their triggers and what is on its way to them.
//!
//! An event carries no data: it names what changed. Deliveries come at least once and in no promised order, stop for a
//! whole hook while its destination fails, and are thrown away when it failed for twelve hours.

mod courier;
mod deliver;
mod fault;
mod notice;
mod payload;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use courier::{Courier, courier_into, courier_over_sockets};
pub use deliver::Delivered;
pub use fault::{DeliveryFault, DeliveryFaultKind};
pub(crate) use notice::Source;

use crate::world::ChangeEvent;

/// Payload versions a hook may ask for.
pub(crate) const VERSIONS: [&str; 3] = ["v2.0", "v3.0", "v4.0"];
/// What a trigger may be about, with the tool it belongs to. All of it lies in projects.
pub(crate) const RESOURCES: [(&str, &str); 2] = [(EVENTS, "Change Events"), (LINES, "Change Events")];
/// What a trigger may wait for.
pub(crate) const ACTIONS: [&str; 3] = ["create", "update", "delete"];
/// Change events.
pub(crate) const EVENTS: &str = "Change Events";
/// Lines of change events.
pub(crate) const LINES: &str = "Change Event Line Items";
/// Deliveries remembered.
const KEPT: usize = 5_000;

/// Somebody who wants to be told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hook {
    /// Id.
    pub id: i64,
    /// The company that owns it.
    pub company_id: i64,
    /// The project it is about; none for the whole company.
    pub project_id: Option<i64>,
    /// The app that made it.
    pub client_id: String,
    /// Who made it.
    pub user_id: i64,
    /// The app's own name for its hooks.
    pub namespace: String,
    /// `v2.0`, `v3.0` or `v4.0`.
    pub payload_version: String,
    /// Where deliveries go.
    pub destination_url: String,
    /// Sent with every delivery as `Authorization`.
    pub authorization: Option<String>,
    /// A disabled hook gets nothing.
    pub active: bool,
    /// What it waits for.
    pub triggers: Vec<Trigger>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// While its destination fails.
    pub pause: Option<Pause>,
}

/// What a hook waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// Id.
    pub id: i64,
    /// Such as `Change Events`.
    pub resource_name: String,
    /// `create`, `update` or `delete`.
    pub event_type: String,
}

/// A destination that fails is left alone for longer and longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// The first failure of this row.
    pub since: Timestamp,
    /// When it is tried again.
    pub until: Timestamp,
    /// How long this pause is, in seconds.
    pub seconds: i64,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Not tried yet.
    Enqueued,
    /// Tried in vain, and will be again.
    Retrying,
    /// Answered with a 2xx.
    Delivered,
    /// Given up.
    Discarded,
    /// Never sent, and nobody is told: a fault.
    Lost,
}

/// One event on its way to one hook.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Delivery {
    /// The event's ulid, the same in the payload.
    pub id: String,
    /// The hook.
    pub hook_id: i64,
    /// What is sent.
    pub payload: Value,
    /// `Change Events` or `Change Event Line Items`.
    pub resource_name: String,
    /// `create`, `update` or `delete`.
    pub event_type: String,
    /// What became of it.
    pub status: DeliveryStatus,
    /// Every attempt to deliver it.
    pub attempts: Vec<Attempt>,
    /// When it may be sent.
    pub due: Timestamp,
    /// Its place in the queue.
    pub place: u64,
    /// Held back until the next one has been queued before it.
    pub held: bool,
    /// How often it is still to be sent: more than once where it is doubled.
    pub to_send: u32,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it began.
    pub started_at: Timestamp,
    /// When it was over.
    pub completed_at: Timestamp,
    /// The status answered, if any was.
    pub status: Option<u16>,
    /// The beginning of what was answered, or why nothing was.
    pub body: String,
}

/// All there is about webhooks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Webhooks {
    pub(crate) hooks: BTreeMap<i64, Hook>,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) faults: Vec<DeliveryFault>,
    /// The change events as the hooks were last told of them; kept only while there are hooks.
    seen: Option<BTreeMap<i64, ChangeEvent>>,
    places: u64,
    events: i64,
}

impl Webhooks {
    /// Adds a hook. From now on changes of the world are noticed.
    pub(crate) fn add(&mut self, hook: Hook, events: &BTreeMap<i64, ChangeEvent>) {
        self.seen.get_or_insert_with(|| events.clone());
        self.hooks.insert(hook.id, hook);
    }

    /// Removes a hook with what is on its way to it.
    pub(crate) fn remove(&mut self, id: i64) {
        self.hooks.remove(&id);
        self.deliveries.retain(|delivery| delivery.hook_id != id);
        if self.hooks.is_empty() {
            self.seen = None;
        }
    }
}
