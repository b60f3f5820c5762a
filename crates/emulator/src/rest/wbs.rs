//! Budget codes.

use serde_json::{Value, json};

use super::{Answer, Call};
use crate::text::iso;
use crate::world::{Tool, WbsCode, World};

/// `GET /rest/v1.0/projects/{project_id}/work_breakdown_structure/wbs_codes`
pub(super) fn list_v10(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let statuses = call.query.all("filters[status]");
    let mut found = matching(call, call.query.get("query"))?;
    found.retain(|code| call.state.switches.none_is_a_code || !code.flat_code.is_empty());
    let world = &call.state.world;
    let items = found
        .into_iter()
        .filter(|code| statuses.is_empty() || statuses.iter().any(|status| status == status_of(code)))
        .map(|code| full(world, code))
        .collect();
    Ok(call.page(items, 100, 2000))
}

/// `GET /rest/v2.0/companies/{company_id}/projects/{project_id}/wbs/codes`
pub(super) fn list_v20(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let ids = call.query.all("filters[id]");
    let items = matching(call, call.query.get("filters[search]"))?
        .into_iter()
        // "None" was seen in the list of v1.0 alone.
        .filter(|code| !code.flat_code.is_empty())
        .filter(|code| ids.is_empty() || ids.contains(&code.id.to_string()))
        .map(|code| {
            json!({
                "id": code.id.to_string(),
                "code": code.flat_code,
                "description": code.description,
                "status": status_of(code),
                "attribute_1_name": null,
                "attribute_2_name": null,
                "attribute_3_name": null,
            })
        })
        .collect();
    Ok(call.page_v2(items))
}

fn matching<'a>(call: &'a Call<'_>, search: Option<&str>) -> Result<Vec<&'a WbsCode>, Answer> {
    let (project, shown) = (call.project()?.id, call.lists(Tool::Budget)?);
    let search = search.unwrap_or_default().to_lowercase();
    let mut found: Vec<&WbsCode> = call
        .state
        .world
        .wbs_codes
        .values()
        .filter(|code| code.project_id == project && shown)
        .filter(|code| {
            code.flat_code.to_lowercase().contains(&search) || code.description.to_lowercase().contains(&search)
        })
        .collect();
    found.sort_by(|a, b| a.flat_code.cmp(&b.flat_code));
    Ok(found)
}

fn status_of(code: &WbsCode) -> &'static str {
    if code.active { "active" } else { "inactive" }
}

fn full(world: &World, code: &WbsCode) -> Value {
    json!({
        "id": code.id,
        "flat_code": code.flat_code,
        "flat_name": flat_name(code),
        "description": code.description,
        "status": status_of(code),
        "segment_items": segments(code),
        "wbs_pattern_id": code.project_id,
        "created_at": iso(world.epoch),
        "updated_at": iso(world.epoch),
    })
}

fn flat_name(code: &WbsCode) -> String {
    let name = code.description.split(", ").next().unwrap_or_default();
    format!("{name}.{}", type_name(code))
}

fn type_name(code: &WbsCode) -> &'static str {
    match code.flat_code.rsplit('.').next() {
        Some("L") => "Labor",
        Some("M") => "Materials",
        Some("E") => "Equipment",
        Some("S") => "Commitment",
        _ => "Other",
    }
}

/// A budget code's two segments: cost code and cost type.
pub(super) fn segments(code: &WbsCode) -> Vec<Value> {
    if code.flat_code.is_empty() {
        return Vec::new();
    }
    let (cost_code, kind) = code.flat_code.rsplit_once('.').unwrap_or((&code.flat_code, "O"));
    let name = code.description.split(", ").next().unwrap_or_default();
    vec![
        json!({ "id": code.id + 1_000_000, "code": cost_code, "name": name, "status": "active",
            "segment": { "id": 1, "name": "Cost Code", "type": "cost_code", "position": 1 } }),
        json!({ "id": code.id + 2_000_000, "code": kind, "name": type_name(code), "status": "active",
            "segment": { "id": 2, "name": "Cost Type", "type": "line_item_type", "position": 2 } }),
    ]
}
