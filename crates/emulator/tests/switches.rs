//! The rest of what nobody documents, both ways.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as tests do")]

mod support;

use emulator::WorldAction;
use emulator::world::Lock;
use serde_json::{Value, json};
use support::Procore;

/// The status of a PATCH with one line.
async fn patch_line(procore: &Procore, event: i64, line: Value) -> u16 {
    let body = json!({ "change_event": { "change_items": [line] } });
    procore.call("PATCH", &procore.event_path(&json!(event)), body).await.status
}

/// The first line of a seeded event.
fn line_of(procore: &Procore, number: &str) -> i64 {
    let event = procore.event(number);
    procore.emulator.world(|world| world.change_events[&event].items[0].id)
}

#[tokio::test]
async fn a_deleted_line_is_unknown_or_written_and_stays_deleted() {
    for (refused, status) in [(true, 422), (false, 200)] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| switches.deleted_line_refused = refused);
        let (event, line) = (procore.event("002"), line_of(&procore, "002"));
        procore.emulator.world(|world| world.delete_line(line)).unwrap();
        assert_eq!(patch_line(&procore, event, json!({ "id": line, "description": "back" })).await, status);
        assert!(procore.emulator.world(|world| world.change_events[&event].item(line).unwrap().deleted_at.is_some()));
    }
}

#[tokio::test]
async fn a_line_needs_a_budget_code_or_gets_none() {
    for (required, status) in [(true, 422), (false, 200)] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| switches.budget_code_required = required);
        let event = procore.event("002");
        assert_eq!(patch_line(&procore, event, json!({ "description": "no code" })).await, status);
        let code = procore.wbs("23-2113.L");
        assert_eq!(patch_line(&procore, event, json!({ "budget_code": { "id": code } })).await, 200);
    }
}

#[tokio::test]
async fn what_a_line_leaves_open_is_filled_in_or_stays_open() {
    for on in [true, false] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| switches.fields_filled_in = on);
        let settings =
            format!("/rest/v2.0/companies/{}/projects/{}/change_event_settings", procore.company, procore.project);
        assert_eq!(procore.get(&settings).await["data"]["celi_prefill_automation"], on);
        let open = procore.new_event(json!([{ "description": "nothing but words" }]));
        let event = procore.call("POST", &procore.events_path(), open).await.expect(201);
        let line = |event: &Value| event["change_items"][0].clone();
        let filled = |line: &Value| {
            let impact = &line["cost_impact"];
            [&impact["vendor"]["proposed"], &impact["contract"]["proposed"]].map(Value::is_object)
        };
        assert_eq!(filled(&line(&event)), [on, on]);
        assert_eq!(line(&event)["budget_code"]["flat_code"] != "", on);
        // What was named stays as it was named, and the vendor goes with a contract that is changed without it.
        let (first, last) = procore.emulator.world(|world| {
            let mut paid: Vec<_> = world
                .commitments
                .values()
                .filter(|contract| contract.project_id == procore.project && contract.vendor_id.is_some())
                .cloned()
                .collect();
            paid.sort_by(|a, b| a.number.cmp(&b.number));
            (paid.first().unwrap().clone(), paid.last().unwrap().clone())
        });
        let named = json!([{
            "description": "all named", "budget_code": { "id": procore.wbs("23-2113.L") },
            "cost_impact": {
                "vendor": { "proposed": { "id": last.vendor_id } }, "contract": { "proposed": { "id": first.id } },
            },
        }]);
        let event = procore.call("POST", &procore.events_path(), procore.new_event(named)).await.expect(201);
        let said = line(&event);
        assert_eq!(said["budget_code"]["flat_code"], "23-2113.L");
        assert_eq!(said["cost_impact"]["vendor"]["proposed"]["id"], json!(last.vendor_id));
        let moved = json!({ "id": said["id"], "cost_impact": { "contract": { "proposed": { "id": first.id } } } });
        let path = procore.event_path(&event["id"]);
        let patch = |item: Value| json!({ "change_event": { "change_items": [item] } });
        let event = procore.call("PATCH", &path, patch(moved)).await.expect(200);
        assert_eq!(line(&event)["cost_impact"]["vendor"]["proposed"]["id"], json!(last.vendor_id), "nothing moved");
        let other = procore.emulator.world(|world| {
            let mut all = world.commitments.values();
            let other = |c: &&emulator::world::Commitment| {
                c.project_id == procore.project
                    && c.id != first.id
                    && c.vendor_id.is_some()
                    && c.vendor_id != last.vendor_id
            };
            all.find(other).cloned().unwrap()
        });
        let moved = json!({ "id": said["id"], "cost_impact": { "contract": { "proposed": { "id": other.id } } } });
        let event = procore.call("PATCH", &path, patch(moved)).await.expect(200);
        let expected = if on { other.vendor_id } else { last.vendor_id };
        assert_eq!(line(&event)["cost_impact"]["vendor"]["proposed"]["id"], json!(expected));
    }
}

