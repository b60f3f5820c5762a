//! The OpenAPI document is reviewed like code.

use axum::body::Body;
use http::Request;

use crate::caller::{DOCUMENT, Instance, send};

const REVIEWED: &str = include_str!("../../../../docs/openapi.json");

#[test]
fn the_document_is_the_reviewed_one() {
    let now = ledgerboard::api::document().to_pretty_json().unwrap();
    assert!(
        now.trim() == REVIEWED.trim(),
        "The API changed. Run\n    cargo run -p ledgerboard --example openapi > docs/openapi.json\nand review the difference: \
         callers must not break."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_can_read_the_document() {
    let instance = Instance::furnished().await;
    let request = Request::get("/api/v1/openapi.json").body(Body::empty()).unwrap();
    let answer = send(&instance.world, request).await.expect(200);
    assert_eq!(answer.json, *DOCUMENT);
    assert_eq!(answer.json["openapi"], "3.1.0");
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_is_told() {
    let text = DOCUMENT.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(DOCUMENT["components"]["schemas"][reference].is_object(), "{reference}");
    }
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{method} {path}");
            assert!(operation["responses"]["default"].is_object(), "{method} {path}");
        }
    }
}
