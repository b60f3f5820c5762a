//! Change events: created, read, patched, refused.
#![allow(clippy::unwrap_used, clippy::similar_names, reason = "a helper of tests fails as tests do")]

mod support;

use emulator::{Fault, FaultKind, WorldAction};
use serde_json::{Value, json};
use support::{PM, Procore, READER};

/// The descriptions and amounts of an event's lines, sorted.
fn lines(event: &Value) -> Vec<(String, String)> {
    let items = event["change_items"].as_array().unwrap();
    let line = |item: &Value| {
        let amount = item["cost_impact"]["estimate"]["amount"].as_str().unwrap();
        (item["description"].as_str().unwrap_or_default().to_owned(), amount.to_owned())
    };
    let mut lines: Vec<_> = items.iter().map(line).collect();
    lines.sort();
    lines
}

fn lump(description: &str, amount: &str) -> Value {
    json!({ "description": description, "cost_impact": { "estimate": { "amount": amount, "calculation_strategy": "manual" } } })
}

fn own(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[tokio::test]
async fn half_a_cent_goes_away_from_zero_and_what_is_too_large_is_refused() {
    let procore = Procore::demo().await;
    let items = json!([lump("Half a cent", "10.005"), lump("Its credit", "-10.005")]);
    let event = procore.call("POST", &procore.events_path(), procore.new_event(items)).await.expect(201);
    assert_eq!(lines(&event), own(&[("Half a cent", "10.01"), ("Its credit", "-10.01")]));
    let huge = |estimate: Value| json!([{ "description": "Huge", "cost_impact": { "estimate": estimate } }]);
    for estimate in [
        json!({ "quantity": "1e20", "unit_cost": "1e20", "calculation_strategy": "automatic" }),
        json!({ "quantity": "1e20", "unit_cost": "1e20" }),
        json!({ "amount": "1000000000000000", "calculation_strategy": "manual" }),
    ] {
        let refused = procore.call("POST", &procore.events_path(), procore.new_event(huge(estimate.clone()))).await;
        assert!(refused.expect(422).to_string().contains("Amount is too large"), "{estimate}");
    }
    for nonsense in ["1e999", "7".repeat(33).as_str(), "100,00"] {
        let estimate = json!({ "amount": nonsense });
        procore.call("POST", &procore.events_path(), procore.new_event(huge(estimate))).await.expect(400);
    }
}

#[tokio::test]
async fn an_event_is_created_with_its_lines_in_one_request() {
    let procore = Procore::demo().await;
    let contract = procore.emulator.world(|w| w.commitment_by_number(procore.project, "SC-23-007").unwrap().clone());
    let code = procore.wbs("23-2113.L");
    let items = json!([
        {
            "budget_code": { "id": code },
            "description": "Fire dampers",
            "cost_impact": {
                "estimate": { "quantity": 3, "unit_cost": "33.335", "calculation_strategy": "automatic", "unit_of_measure": "ea" },
                "contract": { "proposed": { "id": contract.id } },
                "vendor": { "proposed": { "id": contract.vendor_id } },
            },
        },
        lump("Overhead", "12.5"),
    ]);
    let event = procore.call("POST", &procore.events_path(), procore.new_event(items)).await.expect(201);
    assert_eq!(event["number"], "006", "the five seeded events come before");
    assert_eq!(event["status"]["mapped_to_status"], "open");
    assert_eq!(event["created_by"]["login"], support::ADMIN);
    // 3 × 33.335 = 100.005, half a cent up.
    assert_eq!(lines(&event), own(&[("Fire dampers", "100.01"), ("Overhead", "12.50")]));
    let item =
        event["change_items"].as_array().unwrap().iter().find(|item| item["description"] == "Fire dampers").unwrap();
    assert_eq!(item["budget_code"]["flat_code"], "23-2113.L");
    assert_eq!(item["cost_impact"]["contract"]["proposed"]["contract_type"], "work_order_contract");
    assert_eq!(item["cost_impact"]["vendor"]["proposed"]["name"], "Cascade Mechanical, Inc.");

    let read = procore.get(&procore.event_path(&event["id"])).await;
    assert_eq!(lines(&read), lines(&event));
    assert!(event["id"].as_i64().unwrap() > i64::from(u32::MAX), "ids exceed 32 bits");
}

#[tokio::test]
async fn what_is_required_unknown_or_taken_is_said() {
    let procore = Procore::demo().await;
    let path = procore.events_path();
    let mut body = procore.new_event(json!([]));
    body["change_event"].as_object_mut().unwrap().remove("status");
    assert_eq!(procore.call("POST", &path, body).await.expect(400)["errors"]["status"][0], "status is missing");

    let mut body = procore.new_event(json!([]));
    body["change_event"]["status"]["id"] = json!(17);
    procore.call("POST", &path, body).await.expect(400);

    let body = procore.new_event(json!([{ "budget_code": { "id": 4711 }, "description": "x" }]));
    let refused = procore.call("POST", &path, body).await.expect(422);
    assert_eq!(refused["errors"]["change_items"][0], "Wbs Code with ID 4711 not found");

    let mut body = procore.new_event(json!([]));
    body["change_event"]["number"] = json!("002");
    let refused = procore.call("POST", &path, body).await;
    assert!(refused.text.contains("has already been taken"));
    assert_eq!(refused.status, 422);

    let body = procore.new_event(json!([{ "cost_impact": { "contract": { "proposed": { "id": 99 } } } }]));
    assert!(procore.call("POST", &path, body).await.text.contains("Commitment Contract with ID 99 not found"));

    let mut body = procore.new_event(json!([]));
    body["change_event"]["prime_contract_for_estimates"] = json!({ "id": 5 });
    assert!(procore.call("POST", &path, body).await.text.contains("prime_contract_for_estimates with id 5 is missing"));
    assert_eq!(procore.emulator.world(|w| w.events_of(procore.project).count()), 5, "nothing was left behind");
}

#[tokio::test]
async fn numbers_follow_the_customised_scheme() {
    let procore = Procore::demo().await;
    let mut body = procore.new_event(json!([]));
    body["change_event"]["number"] = json!("CE-041");
    procore.call("POST", &procore.events_path(), body).await.expect(201);
    let next = procore.call("POST", &procore.events_path(), procore.new_event(json!([]))).await.expect(201);
    assert_eq!(next["number"], "CE-042");
}

#[tokio::test]
async fn a_patch_updates_adds_and_deletes_lines_and_leaves_the_rest() {
    let procore = Procore::demo().await;
    let items = json!([lump("a", "1"), lump("b", "2"), lump("c", "3")]);
    let event = procore.call("POST", &procore.events_path(), procore.new_event(items)).await.expect(201);
    let id_of = |description: &str| {
        let items = event["change_items"].as_array().unwrap();
        items.iter().find(|item| item["description"] == description).unwrap()["id"].clone()
    };
    let patch = json!({ "change_event": { "title": "Two dampers", "change_items": [
        { "id": id_of("a"), "cost_impact": { "estimate": { "amount": "10.25" } } },
        { "id": id_of("b"), "deleted": true },
        lump("d", "4"),
    ] } });
    let path = procore.event_path(&event["id"]);
    let after = procore.call("PATCH", &path, patch.clone()).await.expect(200);
    assert_eq!(lines(&after), own(&[("a", "10.25"), ("c", "3.00"), ("d", "4.00")]));
    assert_eq!(after["title"], "Two dampers");

    let with_deleted = procore.get(&format!("{path}&include_deleted_change_event_line_items")).await;
    assert_eq!(lines(&with_deleted).len(), 4);
    assert_eq!(lines(&procore.get(&path).await).len(), 3);
}

#[tokio::test]
async fn unlisted_lines_are_dropped_where_that_is_switched_on() {
    let procore = Procore::demo().await;
    procore.emulator.switches(|switches| switches.unlisted_lines_dropped = true);
    let event = procore
        .call("POST", &procore.events_path(), procore.new_event(json!([lump("a", "1"), lump("b", "2")])))
        .await
        .expect(201);
    let path = procore.event_path(&event["id"]);
    let titled = procore.call("PATCH", &path, json!({ "change_event": { "title": "x" } })).await.expect(200);
    assert_eq!(lines(&titled).len(), 2, "a patch without lines drops none");
    let after =
        procore.call("PATCH", &path, json!({ "change_event": { "change_items": [lump("c", "3")] } })).await.expect(200);
    assert_eq!(lines(&after), own(&[("c", "3.00")]));
}

#[tokio::test]
async fn a_refused_patch_is_atomic_or_half_applied() {
    for (atomic, written) in [(true, 0), (false, 1)] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| switches.refusal_is_atomic = atomic);
        let event = procore.call("POST", &procore.events_path(), procore.new_event(json!([]))).await.expect(201);
        let path = procore.event_path(&event["id"]);
        let items = json!([lump("first", "1"), { "budget_code": { "id": 1 } }, lump("third", "3")]);
        procore.call("PATCH", &path, json!({ "change_event": { "change_items": items } })).await.expect(422);
        assert_eq!(lines(&procore.get(&path).await).len(), written, "atomic: {atomic}");

        let body = procore.new_event(json!([lump("first", "1"), { "budget_code": { "id": 1 } }]));
        procore.call("POST", &procore.events_path(), body).await.expect(422);
        let events = procore.emulator.world(|world| world.events_of(procore.project).count());
        assert_eq!(events, 6 + written, "a refused new event may exist all the same");
    }
}

