//! Hooks and triggers of a project, v1.0: the same hooks as v2.0 knows, with the project as a parameter and bare answers.

use serde_json::{Value, json};

use super::webhooks::{bad, make};
use super::{Answer, Call};
use crate::webhooks::{Hook, Trigger};

/// `GET /rest/v1.0/webhooks/hooks`
pub(super) fn list(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let project = call.hook_scope()?;
    let namespace = call.query.get("namespace");
    let hooks = call.hooks(project).filter(|hook| namespace.is_none_or(|namespace| hook.namespace == namespace));
    let items = hooks.map(bare).collect();
    Ok(call.page(items, 100, 2000))
}

/// `POST /rest/v1.0/webhooks/hooks`
pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let project = call.hook_scope()?;
    let mut wanted = call.body["hook"].clone();
    if wanted["api_version"] != "v2" {
        return Err(bad("api_version is not known"));
    }
    wanted["payload_version"] = json!("v2.0");
    let made = make(call, project, &wanted)?;
    Ok(Answer::new(201, bare(&made)))
}

/// `DELETE /rest/v1.0/webhooks/hooks/{id}`: with its triggers.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let id = call.hook("id")?.id;
    call.state.webhooks.remove(id);
    Ok(Answer::new(204, Value::Null))
}

/// `GET /rest/v1.0/webhooks/hooks/{hook_id}/triggers`
pub(super) fn triggers(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let items = call.hook("hook_id")?.triggers.iter().map(of_hook).collect();
    Ok(call.page(items, 100, 2000))
}

/// `POST /rest/v1.0/webhooks/hooks/{hook_id}/triggers`
pub(super) fn add_trigger(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let wanted = call.body["trigger"].clone();
    let (_, made) = call.add(&wanted)?;
    Ok(Answer::new(201, of_hook(&made)))
}

fn bare(hook: &Hook) -> Value {
    json!({
        "id": hook.id,
        "owned_by_company_id": hook.project_id.is_none().then_some(hook.company_id),
        "owned_by_project_id": hook.project_id,
        "namespace": hook.namespace,
        "api_version": "v2",
        "destination_url": hook.destination_url,
        "destination_headers": {},
    })
}

fn of_hook(trigger: &Trigger) -> Value {
    json!({ "id": trigger.id, "resource_name": trigger.resource_name, "event_type": trigger.event_type })
}
