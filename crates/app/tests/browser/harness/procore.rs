//! The emulated Procore, seen and steered from outside: its journal, its faults, what people do in it.

use serde_json::Value;
use url::Url;

use super::wire;

/// A running emulator.
#[derive(Debug, Clone)]
pub struct Procore {
    /// Where it is.
    pub url: Url,
}

impl Procore {
    /// Every REST request so far that changed change events: (method, path, body).
    pub fn writes(&self) -> Vec<(String, String, Value)> {
        self.requests("/change_events").into_iter().filter(|(method, ..)| method != "GET").collect()
    }

    /// Every request so far whose path contains `part`: (method, path, body).
    pub fn requests(&self, part: &str) -> Vec<(String, String, Value)> {
        let journal = self.control("GET", "journal", &Value::Null);
        let text = |exchange: &Value, key: &str| exchange[key].as_str().unwrap_or_default().to_owned();
        journal
            .as_array()
            .expect("a list of exchanges")
            .iter()
            .map(|exchange| (text(exchange, "method"), text(exchange, "path"), exchange["body"].clone()))
            .filter(|(_, path, _)| path.contains(part))
            .collect()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        self.control("DELETE", "journal", &Value::Null);
    }

    /// The change event whose title contains `title`.
    pub fn event(&self, title: &str) -> Option<Value> {
        self.find(|event| event["title"].as_str().is_some_and(|t| t.contains(title)))
    }

    /// The change event with this number; only one project has any.
    pub fn event_numbered(&self, number: &str) -> Option<Value> {
        self.find(|event| event["number"].as_str() == Some(number))
    }

    /// The id of the project with this number.
    pub fn project(&self, number: &str) -> i64 {
        let world = self.control("GET", "world", &Value::Null);
        let projects = world["projects"].as_object().expect("projects by id");
        let found = projects.values().find(|project| project["number"].as_str() == Some(number));
        found.and_then(|project| project["id"].as_i64()).unwrap_or_else(|| panic!("no project {number}"))
    }

    fn find(&self, is: impl Fn(&Value) -> bool) -> Option<Value> {
        let world = self.control("GET", "world", &Value::Null);
        let events = world["change_events"].as_object().expect("events by id");
        events.values().find(|event| is(event)).cloned()
    }

    /// The lines of that event that are not deleted.
    pub fn lines(&self, title: &str) -> Vec<Value> {
        let event = self.event(title).unwrap_or_else(|| panic!("no change event says {title:?}"));
        let items = event["items"].as_array().cloned().unwrap_or_default();
        items.into_iter().filter(|item| item["deleted_at"].is_null()).collect()
    }

    /// The lines of that event that we wrote.
    pub fn ours(&self, title: &str) -> Vec<Value> {
        let marked = |line: &Value| line["description"].as_str().is_some_and(|text| text.contains("[#"));
        self.lines(title).into_iter().filter(marked).collect()
    }

    /// Lets somebody do something in Procore's own pages: `{"action": "lock_line", "line_id": 1}`.
    pub fn act(&self, action: &Value) {
        self.control("POST", "world", action);
    }

    /// Lets the next matching request fail: `{"kind": "drop_after", "method": "POST", "path": "/change_events"}`.
    pub fn fault(&self, fault: &Value) {
        self.control("POST", "faults", fault);
    }

    /// Nothing fails any more.
    pub fn clear_faults(&self) {
        self.control("DELETE", "faults", &Value::Null);
    }

    fn control(&self, method: &str, what: &str, body: &Value) -> Value {
        let url = self.url.join(&format!("/_emulator/{what}")).expect("a path");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = wire::send(method, &url, &[("Content-Type", "application/json")], &body);
        let answer = answer.unwrap_or_else(|| panic!("the emulator at {} answers", self.url));
        assert!(answer.status < 300, "{method} {url} {body}: {} {}", answer.status, answer.body);
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }
}

/// What the lines come to in cents, as "cost" or as "revenue".
pub fn cents(lines: &[Value], kind: &str) -> i64 {
    lines.iter().map(|line| minor(line[kind]["amount"].as_str().unwrap_or_default())).sum()
}

/// An amount in cents, as the emulator writes it or as people read it: "-11820", "(11,820.00)".
pub fn minor(text: &str) -> i64 {
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
    let part = format!("{part:0<2}");
    let cents = format!("{whole}{}", &part[..2]).parse().unwrap_or_else(|_| panic!("{text:?} is an amount"));
    if text.starts_with(['-', '(']) { -i64::abs(cents) } else { cents }
}
