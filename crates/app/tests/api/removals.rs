//! A removal through the API: it is followed and steered by its push's id, as any push is.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, Instance},
    pushes::{begun, mapped, planned},
};

async fn asked(caller: &Caller<'_>, cor: &str) -> String {
    let shown = caller.post(&format!("{cor}/procore/removal-plan"), json!({ "purpose": "unlink" })).await.expect(200);
    let confirmed = json!({ "purpose": "unlink", "digest": shown.json["digest"] });
    let begun = caller.post(&format!("{cor}/procore/removal"), confirmed).await.expect(202);
    let push = format!("/pushes/{}", begun.json["push_id"].as_str().unwrap());
    assert_eq!(begun.headers["location"], format!("/api/v1{push}"));
    push
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_is_paused_cancelled_and_carried_out_by_a_program() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    let draft = begun(&instance, &caller, &[9]).await.remove(0);
    planned(&instance, &caller, &draft, "line_items").await;
    let draft_at = format!("/push-drafts/{}", draft["id"].as_str().unwrap());
    let written = caller.post(&format!("{draft_at}/push"), json!({})).await.expect(202).json;
    instance.work().await;
    let written = caller.get(&format!("/pushes/{}", written["push_id"].as_str().unwrap())).await.expect(200).json;
    assert_eq!(
        (&written["draft_id"], &written["purpose"], &written["state"]),
        (&draft["id"], &json!("write"), &json!("finished")),
        "a push that has a draft is found by its own id as well"
    );
    let cor = format!("/cors/{}", draft["cors"][0].as_str().unwrap());

    let removal = asked(&caller, &cor).await;
    let shown = caller.get(&removal).await.expect(200).json;
    assert_eq!(
        (&shown["draft_id"], &shown["purpose"], &shown["state"]),
        (&Value::Null, &json!("unlink"), &json!("queued"))
    );
    let paused = caller.post(&format!("{removal}/pause"), json!({})).await.expect(200).json;
    assert_eq!(paused["state"], "paused");
    let said = caller.post(&format!("{removal}/try-again"), json!({})).await.problem(409, "conflict");
    assert!(said.contains("This removal"), "{said}");
    let cancelled = caller.post(&format!("{removal}/cancel"), json!({})).await.expect(200).json;
    assert_eq!((&cancelled["state"], &cancelled["cors"][0]["outcome"]), (&json!("cancelled"), &json!("cancelled")));
    assert_eq!(caller.get(&cor).await.expect(200).json["procore"]["state"], "up_to_date");

    let removal = asked(&caller, &cor).await;
    caller.post(&format!("{removal}/pause"), json!({})).await.expect(200);
    let stranger = instance.caller(&instance.made.subs[0]).await;
    stranger.get(&removal).await.problem(404, "not-found");
    stranger.post(&format!("{removal}/resume"), json!({})).await.problem(404, "not-found");
    caller.post(&format!("{removal}/resume"), json!({})).await.expect(200);
    instance.work().await;
    let done = caller.get(&removal).await.expect(200).json;
    assert_eq!((&done["state"], &done["cors"][0]["outcome"]), (&json!("finished"), &json!("written")));
    assert_eq!(caller.get(&cor).await.expect(200).json["procore"]["state"], "not_in_procore");
}
