//! What somebody changed in Procore, seen and decided by a program; and a push that it steers.

use emulator::{Fault, FaultKind, world::Estimate};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::{
    caller::{Caller, Instance},
    pushes::{at, begun, mapped, planned},
};

/// The first line of the mechanical subcontractor's COR says something else in Procore.
fn edit_in_procore(instance: &Instance, dollars: i64) {
    instance.world.procore.world(|w| {
        let items = w.change_events.values().flat_map(|event| &event.items);
        let ours = |text: &str| text.contains("COR 009");
        let mut ids: Vec<i64> =
            items.filter(|i| i.description.as_deref().is_some_and(ours)).map(|item| item.id).collect();
        ids.sort_unstable();
        w.edit_line(ids[0], |line| line.cost = Estimate::manual(Decimal::from(dollars))).unwrap();
    });
    // A reading of the same moment says nothing.
    instance.world.advance(60);
}

async fn compared(caller: &Caller<'_>, cor: &str) -> Value {
    caller.post(&format!("{cor}/procore/read"), json!({})).await.expect(200).json
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_is_read_left_accepted_and_let_go_of() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    let draft = begun(&instance, &caller, &[9]).await.remove(0);
    planned(&instance, &caller, &draft, "line_items").await;
    caller.post(&at(&draft, "/push"), json!({})).await.expect(202);
    instance.work().await;
    instance.world.advance(60);
    let cor = format!("/cors/{}", draft["cors"][0].as_str().unwrap());
    let before = caller.get(&format!("{cor}/procore")).await.expect(200).json;
    assert_eq!((&before["state"], &before["open"]), (&json!("up_to_date"), &json!([])));

    // While its currency is another one, there is no difference, and it says why.
    let currency = format!("/projects/{}/procore/currency", instance.made.project);
    for (code, apart) in [("CAD", true), ("USD", false)] {
        caller.put(&currency, json!({ "currency": code })).await.expect(200);
        let seen = caller.get(&format!("{cor}/procore")).await.expect(200).json;
        let pushed = &caller.get(&cor).await.expect(200).json["procore"]["pushed"];
        let why = |of: &Value| of["not_compared"].as_str().is_some_and(|why| why.contains("kept in CAD"));
        assert_eq!((why(&seen), why(pushed), pushed["difference"].is_null()), (apart, apart, apart), "{pushed}");
    }

    edit_in_procore(&instance, 111);
    let seen = compared(&caller, &cor).await;
    assert_eq!((&seen["state"], &seen["open"][0]["state"]), (&json!("line_changed"), &json!("line_changed")));
    let stale = json!({ "version": before["version"] });
    let said = caller.post(&format!("{cor}/procore/leave"), stale).await.problem(409, "conflict");
    assert!(said.contains("since you looked"), "{said}");
    let decision = json!({ "version": seen["version"] });
    let left = caller.post(&format!("{cor}/procore/leave"), decision).await.expect(200).json;
    assert_eq!((&left["state"], &left["left_alone"][0]["state"]), (&json!("up_to_date"), &json!("line_changed")));

    edit_in_procore(&instance, 222);
    let seen = compared(&caller, &cor).await;
    assert_eq!(seen["state"], "line_changed", "it changed again");
    let decision = json!({ "version": seen["version"], "note": "as agreed on site" });
    let accepted = caller.post(&format!("{cor}/procore/accept"), decision).await.expect(200).json;
    assert_eq!((&accepted["state"], &accepted["open"]), (&json!("up_to_date"), &json!([])));

    let stranger = instance.caller(&instance.made.subs[0]).await;
    stranger.get(&format!("{cor}/procore")).await.problem(404, "not-found");
    stranger.post(&format!("{cor}/procore/read"), json!({})).await.problem(404, "not-found");
    caller.post(&format!("{cor}/procore/unlink"), json!({ "version": accepted["version"] })).await.expect(204);
    assert_eq!(caller.get(&cor).await.expect(200).json["procore"]["state"], "not_in_procore");
    caller.get(&format!("{cor}/procore")).await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_event_is_read_as_deleted() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    let draft = begun(&instance, &caller, &[9]).await.remove(0);
    planned(&instance, &caller, &draft, "line_items").await;
    caller.post(&at(&draft, "/push"), json!({})).await.expect(202);
    instance.work().await;
    instance.world.advance(60);
    instance.world.procore.world(|w| {
        let ours = |text: &str| text.contains("COR 009");
        let ours =
            |e: &&mut emulator::world::ChangeEvent| e.items.iter().any(|i| i.description.as_deref().is_some_and(ours));
        let now = w.epoch;
        w.change_events.values_mut().find(ours).unwrap().deleted_at = Some(now);
    });
    let cor = format!("/cors/{}", draft["cors"][0].as_str().unwrap());
    let seen = compared(&caller, &cor).await;
    assert_eq!((&seen["state"], &seen["event_now"]["gone"]), (&json!("event_deleted"), &json!(true)), "{seen}");
    assert_eq!(caller.get(&cor).await.expect(200).json["procore"]["state"], "event_deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_paused_resumed_cancelled_and_tried_again_by_its_draft() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    let draft = begun(&instance, &caller, &[9]).await.remove(0);
    planned(&instance, &caller, &draft, "line_items").await;
    caller.post(&at(&draft, "/push"), json!({})).await.expect(202);
    let step = |verb: &str| at(&draft, &format!("/{verb}"));
    assert_eq!(caller.post(&step("pause"), json!({})).await.expect(200).json["state"], "paused");
    let said = caller.post(&step("try-again"), json!({})).await.problem(409, "conflict");
    assert!(said.contains("goes on by itself") || said.contains("resume"), "{said}");
    assert_eq!(caller.post(&step("resume"), json!({})).await.expect(200).json["state"], "queued");
    assert_eq!(caller.post(&step("cancel"), json!({})).await.expect(200).json["state"], "cancelled");
    instance.work().await;
    let cor = format!("/cors/{}", draft["cors"][0].as_str().unwrap());
    assert_eq!(caller.get(&cor).await.expect(200).json["procore"]["state"], "not_in_procore");
    let said = caller.post(&step("resume"), json!({})).await.problem(409, "conflict");
    assert!(said.contains("over"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_event_in_question_is_looked_for_at_once_or_said_not_to_be_there() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    let draft = begun(&instance, &caller, &[9]).await.remove(0);
    planned(&instance, &caller, &draft, "line_items").await;
    caller.post(&at(&draft, "/push"), json!({})).await.expect(202);
    let lost = FaultKind::Status { status: 502, retry_after: None, executed: false };
    instance.world.procore.fault(Fault::next("POST", "/change_events", lost));
    instance.work().await;
    let stands = caller.get(&at(&draft, "/result")).await.expect(200).json;
    assert_eq!(stands["state"], "uncertain");
    assert!(stands["made_again_at"].is_string() && stands["looked_at"].is_null(), "{stands}");
    let step = |verb: &str| format!("/pushes/{}/{verb}", stands["push_id"].as_str().unwrap());
    assert_eq!(caller.post(&step("look-now"), json!({})).await.expect(200).json["state"], "uncertain");
    instance.work().await;
    let looked = caller.get(&at(&draft, "/result")).await.expect(200).json;
    assert!(looked["looked_at"].is_string(), "{looked}");
    let said = caller.post(&step("not-there"), json!({})).await.problem(409, "conflict");
    assert!(said.contains("may still be on its way"), "{said}");
    instance.world.advance(130);
    caller.post(&step("not-there"), json!({})).await.expect(200);
    instance.work().await;
    let done = caller.get(&at(&draft, "/result")).await.expect(200).json;
    assert_eq!((&done["state"], &done["made_again_at"]), (&json!("finished"), &json!(null)));
    let stranger = instance.caller(&instance.made.subs[0]).await;
    for verb in ["look-now", "not-there"] {
        stranger.post(&step(verb), json!({})).await.problem(404, "not-found");
        caller.post(&step(verb), json!({})).await.problem(409, "conflict");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_removed_there_is_asked_about_and_answered() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    let draft = begun(&instance, &caller, &[9]).await.remove(0);
    planned(&instance, &caller, &draft, "line_items").await;
    caller.post(&at(&draft, "/push"), json!({})).await.expect(202);
    instance.work().await;
    instance.world.procore.world(|w| {
        let items = w.change_events.values().flat_map(|event| &event.items);
        let ours = items.filter(|i| i.description.as_deref().is_some_and(|text| text.contains("COR 009")));
        let line = ours.map(|item| item.id).min().unwrap();
        w.delete_line(line).unwrap();
    });
    let again = begun(&instance, &caller, &[9]).await.remove(0);
    let plan = planned(&instance, &caller, &again, "line_items").await;
    let lines = plan["cors"][0]["lines"].as_array().unwrap();
    let removed = lines.iter().find(|line| line["action"] == "removed_there").unwrap();
    let said = caller.post(&at(&again, "/push"), json!({})).await.problem(409, "conflict");
    assert!(said.contains("were removed in Procore"), "{said}");
    let answers = json!({ "answers": { removed["key"].as_str().unwrap(): "recreate" } });
    caller.put(&at(&again, "/answers"), answers).await.expect(200);
    caller.post(&at(&again, "/plan"), json!({})).await.expect(200);
    caller.post(&at(&again, "/push"), json!({})).await.expect(202);
    instance.work().await;
    let cor = format!("/cors/{}", draft["cors"][0].as_str().unwrap());
    assert_eq!(caller.get(&cor).await.expect(200).json["procore"]["state"], "up_to_date");
}
