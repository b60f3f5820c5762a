//! What goes wrong on the way, on command.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on stops where it stands")]

mod support;

use std::time::Duration;

use emulator::{ConnectionDropped, Fault, FaultKind, RateLimits, RateScope, Silence};
use serde_json::{Value, json};
use support::Procore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const WRITE: (&str, &str) = ("POST", "/change_events");

fn next_write(kind: FaultKind) -> Fault {
    Fault::next(WRITE.0, WRITE.1, kind)
}

impl Procore {
    async fn write(&self) -> Result<u16, ConnectionDropped> {
        let answer = self.try_call("POST", &self.events_path(), self.new_event(json!([]))).await?;
        Ok(answer.status)
    }

    /// Writes and gives up after a moment; whether an answer came.
    async fn write_impatiently(&self) -> bool {
        tokio::time::timeout(Duration::from_millis(20), self.write()).await.is_ok()
    }

    fn count(&self) -> usize {
        self.emulator.world(|world| world.events_of(self.project).count())
    }
}

#[tokio::test]
async fn a_refused_connection_executes_nothing() {
    let procore = Procore::demo().await;
    procore.emulator.fault(next_write(FaultKind::Refuse));
    assert_eq!(procore.write().await, Err(ConnectionDropped));
    assert_eq!(procore.count(), 5);
    assert_eq!(procore.write().await, Ok(201), "the fault is spent");
    let journal = procore.emulator.journal();
    assert_eq!(journal.iter().map(|e| (e.executed, e.status)).collect::<Vec<_>>(), [(false, None), (true, Some(201))]);
    assert_eq!(journal[0].fault, Some(FaultKind::Refuse));
}

#[tokio::test]
async fn a_dropped_answer_comes_after_the_effect() {
    let procore = Procore::demo().await;
    procore.emulator.fault(next_write(FaultKind::DropAfter));
    assert_eq!(procore.write().await, Err(ConnectionDropped));
    assert_eq!(procore.count(), 6);
    let journal = procore.emulator.journal();
    assert_eq!((journal[0].executed, journal[0].status), (true, None));
    assert_eq!(journal[0].answer["number"], "006", "the journal knows what was lost");
}

#[tokio::test]
async fn a_hanging_request_was_executed_or_not() {
    for (kind, events) in [(FaultKind::HangBefore, 5), (FaultKind::HangAfter, 6)] {
        let procore = Procore::demo().await;
        procore.emulator.fault(next_write(kind));
        assert!(!procore.write_impatiently().await);
        assert_eq!(procore.count(), events);
    }
}

#[tokio::test]
async fn a_late_request_executes_after_its_caller_gave_up() {
    let procore = Procore::demo().await;
    procore.emulator.fault(next_write(FaultKind::ExecuteLate { after_seconds: 90, silence: Silence::Hang }));
    assert!(!procore.write_impatiently().await);
    procore.pass(89);
    assert_eq!(procore.emulator.run_late_due(), 0);
    assert_eq!((procore.count(), procore.emulator.late_waiting()), (5, 1));
    procore.pass(1);
    procore.get("/rest/v1.0/me").await;
    assert_eq!(procore.count(), 6, "any later request finds it executed");

    procore.emulator.fault(next_write(FaultKind::ExecuteLate { after_seconds: 90, silence: Silence::Close }));
    assert_eq!(procore.write().await, Err(ConnectionDropped));
    assert_eq!(procore.emulator.run_late(), 1, "or on command");
    assert_eq!(procore.count(), 7);

    for (silence, status) in [(Silence::BadGateway, 502), (Silence::GatewayTimeout, 504)] {
        procore.emulator.fault(next_write(FaultKind::ExecuteLate { after_seconds: 90, silence }));
        let answer = procore.call("POST", &procore.events_path(), procore.new_event(json!([]))).await;
        assert_eq!((answer.status, procore.emulator.late_waiting()), (status, 1), "a gateway gave up, Procore did not");
        procore.emulator.run_late();
    }
    assert_eq!(procore.count(), 9);
}

#[tokio::test]
async fn a_status_hides_an_effect_or_none() {
    for (executed, events) in [(false, 5), (true, 6)] {
        let procore = Procore::demo().await;
        procore.emulator.fault(next_write(FaultKind::Status { status: 503, retry_after: Some(7), executed }));
        let answer = procore.call("POST", &procore.events_path(), procore.new_event(json!([]))).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, "7"));
        assert_eq!(procore.count(), events);
        assert_eq!(procore.emulator.journal()[0].status, Some(503));
    }
}

#[tokio::test]
async fn tokens_expire_in_the_middle_and_bodies_break_off() {
    let procore = Procore::demo().await;
    procore.emulator.fault(next_write(FaultKind::ExpireTokens));
    assert_eq!(procore.write().await, Ok(401));

    let mut procore = Procore::demo().await;
    procore.emulator.fault(next_write(FaultKind::CutBody));
    assert_eq!(procore.write().await, Err(ConnectionDropped));
    assert_eq!(procore.count(), 6);
    procore.emulator.expire_tokens();
    procore.token = procore.sign_in(support::ADMIN).await;
    assert_eq!(procore.write().await, Ok(201));
}

