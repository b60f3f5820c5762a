//! Calls that make something, sent again because an answer was lost.

use domain::role::Actor;
use http::{Method, header};
use ledgerboard::account::api_tokens;
use serde_json::{Value, json};
use store::{Store, StoreError, testing::TestDb};

use crate::caller::{DOCUMENT, Instance};

async fn rows(store: &Store, table: &'static str) -> i64 {
    let count: Result<Option<i64>, StoreError> =
        store.read(move |tx| tx.one(&format!("SELECT COUNT(*) FROM {table}"), &[], |row| row.get(0))).await;
    count.unwrap().unwrap()
}

fn new_cor(instance: &Instance, title: &str) -> (String, Value) {
    let body = json!({ "contract_id": instance.made.contracts[0].0, "title": title, "total": "1260.00" });
    (format!("/projects/{}/cors", instance.made.project), body)
}

fn sub(instance: &Instance) -> &Actor {
    &instance.made.subs[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_and_body_make_one_thing_and_get_the_same_answer() {
    let instance = Instance::furnished().await;
    let (store, program) = (&instance.world.app.store, instance.caller(sub(&instance)).await);
    let (path, body) = new_cor(&instance, "Reroute the main");
    let before = rows(store, "cor").await;
    let first = program.post_once("cor-1", &path, &body).await.expect(201);
    let title = json!({ "revision": first.json["revision"], "title": "Another title" });
    program.patch(&format!("/cors/{}", first.json["id"].as_str().unwrap()), title).await.expect(200);
    let second = program.post_once("cor-1", &path, &body).await.expect(201);
    assert_eq!(second.json, first.json, "as it was answered, although the COR changed since");
    for name in [header::LOCATION, header::CONTENT_TYPE] {
        assert_eq!(second.headers[&name], first.headers[&name]);
    }
    assert_eq!(rows(store, "cor").await, before + 1);

    let (_, other) = new_cor(&instance, "Something else");
    let said = program.post_once("cor-1", &path, &other).await.problem(422, "invalid");
    assert!(said.contains("for a different request"), "{said}");
    assert_eq!(rows(store, "cor").await, before + 1);
    let third = program.post_once("cor-2", &path, &body).await.expect(201);
    assert_ne!(third.json["id"], first.json["id"], "another key is another COR");
    program.post(&path, body.clone()).await.expect(201);

    // A key belongs to its token.
    let stranger = instance.caller(sub(&instance)).await;
    let fourth = stranger.post_once("cor-1", &path, &body).await.expect(201);
    assert_ne!(fourth.json["id"], first.json["id"]);
    assert_eq!(rows(store, "cor").await, before + 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_that_makes_something_takes_a_key() {
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        let post = &item["post"];
        if post["responses"]["201"].is_object() {
            let named =
                |one: &Value| one["name"] == "Idempotency-Key" && one["in"] == "header" && one["required"] == false;
            assert!(post["parameters"].as_array().is_some_and(|all| all.iter().any(named)), "{path}");
        }
    }
    let instance = Instance::connected().await;
    let (manager, store) = (instance.manager().await, &instance.world.app.store);
    let project = instance.made.project;
    let figures = manager.get(&format!("/projects/{project}/reconciliation")).await.expect(200).json["figures"].clone();
    let path = format!("/projects/{project}/reconciliation/signatures");
    let body = json!({ "figures": figures, "note": "November" });
    let one = manager.post_once("sign", &path, &body).await;
    let two = manager.post_once("sign", &path, &body).await;
    assert_eq!((one.status, &one.json), (two.status, &two.json));
    assert_eq!(rows(store, "reconciliation").await, i64::from(one.status == 201));

    let program = instance.caller(sub(&instance)).await;
    let (path, body) = new_cor(&instance, "To be sent");
    let cor = program.post(&path, body).await.expect(201).json["id"].as_str().unwrap().to_owned();
    let send = format!("/cors/{cor}/send");
    let sent = program.post_once("send", &send, &json!({})).await.expect(200);
    assert_eq!(program.post_once("send", &send, &json!({})).await.expect(200).json, sent.json);
    program.post(&send, json!({})).await.problem(409, "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_call_leaves_its_key_free() {
    let instance = Instance::furnished().await;
    let program = instance.caller(sub(&instance)).await;
    let (path, body) = new_cor(&instance, "Reroute the main");
    let mut wrong = body.clone();
    wrong["total"] = json!("1,260.00");
    program.post_once("k", &path, &wrong).await.problem(422, "invalid");
    program
        .call_with(Method::POST, &path, Some("{".into()), &[("idempotency-key", "k")])
        .await
        .problem(400, "malformed");
    assert_eq!(rows(&instance.world.app.store, "kept_answer").await, 0);
    program.post_once("k", &path, &body).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_short_and_printable_and_there_is_one() {
    let instance = Instance::furnished().await;
    let program = instance.caller(sub(&instance)).await;
    let (path, body) = new_cor(&instance, "Reroute the main");
    let (longest, too_long) = ("k".repeat(255), "k".repeat(256));
    for key in ["", "tab\there", "schlüssel", &too_long] {
        let said = program.post_once(key, &path, &body).await.problem(422, "invalid");
        assert!(said.contains("1 to 255 printable ASCII"), "{said}");
    }
    let two = [("idempotency-key", "a"), ("idempotency-key", "b")];
    program.call_with(Method::POST, &path, Some(body.to_string()), &two).await.problem(422, "invalid");
    program.post_once(&longest, &path, &body).await.expect(201);
    let mut large = body.clone();
    large["description"] = json!("x".repeat(2 << 20));
    program.post_once("large", &path, &large).await.problem(413, "too-large");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_kept_for_a_day() {
    let instance = Instance::furnished().await;
    let (world, program) = (&instance.world, instance.caller(sub(&instance)).await);
    let (path, body) = new_cor(&instance, "Reroute the main");
    let first = program.post_once("k", &path, &body).await.expect(201).json;
    world.advance(24 * 3600 - 60);
    assert_eq!(program.post_once("k", &path, &body).await.expect(201).json["id"], first["id"]);
    world.advance(120);
    assert_ne!(program.post_once("k", &path, &body).await.expect(201).json["id"], first["id"]);
    assert_eq!(rows(&world.app.store, "kept_answer").await, 1, "the former one was swept");
}

/// If the answer can't be kept, nothing is made: between the two there is no moment to crash in.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_and_its_answer_are_stored_together() {
    let instance = Instance::furnished().await;
    let (store, program) = (&instance.world.app.store, instance.caller(sub(&instance)).await);
    let (path, body) = new_cor(&instance, "Reroute the main");
    let before = (rows(store, "cor").await, rows(store, "activity").await);
    let trigger = "CREATE TRIGGER no_answer BEFORE UPDATE ON kept_answer BEGIN SELECT RAISE(ABORT, 'crash'); END";
    store.write(move |tx| tx.exec(trigger, &[])).await.unwrap();
    program.post_once("k", &path, &body).await.problem(500, "internal");
    assert_eq!((rows(store, "cor").await, rows(store, "activity").await), before);
    store.write(|tx| tx.exec("DROP TRIGGER no_answer", &[])).await.unwrap();
    program.post_once("k", &path, &body).await.expect(201);
    assert_eq!(rows(store, "cor").await, before.0 + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_gets_no_kept_answer() {
    let instance = Instance::furnished().await;
    let program = instance.caller(sub(&instance)).await;
    let (path, body) = new_cor(&instance, "Reroute the main");
    program.post_once("k", &path, &body).await.expect(201);
    let app = &instance.world.app;
    for token in api_tokens::list(app, sub(&instance)).await.unwrap() {
        api_tokens::revoke(app, sub(&instance), token.id).await.unwrap();
    }
    program.post_once("k", &path, &body).await.problem(401, "unauthenticated");
}

/// Ten at once with the same key, and ten with keys of their own.
async fn at_once(db: TestDb) {
    let instance = Instance::furnished_on(db).await;
    let (store, program) = (&instance.world.app.store, instance.caller(sub(&instance)).await);
    let (path, body) = new_cor(&instance, "Reroute the main");
    let before = rows(store, "cor").await;
    let keys: Vec<String> = (0..10).map(|n| format!("own-{n}")).collect();
    let calls = keys.iter().map(String::as_str).chain(std::iter::repeat_n("same", 10));
    let answers = futures_util::future::join_all(calls.map(|key| program.post_once(key, &path, &body))).await;
    let ids: Vec<Value> = answers.into_iter().map(|answer| answer.expect(201).json["id"].clone()).collect();
    assert!(ids[10..].iter().all(|id| *id == ids[10]), "{ids:?}");
    assert_eq!(rows(store, "cor").await, before + 11);
}

mod two_at_once_make_one {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn sqlite() {
        at_once(TestDb::sqlite().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        if let Some(db) = TestDb::postgres().await {
            at_once(db).await;
        }
    }
}
