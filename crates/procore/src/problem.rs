//! Turns an answer that is not a success into an [`Error`]: the one place that knows Procore's many error bodies.

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::{
    error::{Error, Message},
    rate,
};

/// Longer texts are stack traces or pages, not sentences.
const TEXT_LIMIT: usize = 500;
/// More sentences than these help nobody.
const MESSAGE_LIMIT: usize = 50;
/// Deeper than any field path of Procore's.
const DEPTH_LIMIT: usize = 8;

/// Whether a request may be repeated without harm. It decides what a missing answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Reads, or does the same thing again.
    Harmless,
    /// Changes something; twice is not once.
    Writes,
}

impl Effect {
    /// No answer, or none that says what happened.
    pub(crate) fn unanswered(self, status: Option<u16>, headers: &HeaderMap, reason: String) -> Error {
        let wait = rate::retry_after(headers);
        match self {
            Effect::Harmless => Error::Unavailable { status, retry_after: wait, reason },
            Effect::Writes => Error::Uncertain { reason, look_after: wait },
        }
    }
}

/// The error that an answer outside 2xx stands for.
pub(crate) fn error(effect: Effect, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let code = status.as_u16();
    match code {
        408 | 500..=599 => effect.unanswered(Some(code), headers, format!("Procore answered {code}")),
        429 => Error::RateLimited { until: rate::limited_until(headers), retry_after: rate::limited_for(headers) },
        401 => Error::SignInAgain(first_text(body).unwrap_or_else(|| "Procore answered 401".into())),
        400 | 403 | 404 if says(body, "Missing Procore-Company-Id") => {
            Error::Misused("Procore misses the company header".into())
        }
        403 if says(body, "not connected to this company") => Error::AppNotConnected,
        403 => Error::Forbidden(messages(body)),
        // A page instead of JSON means that the path itself is wrong.
        404 if is_page(body) => Error::NoSuchPath,
        404 => Error::NotFound,
        400 | 405 | 406 | 409 | 410 | 413 | 422 | 423 => {
            let (status, messages, retry_after) = (code, messages(body), rate::retry_after(headers));
            if effect == Effect::Writes && is_contention(status, &messages) {
                Error::Contended { status, messages, retry_after }
            } else {
                Error::Refused { status, messages }
            }
        }
        _ => Error::Unexpected(format!("Procore answered {code}")),
    }
}

/// Whether a write was refused for another one to the same record, and not for what it says. Procore documents neither
/// status nor words for it: 409 and 423 are taken so unless they say that something is taken for good, others if they name it.
fn is_contention(status: u16, messages: &[Message]) -> bool {
    const FOR_GOOD: [&str; 5] = ["already", "taken", "exist", "duplicate", "unique"];
    const NAMED: [&str; 14] = [
        "concurrent",
        "simultaneous",
        "at the same time",
        "another request",
        "another process",
        "another transaction",
        "being changed",
        "being edited",
        "being modified",
        "being updated",
        "stale object",
        "staleobject",
        "deadlock",
        "lock wait",
    ];
    let says = |words: &[&str]| {
        messages.iter().map(|m| m.text.to_ascii_lowercase()).any(|text| words.iter().any(|word| text.contains(word)))
    };
    if matches!(status, 409 | 423) { !says(&FOR_GOOD) || says(&NAMED) } else { says(&NAMED) }
}

/// Some reads answer "not found" with a status of success and a message alone.
pub(crate) fn is_soft_not_found(body: &[u8]) -> bool {
    let Ok(Value::Object(map)) = serde_json::from_slice(body) else { return false };
    !map.contains_key("id") && map.get("message").and_then(Value::as_str).is_some_and(|m| m.ends_with("not found"))
}

/// Every sentence in an error body, whatever its shape; none for a page or an empty body.
pub(crate) fn messages(body: &[u8]) -> Vec<Message> {
    let mut found = Vec::new();
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => of_object(&map, &mut found),
        Ok(value) => gather(&value, None, 0, &mut found),
        Err(_) if is_page(body) => {}
        Err(_) => push(&mut found, None, &String::from_utf8_lossy(body)),
    }
    found
}

/// The first sentence of [`messages`].
pub(crate) fn first_text(body: &[u8]) -> Option<String> {
    messages(body).into_iter().next().map(|message| message.text)
}

/// The `error` code of an OAuth answer (`invalid_grant`), if the body is one.
pub(crate) fn oauth_code(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    Some(value.get("error")?.as_str()?.to_owned())
}

fn of_object(map: &serde_json::Map<String, Value>, found: &mut Vec<Message>) {
    // Old: {"errors": [..] | {field: [..]} | ".."}.
    if let Some(errors) = map.get("errors") {
        gather(errors, None, 0, found);
    }
    match map.get("error") {
        // New: {"error": {"code", "message", "details": [{"reason_code", "message", "source"}]}}.
        Some(Value::Object(error)) => of_new_error(error, found),
        // OAuth: {"error": "invalid_grant", "error_description": ".."}; elsewhere `error` is the sentence.
        Some(Value::String(text)) if !map.contains_key("error_description") && !map.contains_key("message") => {
            push(found, None, text);
        }
        _ => {}
    }
    // {"code", "message", "fields", "reason", "error"} and {"message", "exception"}; `exception` is Procore's inside.
    let field = map.get("fields").and_then(Value::as_str).filter(|field| !field.is_empty());
    for key in ["message", "error_description", "reason"] {
        if let Some(text) = map.get(key).and_then(Value::as_str) {
            push(found, field, text);
        }
    }
}

fn of_new_error(error: &serde_json::Map<String, Value>, found: &mut Vec<Message>) {
    let details = error.get("details").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for detail in details {
        let source = detail.get("source").and_then(Value::as_str).filter(|source| !source.is_empty());
        if let Some(text) = detail.get("message").and_then(Value::as_str) {
            push(found, source, text);
        }
    }
    // The headline ("Validation failed") says less than the details do.
    if found.is_empty() {
        let headline = error.get("message").or_else(|| error.get("code")).and_then(Value::as_str);
        push(found, None, headline.unwrap_or_default());
    }
}

/// Sentences of a field map of any depth, with the path that leads to each.
fn gather(value: &Value, field: Option<&str>, depth: usize, found: &mut Vec<Message>) {
    if depth > DEPTH_LIMIT {
        return;
    }
    match value {
        Value::String(text) => push(found, field, text),
        Value::Array(values) => values.iter().for_each(|value| gather(value, field, depth + 1, found)),
        Value::Object(map) => {
            for (key, value) in map {
                // `base` is Rails' word for "the record as a whole"; the others are wrappers.
                let path = match (field, key.as_str()) {
                    (field, "base" | "fields" | "message" | "messages") => field.map(str::to_owned),
                    (None, key) => Some(key.to_owned()),
                    (Some(field), key) => Some(format!("{field}.{key}")),
                };
                gather(value, path.as_deref(), depth + 1, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn push(found: &mut Vec<Message>, field: Option<&str>, text: &str) {
    let text: String = text.trim().chars().filter(|c| !c.is_control() || *c == '\n').take(TEXT_LIMIT).collect();
    let message = Message { field: field.map(|field| field.chars().take(TEXT_LIMIT).collect()), text };
    if !message.text.is_empty() && !is_page(message.text.as_bytes()) && found.len() < MESSAGE_LIMIT {
        // Several shapes repeat their sentence under two keys.
        if !found.contains(&message) {
            found.push(message);
        }
    }
}

fn says(body: &[u8], words: &str) -> bool {
    messages(body).iter().any(|message| message.text.contains(words))
}

fn is_page(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

#[cfg(test)]
mod tests;
