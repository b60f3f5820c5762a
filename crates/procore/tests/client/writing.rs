//! Writes: what is sent, and what each kind of answer means.

use procore::{
    Error, Executed, Next, SendError,
    model::{
        ChangeEventId, ChangeEventPatch, CompanyId, CostWrite, ItemWrite, LineId, NewChangeEvent, ProjectId, Scope,
        StatusId, WbsCodeId,
    },
};
use serde_json::json;

use crate::fake::{self, Fake, answer};

const PROJECT: ProjectId = ProjectId(12);

const MADE: &str = r#"{"id":9,"number":"009","title":"Rock","status":{"id":2,"name":"Open","mapped_to_status":"open"},
    "change_items":[{"id":71,"description":"COR 14","cost_impact":{"estimate":{"amount":"12500.0"}}}]}"#;

fn rock() -> NewChangeEvent {
    NewChangeEvent {
        number: None,
        title: "Rock".into(),
        description: None,
        status: StatusId(2),
        scope: Scope::Tbd,
        change_type: None,
        change_reason: None,
        prime_contract_for_estimates: None,
        source_of_revenue_rom: None,
        external_data: None,
        change_items: vec![ItemWrite {
            description: Some("COR 14".into()),
            budget_code: Some(WbsCodeId(40_389)),
            cost: Some(CostWrite { amount: Some("12500".parse().unwrap()), ..CostWrite::default() }),
            ..ItemWrite::default()
        }],
    }
}

#[tokio::test]
async fn an_event_is_made_with_all_its_lines_in_one_request() {
    let fake = Fake::new(|_| answer(201, MADE, &[("x-request-id", "q-1")]));
    let made = fake.session().create_change_event(PROJECT, &rock(), "push 3").await.unwrap();
    assert_eq!((made.value.id.0, made.value.change_items[0].id.0), (9, 71));
    assert_eq!(made.request_id.as_deref(), Some("q-1"));
    let asked = fake.only();
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/rest/v1.1/change_events"));
    assert_eq!((asked.param("project_id"), asked.header("procore-company-id")), (Some("12"), Some("4264")));
    assert_eq!(asked.header("content-type"), Some("application/json"));
    let wanted = json!({"change_event": {
        "title": "Rock", "status": {"id": 2}, "scope": "tbd",
        "change_items": [{"description": "COR 14", "budget_code": {"id": 40389},
            "cost_impact": {"estimate": {"amount": 12500.0, "calculation_strategy": "manual"}}}]
    }});
    assert_eq!(asked.json(), wanted);
}

#[tokio::test]
async fn an_event_is_changed_in_one_request() {
    let fake = Fake::new(|_| answer(200, MADE, &[]));
    let removed = ItemWrite { id: Some(LineId(72)), deleted: true, ..ItemWrite::default() };
    let patch = ChangeEventPatch { change_items: vec![removed], ..ChangeEventPatch::default() };
    fake.session().update_change_event(PROJECT, ChangeEventId(9), &patch, "push 3").await.unwrap();
    let asked = fake.only();
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("PATCH", "/rest/v1.1/change_events/9"));
    assert_eq!(asked.param("project_id"), Some("12"));
    assert_eq!(asked.json(), json!({"change_event": {"change_items": [{"id": 72, "deleted": true}]}}));
}

/// One request on one occasion has one token, whoever repeats it and whenever; anything else has another.
#[tokio::test]
async fn the_token_stands_for_the_request_and_the_occasion() {
    let fake = Fake::new(|_| answer(201, MADE, &[]));
    let token = |occasion: &'static str, title: &'static str| {
        let session = fake.session();
        async move {
            let event = NewChangeEvent { title: title.into(), ..rock() };
            session.create_change_event(PROJECT, &event, occasion).await.unwrap();
        }
    };
    for (occasion, title) in [("push 3", "Rock"), ("push 3", "Rock"), ("push 4", "Rock"), ("push 3", "Sand")] {
        token(occasion, title).await;
    }
    fake.session()
        .update_change_event(PROJECT, ChangeEventId(9), &ChangeEventPatch::default(), "push 3")
        .await
        .unwrap();
    fake.session().change_event(PROJECT, ChangeEventId(9), false).await.unwrap();
    let tokens: Vec<Option<String>> =
        fake.all().iter().map(|asked| asked.header("idempotency-token").map(str::to_owned)).collect();
    let [Some(first), Some(repeated), Some(later), Some(other), Some(patch), None] = &tokens[..] else {
        panic!("every write has one and no read has: {tokens:?}");
    };
    assert_eq!((first, first.len()), (repeated, 32));
    let different: std::collections::BTreeSet<_> = [first, later, other, patch].into();
    assert_eq!(different.len(), 4);
}

#[tokio::test]
async fn a_write_without_a_readable_answer_is_uncertain_and_sent_once() {
    let answers = [
        (200, "<html>proxy</html>"),
        (200, ""),
        (201, r#"{"id":9,"number""#),
        (200, r#"{"message":"Item not found"}"#),
        (204, ""),
        (408, ""),
        (500, ""),
        (502, "<html>"),
        (503, r#"{"errors":"busy"}"#),
        (504, ""),
    ];
    for (status, body) in answers {
        let fake = Fake::new(move |_| answer(status, body, &[("retry-after", "5")]));
        let error = fake.session().create_change_event(PROJECT, &rock(), "push 3").await.unwrap_err().error;
        assert_eq!((error.next(), error.executed()), (Next::LookFirst, Executed::Unknown), "{status} {body} {error:?}");
        assert_eq!(fake.all().len(), 1, "never twice");
        let nothing = ChangeEventPatch::default();
        let update = fake.session().update_change_event(PROJECT, ChangeEventId(9), &nothing, "push 3").await;
        assert!(matches!(update.map_err(Error::from), Err(Error::Uncertain { .. })), "{status} {body}");
    }
}

#[tokio::test]
async fn a_write_that_never_left_is_told_apart_from_one_that_was_lost() {
    let outcome = |failure| async {
        let session = fake::broken(failure).acting(String::from("t").into(), Some(CompanyId(1)));
        let error = session.create_change_event(PROJECT, &rock(), "push 3").await.unwrap_err().error;
        (error.next(), error.executed())
    };
    assert_eq!(outcome(SendError::NotSent("refused".into())).await, (Next::RetryLater, Executed::No));
    assert_eq!(outcome(SendError::Unknown("reset".into())).await, (Next::LookFirst, Executed::Unknown));
}

#[tokio::test]
async fn a_refusal_keeps_procores_words() {
    let body =
        r#"{"errors":{"number":["has already been taken"],"change_items":["Wbs Code with ID 40389 not found"]}}"#;
    let fake = Fake::new(move |_| answer(422, body, &[("x-request-id", "q-2")]));
    let failed = fake.session().create_change_event(PROJECT, &rock(), "push 3").await.unwrap_err();
    assert_eq!(
        (failed.status, failed.request_id.as_deref()),
        (Some(422), Some("q-2")),
        "to be quoted to their support"
    );
    let error = failed.error;
    assert_eq!((error.next(), error.executed()), (Next::TellUser, Executed::PerhapsInPart));
    let words: Vec<_> = error.messages().iter().map(|m| (m.field.as_deref().unwrap(), m.text.as_str())).collect();
    assert!(words.contains(&("number", "has already been taken")));
    assert!(words.contains(&("change_items", "Wbs Code with ID 40389 not found")));
}
