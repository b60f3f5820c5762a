//! Projects and their people.

use serde_json::{Value, json};

use super::{Answer, Call};
use crate::text::iso;
use crate::world::Project;

/// `GET /rest/v1.1/projects`
pub(super) fn list_v11(call: &mut Call<'_>) -> Result<Answer, Answer> {
    if !call.query.has("company_id") {
        return Err(Answer::errors(400, "company_id is missing"));
    }
    let ids_only = call.query.get("view") == Some("ids");
    let compact = call.query.get("view") == Some("compact");
    let items = visible(call)
        .into_iter()
        .map(|project| match (ids_only, compact) {
            (true, _) => json!({ "id": project.id }),
            (_, true) => json!({ "id": project.id, "name": project.name }),
            _ => full(call, project),
        })
        .collect();
    Ok(call.page(items, 100, 300))
}

/// `GET /rest/v1.0/projects`
pub(super) fn list_v10(call: &mut Call<'_>) -> Result<Answer, Answer> {
    if !call.query.has("company_id") {
        return Err(Answer::errors(400, "company_id is missing"));
    }
    let compact = call.query.get("serializer_view") == Some("compact");
    let item = |project: &Project| {
        if compact { json!({ "id": project.id, "name": project.name }) } else { full(call, project) }
    };
    let items = visible(call).into_iter().map(item).collect();
    Ok(call.page(items, 100, 2000))
}

/// `GET /rest/v1.0/projects/{id}`
pub(super) fn show(call: &mut Call<'_>) -> Result<Answer, Answer> {
    if !call.query.has("company_id") {
        return Err(Answer::errors(400, "Missing Project or Company ID"));
    }
    let id = call.param("id").ok_or_else(Answer::not_found)?;
    let project = call.visible_project(id)?;
    Ok(Answer::ok(full(call, project)))
}

/// `GET /rest/v1.0/companies/{company_id}/projects`
pub(super) fn list_of_company(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let light = |project: &Project| {
        json!({
            "id": project.id,
            "name": project.name,
            "address": {
                "street": project.address, "city": project.city, "state_code": project.state,
                "zip": null, "country_code": "US",
            },
            "stage_name": project.stage,
            "status_name": if project.active { "Active" } else { "Inactive" },
            "type_name": null,
            "open_items": [],
        })
    };
    let items = visible(call).into_iter().map(light).collect();
    Ok(call.page(items, 100, 2000))
}

/// `GET /rest/v1.0/companies/{company_id}/projects/{project_id}/currency_configuration`
pub(super) fn currency_of_project(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let project = call.project()?;
    let named = call.state.switches.currency_settings_named;
    Ok(Answer::ok(json!({
        "company_id": project.company_id,
        "project_id": project.id,
        "currency_iso_code": named.then_some(&project.currency),
        "currency_display": "symbol",
        "company_currency_exchange_rate_override": null,
        "multicurrency_enabled": false,
        "eligible_for_financial_objs_multicurrency": false,
    })))
}

/// `GET /rest/v1.0/companies/{company_id}/currency_configuration`
pub(super) fn currency_of_company(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let (company, named) = (call.company(), call.state.switches.currency_settings_named);
    let world = &call.state.world;
    let currency = world.companies.get(&company).map(|company| &company.currency);
    let other = world.projects.values().any(|p| p.company_id == company && currency.is_some_and(|c| *c != p.currency));
    Ok(Answer::ok(json!({
        "company_id": company,
        "currency_iso_code": currency.filter(|_| named),
        "currency_display": "symbol",
        "multicurrency_enabled": other,
        "multicurrency_enabled_effective_date": null,
    })))
}

/// `GET /rest/v1.0/projects/{project_id}/users`
pub(super) fn users(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let project = call.project()?;
    let world = &call.state.world;
    let people = world.users.values().filter(|user| !user.service_account && world.sees_project(user.id, project.id));
    let items = people
        .map(|user| json!({ "id": user.id, "name": user.name, "email_address": user.login, "is_active": true }))
        .collect();
    Ok(call.page(items, 100, 2000))
}

/// The projects of the company that the caller sees, filtered and sorted as asked.
fn visible<'a>(call: &'a Call<'_>) -> Vec<&'a Project> {
    let query = &call.query;
    let status = query.get("filters[by_status]").unwrap_or("Active");
    let name = query.get("filters[name]").map(str::to_lowercase);
    let number = query.get("filters[project_number]");
    let ids = query.all("filters[id]");
    let mut found: Vec<&Project> = call
        .state
        .world
        .projects
        .values()
        .filter(|project| project.company_id == call.company() && call.sees(project.id))
        .filter(|project| status == "All" || project.active == (status != "Inactive"))
        .filter(|project| name.as_ref().is_none_or(|part| project.name.to_lowercase().contains(part)))
        .filter(|project| number.is_none_or(|number| project.number == number))
        .filter(|project| ids.is_empty() || ids.contains(&project.id.to_string()))
        .collect();
    match query.get("sort") {
        Some("name" | "display_name") => found.sort_by(|a, b| a.name.cmp(&b.name)),
        Some("-name" | "-display_name") => found.sort_by(|a, b| b.name.cmp(&a.name)),
        _ => {}
    }
    found
}

fn full(call: &Call<'_>, project: &Project) -> Value {
    let world = &call.state.world;
    let company = world.companies.get(&project.company_id).map(|company| company.name.clone());
    json!({
        "id": project.id,
        "name": project.name,
        "display_name": format!("{} - {}", project.number, project.name),
        "project_number": project.number,
        "active": project.active,
        "stage": project.stage,
        "project_stage": { "id": 1, "name": project.stage },
        "company": { "id": project.company_id, "name": company },
        "address": project.address,
        "city": project.city,
        "state_code": project.state,
        "country_code": "US",
        "zip": null,
        "time_zone": "America/New_York",
        "is_demo": false,
        "origin_id": null,
        "origin_data": null,
        "currency_configuration": { "currency_iso_code": call.currency_of(project.id, None) },
        "created_at": iso(world.epoch),
        "updated_at": iso(world.epoch),
    })
}
