use std::time::Duration;

use super::*;
use crate::error::{Executed, Next};

fn found(body: &str) -> Vec<(Option<String>, String)> {
    messages(body.as_bytes()).into_iter().map(|m| (m.field, m.text)).collect()
}

fn read(status: u16, body: &str) -> Error {
    error(Effect::Harmless, StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes())
}

fn written(status: u16, body: &str) -> Error {
    error(Effect::Writes, StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes())
}

/// One row for every shape known to be answered somewhere.
#[test]
fn every_shape_of_error_body_is_read() {
    type Row<'a> = (&'a str, &'a [(Option<&'a str>, &'a str)]);
    let table: &[Row] = &[
        (r#"{"errors":["App is gone."]}"#, &[(None, "App is gone.")]),
        (r#"{"errors":{"assignees":["required"]}}"#, &[(Some("assignees"), "required")]),
        (
            r#"{"errors":{"base":["Locked"],"number":["taken","odd"]}}"#,
            &[(None, "Locked"), (Some("number"), "taken"), (Some("number"), "odd")],
        ),
        (r#"{"errors":{"fields":{"title":["too long"]}}}"#, &[(Some("title"), "too long")]),
        (r#"{"errors":{"change_items":[{"budget_code":["gone"]}]}}"#, &[(Some("change_items.budget_code"), "gone")]),
        (r#"{"errors":"Wbs Code with ID 7 not found"}"#, &[(None, "Wbs Code with ID 7 not found")]),
        (r#"{"message":"Item not found"}"#, &[(None, "Item not found")]),
        (
            r#"{"code":422,"message":"No","fields":"status","reason":"Void","error":"Unprocessable"}"#,
            &[(Some("status"), "No"), (Some("status"), "Void")],
        ),
        (r#"{"error":{"code":"X","message":"Bad company"}}"#, &[(None, "Bad company")]),
        (
            r#"{"error":{"code":"BAD_REQUEST","message":"Failed","details":[{"reason_code":"a","message":"must be an integer","source":"project_id"},{"message":"also wrong"}]}}"#,
            &[(Some("project_id"), "must be an integer"), (None, "also wrong")],
        ),
        (r#"{"error":{"code":"BAD_REQUEST"}}"#, &[(None, "BAD_REQUEST")]),
        (r#"{"message":"No such thing","exception":"ActiveRecord::RecordNotFound"}"#, &[(None, "No such thing")]),
        (r#"{"message":"Cannot","error":"unprocessable"}"#, &[(None, "Cannot")]),
        (r#"{"error":"invalid_grant","error_description":"Used up."}"#, &[(None, "Used up.")]),
        (r#"{"error":"invalid_grant"}"#, &[(None, "invalid_grant")]),
        (
            r#""You have surpassed the max number of requests""#,
            &[(None, "You have surpassed the max number of requests")],
        ),
        ("Budget Code was not found.\n", &[(None, "Budget Code was not found.")]),
        (r#"["first","second"]"#, &[(None, "first"), (None, "second")]),
        ("\n <!DOCTYPE html><html>secret inside</html>", &[]),
        (r#"{"message":"<html>secret inside</html>"}"#, &[]),
        (r#"{"errors":{"a":null,"b":[],"c":3}}"#, &[]),
        ("", &[]),
    ];
    for (body, expected) in table {
        let expected: Vec<_> = expected.iter().map(|(f, t)| (f.map(str::to_owned), (*t).to_owned())).collect();
        assert_eq!(found(body), expected, "{body}");
    }
}

#[test]
fn a_flood_of_text_is_cut() {
    let long = "é".repeat(3000);
    assert_eq!(found(&format!(r#"{{"errors":["{long}"]}}"#))[0].1.chars().count(), 500);
    let many: Vec<String> = (0..500).map(|n| format!("\"m{n}\"")).collect();
    assert_eq!(found(&format!(r#"{{"errors":[{}]}}"#, many.join(","))).len(), 50);
    let deep = format!("{}\"x\"{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(found(&deep), []);
    assert_eq!(found("a\u{1b}[31m\u{0}b"), [(None, "a[31mb".to_owned())]);
}

#[test]
fn the_same_server_error_is_harmless_to_a_read_and_uncertain_for_a_write() {
    for status in [408, 500, 502, 503, 504] {
        let (r, w) = (read(status, "<html>"), written(status, ""));
        assert!(matches!(r, Error::Unavailable { status: Some(s), .. } if s == status), "{r:?}");
        assert_eq!((r.next(), r.executed()), (Next::RetryLater, Executed::No));
        assert!(matches!(w, Error::Uncertain { .. }), "{w:?}");
        assert_eq!((w.next(), w.executed()), (Next::LookFirst, Executed::Unknown));
    }
}

#[test]
fn a_503_says_when_to_come_back() {
    let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, "17".parse().unwrap())]);
    let wait = Some(Duration::from_secs(17));
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let (r, w) = (error(Effect::Harmless, status, &headers, b""), error(Effect::Writes, status, &headers, b""));
    assert!(matches!(r, Error::Unavailable { retry_after, .. } if retry_after == wait));
    assert!(matches!(w, Error::Uncertain { look_after, .. } if look_after == wait));
}

#[test]
fn each_status_names_who_acts_next() {
    let table = [
        (429, "You have surpassed the max number of requests for an hour.", Next::RetryLater, Executed::No),
        (401, r#"{"error":"The access token is invalid"}"#, Next::SignInAgain, Executed::No),
        (403, r#"{"errors":["App is not connected to this company."]}"#, Next::TellUser, Executed::No),
        (403, r#"{"message":"No permission"}"#, Next::TellUser, Executed::No),
        (404, r#"{"message":"Item not found"}"#, Next::TellUser, Executed::No),
        (404, "<html>", Next::WakeOperator, Executed::Unknown),
        (404, r#"{"message":"Missing Procore-Company-Id header! …"}"#, Next::WakeOperator, Executed::Unknown),
        (400, r#"{"errors":"Missing Procore-Company-Id header! …"}"#, Next::WakeOperator, Executed::Unknown),
        (400, r#"{"errors":{"status":["unknown"]}}"#, Next::TellUser, Executed::PerhapsInPart),
        (409, "", Next::RetryLater, Executed::PerhapsInPart),
        (422, "", Next::TellUser, Executed::PerhapsInPart),
        (302, "", Next::WakeOperator, Executed::Unknown),
        (418, "", Next::WakeOperator, Executed::Unknown),
    ];
    for (status, body, next, executed) in table {
        let error = written(status, body);
        assert_eq!((error.next(), error.executed()), (next, executed), "{status} {body} → {error:?}");
    }
    assert_eq!(written(403, r#"{"errors":["App is not connected to this company."]}"#), Error::AppNotConnected);
    assert_eq!(
        read(401, r#"{"error":"The access token is invalid"}"#).to_string(),
        "a new sign-in to Procore is needed: The access token is invalid"
    );
    assert_eq!(
        written(422, r#"{"errors":{"number":["has already been taken"]}}"#).to_string(),
        "Procore refused (422): number: has already been taken"
    );
}

#[test]
fn not_found_may_come_with_a_status_of_success() {
    assert!(is_soft_not_found(br#"{"message":"Item not found"}"#));
    assert!(!is_soft_not_found(br#"{"id":1,"message":"Item not found"}"#));
    assert!(!is_soft_not_found(br#"{"message":"Saved"}"#));
    assert!(!is_soft_not_found(b"[]"));
}

/// A refusal for another writer passes; one for what the request says doesn't.
#[test]
fn a_refusal_for_another_writer_is_told_apart() {
    let table = [
        (409, r#"{"errors":"Conflict"}"#, true),
        (409, "", true),
        (409, r#"{"errors":{"base":["Another request is changing this record. Please try again."]}}"#, true),
        (409, r#"{"errors":{"number":["has already been taken"]}}"#, false),
        (409, r#"{"message":"A hook of this namespace exists"}"#, false),
        (423, r#"{"message":"Locked"}"#, true),
        (422, r#"{"message":"Attempted to update a stale object: ChangeEvent."}"#, true),
        (422, r#"{"errors":["The change event is currently being updated."]}"#, true),
        (400, r#"{"code":400,"message":"No","reason":"Concurrent updates are not allowed"}"#, true),
        (422, r#"{"errors":["Wbs Code with ID 7 not found"]}"#, false),
        (422, r#"{"errors":["The line is locked by an approved change order"]}"#, false),
        (422, "", false),
    ];
    for (status, body, passes) in table {
        let error = written(status, body);
        assert_eq!(error.next() == Next::RetryLater, passes, "{status} {body}");
        assert_eq!(error.executed(), Executed::PerhapsInPart, "{status} {body}");
        assert_eq!(read(status, body).next(), Next::TellUser, "a read is not in anybody's way: {status} {body}");
    }
}