#[tokio::test]
async fn a_locked_line_refuses_its_change_by_name_but_may_be_repeated() {
    let procore = Procore::demo().await;
    let id = procore.event("001");
    let path = procore.event_path(&json!(id));
    let event = procore.get(&path).await;
    let locked =
        event["change_items"].as_array().unwrap().iter().find(|item| item["editable"] == false).unwrap().clone();
    assert_eq!(locked["cost_impact"]["request_for_quote"]["number"], "3");
    assert!(locked["disabled_fields"].as_array().unwrap().contains(&json!("budget_code")));

    let change = json!({ "change_event": { "change_items": [{ "id": locked["id"], "description": "other words" }] } });
    let refused = procore.call("PATCH", &path, change).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains(&locked["id"].to_string()), "{}", refused.text);
    let delete = json!({ "change_event": { "change_items": [{ "id": locked["id"], "deleted": true }] } });
    assert_eq!(procore.call("PATCH", &path, delete).await.status, 422);

    let repeat =
        json!({ "change_event": { "change_items": [{ "id": locked["id"], "description": locked["description"] }] } });
    assert_eq!(procore.call("PATCH", &path, repeat.clone()).await.status, 200);
    procore.emulator.switches(|switches| switches.locked_line_may_be_repeated = false);
    assert_eq!(procore.call("PATCH", &path, repeat).await.status, 422);
}

