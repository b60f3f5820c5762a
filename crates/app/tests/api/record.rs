//! The sealed record, for programs of both companies.

use serde_json::{Value, json};

use crate::{
    caller::Instance,
    pushes::{begun, mapped, planned},
};

#[tokio::test(flavor = "multi_thread")]
async fn each_company_takes_out_what_concerns_it_and_nobody_else_anything() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    let draft = begun(&instance, &caller, &[9]).await.remove(0);
    planned(&instance, &caller, &draft, "line_items").await;
    caller.post(&format!("/push-drafts/{}/push", draft["id"].as_str().unwrap()), json!({})).await.expect(202);
    instance.work().await;

    let path = format!("/cors/{}/record", draft["cors"][0].as_str().unwrap());
    let kinds = |answer: &Value| -> Vec<String> {
        answer["entries"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap().to_owned()).collect()
    };
    let ours = caller.get(&path).await.expect(200).json;
    assert!(ours["entries"][1]["text"].as_str().unwrap().contains(" asked to push it: "), "{ours}");
    assert_eq!(kinds(&ours), ["confirmed", "cor_asked", "sending", "answered", "cor_written"]);
    let sender = instance.caller(&instance.made.subs[0]).await;
    let theirs = sender.get(&path).await.expect(200).json;
    assert_eq!(kinds(&theirs), ["cor_asked", "cor_written"]);
    for entry in theirs["entries"].as_array().unwrap() {
        assert!(entry["kept"].is_null(), "logins, codes and ids are not theirs: {entry}");
        let same = ours["entries"].as_array().unwrap().iter().find(|own| own["seq"] == entry["seq"]).unwrap();
        assert_eq!((&same["hash"], &same["kept_hash"]), (&entry["hash"], &entry["kept_hash"]));
    }
    instance.caller(&instance.made.subs[1]).await.get(&path).await.problem(404, "not-found");

    // The whole record is the Account Owner's, page by page until there is no next.
    caller.get("/record").await.problem(403, "forbidden");
    let owner = instance.caller(&instance.made.owner).await;
    let first = owner.get("/record").await.expect(200).json;
    // What it says in words stands beside it where one COR is asked about.
    let mut sealed = ours["entries"].clone();
    for entry in sealed.as_array_mut().unwrap() {
        let entry = entry.as_object_mut().unwrap();
        assert!(["text", "login", "request_id"].iter().all(|words| entry.remove(*words).is_some()));
    }
    assert_eq!(first["entries"], sealed);
    let last = ours["entries"].as_array().unwrap().last().unwrap();
    assert_eq!((&first["head_seq"], &first["head_hash"]), (&last["seq"], &last["hash"]));
    let end = owner.get(&format!("/record?cursor={}", first["next"].as_str().unwrap())).await.expect(200).json;
    assert!(kinds(&end).is_empty() && end["next"].is_null(), "{end}");
    owner.get("/record?cursor=x").await.mending("cursor");
}
