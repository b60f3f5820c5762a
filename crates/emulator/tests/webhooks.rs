//! Hooks are made, told, paused and given up, and what is sent to them is lost, doubled, held back.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on stops where it stands")]

mod support;

use std::sync::{Arc, Mutex};

use emulator::webhooks::{DeliveryStatus, courier_over_sockets};
use emulator::{Courier, Delivered, DeliveryFault, DeliveryFaultKind, WorldAction};
use serde_json::{Value, json};
use support::{CLIENT, Procore};

const DESTINATION: &str = "https://ledger.test/hooks/1";

/// The `Authorization` of a delivery, and its body.
type Came = (Option<String>, Value);

/// Somebody who is told: keeps what came and answers as it is told to.
#[derive(Clone, Default)]
struct Listener {
    came: Arc<Mutex<Vec<Came>>>,
    refuses: Arc<Mutex<bool>>,
}

impl Listener {
    fn courier(&self) -> Courier {
        let listener = self.clone();
        Arc::new(move |request| {
            let listener = listener.clone();
            Box::pin(async move {
                let secret = request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
                if *listener.refuses.lock().unwrap() {
                    return Ok((503, "busy".to_owned()));
                }
                let body = serde_json::from_slice(request.body()).unwrap();
                listener.came.lock().unwrap().push((secret, body));
                Ok((200, String::new()))
            })
        })
    }

    /// What came, in short: resource, action, id.
    fn told(&self) -> Vec<String> {
        let came = std::mem::take(&mut *self.came.lock().unwrap());
        let one = |(_, p): &Came| {
            format!(
                "{} {} {}",
                p["resource_name"].as_str().unwrap(),
                p["event_type"].as_str().unwrap(),
                p["resource_id"]
            )
        };
        came.iter().map(one).collect()
    }
}

fn hooks_path(procore: &Procore) -> String {
    format!("/rest/v2.0/companies/{}/projects/{}/webhooks/hooks", procore.company, procore.project)
}

async fn hook(procore: &Procore, version: &str) -> String {
    let body = json!({
        "payload_version": version, "namespace": "ledger", "destination_url": DESTINATION,
        "destination_headers": { "Authorization": "Bearer s3cret-abcde" },
    });
    let made = procore.call("POST", &hooks_path(procore), body).await.expect(201);
    let id = made["data"]["id"].as_str().unwrap().to_owned();
    let triggers: Vec<Value> = ["Change Events", "Change Event Line Items"]
        .iter()
        .flat_map(|resource| {
            ["create", "update", "delete"].map(|e| json!({ "resource_name": resource, "event_type": e }))
        })
        .collect();
    let path = format!("{}/{id}/triggers/bulk", hooks_path(procore));
    let made = procore.call("POST", &path, Value::Array(triggers)).await.expect(201);
    assert_eq!(made["data"].as_array().unwrap().len(), 6);
    id
}