#[tokio::test]
async fn closed_events_are_editable_or_not() {
    for (refuse, status) in [(false, 200), (true, 422)] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| switches.closed_events_refuse_edits = refuse);
        let path = procore.event_path(&json!(procore.event("003")));
        let patch = json!({ "change_event": { "title": "late word" } });
        assert_eq!(procore.call("PATCH", &path, patch).await.status, status);
        let reopen = json!({ "change_event": { "status": { "id": procore.status("open") }, "title": "again" } });
        assert_eq!(procore.call("PATCH", &path, reopen).await.status, 200, "reopening is no edit of a closed event");
    }
}

#[tokio::test]
async fn external_data_is_kept_refused_or_unique() {
    let procore = Procore::demo().await;
    let mut body = procore.new_event(json!([]));
    body["change_event"]["external_data"] = json!({ "origin_id": "lb-1", "origin_data": "{}" });
    let event = procore.call("POST", &procore.events_path(), body.clone()).await.expect(201);
    assert_eq!(event["external_data"]["origin_id"], "lb-1");
    assert!(
        procore
            .call("POST", &procore.events_path(), body.clone())
            .await
            .text
            .contains("Origin ID lb-1 has already been taken")
    );
    procore.emulator.switches(|switches| switches.origin_id_unique = false);
    assert_eq!(procore.call("POST", &procore.events_path(), body.clone()).await.status, 201);
    procore.emulator.switches(|switches| switches.external_data_refused = true);
    assert_eq!(procore.call("POST", &procore.events_path(), body).await.status, 422);
}

#[tokio::test]
async fn lines_come_in_no_particular_order_and_a_call_may_carry_a_limited_number() {
    let procore = Procore::demo().await;
    let names: Vec<String> = (0..12).map(|n| format!("line {n:02}")).collect();
    let items: Vec<Value> = names.iter().map(|name| lump(name, "1")).collect();
    let body = procore.new_event(json!(items));
    let event = procore.call("POST", &procore.events_path(), body.clone()).await.expect(201);
    let order = |event: &Value| -> Vec<String> {
        let items = event["change_items"].as_array().unwrap();
        items.iter().map(|item| item["description"].as_str().unwrap().to_owned()).collect()
    };
    assert_ne!(order(&event), names);
    procore.emulator.switches(|switches| switches.lines_shuffled = false);
    assert_eq!(order(&procore.get(&procore.event_path(&event["id"])).await), names);
    procore.emulator.switches(|switches| switches.max_lines_per_call = Some(11));
    assert_eq!(procore.call("POST", &procore.events_path(), body).await.status, 422);
}