#[tokio::test]
async fn faults_and_people_act_over_http_too() {
    let procore = Procore::demo().await;
    let post = |path: &'static str, body: Value| procore.call("POST", path, body);
    post("/_emulator/faults", json!({ "method": "POST", "path": "/change_events", "times": 2, "kind": "drop_after" }))
        .await
        .expect(200);
    assert_eq!(procore.write().await, Err(ConnectionDropped));
    procore.call("DELETE", "/_emulator/faults", Value::Null).await.expect(204);
    assert_eq!(procore.write().await, Ok(201));

    let event = procore.event("002");
    post(
        "/_emulator/world",
        json!({ "action": "add_foreign_line", "event_id": event, "description": "Crane", "amount": "100.10" }),
    )
    .await
    .expect(200);
    post("/_emulator/world", json!({ "action": "close_event", "event_id": event })).await.expect(200);
    post("/_emulator/world", json!({ "action": "delete_line", "line_id": 1 })).await.expect(404);
    let seen = procore.get(&procore.event_path(&json!(event))).await;
    assert_eq!(seen["status"]["mapped_to_status"], "closed");
    assert_eq!(seen["change_items"].as_array().unwrap().len(), 4);

    post("/_emulator/switches", json!({ "lines_shuffled": false, "error_shape": "list" })).await.expect(200);
    assert_eq!(procore.emulator.switches(|s| (s.lines_shuffled, s.refusal_is_atomic)), (false, true));
    post("/_emulator/switches", json!({ "no_such": 1 })).await.expect(422);

    let journal = procore.get("/_emulator/journal").await;
    assert_eq!(journal.as_array().unwrap().len(), 3, "the operator's own requests are not in it: {journal}");
    assert_eq!(procore.get("/_emulator/state").await["change_events"], 7);
    post("/_emulator/expire_tokens", Value::Null).await.expect(200);
    assert_eq!(procore.write().await, Ok(401));
}

#[tokio::test]
async fn limits_are_announced_and_kept() {
    let procore =
        Procore::with(|options| options.limits = RateLimits { hourly: 600, spike: 3, spike_seconds: 10 }).await;
    let first = procore.call("GET", "/rest/v1.0/me", Value::Null).await;
    assert_eq!((first.header("x-rate-limit-limit"), first.header("x-rate-limit-remaining")), ("3", "2"));
    for _ in 0..2 {
        procore.get("/rest/v1.0/me").await;
    }
    let refused = procore.call("GET", "/rest/v1.0/me", Value::Null).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, ""), "the other headers say when");
    assert_eq!(refused.header("x-rate-limit-remaining"), "0");
    assert!(refused.text.starts_with("You have surpassed the max number of requests"));
    procore.emulator.switches(|switches| {
        switches.rate_limited_as_json = true;
        switches.rate_limited_has_retry_after = true;
    });
    let refused = procore.call("GET", "/rest/v1.0/me", Value::Null).await;
    assert_eq!(refused.header("retry-after"), "10");
    assert!(refused.body["errors"].is_string());
    procore.pass(10);
    procore.get("/rest/v1.0/me").await;
}

#[tokio::test]
async fn calls_are_counted_by_app_and_company_or_by_token() {
    for (scope, status) in [(RateScope::AppAndCompany, 429), (RateScope::Token, 200)] {
        let mut procore =
            Procore::with(|options| options.limits = RateLimits { hourly: 1, spike: 9, spike_seconds: 10 }).await;
        procore.emulator.switches(|switches| switches.rate_scope = scope);
        procore.get("/rest/v1.0/me").await;
        procore.token = procore.sign_in(support::PM).await;
        assert_eq!(procore.call("GET", "/rest/v1.0/me", Value::Null).await.status, status, "{scope:?}");
    }
}

#[tokio::test]
async fn a_router_has_no_connection_to_close_and_says_so() {
    use tower::ServiceExt;
    let procore = Procore::demo().await;
    procore.emulator.fault(Fault::next("GET", "/", FaultKind::Refuse));
    let get = || http::Request::get("/").body(axum::body::Body::empty()).unwrap();
    assert_eq!(procore.emulator.router().oneshot(get()).await.unwrap().status(), 502);
    assert_eq!(procore.emulator.router().oneshot(get()).await.unwrap().status(), 200);
}

#[tokio::test]
async fn on_a_socket_a_dropped_answer_is_a_closed_connection() {
    let procore = Procore::demo().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let emulator = procore.emulator.clone();
    let serving = tokio::spawn(async move { emulator.serve(listener).await });
    let send = async |method: &str, path: &str, body: &str| {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: emulator\r\nauthorization: Bearer {}\r\nprocore-company-id: {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            procore.token,
            procore.company,
            body.len(),
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // A reset instead of an orderly end is as good as silence.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    };
    let body = procore.new_event(json!([])).to_string();
    procore.emulator.fault(next_write(FaultKind::DropAfter));
    assert_eq!(send("POST", &procore.events_path(), &body).await, "", "not a byte");
    assert_eq!(procore.count(), 6);
    procore.emulator.fault(next_write(FaultKind::Refuse));
    assert_eq!(send("POST", &procore.events_path(), &body).await, "");
    assert_eq!(procore.count(), 6);
    procore.emulator.fault(next_write(FaultKind::CutBody));
    let cut = send("POST", &procore.events_path(), &body).await;
    let (head, got) = cut.split_once("\r\n\r\n").unwrap();
    let promised: usize = head.lines().find_map(|l| l.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    assert!(got.len() < promised, "{} of {promised}", got.len());
    let whole = send("GET", "/rest/v1.0/me", "").await;
    assert!(whole.starts_with("HTTP/1.1 200 OK"), "{whole}");
    assert!(whole.contains("date: Mon, 02 Mar 2026"), "the emulator's own clock: {whole}");
    serving.abort();
}