#[tokio::test]
async fn a_hook_is_made_read_changed_and_removed() {
    let procore = Procore::demo().await;
    let resources = hooks_path(&procore).replace("/hooks", "/resources?payload_version=v2.0");
    assert_eq!(procore.get(&resources).await["data"][0]["name"], "Change Events");
    let id = hook(&procore, "v2.0").await;
    let path = format!("{}/{id}", hooks_path(&procore));
    let read = procore.get(&path).await;
    assert_eq!(read["data"]["destination_headers"]["Authorization"], "*****abcde", "the secret is not given back");
    assert_eq!((&read["data"]["status"], &read["data"]["trigger_count"]), (&json!("active"), &json!(6)));
    let listed = procore.get(&format!("{}?namespace=ledger", hooks_path(&procore))).await;
    assert_eq!(listed["data"][0]["id"], json!(id));
    let others = procore.get(&format!("{}?namespace=other", hooks_path(&procore))).await;
    assert_eq!(others["data"], json!([]));

    let trigger = procore.get(&format!("{path}/triggers")).await["data"][0]["id"].as_str().unwrap().to_owned();
    procore.call("DELETE", &format!("{path}/triggers/{trigger}"), Value::Null).await.expect(204);
    assert_eq!(procore.call("DELETE", &format!("{path}/triggers/{trigger}"), Value::Null).await.status, 404);
    let one = json!({ "resource_name": "Change Events", "event_type": "create" });
    procore.call("POST", &format!("{path}/triggers"), one.clone()).await.expect(201);
    assert_eq!(procore.call("POST", &format!("{path}/triggers"), one.clone()).await.status, 400, "it is there already");
    let unknown = json!({ "resource_name": "Budgets of Dreams", "event_type": "create" });
    assert_eq!(procore.call("POST", &format!("{path}/triggers/bulk"), json!([unknown])).await.status, 207);

    let changed = procore.call("PATCH", &path, json!({ "status": "disabled" })).await.expect(200);
    assert_eq!(changed["data"]["status"], "disabled");
    procore.emulator.world(|world| world.delete_line(first_line(world, procore.event_of(world)))).unwrap();
    assert_eq!(procore.emulator.deliveries().len(), 0, "a disabled hook is not told");

    procore.call("DELETE", &path, Value::Null).await.expect(204);
    assert_eq!(procore.call("GET", &path, Value::Null).await.status, 404);
    let journal = serde_json::to_string(&procore.emulator.journal()).unwrap();
    assert!(!journal.contains("s3cret"), "the journal keeps no secret");
}

#[tokio::test]
async fn a_body_that_makes_no_hook_is_refused() {
    let procore = Procore::demo().await;
    let whole = json!({ "payload_version": "v2.0", "namespace": "ledger", "destination_url": DESTINATION });
    for (field, wrong) in [
        ("payload_version", json!("v9")),
        ("namespace", json!("Ledger!")),
        ("destination_url", json!("nowhere")),
        ("namespace", Value::Null),
    ] {
        let mut body = whole.clone();
        body[field] = wrong;
        let answer = procore.call("POST", &hooks_path(&procore), body).await;
        assert_eq!(answer.status, 400, "{field}");
        assert!(answer.body["error"]["message"].as_str().unwrap().contains(field), "{}", answer.text);
    }
}

#[tokio::test]
async fn everything_that_happens_to_an_event_is_told_once_whoever_did_it() {
    let procore = Procore::demo().await;
    let before = procore.event("002");
    procore.emulator.world(|world| world.act(WorldAction::CloseEvent { event_id: before })).unwrap();
    hook(&procore, "v2.0").await;
    let (listener, line) = (Listener::default(), procore.emulator.world(|w| w.change_events[&before].items[0].id));
    let courier = listener.courier();
    assert_eq!(
        procore.emulator.deliver(&courier).await,
        Delivered::default(),
        "what was before it was made is not told"
    );

    let made = procore.call("POST", &procore.events_path(), procore.new_event(json!([{ "description": "a" }]))).await;
    let made = made.expect(201);
    let (event, item) = (&made["id"], &made["change_items"][0]["id"]);
    procore.emulator.deliver(&courier).await;
    let (secret, payload) = listener.came.lock().unwrap()[0].clone();
    assert_eq!(secret.as_deref(), Some("Bearer s3cret-abcde"));
    assert_eq!(payload["metadata"]["source_application_id"], CLIENT);
    assert_eq!(payload["ulid"].as_str().unwrap().len(), 26);
    assert_eq!(
        listener.told(),
        [format!("Change Events create {event}"), format!("Change Event Line Items create {item}")]
    );

    procore.emulator.world(|world| world.delete_line(line)).unwrap();
    procore.emulator.deliver(&courier).await;
    assert_eq!(
        listener.came.lock().unwrap()[0].1["metadata"]["source_application_id"],
        Value::Null,
        "a person's doing"
    );
    assert_eq!(listener.told(), [format!("Change Event Line Items delete {line}")]);
    procore.emulator.world(|world| world.act(WorldAction::DeleteEvent { event_id: before })).unwrap();
    procore.emulator.deliver(&courier).await;
    assert_eq!(listener.told(), [format!("Change Events delete {before}")]);
    procore.get(&procore.events_path()).await;
    assert_eq!(procore.emulator.deliver(&courier).await, Delivered::default(), "looking changes nothing");
}

