//! Hooks: what is sent, and how answers of both versions are read.

use procore::{
    Error, Next, SendError,
    model::{
        CompanyId,
        DeliveryStatus::{Delivered, Discarded, Enqueued, Other, Retrying},
        HookApi, HookId, HookPlace, NewHook, ProjectId, Wanted,
    },
};
use serde_json::json;

use crate::fake::{self, Fake, answer, ok};

const PROJECT: HookPlace = HookPlace { project: ProjectId(12), api: HookApi::V20 };
const OLDER: HookPlace = HookPlace { project: ProjectId(12), api: HookApi::V10 };
const PATH: &str = "/rest/v2.0/companies/4264/projects/12/webhooks/hooks";
const HOOK: &str = r#"{"id":"562949953508586","status":"active","payload_version":"v2.0","namespace":"ledger",
    "destination_headers":{"Authorization":"*****token"},"destination_url":"https://ledger.test/hooks/1","trigger_count":0,
    "company_id":"4264","project_id":"12","created_at":"2026-03-02T14:05:00Z"}"#;

fn new() -> NewHook {
    NewHook {
        namespace: "ledger".into(),
        destination_url: "https://ledger.test/hooks/1".into(),
        authorization: String::from("the-secret-token").into(),
    }
}

#[tokio::test]
async fn a_hook_is_made_with_its_secret_and_without_triggers() {
    let fake = Fake::new(|_| answer(201, format!("{{\"data\":{HOOK}}}"), &[]));
    let made = fake.session().create_hook(PROJECT, &new(), "hook 7").await.unwrap().value;
    assert_eq!((made.id, made.active), (HookId(562_949_953_508_586), true));
    let asked = fake.only();
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", PATH));
    let wanted = json!({
        "payload_version": "v2.0", "namespace": "ledger", "destination_url": "https://ledger.test/hooks/1",
        "destination_headers": { "Authorization": "the-secret-token" },
    });
    assert_eq!(asked.json(), wanted);
    assert!(!format!("{:?}", new()).contains("the-secret-token"), "nothing that is logged holds it");
}

#[tokio::test]
async fn a_hook_without_an_answer_may_have_been_made() {
    let session = fake::broken(SendError::Unknown("cut".into())).acting(String::from("t").into(), Some(CompanyId(1)));
    let error = session.create_hook(PROJECT, &new(), "hook 7").await.unwrap_err();
    assert_eq!(error.next(), Next::LookFirst);
}

