//! The questions that only writing answers, in a project named for it. The check removes every event that it created.

use http::Method;
use procore::{RawAnswer, RawRequest};
use serde_json::{Value, json};

use super::{
    Held,
    ask::{Protocol, Question, get, is_blank, is_removed, records},
};

const TITLE: &str = "Ledgerboard check";

/// What new events of the check need from the project.
struct Ground {
    project: String,
    /// A status that new events may have.
    open: Value,
    /// A status that stands for Closed, if there is one.
    closed: Option<Value>,
    /// A budget code.
    code: Option<Value>,
    /// The events made so far.
    made: Vec<i64>,
}

/// Writes, reads the result and cleans up.
pub async fn all(protocol: &mut Protocol) {
    let Some(mut ground) = ground(protocol).await else { return };
    if let Some(event) = first_event(protocol, &mut ground).await {
        lines(protocol, &ground, &event).await;
        closed(protocol, &ground, &event).await;
    }
    repeated(protocol, &mut ground).await;
    clean_up(protocol, &ground).await;
}

async fn ground(protocol: &mut Protocol) -> Option<Ground> {
    let project = protocol.check.project.to_string();
    let question = Question("Is there what a new event needs?", None);
    let answer = protocol.read(question, "rest/v1.0/change_event/statuses", &[("project_id", &project)]).await;
    let statuses = protocol.taken(question, answer)?;
    let of = |kind: &str| {
        let status = records(&statuses).iter().find(|status| {
            [&status["mapped_to_status"], &status["name"]]
                .iter()
                .any(|name| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(kind)))
        });
        status.map(|status| status["id"].clone())
    };
    let Some(open) = of("open").or_else(|| records(&statuses).first().map(|status| status["id"].clone())) else {
        protocol.note(question, "the project has no status for events", Held::Open);
        return None;
    };
    let path = format!("rest/v1.0/projects/{project}/work_breakdown_structure/wbs_codes");
    let answer = protocol.read(question, &path, &[("per_page", "100")]).await;
    let codes = protocol.taken(question, answer)?;
    let code = records(&codes).iter().find(|code| !is_blank(&code["flat_code"])).map(|code| code["id"].clone());
    Some(Ground { closed: of("closed"), open, code, project, made: Vec::new() })
}

impl Ground {
    fn write(&self, method: Method, path: &str, event: &Value, occasion: Option<&str>) -> RawRequest {
        let query = [("project_id", self.project.as_str())];
        RawRequest {
            method,
            body: Some(json!({ "change_event": event })),
            occasion: occasion.map(str::to_owned),
            ..get(path, &query)
        }
    }

    fn create(&self, items: &Value, occasion: Option<&str>) -> RawRequest {
        let event = json!({ "title": TITLE, "status": { "id": self.open }, "scope": "tbd", "change_items": items });
        self.write(Method::POST, "rest/v1.1/change_events", &event, occasion)
    }

    fn patch(&self, event: i64, change: &Value) -> RawRequest {
        self.write(Method::PATCH, &format!("rest/v1.1/change_events/{event}"), change, None)
    }

    fn line(&self, name: &str, amount: &Value) -> Value {
        let mut line = json!({
            "description": format!("{TITLE}, line {name}"),
            "cost_impact": { "estimate": { "amount": amount, "calculation_strategy": "manual" } },
        });
        if let Some(code) = &self.code {
            line["budget_code"] = json!({ "id": code });
        }
        line
    }

    /// Keeps in mind that an event was made.
    fn made(&mut self, answer: &RawAnswer) -> Option<Value> {
        let event = answer.json.clone().filter(|_| (200..300).contains(&answer.status))?;
        let id = event["id"].as_i64()?;
        if !self.made.contains(&id) {
            self.made.push(id);
        }
        Some(event)
    }
}

