//! The operations served, as a checked document, and the check of an [`Exchange`] against it.
//!
//! `schema/procore-subset.json` says for every operation where its knowledge comes from. Requests are closed there: a
//! field or parameter it does not list is a mistake of the caller. So a test of a client can say: everything it sent, and
//! everything it was answered, is as documented.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::Exchange;
use crate::text::Query;

/// The document as text.
pub const DOCUMENT: &str = include_str!("../schema/procore-subset.json");

static PARSED: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(DOCUMENT).expect("the checked-in document is JSON; a test reads it"));
static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// Checks the request and, where there is one, the answer of a recorded call.
pub fn check_exchange(exchange: &Exchange) -> Result<(), String> {
    check_request(exchange)?;
    check_answer(exchange)
}

/// Checks what the caller sent: a known operation, its parameters and its body.
pub fn check_request(exchange: &Exchange) -> Result<(), String> {
    let (route, operation) = operation(exchange)?;
    let say = |what: String| Err(format!("{} {route}: {what}", exchange.method));
    let query = Query::parse(&exchange.query);
    let parameters: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().collect();
    for parameter in &parameters {
        let name = parameter["name"].as_str().unwrap_or_default();
        let missing = match parameter["in"].as_str() {
            Some("query") => !query.has(name),
            Some("header") => !exchange.headers.contains_key(&name.to_lowercase()),
            _ => false,
        };
        if missing && parameter["required"] == true {
            return say(format!("{name} is required"));
        }
    }
    for name in query.names() {
        let known = |parameter: &&&Value| {
            parameter["in"] == "query" && fits(parameter["name"].as_str().unwrap_or_default(), name)
        };
        if parameters.iter().find(known).is_none() {
            return say(format!("{name} is no parameter"));
        }
    }
    match operation.get("requestBody") {
        Some(body) if exchange.body.is_null() && body["required"] == false => Ok(()),
        Some(body) => {
            let key = format!("request {} {route}", exchange.method);
            check(&key, &body["content"]["application/json"]["schema"], &exchange.body)
        }
        None => Ok(()),
    }
}

/// Checks what the emulator answered, or would have answered had the answer not been lost.
pub fn check_answer(exchange: &Exchange) -> Result<(), String> {
    let (route, operation) = operation(exchange)?;
    // A failure of the server is no answer of the operation, though it may come back for the same `Idempotency-Token`.
    let failed = exchange.status.is_none_or(|status| status >= 500);
    let says_nothing = exchange.status.is_some_and(|status| status >= 400) && exchange.answer.is_null();
    if !exchange.executed || failed || exchange.fault.is_some() || says_nothing {
        return Ok(());
    }
    let status = exchange.status.unwrap_or_default().to_string();
    let mut response =
        operation["responses"].get(&status).ok_or_else(|| format!("{route}: {status} is no answer of it"))?;
    if let Some(pointer) = response["$ref"].as_str() {
        response = PARSED.pointer(pointer.trim_start_matches('#')).unwrap_or(response);
    }
    let Some(content) = response.get("content") else { return Ok(()) };
    let key = format!("answer {} {route} {status}", exchange.method);
    check(&key, &content["application/json"]["schema"], &exchange.answer)
}

/// Whether a parameter of the document covers a name in a query: `filters[*]` covers every filter.
fn fits(documented: &str, name: &str) -> bool {
    let name = name.strip_suffix("[]").unwrap_or(name);
    documented == name || (documented == "filters[*]" && name.starts_with("filters["))
}

/// The operation of a call, found by its path: literal segments win over parameters.
fn operation(exchange: &Exchange) -> Result<(&'static str, &'static Value), String> {
    let matches = |template: &str| {
        let (mut ours, mut theirs) = (template.split('/'), exchange.path.split('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(part), Some(given)) if part == given || part.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    let paths = PARSED["paths"].as_object();
    let found = paths
        .into_iter()
        .flatten()
        .filter(|(template, _)| matches(template))
        .min_by_key(|(t, _)| t.matches('{').count());
    let (template, methods) = found.ok_or_else(|| format!("{} is no documented path", exchange.path))?;
    let operation = methods.get(exchange.method.to_lowercase());
    operation
        .map(|operation| (template.as_str(), operation))
        .ok_or_else(|| format!("{template} has no {}", exchange.method))
}

fn check(key: &str, schema: &Value, value: &Value) -> Result<(), String> {
    let validator = validator(key, schema)?;
    let faults: Vec<String> =
        validator.iter_errors(value).take(5).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    if faults.is_empty() { Ok(()) } else { Err(format!("{key}: {}", faults.join("; "))) }
}

/// The validator of a schema, compiled once.
fn validator(key: &str, schema: &Value) -> Result<Arc<Validator>, String> {
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = validators.get(key) {
        return Ok(Arc::clone(known));
    }
    let whole = json!({ "allOf": [schema], "components": { "schemas": PARSED["components"]["schemas"] } });
    let made = Arc::new(jsonschema::validator_for(&whole).map_err(|error| format!("{key}: {error}"))?);
    validators.insert(key.to_owned(), Arc::clone(&made));
    Ok(made)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::PARSED;
    use crate::rest::OPERATIONS;

    #[test]
    fn the_document_lists_exactly_what_is_served_and_says_from_where() {
        let served: BTreeSet<String> =
            OPERATIONS.iter().map(|(method, path, _)| format!("{} {path}", method.to_lowercase())).collect();
        let mut written = BTreeSet::new();
        for (path, methods) in PARSED["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                assert!(operation["x-source"].is_string() && operation["x-certainty"].is_string(), "{method} {path}");
                if path.starts_with("/rest/") {
                    written.insert(format!("{method} {path}"));
                }
            }
        }
        assert_eq!(written, served);
    }
}
