//! Who gets in, and how refusals look.

use axum::body::Body;
use http::{Request, header};
use ledgerboard::account::{
    api_tokens::{self, TokenInput},
    sign_in,
};
use uuid::Uuid;

use crate::caller::{Caller, Instance, send};

#[tokio::test(flavor = "multi_thread")]
async fn only_a_live_token_opens() {
    let instance = Instance::furnished().await;
    let (app, manager) = (&instance.world.app, &instance.made.manager);
    let made = api_tokens::make(app, manager, TokenInput::called("A program")).await.unwrap();
    let with = |token: Option<&str>| Caller { world: &instance.world, token: token.map(str::to_owned) };
    with(Some(&made.token)).get("/projects").await.expect(200);
    for stranger in [None, Some(""), Some("lb_nobody"), Some("лб")] {
        let answer = with(stranger).get("/projects").await;
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer", "{stranger:?}");
        let said = answer.problem(401, "unauthenticated");
        assert!(said.contains("Settings → API tokens"), "{said}");
    }
    api_tokens::revoke(app, manager, made.id).await.unwrap();
    with(Some(&made.token)).get("/projects").await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_with_its_person() {
    let instance = Instance::furnished().await;
    let caller = instance.manager().await;
    caller.get("/projects").await.expect(200);
    let (manager, now) = (instance.made.manager.clone(), instance.world.app.now());
    instance
        .world
        .app
        .store
        .write(move |tx| tx.of(manager.company).set_disabled(manager.person, Some(now)))
        .await
        .unwrap();
    caller.get("/projects").await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browsers_session_is_no_token() {
    let instance = Instance::furnished().await;
    let session = sign_in::begin_session(&instance.world.app, instance.made.manager.person).await.unwrap();
    let cookie = format!("ledgerboard={session}");
    let request = |method: &str| {
        let path = format!("/api/v1/projects/{}/cors", instance.made.project);
        let request = Request::builder().method(method).uri(path).header(header::COOKIE, &cookie);
        request.header(header::CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap()
    };
    send(&instance.world, request("POST")).await.problem(401, "unauthenticated");
    let read = Request::get("/api/v1/projects").header(header::COOKIE, &cookie).body(Body::empty()).unwrap();
    send(&instance.world, read).await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_not_there_is_a_problem_too() {
    let instance = Instance::furnished().await;
    let caller = instance.manager().await;
    for nowhere in ["/nowhere", "/projects/not-an-id", &format!("/projects/{}", Uuid::from_u128(7))] {
        let said = caller.get(nowhere).await.problem(404, "not-found");
        assert_eq!(said, "This doesn't exist, or you can't see it.");
    }
    let answer = caller.delete("/projects").await;
    assert_eq!(answer.headers[header::ALLOW], "GET,HEAD");
    answer.problem(405, "method-not-allowed");
    let answer = caller.get("/projects").await.expect(200);
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_companys_project_is_not_found() {
    let instance = Instance::furnished().await;
    let stranger = instance.caller(&instance.made.subs[0]).await;
    let theirs = stranger.get("/projects").await.expect(200).json;
    assert_eq!(theirs["projects"].as_array().unwrap().len(), 1, "the project they share");
    let ours = instance.caller(&instance.made.owner).await.get("/projects").await.expect(200).json;
    let kennebec = ours["projects"].as_array().unwrap().iter().find(|p| p["name"] == "Kennebec Cold Storage").unwrap();
    let kennebec = format!("/projects/{}", kennebec["id"].as_str().unwrap());
    for path in [&kennebec, &format!("{kennebec}/log/sent")] {
        stranger.get(path).await.problem(404, "not-found");
    }
}
