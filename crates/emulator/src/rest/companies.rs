//! Who one is and where one may go.

use serde_json::{Value, json};

use super::{Answer, Call};
use crate::world::{Level, Tool};

/// `GET /rest/v1.0/me`
pub(super) fn me(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let user = call.state.world.users.get(&call.actor.user_id).ok_or_else(Answer::not_found)?;
    let mut body = json!({ "id": user.id, "login": user.login });
    if call.query.has("company_id") || call.query.has("project_id") {
        body["name"] = json!(user.name);
    }
    Ok(Answer::ok(body))
}

/// `GET /rest/v1.0/companies`: for a person theirs, for a service account those that installed the app.
pub(super) fn list(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let world = &call.state.world;
    let mine = world.companies.values().filter(|company| {
        if call.actor.is_service { company.app_connected } else { world.belongs(call.actor.user_id, company.id) }
    });
    let items = mine
        .map(|company| {
            json!({
                "id": company.id,
                "name": company.name,
                "is_active": true,
                "logo_url": null,
                "pcn_business_experience": false,
                "my_company": true,
            })
        })
        .collect();
    Ok(call.page(items, 100, 2000))
}

/// `GET /rest/v1.0/company_base_url`: where the company's web pages are. Here: on the same host.
pub(super) fn base_url(call: &mut Call<'_>) -> Result<Answer, Answer> {
    Ok(Answer::ok(json!({ "zone": "emulator", "web_base_url": call.base })))
}

/// `GET /rest/v1.0/settings/permissions`
pub(super) fn permissions(call: &mut Call<'_>) -> Result<Answer, Answer> {
    if !call.query.has("project_id") {
        return Ok(Answer::ok(json!({ "tools": [] })));
    }
    let project = call.project()?;
    let (project, off) = (project.id, project.settings.change_events_off);
    let level = call.level(project);
    let sees = |tool| if call.sees_tool(tool) { Level::ReadOnly } else { Level::None };
    let mut tools = vec![
        tool(1, "change_events", "Change Events", level),
        tool(2, "commitments", "Commitments", sees(Tool::Commitments)),
        tool(3, "prime_contract", "Prime Contracts", sees(Tool::PrimeContracts)),
    ];
    if off {
        tools.remove(0);
    }
    Ok(Answer::ok(json!({ "tools": tools })))
}

fn tool(id: i64, name: &str, friendly: &str, level: Level) -> Value {
    let (level_id, level_name) = level.in_procore();
    json!({
        "id": id,
        "name": name,
        "friendly_name": friendly,
        "domain_id": 0,
        "tab_group": "financials",
        "available_for_user": level > Level::None,
        "url": null,
        "user_access_level": { "id": level_id, "name": level_name },
        "permitted_actions": [],
        "create_url": null,
        "can_create": level >= Level::Standard,
        "trial": false,
    })
}

/// `GET /rest/v1.0/app_installations`
pub(super) fn app_installations(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let items = call
        .state
        .oauth
        .clients
        .iter()
        .enumerate()
        .map(|(n, client)| {
            json!({
                "id": call.company() + i64::try_from(n).unwrap_or_default() + 1,
                "app_uid": client.id,
                "components": ["data_connector_user"],
                "semantic_version": "1.0.0",
                "status": "installed",
                "developer_app": { "name": client.name, "uid": client.id },
                "uninstalled_at": null,
            })
        })
        .collect();
    Ok(call.page(items, 100, 2000))
}
