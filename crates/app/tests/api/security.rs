//! Security events, read by the Account Owner's program.

use serde_json::json;

use crate::caller::Instance;

#[tokio::test(flavor = "multi_thread")]
async fn the_account_owners_program_reads_security_events() {
    let instance = Instance::furnished().await;
    let owner = instance.caller(&instance.made.owner).await;
    owner.get("/record").await.expect(200);
    let page = owner.get("/security-events").await.expect(200).json;
    let kinds: Vec<&str> =
        page["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds[..2], ["exported", "token_made"], "the newest first");
    let event = &page["events"][0];
    assert_eq!(
        (&event["what"], &event["subject"], &event["succeeded"]),
        (&json!("Exported"), &json!("Whole record"), &json!(true))
    );
    let tokens = owner.get("/security-events?topic=tokens").await.expect(200).json;
    assert!(tokens["events"].as_array().unwrap().iter().all(|event| event["kind"] == "token_made"));
    assert_eq!(owner.get("/security-events?refused=true").await.expect(200).json["events"], json!([]));
    owner.get("/security-events?topic=nonsense").await.mending("topic");
    owner.get("/security-events?cursor=nonsense").await.mending("cursor");

    for _ in 0..101 {
        owner.get("/record").await.expect(200);
    }
    let first = owner.get("/security-events").await.expect(200).json;
    assert_eq!(first["events"].as_array().unwrap().len(), 100);
    let next = first["next"].as_str().unwrap();
    let second = owner.get(&format!("/security-events?cursor={next}")).await.expect(200).json;
    assert!(
        second["next"].is_null()
            && second["events"].as_array().unwrap().len() == page["events"].as_array().unwrap().len() + 1
    );
    let manager = instance.manager().await;
    let said = manager.get("/security-events").await.problem(403, "forbidden");
    assert!(said.contains("Only the Account Owner"), "{said}");
}