/// Two lines of 1.00 and 2.00, their amounts first as texts.
async fn first_event(protocol: &mut Protocol, ground: &mut Ground) -> Option<Value> {
    let question = Question("May costs be written as text?", Some("cost_wants_numbers"));
    let as_text = ground.create(&json!([ground.line("A", &json!("1.00")), ground.line("B", &json!("2.00"))]), None);
    let answer = protocol.send(as_text).await;
    let answer = protocol.answered(question, answer)?;
    let mut event = ground.made(&answer);
    protocol.judge(question, answer.status.to_string(), event.is_some());
    let made = Question("Is an event with two lines made by one request?", None);
    if event.is_none() {
        let as_numbers = ground.create(&json!([ground.line("A", &json!(1.0)), ground.line("B", &json!(2.0))]), None);
        let answer = protocol.send(as_numbers).await;
        let answer = protocol.answered(made, answer)?;
        event = ground.made(&answer);
        protocol.judge(made, answer.status.to_string(), event.is_some());
    }
    let event = event?;
    let contract = event["prime_contract_for_estimates"].is_object();
    let given = Question("Does a new event get a prime contract that nobody gave?", Some("default_prime_contract"));
    protocol.judge(given, if contract { "yes" } else { "no" }, !contract);
    let markup = event["markup_items"].as_array().is_some_and(|items| !items.is_empty());
    let added = Question("Does a new event get markup that nobody gave?", Some("prime_contract_markup"));
    protocol.note(added, if markup { "yes" } else { "no" }, Held::Noted);
    let filled = event["change_items"].as_array().into_iter().flatten().any(|line| {
        line["cost_impact"]["vendor"]["proposed"].is_object() || line["cost_impact"]["contract"]["proposed"].is_object()
    });
    let fills = Question("Do fields of a line that were left out come back filled?", Some("fields_filled_in"));
    protocol.judge(fills, if filled { "yes" } else { "no" }, !filled);
    listed(protocol, ground, &event).await;
    Some(event)
}

async fn listed(protocol: &mut Protocol, ground: &Ground, event: &Value) {
    let question = Question("Is a new event in the list at once?", Some("new_events_unlisted_seconds"));
    let query = [("project_id", ground.project.as_str()), ("per_page", "100"), ("sort", "-created_at")];
    let answer = protocol.read(question, "rest/v1.1/change_events", &query).await;
    if let Some(list) = protocol.taken(question, answer) {
        let there = records(&list).iter().any(|one| one["id"] == event["id"]);
        protocol.judge(question, if there { "yes" } else { "no, or not on the first page" }, there);
    }
}

/// A PATCH that names one line of two; one that is partly wrong; one that removes.
async fn lines(protocol: &mut Protocol, ground: &Ground, event: &Value) {
    let Some(id) = event["id"].as_i64() else { return };
    let find = |of: &Value, name: &str| {
        let ends = format!("line {name}");
        let lines = of["change_items"].as_array().into_iter().flatten();
        lines
            .filter(|line| !is_removed(line))
            .find(|line| line["description"].as_str().is_some_and(|said| said.ends_with(&ends)))
            .cloned()
    };
    let Some(a) = find(event, "A") else { return };
    let amount = |value: f64| json!({ "estimate": { "amount": value, "calculation_strategy": "manual" } });

    let question = Question("Does a line that a PATCH does not name stay?", Some("unlisted_lines_dropped"));
    let changed = ground.patch(id, &json!({ "change_items": [{ "id": a["id"], "cost_impact": amount(3.0) }] }));
    let answer = protocol.send(changed).await;
    if let Some(answer) = protocol.answered(question, answer) {
        if !(200..300).contains(&answer.status) {
            protocol.note(question, format!("the PATCH was refused with {}", answer.status), Held::Open);
        } else if let Some(now) = read(protocol, ground, id, question).await {
            let stays = find(&now, "B").is_some();
            protocol.judge(question, if stays { "yes" } else { "no, it is gone" }, stays);
        }
    }

    let question = Question("Does a refused PATCH leave nothing behind?", Some("refusal_is_atomic"));
    let half = json!([{ "id": a["id"], "cost_impact": amount(4.0) }, { "id": 1, "cost_impact": amount(5.0) }]);
    let answer = protocol.send(ground.patch(id, &json!({ "change_items": half }))).await;
    if let Some(answer) = protocol.answered(question, answer) {
        if (200..300).contains(&answer.status) {
            protocol.note(question, "a line that isn't there was not refused", Held::Open);
        } else if let Some(now) = read(protocol, ground, id, question).await {
            let kept =
                find(&now, "A").is_some_and(|line| figure(&line["cost_impact"]["estimate"]["amount"]) == Some(3.0));
            protocol.judge(question, if kept { "yes" } else { "no, the part before it was written" }, kept);
        }
    }

    let question =
        Question("Does `deleted: true` remove a line, and is it shown to who asks?", Some("deleted_lines_shown"));
    let answer =
        protocol.send(ground.patch(id, &json!({ "change_items": [{ "id": a["id"], "deleted": true }] }))).await;
    if let Some(answer) = protocol.answered(question, answer) {
        let gone = read(protocol, ground, id, question).await.is_some_and(|now| find(&now, "A").is_none());
        let query = [("project_id", ground.project.as_str()), ("include_deleted_change_event_line_items", "true")];
        let with =
            protocol.read(question, &format!("rest/v1.1/change_events/{id}"), &query).await.and_then(|with| with.json);
        let shown = with.is_some_and(|with| {
            with["change_items"].as_array().into_iter().flatten().any(|line| line["id"] == a["id"] && is_removed(line))
        });
        protocol.judge(question, format!("{}, removed {gone}, shown {shown}", answer.status), gone && shown);
    }
}

