//! CORs, written by their sender's program and answered by the receiver's.

use domain::role::Role;
use http::header;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::caller::{Caller, Instance};

fn lines() -> Value {
    json!([
        { "section": "labor", "description": "Pipefitter", "quantity": "12.5", "unit": "h", "rate": "98.75" },
        { "section": "material", "description": "Credit for pipe not used", "amount": "-500" },
    ])
}

/// A draft of the mechanical subcontractor.
async fn draft(instance: &Instance, sender: &Caller<'_>) -> Value {
    let new = json!({ "contract_id": instance.made.contracts[0].0, "title": "Reroute the main", "lines": lines() });
    let made = sender.post(&format!("/projects/{}/cors", instance.made.project), new).await.expect(201);
    assert_eq!(made.headers[header::LOCATION], format!("/api/v1/cors/{}", made.json["id"].as_str().unwrap()));
    made.json
}

fn at(cor: &Value) -> String {
    format!("/cors/{}", cor["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cor_is_drafted_edited_sent_and_answered() {
    let instance = Instance::furnished().await;
    let (sender, receiver) = (instance.caller(&instance.made.subs[0]).await, instance.manager().await);
    let cor = draft(&instance, &sender).await;
    assert_eq!((&cor["total"], &cor["status"], &cor["side"]), (&json!("734.38"), &json!("draft"), &json!("sent")));
    receiver.get(&at(&cor)).await.problem(404, "not-found");

    let change = json!({ "revision": cor["revision"], "title": "Reroute the chilled water main", "total": "800.00" });
    let edited = sender.patch(&at(&cor), change).await.expect(200).json;
    assert_eq!(
        (&edited["total"], &edited["rounding"], &edited["computed"]),
        (&json!("800.00"), &json!("65.62"), &json!("734.38"))
    );
    assert_eq!(edited["lines"], cor["lines"], "what is left out stays, ids and all");
    let reset = json!({ "revision": edited["revision"], "total": null });
    let edited = sender.patch(&at(&cor), reset).await.expect(200).json;
    assert_eq!((&edited["total"], &edited["title"]), (&json!("734.38"), &json!("Reroute the chilled water main")));

    let sent = sender.post(&format!("{}/send", at(&cor)), json!({})).await.expect(200).json;
    assert_eq!(sent["status"], "in_review");
    let status = json!({ "status": "approved_to_proceed", "revision": sent["revision"] });
    let answered = receiver.put(&format!("{}/status", at(&cor)), status).await.expect(200).json;
    assert_eq!((&answered["status"], &answered["side"]), (&json!("approved_to_proceed"), &json!("received")));
    let told: Vec<&str> =
        answered["activity"].as_array().unwrap().iter().map(|a| a["kind"].as_str().unwrap()).collect();
    assert_eq!(told[..2], ["status", "sent"], "the newest first");
    sender.delete(&at(&cor)).await.problem(409, "conflict");
    let said = sender.post(&format!("{}/send", at(&cor)), json!({})).await.problem(409, "conflict");
    assert!(said.contains("is Approved to Proceed already"), "{said}");
    assert_eq!(sender.get(&at(&cor)).await.expect(200).json["status"], "approved_to_proceed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_made_on_an_old_revision_overwrites_nothing() {
    let instance = Instance::furnished().await;
    let sender = instance.caller(&instance.made.subs[0]).await;
    let cor = draft(&instance, &sender).await;
    let change = |title: &str| json!({ "revision": cor["revision"], "title": title });
    sender.patch(&at(&cor), change("The first")).await.expect(200);
    let said = sender.patch(&at(&cor), change("The second")).await.problem(409, "conflict");
    assert!(said.contains("Read it again"), "{said}");
    let status = json!({ "status": "in_review", "revision": cor["revision"] });
    sender.put(&format!("{}/status", at(&cor)), status).await.problem(409, "conflict");
    assert_eq!(sender.get(&at(&cor)).await.expect(200).json["title"], "The first");
    sender.delete(&at(&cor)).await.expect(204);
    sender.get(&at(&cor)).await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn approving_is_the_receivers_and_what_is_approved_keeps_its_price() {
    let instance = Instance::furnished().await;
    let (sender, receiver) = (instance.caller(&instance.made.subs[0]).await, instance.manager().await);
    let cor = draft(&instance, &sender).await;
    sender.post(&format!("{}/send", at(&cor)), json!({})).await.expect(200);
    let status = format!("{}/status", at(&cor));
    let set = |status: &str| json!({ "status": status });
    let said = sender.put(&status, set("approved_co_issued")).await.problem(403, "forbidden");
    assert!(said.contains("Only the company that receives this COR can approve it."), "{said}");
    receiver.put(&status, set("approved_to_proceed")).await.mending("/revision");
    let seen = receiver.get(&at(&cor)).await.expect(200).json["revision"].clone();
    let approve = json!({ "status": "approved_to_proceed", "revision": seen });
    let approved = receiver.put(&status, approve).await.expect(200).json;
    assert_eq!((&approved["recorded_approval"], &approved["status_reason"]), (&Value::Null, &json!("")));
    let change = json!({ "revision": approved["revision"], "total": "900.00" });
    let said = sender.patch(&at(&cor), change).await.problem(409, "conflict");
    assert!(said.contains("is approved, so its price stays as it is"), "{said}");
    let title = json!({ "revision": approved["revision"], "title": "Reroute the chilled water main" });
    assert_eq!(sender.patch(&at(&cor), title).await.expect(200).json["total"], approved["total"]);
    for code in ["void", "in_review", "revise_and_resubmit"] {
        sender.put(&status, set(code)).await.problem(403, "forbidden");
        let said = receiver.put(&status, set(code)).await.mending("/reason");
        assert!(said.contains("Say why"), "{said}");
    }
    let back = json!({ "status": "revise_and_resubmit", "reason": "Price the crane too." });
    let back = receiver.put(&status, back).await.expect(200).json;
    assert_eq!(back["status_reason"], "Price the crane too.");
    let change = json!({ "revision": back["revision"], "total": "740.00" });
    assert_eq!(sender.patch(&at(&cor), change).await.expect(200).json["total"], "740.00");

    // What goes to a company that has not joined is recorded, with how and when.
    let sent = format!("/projects/{}/log/sent?status=in_review", instance.made.project);
    let to_owner = receiver.get(&sent).await.expect(200).json["rows"][0].clone();
    let status = format!("{}/status", at(&to_owner));
    let seen = receiver.get(&at(&to_owner)).await.expect(200).json["revision"].clone();
    let unsaid = json!({ "status": "approved_to_proceed", "revision": seen });
    receiver.put(&status, unsaid).await.mending("/approval/means");
    let with = |means: &str, on: &str| {
        let approval = json!({ "means": means, "on": on });
        json!({ "status": "approved_to_proceed", "revision": seen, "approval": approval })
    };
    receiver.put(&status, with("shouted", "2026-11-20")).await.mending("/approval/means");
    receiver.put(&status, with("mail", "tomorrow")).await.mending("/approval/on");
    // At 9 in the morning in Greenwich tomorrow has begun nowhere.
    instance.world.advance(16 * 3600);
    let said = receiver.put(&status, with("mail", "2026-11-25")).await.mending("/approval/on");
    assert!(said.contains("This day is still to come."), "{said}");
    let recorded = receiver.put(&status, with("mail", "2026-11-20")).await.expect(200).json;
    assert_eq!(recorded["recorded_approval"], json!({ "means": "mail", "on": "2026-11-20" }));
    // Said again it changes nothing; said otherwise it is not swallowed.
    let again = receiver.put(&status, with("mail", "2026-11-20")).await.expect(200).json;
    assert_eq!(again["revision"], recorded["revision"]);
    let said = receiver.put(&status, with("signed", "2026-11-20")).await.problem(409, "conflict");
    assert!(said.contains("recorded by the sender: Mail or e-mail"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_total_is_stated_again_when_its_lines_change() {
    let instance = Instance::furnished().await;
    let sender = instance.caller(&instance.made.subs[0]).await;
    let cor = draft(&instance, &sender).await;
    let change = json!({ "revision": cor["revision"], "total": "740.00" });
    let rounded = sender.patch(&at(&cor), change).await.expect(200).json;
    let mut longer = lines();
    longer.as_array_mut().unwrap().push(json!({ "section": "other", "description": "Permit", "amount": "1840.30" }));
    let with = |total: Option<Value>| {
        let mut change = json!({ "revision": rounded["revision"], "lines": longer });
        if let Some(total) = total {
            change["total"] = total;
        }
        change
    };
    let said = sender.patch(&at(&cor), with(None)).await.mending("/total");
    assert!(said.contains("The total of 740.00 was typed; the lines add up to 2,574.68"), "{said}");
    assert_eq!(sender.get(&at(&cor)).await.expect(200).json["lines"], rounded["lines"], "nothing was done");
    // What doesn't touch the price is not asked about it.
    let title = json!({ "revision": rounded["revision"], "title": "Reroute the chilled water main" });
    let titled = sender.patch(&at(&cor), title).await.expect(200).json;
    let mut kept = with(Some(json!("740.00")));
    kept["revision"] = titled["revision"].clone();
    let kept = sender.patch(&at(&cor), kept).await.expect(200).json;
    assert_eq!((&kept["total"], &kept["rounding"]), (&json!("740.00"), &json!("-1834.68")));
    assert_eq!(rounded["rounding_warning"], "", "5.62 is a rounding");
    assert_eq!(kept["rounding_warning"], "The total was typed: 740.00. The lines add up to 2,574.68.");
    // Without lines the total would be the whole price.
    let no_lines = json!({ "revision": kept["revision"], "lines": [] });
    let said = sender.patch(&at(&cor), no_lines.clone()).await.mending("/total");
    assert!(said.contains("740.00 was typed for lines that are gone. Keep it as a lump sum"), "{said}");
    assert_eq!(sender.get(&at(&cor)).await.expect(200).json["lines"], kept["lines"], "nothing was done");
    let mut taken = with(Some(Value::Null));
    taken["revision"] = kept["revision"].clone();
    let taken = sender.patch(&at(&cor), taken).await.expect(200).json;
    assert_eq!((&taken["total"], &taken["rounding"]), (&json!("2574.68"), &json!("0.00")));
    let mut lump_sum = json!({ "revision": taken["revision"], "total": "2600.00" });
    let rounded = sender.patch(&at(&cor), lump_sum.clone()).await.expect(200).json;
    (lump_sum["revision"], lump_sum["lines"]) = (rounded["revision"].clone(), json!([]));
    let lump_sum = sender.patch(&at(&cor), lump_sum).await.expect(200).json;
    assert_eq!((&lump_sum["total"], &lump_sum["lines"]), (&json!("2600.00"), &json!([])), "said again, it is one");
    let kept = "none are left; the total of 2,600.00 was typed and is kept as a lump sum";
    let told = |entry: &Value| entry["text"].as_str().unwrap().contains(kept);
    assert!(lump_sum["activity"].as_array().unwrap().iter().any(told), "{lump_sum}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_mending_is_pointed_at() {
    let instance = Instance::furnished().await;
    let sender = instance.caller(&instance.made.subs[0]).await;
    let path = format!("/projects/{}/cors", instance.made.project);
    let contract = instance.made.contracts[0].0;
    let with = |key: &str, value: Value| {
        let mut cor = json!({ "contract_id": contract, "title": "Reroute the main", "lines": lines() });
        cor[key] = value;
        cor
    };
    for (key, value, place, words) in [
        ("title", json!(" "), "/title", "in a few words"),
        ("total", json!("12x"), "/total", "“12x” is not a plain decimal"),
        ("total", json!("1,250.00"), "/total", "Send 1250.00 if you mean that."),
        ("total", json!("(500)"), "/total", "Send -500 if you mean that."),
        ("total", json!(""), "/total", "not a plain decimal"),
        ("total", json!(7.5), "/total", "expected a string"),
        (
            "lines",
            json!([{ "section": "labor", "description": "x", "quantity": "3,5", "rate": "1" }]),
            "/lines/0/quantity",
            "Send 3.5, or 35",
        ),
        (
            "lines",
            json!([lines()[0], { "section": "labor", "description": "x", "amount": "7,50" }]),
            "/lines/1/amount",
            "Send 7.50, or 750",
        ),
        (
            "lines",
            json!([{ "section": "labor", "description": "x", "quantity": "1", "rate": "$5" }]),
            "/lines/0/rate",
            "not a plain decimal",
        ),
        ("lines", json!([{ "section": "labor", "description": "x", "amount": "1.005" }]), "/lines/0", "two decimals"),
        (
            "lines",
            json!([lines()[0], { "section": "labor", "description": "x", "quantity": "2", "rate": "10", "amount": "999" }]),
            "/lines/1",
            "Quantity times rate is 20.00, and the amount says 999.00.",
        ),
        ("number", json!("<b>"), "/number", "1 to 24 characters"),
        ("customer_reference", json!("x".repeat(121)), "/customer_reference", "at most 120"),
        ("contract_id", json!(Uuid::from_u128(7)), "/contract_id", "Choose the contract"),
        (
            "lines",
            json!([lines()[0], { "section": "labor", "description": "x", "rate": "1" }]),
            "/lines/1",
            "needs a rate",
        ),
        ("lines", json!([{ "section": "air", "description": "x" }]), "/lines/0/section", "is none of labor, material"),
        ("title", json!(7), "/title", "invalid type"),
        ("contract_id", json!("x"), "/contract_id", ""),
        ("titel", json!("x"), "/titel", "unknown field"),
    ] {
        let said = sender.post(&path, with(key, value)).await.mending(place);
        assert!(said.contains(words), "{place}: {said}");
    }
    let cor = draft(&instance, &sender).await;
    let change = json!({ "revision": cor["revision"], "total": "1.234,5" });
    let said = sender.patch(&at(&cor), change).await.mending("/total");
    assert!(said.contains("Send 1234.5 if"), "{said}");
    let taken = cor["number"].clone();
    let said = sender.post(&path, with("number", taken)).await.mending("/number");
    assert!(said.contains("exists already"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_is_told_who_may() {
    let instance = Instance::furnished().await;
    let caller = instance.manager().await;
    let log = format!("/projects/{}/log/received", instance.made.project);
    let cor = caller.get(&log).await.expect(200).json["rows"][0].clone();
    // The token stays, its person becomes a Field User.
    let (manager, office) = (instance.made.manager.clone(), instance.made.offices[0]);
    let demoted = move |tx: &mut store::Tx| {
        tx.of(manager.company).change_person(manager.person, &manager.name, Role::FieldUser, office)
    };
    instance.world.app.store.write(demoted).await.unwrap();
    for said in [
        caller.get(&log).await.problem(403, "forbidden"),
        caller.get(&at(&cor)).await.problem(403, "forbidden"),
        caller.put(&format!("{}/status", at(&cor)), json!({ "status": "void" })).await.problem(403, "forbidden"),
    ] {
        assert!(said.contains("Ask a Project Manager"), "{said}");
    }
    let project = caller.get(&format!("/projects/{}", instance.made.project)).await.expect(200).json;
    assert_eq!(project["contracts"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_json_of_a_bearable_size() {
    use axum::body::Body;
    let instance = Instance::furnished().await;
    let sender = instance.caller(&instance.made.subs[0]).await;
    let path = format!("/api/v1/projects/{}/cors", instance.made.project);
    let send = |kind: &'static str, body: Vec<u8>| {
        let request = http::Request::post(&path).header(header::CONTENT_TYPE, kind);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {}", sender.token.as_deref().unwrap()));
        crate::caller::send(&instance.world, request.body(Body::from(body)).unwrap())
    };
    send("application/json", b"{\"title\":".to_vec()).await.problem(400, "malformed");
    send("text/plain", b"{}".to_vec()).await.problem(415, "unsupported-media-type");
    let huge = format!("{{\"title\": \"{}\"}}", "x".repeat(1 << 20));
    send("application/json", huge.into_bytes()).await.problem(413, "too-large");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_companys_cor_is_not_found_whatever_is_done_to_it() {
    let instance = Instance::furnished().await;
    let stranger = instance.caller(&instance.made.subs[1]).await;
    let cor = format!("/cors/{}", instance.made.cors[0][0].0);
    stranger.get(&cor).await.problem(404, "not-found");
    stranger.patch(&cor, json!({ "revision": 1, "title": "Mine" })).await.problem(404, "not-found");
    stranger.put(&format!("{cor}/status"), json!({ "status": "void" })).await.problem(404, "not-found");
    stranger.post(&format!("{cor}/send"), json!({})).await.problem(404, "not-found");
    stranger.delete(&cor).await.problem(404, "not-found");
    let push = json!({ "project_id": instance.made.project.0, "side": "sent", "cors": [instance.made.cors[0][0].0] });
    let refused = stranger.post("/push-drafts", push).await;
    assert!(matches!(refused.status.as_u16(), 404 | 409), "{}", refused.json);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_looks_the_same_is_the_same_however_it_was_typed() {
    let instance = Instance::furnished().await;
    let sender = instance.caller(&instance.made.subs[0]).await;
    let path = format!("/projects/{}/cors", instance.made.project);
    let with = |number: &str, title: &str| json!({ "contract_id": instance.made.contracts[0].0, "number": number, "title": title, "lines": lines() });
    let cor = sender
        .post(&path, with("E\u{301}-1 (R&D)_2", "Re\u{200B}place \u{202E}fa\u{301}n 👩\u{200D}🔧"))
        .await
        .expect(201)
        .json;
    assert_eq!((&cor["number"], &cor["title"]), (&json!("É-1 (R&D)_2"), &json!("Replace fán 👩\u{200D}🔧")));
    for same in ["É-1 (R&D)_2", "é-01 (r&d)_2", "\u{FEFF}E\u{301}-1 (R&D)_2"] {
        let said = sender.post(&path, with(same, "Another")).await.mending("/number");
        assert!(said.contains("exists already"), "{said}");
    }
    let log = |search: &str| format!("/projects/{}/log/sent?q={search}", instance.made.project);
    for search in ["F%C3%81N", "fa%CC%81n", "%E2%80%8Bfa%CC%81n"] {
        let found = sender.get(&log(search)).await.expect(200).json;
        assert_eq!(found["rows"].as_array().unwrap().len(), 1, "{search}");
    }
    let said = sender.post(&path, with("7", "\u{200B}\u{FE0F}\u{2067}")).await.mending("/title");
    assert!(said.contains("Say in a few words"), "{said}");
    for (bad, kind) in [("a\u{0}b", "an invisible character after “a”"), ("a\u{FFFD}b", "could not be read after “a”")]
    {
        let said = sender.post(&path, with("7", bad)).await.mending("/title");
        assert!(said.contains(kind), "{said}");
    }
    let text = serde_json::to_string(&with("7", "half")).unwrap().replace("half", r"\ud83d half");
    let said = sender.call_raw(http::Method::POST, &path, Some(text)).await.problem(400, "malformed");
    assert!(said.contains("half a character"), "{said}");
}