#[tokio::test]
async fn standard_edits_own_events_admin_any_and_readers_none() {
    let mut procore = Procore::demo().await;
    let theirs = procore.event("002");
    let patch = json!({ "change_event": { "title": "mine now" } });
    procore.token = procore.sign_in(READER).await;
    assert_eq!(procore.call("PATCH", &procore.event_path(&json!(theirs)), patch.clone()).await.status, 403);
    assert_eq!(procore.call("POST", &procore.events_path(), procore.new_event(json!([]))).await.status, 403);
    assert_eq!(procore.call("GET", &procore.events_path(), Value::Null).await.status, 200);

    procore.emulator.world(|world| {
        let act = emulator::WorldAction::SetLevel {
            project_id: procore.project,
            login: PM.into(),
            level: emulator::world::Level::Standard,
        };
        world.act(act).unwrap();
    });
    procore.token = procore.sign_in(PM).await;
    assert_eq!(procore.call("PATCH", &procore.event_path(&json!(theirs)), patch.clone()).await.status, 403);
    let own = procore.call("POST", &procore.events_path(), procore.new_event(json!([]))).await.expect(201);
    assert_eq!(procore.call("PATCH", &procore.event_path(&own["id"]), patch).await.status, 200);
}

#[tokio::test]
async fn an_event_goes_to_the_recycle_bin_and_comes_back() {
    let procore = Procore::demo().await;
    let id = json!(procore.event("002"));
    assert_eq!(procore.call("DELETE", &procore.event_path(&id), Value::Null).await.status, 204);
    assert_eq!(procore.call("GET", &procore.event_path(&id), Value::Null).await.status, 404);
    assert_eq!(procore.get(&procore.events_path()).await.as_array().unwrap().len(), 4);
    let only = format!("{}&filters[include_deleted]=only", procore.events_path());
    assert_eq!(procore.get(&only).await[0]["in_recycle_bin"], true);
    let restore = format!("/rest/v1.1/change_events/{id}/restore?project_id={}", procore.project);
    procore.call("PUT", &restore, Value::Null).await.expect(200);
    assert_eq!(procore.call("GET", &procore.event_path(&id), Value::Null).await.status, 200);
    let locked = procore.event_path(&json!(procore.event("001")));
    assert_eq!(procore.call("DELETE", &locked, Value::Null).await.status, 400, "lines out with an RFQ hold it");
}

#[tokio::test]
async fn a_clone_copies_the_words_of_lines() {
    let procore = Procore::demo().await;
    let id = procore.event("002");
    let path = format!("/rest/v1.1/change_events/{id}/clone?project_id={}", procore.project);
    let copy = procore.call("POST", &path, Value::Null).await.expect(201);
    assert_ne!(copy["id"], json!(id));
    assert_eq!(lines(&copy), lines(&procore.get(&procore.event_path(&json!(id))).await));
}

#[tokio::test]
async fn rich_filters_work_in_the_body_and_in_the_query_where_switched_on() {
    let procore = Procore::demo().await;
    let closed = procore.status("closed");
    let body = json!({ "filters": { "status": { "id": [closed], "operator": "includes" } } });
    let found = procore.call("GET", &procore.events_path(), body).await.expect(200);
    assert_eq!(found.as_array().unwrap().len(), 1);
    let query = format!("{}&filters[status][id][]={closed}", procore.events_path());
    assert_eq!(procore.get(&query).await.as_array().unwrap().len(), 5, "ignored");
    procore.emulator.switches(|switches| switches.rich_filters_in_query = true);
    assert_eq!(procore.get(&query).await.as_array().unwrap().len(), 1);
    let search = format!("{}&filters[search]=bulletin", procore.events_path());
    assert_eq!(procore.get(&search).await[0]["number"], "004");
    let recent = format!("{}&filters[created_at]=2026-02-10T00:00:00Z...2026-12-31T00:00:00Z", procore.events_path());
    assert_eq!(procore.get(&recent).await.as_array().unwrap().len(), 1);
}

/// A POST under a token.
async fn once(procore: &Procore, token: &str, body: &Value) -> u16 {
    let request = http::Request::post(procore.events_path())
        .header("authorization", format!("Bearer {}", procore.token))
        .header("procore-company-id", procore.company)
        .header("content-type", "application/json")
        .header("idempotency-token", token)
        .body(axum::body::Body::from(body.to_string()))
        .unwrap();
    procore.raw(request).await.unwrap().status
}

