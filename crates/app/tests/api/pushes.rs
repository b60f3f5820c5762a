//! The main job through the API alone: map the project, choose, plan, push, follow.

use emulator::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::caller::{Caller, Instance};

/// Maps the project to Harbor Point, through the API.
pub async fn mapped(instance: &Instance, caller: &Caller<'_>) {
    let place = format!("/projects/{}/procore", instance.made.project);
    let choices = caller.get(&format!("{place}/projects")).await.expect(200).json;
    let harbor = choices["projects"].as_array().unwrap().iter().find(|p| p["number"] == emulator::seed::HARBOR_POINT);
    let new = json!({ "procore_project_id": harbor.unwrap()["id"], "currency": "USD" });
    let now = caller.put(&place, new).await.expect(200).json;
    assert_eq!(
        (&now["mapping"]["name"], &now["sign_in"]["state"]),
        (&json!("Harbor Point Medical Office"), &json!("live"))
    );
}

/// Drafts of a push of the mechanical subcontractor's CORs, by their place in its sequence from 1.
pub async fn begun(instance: &Instance, caller: &Caller<'_>, numbers: &[usize]) -> Vec<Value> {
    let cors: Vec<_> = numbers.iter().map(|n| instance.made.cors[0][n - 1].0).collect();
    let new = json!({ "project_id": instance.made.project.0, "side": "received", "cors": cors });
    caller.post("/push-drafts", new).await.expect(201).json["drafts"].as_array().unwrap().clone()
}

pub fn at(draft: &Value, step: &str) -> String {
    format!("/push-drafts/{}{step}", draft["id"].as_str().unwrap())
}

async fn reference(instance: &Instance, caller: &Caller<'_>) -> Value {
    caller.get(&format!("/projects/{}/procore/reference", instance.made.project)).await.expect(200).json
}

fn find<'a>(list: &'a Value, name: &str, value: &str) -> &'a Value {
    let found = list.as_array().unwrap().iter().find(|item| item[name].as_str().unwrap().starts_with(value));
    found.unwrap_or_else(|| panic!("{value} among {list}"))
}

