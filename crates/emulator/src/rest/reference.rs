//! Statuses, types, reasons and settings.

use serde_json::json;

use super::{Answer, Call};
use crate::world::Level;

/// `GET /rest/v1.0/change_event/statuses`
pub(super) fn statuses_v10(call: &mut Call<'_>) -> Result<Answer, Answer> {
    call.project()?;
    let company = call.company();
    let items = call
        .state
        .world
        .statuses
        .values()
        .filter(|status| status.company_id == company)
        .map(|status| {
            json!({
                "id": status.id,
                "name": status.name,
                "mapped_to_status": status.mapped_to,
                "default_status": status.default_status,
                "show_in_select": true,
            })
        })
        .collect();
    Ok(call.page(items, 100, 2000))
}

/// `GET /rest/v2.0/companies/{company_id}/change_events/statuses`
pub(super) fn statuses_v20(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let company = call.company();
    let items = call
        .state
        .world
        .statuses
        .values()
        .filter(|status| status.company_id == company)
        .map(|status| {
            json!({
                "id": status.id.to_string(),
                "name": status.name,
                "mapped_to_status": status.mapped_to,
                "default": status.default_status,
                "default_status": status.default_status,
                "deletable": false,
                "show_in_select": true,
            })
        })
        .collect();
    Ok(call.page_v2(items))
}

/// `GET /rest/v1.1/change_events/statuses`: in no reference, but called by published code.
pub(super) fn statuses_undocumented(call: &mut Call<'_>) -> Result<Answer, Answer> {
    if call.state.switches.undocumented_paths { statuses_v10(call) } else { Err(Answer::not_found()) }
}

/// `GET /rest/v1.1/change_events/change_types`: in no reference, but called by published code.
pub(super) fn types_undocumented(call: &mut Call<'_>) -> Result<Answer, Answer> {
    if call.state.switches.undocumented_paths { types_v10(call) } else { Err(Answer::not_found()) }
}

/// `GET /rest/v1.0/change_types`
pub(super) fn types_v10(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let company = call.company();
    let items = call
        .state
        .world
        .change_types
        .values()
        .filter(|kind| kind.company_id == company)
        .map(|kind| {
            json!({
                "id": kind.id,
                "abbreviation": kind.abbreviation,
                "company_id": kind.company_id,
                "change_type": kind.name,
                "show_in_select": true,
            })
        })
        .collect();
    Ok(call.page(items, 100, 2000))
}

/// `GET /rest/v2.0/companies/{company_id}/change_event/types`
pub(super) fn types_v20(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let company = call.company();
    let items = call
        .state
        .world
        .change_types
        .values()
        .filter(|kind| kind.company_id == company)
        .map(|kind| {
            json!({
                "id": kind.id.to_string(),
                "name": kind.name,
                "abbreviation": kind.abbreviation,
                "show_in_select": true,
                "deletable": false,
                "default": false,
            })
        })
        .collect();
    Ok(call.page_v2(items))
}

/// `GET /rest/v1.0/change_order_change_reasons`
pub(super) fn reasons_v10(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let company = call.company();
    let reasons = call.state.world.change_reasons.values().filter(|reason| reason.company_id == company);
    let items = reasons
        .map(|reason| {
            json!({
                "id": reason.id,
                "company_id": reason.company_id,
                "change_reason": reason.name,
                "show_in_select": true,
            })
        })
        .collect();
    Ok(call.page(items, 100, 2000))
}

/// `GET /rest/v2.0/companies/{company_id}/change_order_change_reasons`
pub(super) fn reasons_v20(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let company = call.company();
    let reasons = call.state.world.change_reasons.values().filter(|reason| reason.company_id == company);
    let items = reasons
        .map(|reason| {
            json!({
                "id": reason.id.to_string(),
                "change_reason": reason.name,
                "show_in_select": true,
                "deletable": false,
            })
        })
        .collect();
    Ok(call.page_v2(items))
}

/// `GET /rest/v2.0/companies/{company_id}/projects/{project_id}/change_event_settings`
pub(super) fn change_event_settings(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let settings = &call.project()?.settings;
    Ok(Answer::ok(json!({ "data": {
        "budget_rom_source_for_in_scope": "cost",
        "budget_rom_source_for_out_of_scope": "revenue",
        "budget_rom_source_for_tbd_scope": "none",
        "celi_prefill_automation": call.state.switches.fields_filled_in,
        "change_order_value_source": "latest_cost",
        "copy_rfq_attachments_to_commitment_cos": false,
        "copy_rfq_attachments_to_prime_cos": false,
        "display_revenue_detail_columns": true,
        "display_spend_quantity_columns": true,
        "prevent_both_prime_cos_and_budget_changes": false,
        "sync_wbs_code": settings.sync_wbs_code,
    } })))
}

/// `GET /rest/v1.0/line_item_types`
pub(super) fn line_item_types(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let kinds = [
        ("Labor", "L", "other"),
        ("Materials", "M", "materials"),
        ("Equipment", "E", "equipment"),
        ("Commitment", "S", "commitment"),
        ("Other", "O", "other"),
    ];
    let items = (1..)
        .zip(kinds)
        .map(|(n, (name, code, base))| {
            json!({ "id": call.company() + n, "name": name, "code": code, "base_type": base, "origin_data": null, "origin_id": null })
        })
        .collect();
    Ok(call.page(items, 100, 2000))
}

/// `PATCH /rest/v2.0/companies/{company_id}/projects/{project_id}/change_event_settings`: only the one that changes
/// behaviour here is kept.
pub(super) fn set_change_event_settings(call: &mut Call<'_>) -> Result<Answer, Answer> {
    let project = call.project()?.id;
    if call.level(project) < Level::Admin {
        return Err(Answer::forbidden());
    }
    let wanted = call.body["settings"]["sync_wbs_code"].as_bool();
    if let (Some(wanted), Some(project)) = (wanted, call.state.world.projects.get_mut(&project)) {
        project.settings.sync_wbs_code = wanted;
    }
    change_event_settings(call)
}