async fn closed(protocol: &mut Protocol, ground: &Ground, event: &Value) {
    let question = Question("May a closed event be edited?", Some("closed_events_refuse_edits"));
    let (Some(id), Some(closed)) = (event["id"].as_i64(), ground.closed.clone()) else {
        return protocol.note(question, "the project has no status for closed events", Held::Open);
    };
    let shut = protocol.send(ground.patch(id, &json!({ "status": { "id": closed } }))).await;
    let Some(shut) = protocol.answered(question, shut) else { return };
    if !(200..300).contains(&shut.status) {
        return protocol.note(question, format!("it could not be closed: {}", shut.status), Held::Open);
    }
    let answer = protocol.send(ground.patch(id, &json!({ "change_items": [ground.line("C", &json!(1.0))] }))).await;
    if let Some(answer) = protocol.answered(question, answer) {
        protocol.judge(question, answer.status.to_string(), (200..300).contains(&answer.status));
    }
}

/// The same request twice under one token.
async fn repeated(protocol: &mut Protocol, ground: &mut Ground) {
    let question =
        Question("Does an Idempotency-Token keep a request from being executed twice?", Some("idempotency_honoured"));
    let request = ground.create(&json!([ground.line("D", &json!(1.0))]), Some("ledgerboard check"));
    let mut ids = Vec::new();
    for _ in 0..2 {
        let answer = protocol.send(request.clone()).await;
        let Some(answer) = protocol.answered(question, answer) else { return };
        let Some(event) = ground.made(&answer) else {
            return protocol.note(question, format!("refused with {}", answer.status), Held::Open);
        };
        ids.push(event["id"].clone());
    }
    let once = ids.first() == ids.last();
    protocol.judge(question, if once { "yes" } else { "no, two events were made" }, !once);
}

async fn clean_up(protocol: &mut Protocol, ground: &Ground) {
    let question = Question("Can an event be removed?", None);
    for id in &ground.made {
        let path = format!("rest/v1.1/change_events/{id}");
        let removal = RawRequest { method: Method::DELETE, ..get(&path, &[("project_id", &ground.project)]) };
        let removed = protocol.send(removal).await;
        let status = removed.map_or(0, |answer| answer.status);
        if !(200..300).contains(&status) {
            protocol.report.left += 1;
        }
        protocol.judge(question, status.to_string(), status == 204);
    }
}

async fn read(protocol: &mut Protocol, ground: &Ground, id: i64, question: Question) -> Option<Value> {
    let answer =
        protocol.read(question, &format!("rest/v1.1/change_events/{id}"), &[("project_id", &ground.project)]).await;
    protocol.taken(question, answer)
}

fn figure(amount: &Value) -> Option<f64> {
    amount.as_f64().or_else(|| amount.as_str()?.parse().ok())
}
