//! Hooks, triggers and deliveries, v2.0, of a company or of one project.

use serde_json::{Value, json};

use super::{Answer, Call};
use crate::text::iso;
use crate::webhooks::{ACTIONS, Delivery, DeliveryStatus, Hook, LINES, RESOURCES, Trigger, VERSIONS};

/// `GET …/webhooks/resources`
pub(super) fn resources(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let project = call.hook_scope()?;
    let version = call.query.get("payload_version").ok_or_else(|| bad("payload_version is missing"))?;
    if !VERSIONS.contains(&version) {
        return Err(bad("payload_version is not known"));
    }
    let told = project.is_some() || call.state.switches.company_hooks_see_projects;
    let item = |(name, tool): (&str, &str)| json!({ "category": "Project Management", "tool": tool, "name": name, "payload_version": version, "actions": ACTIONS });
    let items = RESOURCES.into_iter().filter(|_| told).map(item).collect();
    Ok(call.page_v2(items))
}

/// `GET …/webhooks/hooks`
pub(super) fn list(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let project = call.hook_scope()?;
    let namespace = call.query.get("namespace");
    if namespace.is_none() && project.is_none() && call.state.switches.company_hook_list_needs_namespace {
        return Err(bad("namespace is missing"));
    }
    let version = call.query.get("payload_version");
    let items = call
        .hooks(project)
        .filter(|hook| namespace.is_none_or(|namespace| hook.namespace == namespace))
        .filter(|hook| version.is_none_or(|version| hook.payload_version == version))
        .map(written)
        .collect();
    Ok(call.page_v2(items))
}

/// `GET …/webhooks/hooks/{id}`
pub(super) fn show(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let hook = call.hook("id")?;
    Ok(Answer::ok(json!({ "data": written(hook) })))
}

/// `POST …/webhooks/hooks`
pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let (project, wanted) = (call.hook_scope()?, call.body.clone());
    let made = make(call, project, &wanted)?;
    Ok(Answer::new(201, json!({ "data": written(&made) })))
}

/// Makes a hook as v2.0 asks for it.
pub(super) fn make(call: &mut Call<'_>, project: Option<i64>, wanted: &Value) -> Result<Hook, Answer> {
    for required in ["payload_version", "namespace", "destination_url"] {
        if !wanted[required].is_string() {
            return Err(bad(&format!("{required} is missing")));
        }
    }
    let mut hook = Hook {
        id: 0,
        company_id: call.company(),
        project_id: project,
        client_id: call.actor.client_id.clone(),
        user_id: call.actor.user_id,
        namespace: String::new(),
        payload_version: String::new(),
        destination_url: String::new(),
        authorization: None,
        active: true,
        triggers: Vec::new(),
        created_at: call.now,
        updated_at: call.now,
        pause: None,
    };
    apply(&mut hook, wanted)?;
    if call.state.switches.one_hook_a_namespace && call.hooks(project).any(|other| other.namespace == hook.namespace) {
        return Err(Answer::errors(409, "Namespace has already been taken"));
    }
    hook.id = call.state.world.new_id();
    call.state.webhooks.add(hook.clone(), &call.state.world.change_events);
    Ok(hook)
}

/// `PATCH …/webhooks/hooks/{id}`
pub(super) fn update(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let mut hook = call.hook("id")?.clone();
    apply(&mut hook, &call.body)?;
    hook.updated_at = call.now;
    let body = json!({ "data": written(&hook) });
    call.state.webhooks.hooks.insert(hook.id, hook);
    Ok(Answer::ok(body))
}

/// `DELETE …/webhooks/hooks/{id}`: with its triggers.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let id = call.hook("id")?.id;
    call.state.webhooks.remove(id);
    Ok(Answer::new(204, Value::Null))
}

/// `GET …/webhooks/hooks/{hook_id}/triggers`
pub(super) fn triggers(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let hook = call.hook("hook_id")?;
    let items = hook.triggers.iter().map(|trigger| of_hook(hook, trigger)).collect();
    Ok(call.page_v2(items))
}

/// `POST …/webhooks/hooks/{hook_id}/triggers`
pub(super) fn add_trigger(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let body = call.body.clone();
    let (hook, made) = call.add(&body)?;
    Ok(Answer::new(201, json!({ "data": of_hook(&hook, &made) })))
}