#[tokio::test]
async fn lists_are_read_out_of_their_envelope_to_the_last_page() {
    let fake = Fake::new(|asked| {
        let second = asked.param("page") == Some("2");
        let id = if second { "2" } else { "1" };
        let next = format!("<https://api.procore.test{PATH}?page=2>; rel=\"next\"");
        let link = if second { "<x>; rel=\"first\"" } else { next.as_str() };
        answer(200, format!("{{\"data\":[{}]}}", HOOK.replace("562949953508586", id)), &[("link", link)])
    });
    let hooks = fake.session().hooks(PROJECT, "ledger").await.unwrap().value;
    assert_eq!(hooks.records.iter().map(|hook| hook.id.0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(fake.all()[0].param("namespace"), Some("ledger"));
}

#[tokio::test]
async fn triggers_are_asked_for_at_once_and_a_partial_success_is_no_failure() {
    let fake = Fake::new(|_| answer(207, "{}", &[]));
    let wanted: Vec<Wanted> = Wanted::all().collect();
    fake.session().add_triggers(PROJECT, HookId(7), &wanted, "hook 7").await.unwrap();
    let asked = fake.only();
    assert_eq!(asked.path, format!("{PATH}/7/triggers/bulk"));
    assert_eq!(asked.json().as_array().unwrap().len(), 6);
    assert_eq!(asked.json()[5], json!({ "resource_name": "Change Event Line Items", "event_type": "delete" }));

    let fake = Fake::new(|_| {
        ok(
            r#"{"data":[{"id":"1","resource_name":"change_events","event_type":"CREATE"},{"id":"2","resource_name":"Budgets","event_type":"create"}]}"#,
        )
    });
    let read = fake.session().triggers(PROJECT, HookId(7)).await.unwrap().value;
    assert_eq!(
        read.records.iter().map(procore::model::Trigger::wanted).collect::<Vec<_>>(),
        [Wanted::all().next(), None]
    );
}

#[tokio::test]
async fn a_hook_that_is_gone_says_so() {
    let gone = r#"{"error":{"code":"NOT_FOUND","message":"Item not found","details":[]}}"#;
    let fake = Fake::new(move |_| answer(404, gone, &[]));
    assert_eq!(fake.session().delete_hook(PROJECT, HookId(7)).await, Err(Error::NotFound));
    assert_eq!(fake.only().method.as_str(), "DELETE");
    let fake = Fake::new(|_| answer(204, "", &[]));
    fake.session().delete_hook(PROJECT, HookId(7)).await.unwrap();
}

#[tokio::test]
async fn deliveries_are_read_in_every_word_for_their_state() {
    let words = ["delivered", "succeeded", "failed", "retrying", "discarded", "enqueued", "dreaming"];
    let rows: Vec<_> = words.iter().map(|w| json!({ "id": w, "status": w, "delivery_attempts": null })).collect();
    let body = json!({ "data": rows }).to_string();
    let fake = Fake::new(move |_| ok(body.clone()));
    let read = fake.session().deliveries(PROJECT, HookId(7)).await.unwrap().value;
    let states: Vec<_> = read.records.iter().map(|delivery| delivery.status.clone()).collect();
    assert_eq!(states, [Delivered, Delivered, Retrying, Retrying, Discarded, Enqueued, Other("dreaming".into())]);
}

#[tokio::test]
async fn the_older_version_is_asked_in_its_own_words() {
    const HOOKS: &str = "/rest/v1.0/webhooks/hooks";
    let fake = Fake::new(|_| answer(201, r#"{"id":7,"namespace":"ledger","api_version":"v2"}"#, &[]));
    let made = fake.session().create_hook(OLDER, &new(), "hook 7").await.unwrap().value;
    assert_eq!((made.id, made.active), (HookId(7), true));
    let asked = fake.only();
    assert_eq!((asked.path.as_str(), asked.param("project_id")), (HOOKS, Some("12")));
    let wanted = json!({
        "project_id": 12,
        "hook": {
            "api_version": "v2", "namespace": "ledger", "destination_url": "https://ledger.test/hooks/1",
            "destination_headers": { "Authorization": "the-secret-token" },
        },
    });
    assert_eq!(asked.json(), wanted);

    let fake = Fake::new(|_| answer(201, r#"{"id":1}"#, &[]));
    let first = Wanted::all().next().unwrap();
    fake.session().add_trigger(OLDER, HookId(7), first, "hook 7").await.unwrap();
    let asked = fake.only();
    assert_eq!(asked.path, format!("{HOOKS}/7/triggers"));
    let trigger = json!({ "resource_name": "Change Events", "event_type": "create" });
    assert_eq!(asked.json(), json!({ "project_id": 12, "api_version": "v2", "trigger": trigger }));

    let fake = Fake::new(|_| ok(r#"[{"id":7,"namespace":"ledger","destination_url":"https://ledger.test/hooks/1"}]"#));
    let hooks = fake.session().hooks(OLDER, "ledger").await.unwrap().value;
    assert_eq!((hooks.records[0].id, hooks.records[0].active), (HookId(7), true));
    let asked = fake.only();
    assert_eq!((asked.param("project_id"), asked.param("namespace")), (Some("12"), Some("ledger")));
}

#[tokio::test]
async fn one_thing_more_is_asked_for_alone() {
    let fake = Fake::new(|_| answer(201, r#"{"data":{"id":"1"}}"#, &[]));
    let last = Wanted::all().last().unwrap();
    fake.session().add_trigger(PROJECT, HookId(7), last, "hook 7").await.unwrap();
    let asked = fake.only();
    assert_eq!(asked.path, format!("{PATH}/7/triggers"));
    assert_eq!(asked.json(), json!({ "resource_name": "Change Event Line Items", "event_type": "delete" }));
}
