//! The reconciliation, for programs.

use serde_json::{Value, json};

use crate::caller::Instance;

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
        let cors = section["cors"].as_array().unwrap();
        assert_eq!(cors.iter().map(|cor| cents(&cor["in_log"])).sum::<i64>(), sum("in_log"));
    }
    let body = json!({ "figures": now["figures"], "note": "October" });
    let signed = caller.post(&format!("{path}/signatures"), body).await.expect(201).json;
    assert!(signed["intact"] == true && signed["sections"] == now["sections"]);
    let kept = format!("/reconciliations/{}", signed["signature"]["id"].as_str().unwrap());
    assert_eq!(caller.get(&kept).await.expect(200).json, signed);
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
