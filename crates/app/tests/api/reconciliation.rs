//! The reconciliation, for programs.

use serde_json::{Value, json};

use crate::{caller::Instance, pushes::mapped};

fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_add_up_are_signed_once_seen_and_compared() {
    let instance = Instance::furnished().await;
    let caller = instance.manager().await;
    let path = format!("/projects/{}/reconciliation", instance.made.project);
    let old = caller.post(&format!("{path}/signatures"), json!({ "figures": "old" })).await;
    assert!(old.problem(409, "conflict").contains("The figures changed"));
    let now = caller.get(&path).await.expect(200).json;
    for section in now["sections"].as_array().unwrap() {
        let sum = |name: &str| section["categories"].as_array().unwrap().iter().map(|c| cents(&c[name])).sum::<i64>();
        assert_eq!((sum("in_log"), sum("in_procore")), (cents(&section["log_total"]), cents(&section["events_total"])));
        let (log, apart) = (cents(&section["log_total"]), cents(&section["draft_or_void"]));
        assert_eq!(log - apart - cents(&section["events_total"]), cents(&section["gap"]));
        let cors = section["cors"].as_array().unwrap();
        assert_eq!(cors.iter().map(|cor| cents(&cor["in_log"])).sum::<i64>(), sum("in_log"));
    }
    let body = json!({ "figures": now["figures"], "note": "October" });
    let signed = caller.post(&format!("{path}/signatures"), body).await.expect(201).json;
    assert!(signed["intact"] == true && signed["sections"] == now["sections"]);
    let kept = format!("/reconciliations/{}", signed["signature"]["id"].as_str().unwrap());
    assert_eq!(caller.get(&kept).await.expect(200).json, signed);
    caller.get(&format!("{kept}/comparison?with=")).await.mending("with");
    let compared = caller.get(&format!("{kept}/comparison")).await.expect(200).json;
    assert!(compared["after"].is_null() && compared["sections"][0]["changes"].as_array().unwrap().is_empty());
    let stranger = instance.caller(&instance.made.subs[0]).await;
    stranger.get(&kept).await.problem(404, "not-found");
    let office = format!("/offices/{}/reconciliation", instance.made.offices[0]);
    caller.get(&office).await.problem(403, "forbidden");
    let owner = instance.caller(&instance.made.owner).await;
    let all = owner.get(&office).await.expect(200).json;
    let body = json!({ "figures": all["figures"] });
    let signed = owner.post(&format!("{office}/signatures"), body).await.expect(201).json;
    assert_eq!(signed["signature"]["office_id"], instance.made.offices[0].to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_procore_keeps_in_another_currency_has_no_gap() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    let (project, path) = (instance.made.project, format!("/projects/{}/reconciliation", instance.made.project));
    caller.get(&format!("/projects/{project}/procore/change-events?refresh=true")).await.expect(200);
    let before = caller.get(&path).await.expect(200).json;
    assert!(before["hindrance"].is_null() && before["sections"][0]["gap"].is_string(), "{before}");
    caller.put(&format!("/projects/{project}/procore/currency"), json!({ "currency": "CAD" })).await.expect(200);
    let now = caller.get(&path).await.expect(200).json;
    let hindrance = now["hindrance"].as_str().unwrap();
    assert!(hindrance.contains("kept in CAD") && hindrance.contains("Correct what was stated"), "{hindrance}");
    let received = &now["sections"][0];
    assert!(received["gap"].is_null() && received["events_total"].is_null(), "{received}");
    assert!(received["added_by_procore"]["markup"].is_null(), "{received}");
    for sum in received["categories"].as_array().unwrap() {
        match sum["category"].as_str().unwrap() {
            "not_comparable" => {
                assert!(sum["count"].as_u64().unwrap() > 20 && sum["gap"].is_null() && sum["in_procore"].is_null());
            }
            "not_to_push" => assert_eq!((&sum["gap"], &sum["in_procore"]), (&json!("0.00"), &json!("0.00"))),
            "only_in_procore" => assert!(sum["gap"].is_null() && sum["in_procore"].is_null()),
            other => assert_eq!((&sum["count"], &sum["gap"]), (&json!(0), &json!("0.00")), "{other}"),
        }
    }
    let apart = received["cors"].as_array().unwrap().iter().filter(|cor| cor["category"] == "not_comparable");
    for cor in apart {
        assert!(cor["gap"].is_null() && cor["in_procore"].is_null(), "{cor}");
        assert!(cor["not_compared"].as_str().unwrap().contains("kept in CAD"), "{cor}");
    }
    assert!(
        received["events"].as_array().unwrap().iter().all(|event| event["counts"] != "yes" && event["total"].is_null())
    );
    let body = json!({ "figures": now["figures"] });
    let told = caller.post(&format!("{path}/signatures"), body).await.problem(409, "conflict");
    assert_eq!(told, hindrance);
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_foot_where_procore_holds_fractions_of_a_cent() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    instance.world.procore.switches(|switches| switches.amount_decimals = 6);
    instance.world.procore.world(|w| {
        let harbor = w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id;
        for number in ["001", "002", "003"] {
            let event = w.event_by_number(harbor, number).unwrap().id;
            w.add_foreign_line(event, "Crane time", rust_decimal::Decimal::new(4, 3)).unwrap();
        }
    });
    let project = instance.made.project;
    caller.get(&format!("/projects/{project}/procore/change-events?refresh=true")).await.expect(200);
    let now = caller.get(&format!("/projects/{project}/reconciliation")).await.expect(200).json;
    let received = &now["sections"][0];
    let categories = received["categories"].as_array().unwrap();
    let sum = |name: &str| categories.iter().map(|c| cents(&c[name])).sum::<i64>();
    assert_eq!(sum("in_procore") + cents(&received["rounding"]), cents(&received["events_total"]));
    assert_eq!(sum("gap") - cents(&received["rounding"]), cents(&received["gap"]));
    let only = categories.iter().find(|c| c["category"] == "only_in_procore").unwrap();
    let rows = received["events"].as_array().unwrap().iter().filter(|event| event["counts"] == "yes");
    let rows: i64 = rows.map(|event| cents(&event["only_in_procore"])).sum();
    assert_eq!((only["rounding"].as_str(), rows + 1), (Some("0.01"), cents(&only["in_procore"])));
}