/// `POST …/webhooks/hooks/{hook_id}/triggers/bulk`: 207 where some failed.
pub(super) fn add_triggers(call: &mut Call<'_>) -> Result<Answer, Answer> {
    call.hook("hook_id")?;
    if let Some(status) = call.state.switches.bulk_triggers_refused {
        return Err(Answer::errors(status, "Triggers can not be made in bulk"));
    }
    let Value::Array(wanted) = call.body.clone() else { return Err(bad("a list of triggers is needed")) };
    let made: Vec<Result<Value, Answer>> =
        wanted.iter().map(|trigger| call.add(trigger).map(|(hook, made)| of_hook(&hook, &made))).collect();
    let status = if made.iter().all(Result::is_ok) { 201 } else { 207 };
    let made: Vec<Value> = made.into_iter().filter_map(Result::ok).collect();
    Ok(Answer::new(status, json!({ "data": made })))
}

/// `DELETE …/webhooks/hooks/{hook_id}/triggers/{id}`
pub(super) fn remove_trigger(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let (hook, id) = (call.hook("hook_id")?.id, call.param("id").unwrap_or_default());
    let hook = call.state.webhooks.hooks.get_mut(&hook).ok_or_else(Answer::not_found)?;
    let before = hook.triggers.len();
    hook.triggers.retain(|trigger| trigger.id != id);
    if hook.triggers.len() == before { Err(Answer::not_found()) } else { Ok(Answer::new(204, Value::Null)) }
}

/// `GET …/webhooks/hooks/{hook_id}/deliveries`
pub(super) fn deliveries(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let hook = call.hook("hook_id")?.id;
    let asked = |key: &str| call.query.get(&format!("filter[{key}]"));
    let items = call
        .state
        .webhooks
        .deliveries
        .iter()
        .filter(|delivery| delivery.hook_id == hook && delivery.status != DeliveryStatus::Lost)
        .filter(|delivery| asked("status").is_none_or(|status| fits(status, delivery.status)))
        .filter(|delivery| asked("resource_name").is_none_or(|name| delivery.resource_name == name))
        .filter(|delivery| asked("event_type").is_none_or(|kind| delivery.event_type == kind))
        .map(delivery)
        .collect();
    Ok(call.page_v2(items))
}

impl Call<'_> {
    /// The project of the path, if the path has one, and of v1.0 the one that is named; the caller must see it.
    pub(super) fn hook_scope(&self) -> Result<Option<i64>, Answer> {
        let old = self.path.starts_with("/rest/v1.0/");
        let switches = &self.state.switches;
        if let Some(status) = if old { switches.hooks_v1_refused } else { switches.hooks_v2_refused } {
            return Err(Answer::errors(status, "Webhooks are not available here"));
        }
        if old {
            return self.project().map(|project| Some(project.id));
        }
        self.param("project_id").map(|id| self.visible_project(id).map(|project| project.id)).transpose()
    }

    pub(super) fn hooks(&self, project: Option<i64>) -> impl Iterator<Item = &Hook> {
        let (company, client) = (self.company(), self.actor.client_id.as_str());
        let all = self.state.webhooks.hooks.values();
        all.filter(move |hook| hook.company_id == company && hook.project_id == project && hook.client_id == client)
    }

    pub(super) fn hook(&self, parameter: &str) -> Result<&Hook, Answer> {
        let (project, id) = (self.hook_scope()?, self.param(parameter));
        self.hooks(project).find(|hook| Some(hook.id) == id).ok_or_else(Answer::not_found)
    }

    pub(super) fn add(&mut self, wanted: &Value) -> Result<(Hook, Trigger), Answer> {
        let hook = self.hook("hook_id")?;
        let text = |key: &str| wanted[key].as_str().ok_or_else(|| bad(&format!("{key} is missing")));
        let (resource, action) = (text("resource_name")?.to_owned(), text("event_type")?.to_lowercase());
        let offered = hook.project_id.is_some() || self.state.switches.company_hooks_see_projects;
        let refused = resource == LINES && self.state.switches.line_triggers_refused;
        if !offered || refused || !RESOURCES.iter().any(|(name, _)| *name == resource) {
            return Err(bad("resource_name is not known"));
        }
        if !ACTIONS.contains(&action.as_str()) {
            return Err(bad("event_type is not known"));
        }
        if hook.triggers.iter().any(|other| other.resource_name == resource && other.event_type == action) {
            return Err(bad("trigger has already been taken"));
        }
        let id = hook.id;
        let trigger = Trigger { id: self.state.world.new_id(), resource_name: resource, event_type: action };
        let hook = self.state.webhooks.hooks.get_mut(&id).ok_or_else(Answer::not_found)?;
        hook.triggers.push(trigger.clone());
        Ok((hook.clone(), trigger))
    }
}