/// Chooses a new event, a code for every line and the subcontractor's commitment, and looks at the plan.
pub async fn planned(instance: &Instance, caller: &Caller<'_>, draft: &Value, detail: &str) -> Value {
    let data = reference(instance, caller).await;
    let new =
        json!({ "title": "Level 3 coordination", "status_id": data["statuses"][0]["id"], "scope": "out_of_scope" });
    if draft["linked_event_id"].is_null() {
        caller.put(&at(draft, "/event"), json!({ "new": new })).await.expect(200);
    } else {
        caller.put(&at(draft, "/event"), json!({ "event_id": draft["linked_event_id"] })).await.expect(200);
    }
    let commitment = &find(&data["commitments"], "number", "SC-23-007")["id"];
    let contracts: serde_json::Map<String, Value> = draft["cors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cor| (cor.as_str().unwrap().to_owned(), commitment.clone()))
        .collect();
    let code = &find(&data["budget_codes"], "code", "23-2113")["id"];
    let lines = json!({ "detail": detail, "contracts": contracts, "budget_code_for_all": code });
    let ready = caller.put(&at(draft, "/lines"), lines).await.expect(200).json;
    assert_eq!(ready["missing"], json!({ "event": false, "contracts": 0, "budget_codes": [] }));
    caller.post(&at(draft, "/plan"), json!({})).await.expect(200).json
}

fn written(instance: &Instance) -> usize {
    let journal = instance.world.procore.journal();
    journal.iter().filter(|call| call.path.starts_with("/rest/") && call.method != "GET").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_procore_would_refuse_is_told_with_the_plan_and_not_pushed() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    let drafts = begun(&instance, &caller, &[9]).await;
    let level = |level| {
        instance.world.procore.world(|w| {
            let project_id = w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id;
            let login = "d.whitfield@whitfieldsons.example".to_owned();
            w.act(emulator::WorldAction::SetLevel { project_id, login, level }).unwrap();
        });
    };
    level(emulator::world::Level::ReadOnly);
    let plan = planned(&instance, &caller, &drafts[0], "lump_sum").await;
    let checks = plan["preflight"].as_array().unwrap();
    assert_eq!(checks.len(), 8);
    let stop: Vec<&Value> = checks.iter().filter(|check| check["level"] == "stop").collect();
    assert_eq!(
        (stop.len(), &stop[0]["check"], &stop[0]["correction"]["who"]),
        (1, &json!("permission"), &json!("project_admin"))
    );
    let said = caller.post(&at(&drafts[0], "/push"), json!({})).await.problem(409, "conflict");
    assert!(said.contains("Read Only"), "{said}");

    level(emulator::world::Level::Standard);
    let plan = planned(&instance, &caller, &drafts[0], "lump_sum").await;
    assert!(plan["preflight"].as_array().unwrap().iter().all(|check| check["level"] == "ok"), "{}", plan["preflight"]);
    caller.post(&at(&drafts[0], "/push"), json!({})).await.expect(202);
}

/// The receiver returns an approved COR, and its sender changes the price; answers the COR as it was before.
pub async fn repriced(instance: &Instance, cor: &str, change: Value) -> Value {
    let sender = instance.caller(&instance.made.subs[0]).await;
    let before = sender.get(cor).await.expect(200).json;
    let back = json!({ "status": "revise_and_resubmit", "reason": "Price the weekend too." });
    let back = instance.manager().await.put(&format!("{cor}/status"), back).await.expect(200).json;
    let mut change = change;
    change["revision"] = back["revision"].clone();
    sender.patch(cor, change).await.expect(200);
    before
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_states_the_currency_before_anything_is_pushed() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    let place = format!("/projects/{}/procore", instance.made.project);
    let choices = caller.get(&format!("{place}/projects")).await.expect(200).json;
    let harbor = choices["projects"].as_array().unwrap().iter().find(|p| p["number"] == emulator::seed::HARBOR_POINT);
    let new = json!({ "procore_project_id": harbor.unwrap()["id"] });
    let now = caller.put(&place, new.clone()).await.expect(200).json;
    let currency = &now["currency"];
    assert_eq!((&currency["code"], &currency["named"], &currency["stated"]), (&Value::Null, &json!([]), &Value::Null));
    assert!(currency["problem"].as_str().unwrap().contains("State the currency"), "{currency}");

    let drafts = begun(&instance, &caller, &[9]).await;
    let plan = planned(&instance, &caller, &drafts[0], "lump_sum").await;
    let stop = plan["preflight"].as_array().unwrap().iter().find(|check| check["level"] == "stop").unwrap();
    assert_eq!((&stop["check"], &stop["correction"]["who"]), (&json!("currency"), &json!("you")));
    let page = format!("/projects/{}/settings/procore#currency", instance.made.project);
    assert!(stop["correction"]["link"].as_str().unwrap().ends_with(&page), "{stop}");
    let said = caller.post(&at(&drafts[0], "/push"), json!({})).await.problem(409, "conflict");
    assert!(said.contains("nobody has stated it yet. Amounts are never converted. State the currency"), "{said}");

    caller.put(&format!("{place}/currency"), json!({ "currency": "XXX" })).await.problem(422, "invalid");
    let now = caller.put(&format!("{place}/currency"), json!({ "currency": "CAD" })).await.expect(200).json;
    assert!(now["currency"]["problem"].as_str().unwrap().contains("kept in CAD"), "{now}");
    let now = caller.put(&format!("{place}/currency"), json!({ "currency": "USD" })).await.expect(200).json;
    let currency = &now["currency"];
    assert_eq!((&currency["code"], &currency["problem"]), (&json!("USD"), &json!("")));
    assert_eq!(currency["stated"]["by"], "Daniel Whitfield");
    // Mapped again, the answer is kept.
    let again = caller.put(&place, new).await.expect(200).json;
    assert_eq!(&again["currency"], currency);
    planned(&instance, &caller, &drafts[0], "lump_sum").await;
    caller.post(&at(&drafts[0], "/push"), json!({})).await.expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn cors_are_mapped_planned_pushed_and_updated_by_a_program() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    let drafts = begun(&instance, &caller, &[9, 10]).await;
    assert_eq!((drafts.len(), &drafts[0]["linked_event_id"]), (1, &Value::Null));
    let draft = &drafts[0];
    caller.post(&at(draft, "/plan"), json!({})).await.problem(409, "conflict");

    let plan = planned(&instance, &caller, draft, "line_items").await;
    assert_eq!((&plan["totals"]["ours"]["previous"], plan["unanswered"].as_u64()), (&json!("0.00"), Some(0)));
    let shown = caller.get(&at(draft, "")).await.expect(200).json;
    assert_eq!(plan["totals"]["whole"]["new"], shown["amount"], "the plan adds up to the CORs");
    assert!(plan["cors"][0]["lines"].as_array().unwrap().iter().all(|line| line["action"] == "create"));
    assert_eq!(written(&instance), 0, "a plan writes nothing");

    let queued = caller.post(&at(draft, "/push"), json!({})).await.expect(202).json;
    assert_eq!((&queued["state"], &queued["finished"]), (&json!("queued"), &json!(false)));
    let again = caller.post(&at(draft, "/push"), json!({})).await.expect(202).json;
    assert_eq!(again["push_id"], queued["push_id"], "confirmed once, however often");
    instance.work().await;
    let result = caller.get(&at(draft, "/result")).await.expect(200).json;
    assert_eq!((&result["state"], &result["finished"]), (&json!("finished"), &json!(true)));
    assert!(result["cors"].as_array().unwrap().iter().all(|cor| cor["outcome"] == "written"), "{result}");
    assert_eq!(written(&instance), 1, "one request for both");

    // The sender asks for more; the receiver's program updates the same lines.
    let cor = format!("/cors/{}", draft["cors"][0].as_str().unwrap());
    let before = repriced(&instance, &cor, json!({ "total": "99999.00" })).await;
    let log = format!("/projects/{}/log/received?procore_state=update_needed", instance.made.project);
    let alerted = caller.get(&log).await.expect(200).json;
    assert_eq!((&alerted["count"], &alerted["rows"][0]["procore"]["event"]["id"]), (&json!(1), &result["event"]["id"]));
    let seen = caller.get(&cor).await.expect(200).json;
    assert_eq!(
        (&seen["procore"]["state"], &seen["procore"]["pushed"]["amount"]),
        (&json!("update_needed"), &before["total"])
    );

    let update = begun(&instance, &caller, &[9]).await.remove(0);
    assert_eq!(update["linked_event_id"], result["event"]["id"]);
    let other = json!({ "new": { "title": "Another", "status_id": "1" } });
    let said = caller.put(&at(&update, "/event"), other).await.problem(409, "conflict");
    assert!(said.contains("one Change Event"), "{said}");
    let plan = planned(&instance, &caller, &update, "line_items").await;
    assert_eq!((&plan["cors"][0]["previous"], &plan["cors"][0]["new"]), (&before["total"], &json!("99999.00")));
    caller.post(&at(&update, "/push"), json!({})).await.expect(202);
    instance.work().await;
    assert_eq!(caller.get(&cor).await.expect(200).json["procore"]["state"], "up_to_date");
    let events = format!("/projects/{}/procore/change-events?refresh=true", instance.made.project);
    let events = caller.get(&events).await.expect(200).json;
    let event = events["events"].as_array().unwrap().iter().find(|event| event["id"] == result["event"]["id"]).unwrap();
    assert_eq!(event["cost"], plan["totals"]["whole"]["new"], "Procore holds what was planned");

    // Linked CORs hold the project to its mapping.
    let place = format!("/projects/{}/procore", instance.made.project);
    assert_eq!(caller.get(&place).await.expect(200).json["linked_cors"], 2);
    caller.delete(&place).await.expect(204);
    let said = caller.get(&format!("{place}/reference")).await.problem(409, "conflict");
    assert!(said.contains("not mapped"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn choices_that_are_not_there_are_pointed_at_and_nothing_is_stored() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    let draft = begun(&instance, &caller, &[9]).await.remove(0);
    let before = caller.get(&at(&draft, "")).await.expect(200).json;
    let cor = draft["cors"][0].as_str().unwrap();
    let line = before["cors"][0]["lines"][0]["key"].as_str().unwrap();
    let escaped = line.replace('/', "~1");
    for (key, value, place) in [
        ("budget_code_for_all", json!("1"), "/budget_code_for_all".to_owned()),
        ("budget_codes", json!({ line: "1" }), format!("/budget_codes/{escaped}")),
        ("budget_codes", json!({ "no such line": "1" }), "/budget_codes/no such line".to_owned()),
        ("contracts", json!({ cor: "1" }), format!("/contracts/{cor}")),
    ] {
        let mut lines = json!({ "detail": "line_items" });
        lines[key] = value;
        caller.put(&at(&draft, "/lines"), lines).await.mending(&place);
    }
    assert_eq!(caller.get(&at(&draft, "")).await.expect(200).json, before);
    let commitment = find(&reference(&instance, &caller).await["commitments"], "number", "SC-23-007")["id"].clone();
    for (contract, lacking) in [(commitment, 0), (Value::Null, 1)] {
        let lines = json!({ "detail": "line_items", "contracts": { cor: contract } });
        let chosen = caller.put(&at(&draft, "/lines"), lines).await.expect(200).json;
        assert_eq!(chosen["missing"]["contracts"], json!(lacking), "null takes a choice back");
    }
    caller.put(&at(&draft, "/event"), json!({})).await.mending("/event_id");
    caller.put(&at(&draft, "/event"), json!({ "event_id": "1" })).await.mending("/event_id");
    let unknown_status = json!({ "new": { "title": "x", "status_id": "1" } });
    caller.put(&at(&draft, "/event"), unknown_status).await.mending("/new/status_id");
    caller.put(&at(&draft, "/event"), json!({ "event_id": 7 })).await.mending("/event_id");
    caller.get(&at(&draft, "/result")).await.problem(409, "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_came_is_told_and_then_found() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    let draft = begun(&instance, &caller, &[9]).await.remove(0);
    planned(&instance, &caller, &draft, "lump_sum").await;
    instance.world.procore.fault(Fault::next("POST", "/rest/v1.1/change_events", FaultKind::DropAfter));
    caller.post(&at(&draft, "/push"), json!({})).await.expect(202);
    instance.work().await;
    let result = caller.get(&at(&draft, "/result")).await.expect(200).json;
    assert_eq!((&result["state"], &result["finished"]), (&json!("uncertain"), &json!(false)));
    assert!(result["next_at"].is_string() && result["reason"].as_str().unwrap().contains("nothing is written twice"));
    instance.world.advance(600);
    instance.work().await;
    let result = caller.get(&at(&draft, "/result")).await.expect(200).json;
    assert_eq!((&result["state"], &result["cors"][0]["outcome"]), (&json!("finished"), &json!("written")), "{result}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_sign_in_to_procore_the_program_is_told_so() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    // Also a Project Manager of the project, but never at Procore.
    let other = instance.caller(&instance.person("Marisol Ortiz").await).await;
    let place = format!("/projects/{}/procore", instance.made.project);
    let said = other.get(&format!("{place}/reference?refresh=true")).await.problem(409, "procore-sign-in");
    assert!(said.contains("ign in to Procore"), "{said}");
    assert_eq!(other.get(&place).await.expect(200).json["sign_in"]["state"], "none");
    assert_eq!(caller.get(&place).await.expect(200).json["sign_in"]["state"], "live", "each person's own");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_a_filter_less_some_is_frozen_into_drafts() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    let project = instance.made.project;
    let path = format!("/projects/{project}/log/received?status=in_review&limit=200");
    let shown = caller.get(&path).await.expect(200).json;
    let mut found: Vec<String> =
        shown["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    assert!(found.len() > 2, "{shown}");
    let left = found.pop().unwrap();
    let all_of = json!({ "status": ["in_review"], "except": [left] });
    let new = json!({ "project_id": project.0, "side": "received", "all_of": all_of });
    let begun = caller.post("/push-drafts", new).await.expect(201).json;
    let drafts = begun["drafts"].as_array().unwrap();
    let mut taken: Vec<String> = drafts
        .iter()
        .flat_map(|draft| draft["cors"].as_array().unwrap())
        .map(|cor| cor.as_str().unwrap().to_owned())
        .collect();
    taken.sort();
    found.sort();
    assert_eq!(taken, found);

    let neither = json!({ "project_id": project.0, "side": "received" });
    let both = json!({ "project_id": project.0, "side": "received", "cors": [left], "all_of": {} });
    for wrong in [neither, both] {
        let told = caller.post("/push-drafts", wrong).await.expect(422).json;
        assert!(told.to_string().contains("Give either `cors` or `all_of`."), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cor_that_was_voided_after_its_push_is_taken_out_by_a_program() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    let draft = begun(&instance, &caller, &[9]).await.remove(0);
    let plan = planned(&instance, &caller, &draft, "line_items").await;
    let total = plan["totals"]["ours"]["new"].clone();
    caller.post(&at(&draft, "/push"), json!({})).await.expect(202);
    instance.work().await;
    instance.world.advance(60);
    let id = draft["cors"][0].as_str().unwrap();
    let cor = format!("/cors/{id}");
    caller
        .put(&format!("{cor}/status"), json!({ "status": "void", "reason": "The work was not ordered." }))
        .await
        .expect(200);
    let said = caller.get(&cor).await.expect(200).json["procore"].clone();
    assert_eq!(said["state"], "update_needed", "{said}");
    let owed = json!(format!("-{}", total.as_str().unwrap()));
    assert_eq!((&said["pushed"]["amount"], &said["pushed"]["difference"]), (&total, &owed));
    let log = format!("/projects/{}/log/received?procore_state=update_needed", instance.made.project);
    let log = caller.get(&log).await.expect(200).json;
    assert!(log["rows"].as_array().unwrap().iter().any(|row| row["id"] == id), "{log}");
    let reconciled = async || {
        let url = format!("/projects/{}/reconciliation", instance.made.project);
        let report = caller.get(&url).await.expect(200).json;
        let received = report["sections"].as_array().unwrap().iter().find(|s| s["side"] == "received").unwrap().clone();
        received["cors"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap().clone()
    };
    let row = reconciled().await;
    assert_eq!((&row["category"], &row["in_procore"], &row["state"]), (&json!("to_take_out"), &total, &said["state"]));
    assert_eq!(row["gap"], json!(format!("-{}", total.as_str().unwrap())));

    // Of all that is void, only what is there is taken along.
    let all = json!({ "project_id": instance.made.project.0, "side": "received", "all_of": { "status": ["void"] } });
    let begun = caller.post("/push-drafts", all).await.expect(201).json;
    assert_eq!(begun["drafts"].as_array().unwrap().len(), 1);
    assert!(begun["left_out"].as_u64().unwrap() > 0, "{begun}");
    let draft = &begun["drafts"][0];
    assert_eq!(draft["cors"], json!([id]));
    let ready =
        caller.put(&at(draft, "/event"), json!({ "event_id": draft["linked_event_id"] })).await.expect(200).json;
    assert_eq!(
        ready["missing"],
        json!({ "event": false, "contracts": 0, "budget_codes": [] }),
        "nothing is to be chosen"
    );
    assert_eq!((&ready["amount"], &ready["cors"][0]["amount"]), (&json!("0.00"), &json!("0.00")));
    let plan = caller.post(&at(draft, "/plan"), json!({})).await.expect(200).json;
    assert_eq!((&plan["cors"][0]["taken_out"], &plan["cors"][0]["new"]), (&json!(true), &json!("0.00")));
    assert!(plan["cors"][0]["lines"].as_array().unwrap().iter().all(|line| line["action"] == "remove"));
    caller.post(&at(draft, "/push"), json!({})).await.expect(202);
    instance.work().await;
    assert_eq!(caller.get(&cor).await.expect(200).json["procore"]["state"], "not_in_procore");
    let row = reconciled().await;
    assert_eq!((&row["category"], &row["in_procore"]), (&json!("not_to_push"), &json!("0.00")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_chosen_is_read_again_where_it_is_old_and_what_stops_the_push_is_told_with_the_event() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    let before = reference(&instance, &caller).await;
    let code = before["budget_codes"][0]["id"].as_str().unwrap().parse().unwrap();
    instance.world.procore.world(|w| w.act(emulator::WorldAction::RemoveBudgetCode { wbs_code_id: code })).unwrap();
    let same = reference(&instance, &caller).await;
    assert_eq!(same["budget_codes"], before["budget_codes"]);
    instance.world.advance(3600);
    let after = reference(&instance, &caller).await;
    assert_ne!(after["budget_codes"], before["budget_codes"], "an hour later it is read again");
    assert_ne!(after["budget_codes_read_at"], before["budget_codes_read_at"]);
    instance.world.advance(3600);
    let away = FaultKind::Status { status: 503, retry_after: None, executed: false };
    instance.world.procore.fault(Fault::next("GET", "wbs_codes", away));
    assert_eq!(
        reference(&instance, &caller).await["budget_codes_read_at"],
        after["budget_codes_read_at"],
        "as last read"
    );

    let draft = begun(&instance, &caller, &[9]).await.remove(0);
    let (event, other) = instance.world.procore.world(|w| {
        let harbor = w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id;
        let (event, other) =
            (w.event_by_number(harbor, "003").unwrap().id, w.event_by_number(harbor, "002").unwrap().id);
        w.act(emulator::WorldAction::SetEventStatus { event_id: event, mapped_to: "void".to_owned() }).unwrap();
        let login = "d.whitfield@whitfieldsons.example".to_owned();
        w.act(emulator::WorldAction::SetLevel { project_id: harbor, login, level: emulator::world::Level::Standard })
            .unwrap();
        (event.to_string(), other.to_string())
    });
    let said = caller.put(&at(&draft, "/event"), json!({ "event_id": event })).await.mending("/event_id");
    assert!(said.starts_with("CE 003 is Void"), "{said}");
    let chosen = caller.put(&at(&draft, "/event"), json!({ "event_id": other })).await.expect(200).json;
    let stop = chosen["preflight"].as_array().unwrap().iter().find(|finding| finding["level"] == "stop").unwrap();
    assert_eq!((&stop["check"], &stop["correction"]["who"]), (&json!("permission"), &json!("project_admin")));
    let events =
        caller.get(&format!("/projects/{}/procore/change-events", instance.made.project)).await.expect(200).json;
    let locked = find(&events["events"], "number", "001");
    assert!(
        locked["cost_locked_lines"].as_i64().unwrap() > 0
            && locked["lines"].as_i64() >= locked["cost_locked_lines"].as_i64()
    );
}