#[tokio::test]
async fn each_payload_version_has_its_own_shape() {
    for version in ["v2.0", "v3.0", "v4.0"] {
        let procore = Procore::demo().await;
        hook(&procore, version).await;
        let event = procore.event("002");
        procore.emulator.world(|world| world.set_event_status(event, "pending")).unwrap();
        let payload = procore.emulator.deliveries()[0].payload.clone();
        let (id, kind) =
            if version == "v4.0" { (json!(event.to_string()), "reason") } else { (json!(event), "event_type") };
        assert_eq!((&payload["resource_id"], &payload[kind]), (&id, &json!("update")), "{payload}");
        assert_eq!(payload.get("metadata").is_some(), version != "v4.0");
        assert_eq!(payload.get("related_resources").is_some(), version == "v3.0");
    }
}

#[tokio::test]
async fn a_destination_that_fails_is_paused_longer_and_longer_and_given_up_after_twelve_hours() {
    let procore = Procore::with(|options| options.access_token_seconds = 100_000).await;
    let id = hook(&procore, "v2.0").await;
    let (listener, event) = (Listener::default(), procore.event("002"));
    let courier = listener.courier();
    *listener.refuses.lock().unwrap() = true;
    procore.emulator.world(|world| world.set_event_status(event, "pending")).unwrap();
    procore.emulator.world(|world| world.set_event_status(event, "closed")).unwrap();
    let mut waits = Vec::new();
    let began = procore.emulator.now();
    while waits.iter().sum::<i64>() < 12 * 3600 {
        let round = procore.emulator.deliver(&courier).await;
        assert_eq!(round, Delivered { accepted: 0, failed: 1 }, "one refusal stops the whole hook");
        let pause = procore.emulator.hooks()[0].pause.unwrap();
        assert_eq!(pause.since, began);
        waits.push(pause.seconds);
        procore.pass(pause.seconds - 1);
        assert_eq!(procore.emulator.deliver(&courier).await, Delivered::default());
        procore.pass(1);
    }
    assert_eq!(waits[..13], [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600]);
    procore.emulator.deliver(&courier).await;
    let path = format!("{}/{id}/deliveries", hooks_path(&procore));
    let discarded = procore.get(&format!("{path}?filter[status]=discarded")).await;
    assert_eq!(discarded["data"].as_array().unwrap().len(), 2);
    assert_eq!(discarded["data"][0]["delivery_attempts"][0]["response_status"], 503);

    // A new event finds the hook awake again.
    *listener.refuses.lock().unwrap() = false;
    procore.emulator.world(|world| world.set_event_status(event, "open")).unwrap();
    assert_eq!(procore.emulator.deliver(&courier).await, Delivered { accepted: 1, failed: 0 });
    let delivered = procore.get(&format!("{path}?filter[status]=succeeded")).await;
    assert_eq!(delivered["data"][0]["status"], "delivered");
}

#[tokio::test]
async fn a_silent_destination_is_cut_off() {
    let procore = Procore::with(|options| {
        assert_eq!(options.delivery_timeout.as_secs(), 5, "as documented, where nobody says otherwise");
        options.delivery_timeout = std::time::Duration::from_millis(10);
    })
    .await;
    hook(&procore, "v2.0").await;
    let event = procore.event("002");
    procore.emulator.world(|world| world.set_event_status(event, "closed")).unwrap();
    let silent: Courier = Arc::new(|_| Box::pin(std::future::pending()));
    assert_eq!(procore.emulator.deliver(&silent).await.failed, 1);
    assert_eq!(procore.emulator.deliveries()[0].status, DeliveryStatus::Retrying);
}

