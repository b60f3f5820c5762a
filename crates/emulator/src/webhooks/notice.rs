//! Turns changes in the world into notices for hooks, whether a call, a person or a test made them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Delivery, DeliveryStatus, EVENTS, Hook, KEPT, LINES, payload};
use crate::Switches;
use crate::state::State;
use crate::world::{ChangeEvent, ChangeItem};

/// Who caused a change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Source {
    /// The person; none where the world changed by itself, which counts as the event's creator.
    pub(crate) user: Option<i64>,
    /// The app, by its client id; none for the web interface.
    pub(crate) client: Option<String>,
    /// What the app called its request.
    pub(crate) operation: Option<String>,
}

/// One thing that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) resource: &'static str,
    pub(crate) action: &'static str,
    pub(crate) id: i64,
    pub(crate) event_id: i64,
    pub(crate) project_id: i64,
    pub(crate) created_by: i64,
}

impl State {
    /// Queues what changed since the last look, for every hook that waits for it, and has reads lag behind it.
    pub(crate) fn notice(&mut self, source: &Source, now: Timestamp) {
        self.note_lag(now);
        let Some(seen) = &self.webhooks.seen else { return };
        let changes = changes(seen, &self.world.change_events, &self.switches);
        if *seen != self.world.change_events {
            self.webhooks.seen = Some(self.world.change_events.clone());
        }
        for change in changes {
            self.tell(&change, source, now);
        }
    }

    fn tell(&mut self, change: &Change, source: &Source, now: Timestamp) {
        let company = self.world.projects.get(&change.project_id).map_or(0, |project| project.company_id);
        self.webhooks.events += 1;
        let number = self.webhooks.events;
        let ulid = payload::ulid(now, &self.secret());
        let hooks = self.webhooks.hooks.values().filter(|hook| hook.waits_for(change, company));
        let letters: Vec<(i64, serde_json::Value)> = hooks
            .map(|hook| {
                let event = payload::Event { number, ulid: &ulid, at: now, company, change, source };
                (hook.id, event.written(&hook.payload_version, &self.switches))
            })
            .collect();
        for (hook_id, payload) in letters {
            self.webhooks.places += 1;
            let delivery = Delivery {
                id: ulid.clone(),
                hook_id,
                payload,
                resource_name: change.resource.to_owned(),
                event_type: change.action.to_owned(),
                status: DeliveryStatus::Enqueued,
                attempts: Vec::new(),
                due: now,
                place: self.webhooks.places,
                held: false,
                to_send: 1,
            };
            self.webhooks.queue(delivery);
        }
        let kept = self.webhooks.deliveries.len();
        self.webhooks.deliveries.drain(..kept.saturating_sub(KEPT));
    }
}

impl Hook {
    fn waits_for(&self, change: &Change, company: i64) -> bool {
        let here = self.company_id == company && self.project_id.is_none_or(|project| project == change.project_id);
        let wanted = |t: &super::Trigger| t.resource_name == change.resource && t.event_type == change.action;
        self.active && here && self.triggers.iter().any(wanted)
    }
}

/// What is different between two looks at the change events, oldest event first.
fn changes(
    before: &BTreeMap<i64, ChangeEvent>,
    after: &BTreeMap<i64, ChangeEvent>,
    switches: &Switches,
) -> Vec<Change> {
    let mut found = Vec::new();
    for event in after.values() {
        let old = before.get(&event.id);
        if old == Some(event) {
            continue;
        }
        if let Some(action) = of_event(old, event, switches) {
            found.push(change(EVENTS, action, event.id, event));
        }
        for line in &event.items {
            let old = old.and_then(|old| old.item(line.id));
            if let Some(action) = of_line(old, line) {
                found.push(change(LINES, action, line.id, event));
            }
        }
    }
    found
}

fn change(resource: &'static str, action: &'static str, id: i64, event: &ChangeEvent) -> Change {
    Change { resource, action, id, event_id: event.id, project_id: event.project_id, created_by: event.created_by }
}

fn of_event(old: Option<&ChangeEvent>, new: &ChangeEvent, switches: &Switches) -> Option<&'static str> {
    let Some(old) = old else { return Some("create") };
    match (old.deleted_at, new.deleted_at) {
        (None, Some(_)) => return Some("delete"),
        (Some(_), None) => return Some(if switches.restored_is_created { "create" } else { "update" }),
        (Some(_), Some(_)) => return None,
        (None, None) => {}
    }
    let own =
        |event: &ChangeEvent| ChangeEvent { items: Vec::new(), updated_at: Timestamp::UNIX_EPOCH, ..event.clone() };
    (switches.line_change_updates_event || own(old) != own(new)).then_some("update")
}

fn of_line(old: Option<&ChangeItem>, new: &ChangeItem) -> Option<&'static str> {
    match old {
        None => new.deleted_at.is_none().then_some("create"),
        Some(old) if old == new => None,
        Some(old) => match (old.deleted_at, new.deleted_at) {
            (None, Some(_)) => Some("delete"),
            (Some(_), None) => Some("create"),
            (Some(_), Some(_)) => None,
            (None, None) => Some("update"),
        },
    }
}