#[tokio::test]
async fn the_number_of_a_deleted_event_is_taken_or_free() {
    for (taken, status) in [(true, 422), (false, 201)] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| switches.deleted_numbers_taken = taken);
        let event_id = procore.event("002");
        procore.emulator.world(|world| world.act(WorldAction::DeleteEvent { event_id })).unwrap();
        let mut body = procore.new_event(json!([]));
        body["change_event"]["number"] = json!("002");
        assert_eq!(procore.call("POST", &procore.events_path(), body).await.status, status);
    }
}

#[tokio::test]
async fn amounts_have_two_decimals_or_six() {
    for (places, amount) in [(2, "27890.00"), (6, "27890.000000")] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| {
            switches.amount_decimals = places;
            switches.lines_shuffled = false;
        });
        let event = procore.get(&procore.event_path(&json!(procore.event("002")))).await;
        assert_eq!(event["change_items"][0]["cost_impact"]["estimate"]["amount"], amount);
    }
}

#[tokio::test]
async fn a_linked_line_keeps_its_code_and_contract_unless_codes_follow_the_change_order() {
    let procore = Procore::demo().await;
    let (event, line) = (procore.event("002"), line_of(&procore, "002"));
    let lock = Lock {
        editable: true,
        disabled_fields: vec!["budget_code".into(), "contract".into()],
        rfq: None,
        ties: vec![],
    };
    procore.emulator.world(|world| world.edit_line(line, |line| line.lock = Some(lock))).unwrap();
    let amount = json!({ "id": line, "cost_impact": { "estimate": { "amount": "5" } } });
    assert_eq!(patch_line(&procore, event, amount).await, 200, "its amount may change");
    let contract = json!({ "id": line, "cost_impact": { "contract": { "proposed": null } } });
    assert_eq!(patch_line(&procore, event, contract).await, 422);
    let code = json!({ "id": line, "budget_code": { "id": procore.wbs("23-2113.L") } });
    assert_eq!(patch_line(&procore, event, code.clone()).await, 422);
    procore.emulator.world(|world| world.projects.get_mut(&procore.project).unwrap().settings.sync_wbs_code = true);
    assert_eq!(patch_line(&procore, event, code).await, 200);
    assert_eq!(patch_line(&procore, event, json!({ "id": line, "deleted": true })).await, 422);
    procore.emulator.world(|world| world.act(WorldAction::UnlockLine { line_id: line })).unwrap();
    assert_eq!(patch_line(&procore, event, json!({ "id": line, "deleted": true })).await, 200);
}

#[tokio::test]
async fn what_an_erp_owns_is_not_ours_to_overwrite() {
    let procore = Procore::demo().await;
    let event_id = procore.event("002");
    procore.emulator.world(|world| world.act(WorldAction::OwnByErp { event_id })).unwrap();
    let patch = json!({ "change_event": { "external_data": { "origin_id": "ours" } } });
    assert_eq!(procore.call("PATCH", &procore.event_path(&json!(event_id)), patch).await.status, 422);
    let patch = json!({ "change_event": { "title": "fine" } });
    assert_eq!(procore.call("PATCH", &procore.event_path(&json!(event_id)), patch).await.status, 200);
}