#[tokio::test]
async fn deliveries_are_lost_doubled_reordered_and_delayed_as_told() {
    let procore = Procore::demo().await;
    hook(&procore, "v2.0").await;
    let (listener, event) = (Listener::default(), procore.event("002"));
    let courier = listener.courier();
    let statuses = async |kind: Option<DeliveryFaultKind>, statuses: &[&str]| {
        if let Some(kind) = kind {
            procore.emulator.delivery_fault(DeliveryFault::next("Change Events", kind));
        }
        for status in statuses {
            procore.emulator.world(|world| world.set_event_status(event, status)).unwrap();
        }
        procore.emulator.deliver(&courier).await;
        let ids: Vec<Value> = listener.came.lock().unwrap().iter().map(|(_, p)| p["id"].clone()).collect();
        listener.told();
        ids
    };
    assert_eq!(statuses(None, &["pending", "closed"]).await, [json!(1), json!(2)]);
    assert_eq!(statuses(Some(DeliveryFaultKind::Lose), &["open"]).await, Vec::<Value>::new());
    assert_eq!(statuses(Some(DeliveryFaultKind::Double), &["closed"]).await, [json!(4), json!(4)]);
    assert_eq!(statuses(Some(DeliveryFaultKind::Reorder), &["open", "closed"]).await, [json!(6), json!(5)]);
    assert_eq!(statuses(Some(DeliveryFaultKind::Reorder), &["open"]).await, Vec::<Value>::new());
    procore.pass(60);
    assert_eq!(statuses(None, &[]).await, [json!(7)], "nothing followed, so it goes by itself");
    assert_eq!(statuses(Some(DeliveryFaultKind::Delay { seconds: 30 }), &["closed"]).await, Vec::<Value>::new());
    procore.pass(30);
    assert_eq!(statuses(None, &[]).await, [json!(8)]);
    assert_eq!(procore.emulator.delivery_faults(), []);
}

#[tokio::test]
async fn faults_for_deliveries_are_set_by_http() {
    let procore = Procore::demo().await;
    let path = "/_emulator/delivery_faults";
    let set = procore.call("POST", path, json!({ "kind": "delay", "seconds": 5, "event_type": "update" })).await;
    assert_eq!(set.expect(200)[0]["seconds"], 5);
    procore.call("DELETE", path, Value::Null).await.expect(204);
    assert_eq!(procore.get(path).await, json!([]));
    hook(&procore, "v2.0").await;
    assert_eq!(procore.get("/_emulator/hooks").await[0]["authorization"], "•••");
    let page = procore.call("GET", "/_emulator/webhooks", Value::Null).await.text;
    assert!(page.contains(DESTINATION) && page.contains("Active"), "{page}");
}

#[tokio::test]
async fn deliveries_go_over_sockets() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let came = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&came);
    let router = axum::Router::new().fallback(move |headers: http::HeaderMap, body: String| {
        keep.lock().unwrap().push((headers["authorization"].to_str().unwrap().to_owned(), body));
        std::future::ready(http::StatusCode::NO_CONTENT)
    });
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let procore = Procore::demo().await;
    let id = hook(&procore, "v4.0").await;
    let path = format!("{}/{id}", hooks_path(&procore));
    procore.call("PATCH", &path, json!({ "destination_url": format!("http://{address}/x") })).await.expect(200);
    let event = procore.event("002");
    procore.emulator.world(|world| world.set_event_status(event, "closed")).unwrap();
    assert_eq!(procore.emulator.deliver(&courier_over_sockets()).await, Delivered { accepted: 1, failed: 0 });
    server.abort();
    let came = came.lock().unwrap();
    assert_eq!(came[0].0, "Bearer s3cret-abcde");
    assert!(came[0].1.contains("\"resource_type\":\"Change Events\""));
}