/// Writes what a body says into a hook.
fn apply(hook: &mut Hook, body: &Value) -> Result<(), Answer> {
    if let Some(version) = body["payload_version"].as_str() {
        let known = VERSIONS.contains(&version);
        hook.payload_version = known.then(|| version.to_owned()).ok_or_else(|| bad("payload_version is not known"))?;
    }
    if let Some(namespace) = body["namespace"].as_str() {
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if namespace.is_empty() || !namespace.chars().all(fine) {
            return Err(bad("namespace may hold a to z, 0 to 9 and hyphens"));
        }
        hook.namespace = namespace.to_owned();
    }
    if let Some(url) = body["destination_url"].as_str() {
        let parsed = url::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        hook.destination_url = parsed.ok_or_else(|| bad("destination_url is not a URL"))?.to_string();
    }
    if let Some(authorization) = body["destination_headers"]["Authorization"].as_str() {
        http::HeaderValue::from_str(authorization).map_err(|_| bad("Authorization is not a header"))?;
        hook.authorization = Some(authorization.to_owned());
    }
    match body["status"].as_str() {
        None => {}
        Some("active") => hook.active = true,
        Some("disabled") => hook.active = false,
        Some(_) => return Err(bad("status is active or disabled")),
    }
    Ok(())
}

fn written(hook: &Hook) -> Value {
    let masked = hook.authorization.as_deref().map(|secret| {
        let shown: String = secret.chars().rev().take(5).collect::<Vec<_>>().into_iter().rev().collect();
        format!("*****{shown}")
    });
    json!({
        "id": hook.id.to_string(),
        "status": if hook.active { "active" } else { "disabled" },
        "payload_version": hook.payload_version,
        "namespace": hook.namespace,
        "destination_headers": masked.map_or_else(|| json!({}), |masked| json!({ "Authorization": masked })),
        "destination_url": hook.destination_url,
        "trigger_count": hook.triggers.len(),
        "company_id": hook.company_id.to_string(),
        "project_id": hook.project_id.map(|id| id.to_string()),
        "created_at": iso(hook.created_at),
        "updated_at": iso(hook.updated_at),
    })
}

fn of_hook(hook: &Hook, trigger: &Trigger) -> Value {
    json!({
        "id": trigger.id.to_string(),
        "webhook_hook_id": hook.id.to_string(),
        "resource_name": trigger.resource_name,
        "event_type": trigger.event_type,
        "company_id": hook.company_id.to_string(),
        "project_id": hook.project_id.map(|id| id.to_string()),
    })
}

fn delivery(delivery: &Delivery) -> Value {
    let attempts = delivery.attempts.iter().enumerate().map(|(n, attempt)| {
        json!({
            "id": format!("{}-{}", delivery.id, n + 1),
            "success": attempt.status.is_some_and(|status| (200..300).contains(&status)),
            "response_status": attempt.status,
            "response_body": attempt.body,
            "response_headers": {},
            "started_at": iso(attempt.started_at),
            "completed_at": iso(attempt.completed_at),
        })
    });
    json!({
        "id": delivery.id,
        "status": delivery.status,
        "payload": delivery.payload,
        "delivery_attempts": attempts.collect::<Vec<_>>(),
    })
}

/// The filter says `succeeded` where the records say `delivered`; `failed` are those that were tried in vain.
fn fits(asked: &str, status: DeliveryStatus) -> bool {
    match asked {
        "succeeded" | "delivered" => status == DeliveryStatus::Delivered,
        "failed" | "retrying" => status == DeliveryStatus::Retrying,
        "discarded" => status == DeliveryStatus::Discarded,
        "enqueued" => status == DeliveryStatus::Enqueued,
        _ => false,
    }
}

pub(super) fn bad(text: &str) -> Answer {
    Answer::errors(400, text)
}