#[tokio::test]
async fn a_manual_amount_is_as_given_and_an_automatic_one_follows() {
    let procore = Procore::demo().await;
    let (event, line) = (procore.event("002"), line_of(&procore, "002"));
    let amount =
        |procore: &Procore| procore.emulator.world(|w| w.change_events[&event].item(line).unwrap().cost.amount);
    let estimate = |estimate: Value| json!({ "id": line, "cost_impact": { "estimate": estimate } });
    // Quantity and unit cost beside a manual amount explain it and don't make it.
    let manual = json!({ "amount": 10, "calculation_strategy": "manual", "quantity": "3", "unit_cost": "4" });
    patch_line(&procore, event, estimate(manual)).await;
    assert_eq!(amount(&procore).to_string(), "10");
    patch_line(&procore, event, estimate(json!({ "calculation_strategy": "automatic" }))).await;
    assert_eq!(amount(&procore).to_string(), "12");
    patch_line(&procore, event, estimate(json!({ "quantity": "-1.5", "unit_cost": "0.33" }))).await;
    assert_eq!(amount(&procore).to_string(), "-0.50", "-0.495, half a cent away from zero");
    assert_eq!(patch_line(&procore, event, estimate(json!({ "amount": "twelve" }))).await, 400);
}

#[tokio::test]
async fn a_patch_that_changes_nothing_dates_no_line() {
    let procore = Procore::demo().await;
    let (event, line) = (procore.event("002"), line_of(&procore, "002"));
    let updated =
        |procore: &Procore| procore.emulator.world(|w| w.change_events[&event].item(line).unwrap().updated_at);
    let before = updated(&procore);
    procore.pass(60);
    assert_eq!(patch_line(&procore, event, json!({ "id": line })).await, 200);
    assert_eq!(updated(&procore), before);
    assert_eq!(patch_line(&procore, event, json!({ "id": line, "description": "new words" })).await, 200);
    assert_ne!(updated(&procore), before);
}

#[tokio::test]
async fn lists_and_answers_carry_their_headers_or_not() {
    for on in [true, false] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| {
            switches.lists_say_their_length = on;
            switches.rate_headers = on;
        });
        let listed = procore.call("GET", &procore.events_path(), Value::Null).await;
        assert_eq!((listed.header("total").is_empty(), listed.header("per-page").is_empty()), (!on, !on));
        assert_eq!(listed.header("x-rate-limit-remaining").is_empty(), !on);
    }
}

#[tokio::test]
async fn deleted_lines_are_shown_on_request_or_never() {
    for on in [true, false] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| switches.deleted_lines_shown = on);
        let (event, line) = (procore.event("002"), line_of(&procore, "002"));
        procore.emulator.world(|world| world.delete_line(line)).unwrap();
        let path = format!("{}&include_deleted_change_event_line_items=true", procore.event_path(&json!(event)));
        let shown = procore.get(&path).await;
        assert_eq!(shown["change_items"].as_array().unwrap().iter().any(|item| item["id"] == line), on);
    }
}

/// A new event with one line, by its id.
async fn made(procore: &Procore) -> i64 {
    let body = procore.new_event(json!([{ "description": "Valves" }]));
    procore.call("POST", &procore.events_path(), body).await.expect(201)["id"].as_i64().unwrap()
}

/// Whether the list shows an event, and whether it can be read by its id.
async fn shown(procore: &Procore, event: i64) -> (bool, bool) {
    let listed = procore.get(&procore.events_path()).await;
    let listed = listed.as_array().unwrap().iter().any(|one| one["id"] == event);
    let read = procore.call("GET", &procore.event_path(&json!(event)), Value::Null).await;
    (listed, read.status == 200)
}

#[tokio::test]
async fn a_new_event_is_listed_at_once_or_after_a_while() {
    let procore = Procore::demo().await;
    assert_eq!(shown(&procore, made(&procore).await).await, (true, true));
    procore.emulator.switches(|switches| switches.new_events_unlisted_seconds = 600);
    let event = made(&procore).await;
    assert_eq!(shown(&procore, event).await, (false, true));
    procore.pass(600);
    assert_eq!(shown(&procore, event).await, (true, true));
}

#[tokio::test]
async fn a_new_event_can_be_read_and_written_at_once_or_after_a_while() {
    let procore = Procore::demo().await;
    procore.emulator.switches(|switches| switches.new_events_unreadable_seconds = 600);
    let event = made(&procore).await;
    assert_eq!(shown(&procore, event).await, (true, false));
    assert_eq!(patch_line(&procore, event, json!({ "description": "More" })).await, 404);
    procore.pass(600);
    assert_eq!(shown(&procore, event).await, (true, true));
    assert_eq!(patch_line(&procore, event, json!({ "description": "More" })).await, 200);
}