#[tokio::test]
async fn every_switch_about_hooks_works_both_ways() {
    for on in [true, false] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| {
            switches.line_change_updates_event = on;
            switches.restored_is_created = on;
            switches.deliveries_name_their_source = on;
            switches.lines_name_their_event = on;
            switches.company_hooks_see_projects = on;
            switches.company_hook_list_needs_namespace = on;
            switches.one_hook_a_namespace = on;
        });
        let id = hook(&procore, "v3.0").await;
        let again = json!({ "payload_version": "v3.0", "namespace": "ledger", "destination_url": DESTINATION });
        assert_eq!(procore.call("POST", &hooks_path(&procore), again.clone()).await.status, if on { 409 } else { 201 });

        let company = format!("/rest/v2.0/companies/{}/webhooks", procore.company);
        assert_eq!(
            procore.call("GET", &format!("{company}/hooks"), Value::Null).await.status,
            if on { 400 } else { 200 }
        );
        let offered = procore.get(&format!("{company}/resources?payload_version=v3.0")).await;
        assert_eq!(offered["data"].as_array().unwrap().is_empty(), !on);
        let whole = procore.call("POST", &format!("{company}/hooks"), again).await.expect(201);
        let path = format!("{company}/hooks/{}/triggers", whole["data"]["id"].as_str().unwrap());
        let trigger = json!({ "resource_name": "Change Events", "event_type": "update" });
        assert_eq!(procore.call("POST", &path, trigger).await.status, if on { 201 } else { 400 });

        let event = procore.event("002");
        let line = procore.emulator.world(|world| world.change_events[&event].items[0].id);
        procore.emulator.world(|world| world.delete_line(line)).unwrap();
        let of_hook = |procore: &Procore| -> Vec<emulator::webhooks::Delivery> {
            let all = procore.emulator.deliveries();
            all.into_iter().filter(|delivery| delivery.hook_id.to_string() == id).collect()
        };
        let told = of_hook(&procore);
        assert_eq!(told.iter().any(|delivery| delivery.resource_name == "Change Events"), on);
        let of_line = told.iter().find(|delivery| delivery.resource_name == "Change Event Line Items").unwrap();
        let related = &of_line.payload["related_resources"];
        assert_eq!(*related, if on { json!([{ "id": event, "name": "Change Events" }]) } else { json!([]) });

        let events = procore.event_path(&json!(event));
        procore.call("PATCH", &events, json!({ "change_event": { "title": "New words" } })).await.expect(200);
        let told = of_hook(&procore).pop().unwrap();
        let client = if on { json!(CLIENT) } else { Value::Null };
        assert_eq!(told.payload["metadata"]["source_application_id"], client);

        procore.call("DELETE", &events, Value::Null).await.expect(204);
        let restore = format!("/rest/v1.1/change_events/{event}/restore?project_id={}", procore.project);
        procore.call("PUT", &restore, Value::Null).await.expect(200);
        assert_eq!(of_hook(&procore).pop().unwrap().event_type, if on { "create" } else { "update" });
    }
}

#[tokio::test]
async fn triggers_about_lines_are_taken_or_refused_and_the_secret_is_echoed_or_not() {
    for on in [true, false] {
        let procore = Procore::demo().await;
        let id = hook(&procore, "v2.0").await;
        procore.emulator.switches(|switches| {
            switches.line_triggers_refused = on;
            switches.authorization_echoed = on;
        });
        let path = format!("{}/{id}/triggers", hooks_path(&procore));
        let triggers = procore.get(&path).await;
        let of_line =
            triggers["data"].as_array().unwrap().iter().find(|t| t["resource_name"] != "Change Events").unwrap();
        let removed = format!("{path}/{}", of_line["id"].as_str().unwrap());
        procore.call("DELETE", &removed, Value::Null).await.expect(204);
        let again = json!({ "resource_name": of_line["resource_name"], "event_type": of_line["event_type"] });
        assert_eq!(procore.call("POST", &path, again).await.status, if on { 400 } else { 201 });

        let (listener, event) = (Listener::default(), procore.event("002"));
        procore.emulator.world(|world| world.set_event_status(event, "pending")).unwrap();
        procore.emulator.deliver(&listener.courier()).await;
        assert_eq!(listener.came.lock().unwrap()[0].0.is_some(), on);
    }
}

#[tokio::test]
async fn codes_follow_the_change_order_where_an_administrator_says_so() {
    let procore = Procore::demo().await;
    let path = format!("/rest/v2.0/companies/{}/projects/{}/change_event_settings", procore.company, procore.project);
    let changed = procore.call("PATCH", &path, json!({ "settings": { "sync_wbs_code": true } })).await.expect(200);
    assert_eq!(changed["data"]["sync_wbs_code"], true);
    assert_eq!(procore.get(&path).await["data"]["sync_wbs_code"], true);
}

fn first_line(world: &emulator::World, event: i64) -> i64 {
    world.change_events[&event].items[0].id
}