#[tokio::test]
async fn an_idempotency_token_is_ignored_or_honoured() {
    for (honoured, events) in [(false, 7), (true, 6)] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| switches.idempotency_honoured = honoured);
        for _ in 0..2 {
            assert_eq!(once(&procore, "once", &procore.new_event(json!([]))).await, 201);
        }
        assert_eq!(procore.emulator.world(|w| w.events_of(procore.project).count()), events);
    }
}

#[tokio::test]
async fn a_failure_is_kept_under_its_token_or_tried_again() {
    for (kept, again) in [(false, [201, 201]), (true, [422, 500])] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|s| (s.idempotency_honoured, s.idempotency_keeps_failures) = (true, kept));
        let wrong = procore.new_event(json!([{ "budget_code": { "id": 1 } }]));
        assert_eq!(once(&procore, "refused", &wrong).await, 422);
        let failure = FaultKind::Status { status: 500, retry_after: None, executed: false };
        procore.emulator.fault(Fault::next("POST", "/change_events", failure));
        let right = procore.new_event(json!([]));
        assert_eq!(once(&procore, "failed", &right).await, 500);
        let answers = [once(&procore, "refused", &right).await, once(&procore, "failed", &right).await];
        assert_eq!(answers, again);
        assert_eq!(once(&procore, "another", &right).await, 201, "under another token it is a request like any other");
    }
}

#[tokio::test]
async fn the_older_version_speaks_its_own_words_of_the_same_event() {
    let procore = Procore::demo().await;
    let path = format!("/rest/v1.0/change_events?project_id={}", procore.project);
    let body = json!({ "project_id": procore.project, "change_event": {
        "title": "Old words", "number": "CE-100", "change_event_status_id": procore.status("open"), "event_scope": "tbd",
        "change_event_line_items_attributes": [
            { "budget_code": { "id": procore.wbs("23-2113.M") }, "description": "Valves",
              "estimated_cost_amount": 76.25, "estimated_cost_calculation_strategy": "manual" },
        ],
    } });
    let event = procore.call("POST", &path, body).await.expect(201);
    assert_eq!((&event["number"], &event["alphanumeric_number"]), (&json!(100), &json!("CE-100")));
    let line = &event["change_event_line_items"][0];
    assert_eq!(line["estimated_cost_amount"], "76.25");
    let one = format!("/rest/v1.0/change_events/{}?project_id={}", event["id"], procore.project);
    let patch = json!({ "project_id": procore.project, "change_event": { "change_event_line_items_attributes": [
        { "id": line["id"], "wbs_code_id": { "id": procore.wbs("23-2113.L") } },
    ] } });
    let after = procore.call("PATCH", &one, patch).await.expect(200);
    assert_eq!(after["change_event_line_items"][0]["budget_code"]["flat_code"], "23-2113.L");
    assert_eq!(procore.get(&procore.event_path(&event["id"])).await["number"], "CE-100");
}

#[tokio::test]
async fn refusals_come_in_every_shape_procore_uses() {
    use emulator::ErrorShape::{Code, Empty, EmptyErrors, FieldMap, List, Message, Text};
    let procore = Procore::demo().await;
    let sentence = "Wbs Code with ID 1 not found";
    let shapes = [
        (FieldMap, json!({ "errors": { "change_items": [sentence] } })),
        (List, json!({ "errors": [sentence] })),
        (Text, json!({ "errors": sentence })),
        (Message, json!({ "message": sentence })),
        (Code, json!({ "code": 422, "message": sentence, "fields": "change_items", "reason": "Validation failed" })),
        (EmptyErrors, json!({ "errors": {} })),
        (Empty, Value::Null),
    ];
    for (shape, expected) in shapes {
        procore.emulator.switches(|switches| switches.error_shape = shape);
        let body = procore.new_event(json!([{ "budget_code": { "id": 1 } }]));
        let refused = procore.call("POST", &procore.events_path(), body).await;
        assert_eq!(refused.text.is_empty(), shape == Empty);
        assert_eq!(refused.expect(422), expected);
    }
    // Whatever else is refused of these calls says nothing either; who may call at all is told as before.
    procore.emulator.switches(|switches| switches.error_shape = Empty);
    let unknown = procore.call("GET", &procore.event_path(&json!(1)), Value::Null).await;
    assert_eq!((unknown.status, unknown.text.as_str()), (404, ""));
    let connect = |connected| WorldAction::ConnectApp { company_id: procore.company, connected };
    procore.emulator.world(|world| world.act(connect(false))).unwrap();
    let gone = procore.call("GET", &procore.events_path(), Value::Null).await;
    assert_eq!(gone.expect(403), json!({ "errors": ["App is not connected to this company."] }));
}