#[tokio::test]
async fn an_event_whose_lines_all_went_into_something_else_stays_in_lists_or_leaves_them() {
    let procore = Procore::demo().await;
    let event = procore.event("002");
    procore.emulator.switches(|switches| switches.executed_events_unlisted = true);
    assert_eq!(shown(&procore, event).await, (true, true));
    let lines: Vec<i64> =
        procore.emulator.world(|world| world.change_events[&event].live_items().map(|line| line.id).collect());
    for line in lines {
        procore.emulator.world(|world| world.lock_line(line)).unwrap();
    }
    assert_eq!(shown(&procore, event).await, (false, true));
    procore.emulator.switches(|switches| switches.executed_events_unlisted = false);
    assert_eq!(shown(&procore, event).await, (true, true));
}

#[tokio::test]
async fn writes_to_one_parent_at_the_same_time_are_taken_or_refused() {
    for (refused, statuses) in [(None, [200, 201]), (Some(409), [409, 409]), (Some(422), [422, 422])] {
        let procore = Procore::demo().await;
        procore.pass(10);
        procore.emulator.switches(|switches| switches.concurrent_writes_refused = refused);
        let event = procore.event("002");
        assert_eq!(patch_line(&procore, event, json!({ "description": "One" })).await, 200);
        assert_eq!(patch_line(&procore, event, json!({ "description": "Another" })).await, statuses[0]);
        made(&procore).await;
        let body = procore.new_event(json!([]));
        assert_eq!(procore.call("POST", &procore.events_path(), body.clone()).await.status, statuses[1]);
        procore.pass(2);
        assert_eq!(patch_line(&procore, event, json!({ "description": "Another" })).await, 200);
        assert_eq!(procore.call("POST", &procore.events_path(), body).await.status, 201);
    }
}

#[tokio::test]
async fn a_cost_may_be_text_or_must_be_a_number() {
    for (strict, status) in [(false, 200), (true, 400)] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| switches.cost_wants_numbers = strict);
        let event = procore.event("002");
        let line = |figure: Value| {
            json!({ "cost_impact": { "estimate": { "amount": figure } },
                "revenue_impact": { "estimate": { "amount": "7.50" } } })
        };
        assert_eq!(patch_line(&procore, event, line(json!("76.25"))).await, status);
        assert_eq!(patch_line(&procore, event, line(json!(76.25))).await, 200);
    }
}

#[tokio::test]
async fn the_origin_is_an_object_or_null_and_markup_is_known_by_texts() {
    let procore = Procore::demo().await;
    let event = async |number: &str| procore.get(&procore.event_path(&json!(procore.event(number)))).await;
    let origin = &event("001").await["event_origin"];
    assert!(
        origin["origin_id"].is_i64() && origin["display_name"].as_str().unwrap().starts_with("RFI 041"),
        "{origin}"
    );
    assert_eq!(event("002").await["event_origin"], Value::Null);
    let marked_up = event("003").await;
    assert!(marked_up["markup_items"][0]["id"].is_string(), "{}", marked_up["markup_items"]);
    assert!(marked_up["prime_contract_for_estimates"]["title"].is_string());
}

#[tokio::test]
async fn a_source_of_revenue_that_nobody_gave_is_named_or_null() {
    for (named, source) in [(true, json!("automatic")), (false, Value::Null)] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| switches.revenue_source_named = named);
        let new = procore.new_event(json!([
            { "description": "of cost" },
            { "description": "ours", "revenue_impact": { "estimate": { "amount": "5" }, "source_of_revenue_rom": "manual" } },
        ]));
        let event = procore.call("POST", &procore.events_path(), new).await.expect(201);
        assert_eq!(event["source_of_revenue_rom"], source);
        let lines = event["change_items"].as_array().unwrap();
        let of = |text: &str| &lines.iter().find(|line| line["description"] == text).unwrap()["revenue_impact"];
        assert_eq!(of("of cost")["source_of_revenue_rom"], source);
        assert_eq!(of("ours")["source_of_revenue_rom"], "manual");
    }
}
