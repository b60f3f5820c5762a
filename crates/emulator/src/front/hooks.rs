//! The page about hooks and what was sent to them.

use askama::Template;
use axum::Extension;
use axum::response::Response;

use super::render;
use crate::Emulator;
use crate::text::readable;
use crate::webhooks::{Delivery, DeliveryStatus, Hook};
use crate::world::World;

struct HookRow {
    id: i64,
    project: String,
    app: String,
    destination: String,
    version: String,
    triggers: String,
    state: String,
    tag: &'static str,
}

struct DeliveryRow {
    id: String,
    at: String,
    about: String,
    hook: i64,
    state: &'static str,
    tag: &'static str,
    attempts: usize,
    answer: String,
}

#[derive(Template)]
#[template(path = "hooks.html")]
struct HooksPage {
    hooks: Vec<HookRow>,
    faults: Vec<String>,
    deliveries: Vec<DeliveryRow>,
}

pub(super) async fn page(Extension(emulator): Extension<Emulator>) -> Response {
    let deliveries = emulator.deliveries();
    let state = emulator.state();
    render(&HooksPage {
        hooks: state.webhooks.hooks.values().map(|hook| hook_row(&state.world, hook)).collect(),
        faults: state.webhooks.faults.iter().map(super::pages::describe).collect(),
        deliveries: deliveries.iter().rev().take(200).map(delivery_row).collect(),
    })
}

fn hook_row(world: &World, hook: &Hook) -> HookRow {
    let project = hook.project_id.and_then(|id| world.projects.get(&id));
    let waits = |trigger: &crate::webhooks::Trigger| format!("{} {}", trigger.resource_name, trigger.event_type);
    let (state, tag) = match hook.pause {
        _ if !hook.active => ("Disabled".to_owned(), "void"),
        Some(pause) => (format!("Paused until {}", readable(pause.until)), "pending"),
        None => ("Active".to_owned(), "open"),
    };
    HookRow {
        id: hook.id,
        project: project.map_or_else(|| "Whole company".to_owned(), |p| format!("{} {}", p.number, p.name)),
        app: format!("{} · {}", hook.client_id, hook.namespace),
        destination: hook.destination_url.clone(),
        version: hook.payload_version.clone(),
        triggers: hook.triggers.iter().map(waits).collect::<Vec<_>>().join(", "),
        state,
        tag,
    }
}

fn delivery_row(delivery: &Delivery) -> DeliveryRow {
    let (state, tag) = match delivery.status {
        DeliveryStatus::Enqueued => ("Enqueued", "pending"),
        DeliveryStatus::Retrying => ("Retrying", "pending"),
        DeliveryStatus::Delivered => ("Delivered", "open"),
        DeliveryStatus::Discarded => ("Discarded", "void"),
        DeliveryStatus::Lost => ("Lost", "void"),
    };
    let last = delivery.attempts.last();
    let id = delivery.payload["resource_id"].to_string();
    DeliveryRow {
        id: delivery.id.clone(),
        at: readable(delivery.due),
        about: format!("{} {} {}", delivery.resource_name, delivery.event_type, id.trim_matches('"')),
        hook: delivery.hook_id,
        state,
        tag,
        attempts: delivery.attempts.len(),
        answer: last.map(|a| a.status.map_or_else(|| a.body.clone(), |s| s.to_string())).unwrap_or_default(),
    }
}
