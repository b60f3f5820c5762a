//! The check that clients are held to.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on stops where it stands")]

mod support;

use emulator::schema::{check_answer, check_exchange, check_request};
use serde_json::{Value, json};
use support::Procore;

/// Spoils a sound exchange.
type Spoil = fn(&mut emulator::Exchange);

#[tokio::test]
async fn a_sound_exchange_passes_and_each_kind_of_mistake_is_named() {
    let procore = Procore::demo().await;
    procore.call("POST", &procore.events_path(), procore.new_event(json!([{ "description": "x" }]))).await.expect(201);
    let sound = procore.emulator.journal().pop().unwrap();
    check_exchange(&sound).unwrap();

    let mistakes: [(&str, Spoil); 7] = [
        ("is no documented path", |e| e.path = "/rest/v1.0/projects/1/change_events".into()),
        ("has no PUT", |e| e.method = "PUT".into()),
        ("project_id is required", |e| e.query.clear()),
        ("debug is no parameter", |e| e.query.push_str("&debug=1")),
        ("Procore-Company-Id is required", |e| e.headers.clear()),
        ("Additional properties", |e| e.body["change_event"]["external"] = json!("typo")),
        ("\"scope\" is a required property", |e| {
            e.body["change_event"].as_object_mut().unwrap().remove("scope");
        }),
    ];
    for (words, spoil) in mistakes {
        let mut exchange = sound.clone();
        spoil(&mut exchange);
        let said = check_request(&exchange).unwrap_err();
        assert!(said.contains(words), "{said}");
    }
    let mut float = sound.clone();
    float.answer["change_items"][0]["cost_impact"]["estimate"]["amount"] = json!(0.0);
    assert!(check_answer(&float).is_err());
    let mut teapot = sound;
    teapot.status = Some(418);
    assert!(check_answer(&teapot).is_err());
}

#[tokio::test]
async fn a_lost_answer_is_not_held_against_anyone() {
    let procore = Procore::demo().await;
    procore.emulator.fault(emulator::Fault::next("GET", "/me", emulator::FaultKind::DropAfter));
    procore.try_call("GET", "/rest/v1.0/me", Value::Null).await.unwrap_err();
    check_exchange(&procore.emulator.journal()[0]).unwrap();
}
