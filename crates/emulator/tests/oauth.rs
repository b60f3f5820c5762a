//! Signing in and staying signed in.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on stops where it stands")]

mod support;

use axum::body::Body;
use base64::Engine;
use http::Request;
use serde_json::{Value, json};
use support::{ADMIN, CLIENT, Procore, REDIRECT, SECRET};

#[tokio::test]
async fn a_person_signs_in_agrees_and_is_sent_back_with_code_and_state() {
    let procore = Procore::demo().await;
    let ask = format!("/oauth/authorize?response_type=code&client_id={CLIENT}&redirect_uri={REDIRECT}&state=a+b");
    let first = procore.raw(Request::get(&ask).body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(first.status, 303);
    assert!(first.header("location").starts_with("/login?next=%2Foauth%2Fauthorize"), "{:?}", first.headers);

    let wrong = procore.form("/login", &format!("login={ADMIN}&password=guess&next=/"), None).await.unwrap();
    assert_eq!(wrong.status, 422);
    let right = procore.form("/login", &format!("login={ADMIN}&password=procore&next=/x"), None).await.unwrap();
    assert_eq!(right.header("location"), "/x");
    let cookie = right.header("set-cookie").split(';').next().unwrap().to_owned();

    let consent = Request::get(&ask).header("cookie", &cookie).body(Body::empty()).unwrap();
    let consent = procore.raw(consent).await.unwrap();
    assert!(consent.text.contains("Allow Ledgerboard to use your Procore account?"));

    let form = format!("response_type=code&client_id={CLIENT}&redirect_uri={REDIRECT}&state=a+b&decision=allow");
    let back = procore.form("/oauth/authorize", &form, Some(&cookie)).await.unwrap();
    assert_eq!(back.status, 302);
    assert!(back.header("location").starts_with(&format!("{REDIRECT}?code=")));
    assert!(back.header("location").ends_with("&state=a+b"));

    let denied = form.replace("allow", "deny");
    let denied = procore.form("/oauth/authorize", &denied, Some(&cookie)).await.unwrap();
    assert!(denied.header("location").contains("error=access_denied"));
}

#[tokio::test]
async fn a_login_form_never_leads_to_another_site() {
    let procore = Procore::demo().await;
    for next in ["https://evil.example/", "//evil.example/", "/\\evil.example"] {
        let form = format!("login={ADMIN}&password=procore&next={next}");
        assert_eq!(procore.form("/login", &form, None).await.unwrap().header("location"), "/");
    }
}

#[tokio::test]
async fn a_redirect_uri_must_be_registered_to_the_last_slash() {
    let procore = Procore::demo().await;
    for (uri, status) in [
        ("http://127.0.0.1:8080/procore/callback/", 401),
        ("http://evil.example/", 401),
        ("http://localhost", 303),
        ("urn:ietf:wg:oauth:2.0:oob", 303),
    ] {
        let ask = format!("/oauth/authorize?response_type=code&client_id={CLIENT}&redirect_uri={uri}");
        let answer = procore.raw(Request::get(&ask).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status, status, "{uri}");
    }
}

#[tokio::test]
async fn a_code_serves_once_and_for_ten_minutes() {
    let procore = Procore::demo().await;
    let exchange = |code: String| {
        json!({ "grant_type": "authorization_code", "client_id": CLIENT, "client_secret": SECRET,
            "code": code, "redirect_uri": REDIRECT })
    };
    let code = procore.code(ADMIN).await;
    let pair = procore.token_request(exchange(code.clone())).await.expect(200);
    assert_eq!(pair["expires_in"], 5400);
    assert_eq!(pair["token_type"], "bearer");
    let again = procore.token_request(exchange(code)).await;
    assert_eq!((again.status, &again.body["error"]), (401, &json!("invalid_grant")));

    let stale = procore.code(ADMIN).await;
    procore.pass(600);
    assert_eq!(procore.token_request(exchange(stale)).await.status, 401);

    procore.emulator.switches(|switches| switches.token_error_status = 400);
    assert_eq!(procore.token_request(exchange("never issued".into())).await.status, 400);
}

#[tokio::test]
async fn a_refresh_token_serves_once_and_kills_its_predecessor() {
    let mut procore = Procore::demo().await;
    let pair = procore.tokens(ADMIN).await;
    let refresh = |token: &Value| json!({ "grant_type": "refresh_token", "client_id": CLIENT, "client_secret": SECRET, "refresh_token": token });
    let next = procore.token_request(refresh(&pair["refresh_token"])).await.expect(200);
    assert_ne!(next["refresh_token"], pair["refresh_token"]);
    assert_eq!(procore.token_request(refresh(&pair["refresh_token"])).await.status, 401, "single use");

    procore.token = pair["access_token"].as_str().unwrap().to_owned();
    assert_eq!(procore.call("GET", "/rest/v1.0/me", Value::Null).await.status, 401, "the old access token is dead too");
    procore.token = next["access_token"].as_str().unwrap().to_owned();
    assert_eq!(procore.get("/rest/v1.0/me").await["login"], ADMIN);

    // The other reading: the old access token lives on to its end.
    procore.emulator.switches(|switches| switches.refresh_kills_access_token = false);
    procore.token_request(refresh(&next["refresh_token"])).await.expect(200);
    assert_eq!(procore.call("GET", "/rest/v1.0/me", Value::Null).await.status, 200);
}

#[tokio::test]
async fn a_failed_refresh_burns_the_token_where_that_is_switched_on() {
    for (burns, status) in [(true, 401), (false, 200)] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| switches.failed_refresh_burns_token = burns);
        let pair = procore.tokens(ADMIN).await;
        let mut ask = json!({ "grant_type": "refresh_token", "client_id": CLIENT, "client_secret": "wrong", "refresh_token": pair["refresh_token"] });
        let wrong = procore.token_request(ask.clone()).await;
        assert_eq!(wrong.body["error"], "invalid_client");
        ask["client_secret"] = json!(SECRET);
        assert_eq!(procore.token_request(ask).await.status, status);
    }
}

#[tokio::test]
async fn clients_authenticate_by_json_form_multipart_and_basic() {
    let procore = Procore::demo().await;
    let form = format!("grant_type=client_credentials&client_id={CLIENT}&client_secret={SECRET}");
    assert_eq!(procore.form("/oauth/token", &form, None).await.unwrap().status, 200);

    let json = json!({ "grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET });
    let answer = procore.token_request(json).await.expect(200);
    assert_eq!(answer.get("refresh_token"), None, "none for client credentials");

    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT}:{SECRET}"));
    let request = Request::post("/oauth/token")
        .header("authorization", format!("Basic {basic}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("grant_type=client_credentials"))
        .unwrap();
    assert_eq!(procore.raw(request).await.unwrap().status, 200);

    let part =
        |name: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let body = format!(
        "{}{}{}--b--\r\n",
        part("grant_type", "client_credentials"),
        part("client_id", CLIENT),
        part("client_secret", SECRET)
    );
    let request = Request::post("/oauth/token")
        .header("content-type", "multipart/form-data; boundary=b")
        .body(Body::from(body))
        .unwrap();
    assert_eq!(procore.raw(request).await.unwrap().status, 200);
}

#[tokio::test]
async fn an_access_token_lives_an_hour_and_a_half_and_says_so() {
    let procore = Procore::demo().await;
    procore.pass(400);
    let info = procore.get("/oauth/token/info").await;
    assert_eq!(info["expires_in_seconds"], 5000);
    assert_eq!(info["application"]["uid"], CLIENT);
    procore.pass(5000);
    assert_eq!(procore.call("GET", "/oauth/token/info", Value::Null).await.status, 401);
    let refused = procore.call("GET", "/rest/v1.0/me", Value::Null).await;
    assert_eq!(refused.status, 401);
    assert!(refused.text.contains("The access token expired"));
}

#[tokio::test]
async fn revoking_kills_both_halves_and_never_complains() {
    let mut procore = Procore::demo().await;
    let pair = procore.tokens(ADMIN).await;
    let revoke = |token: &str| format!("token={token}&client_id={CLIENT}&client_secret={SECRET}");
    let refresh = pair["refresh_token"].as_str().unwrap();
    assert_eq!(procore.form("/oauth/revoke", &revoke(refresh), None).await.unwrap().status, 200);
    assert_eq!(procore.form("/oauth/revoke", &revoke("nonsense"), None).await.unwrap().status, 200);
    procore.token = pair["access_token"].as_str().unwrap().to_owned();
    assert_eq!(procore.call("GET", "/rest/v1.0/me", Value::Null).await.status, 401);
}

#[tokio::test]
async fn pkce_is_checked_only_where_that_is_switched_on() {
    // RFC 7636, appendix B.
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let more = "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    for (checked, verifier, status) in [(true, verifier, 200), (true, "wrong", 401), (false, "wrong", 200)] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| switches.pkce_checked = checked);
        let code = procore.code_with(ADMIN, more).await;
        let body = json!({ "grant_type": "authorization_code", "client_id": CLIENT, "client_secret": SECRET,
            "code": code, "redirect_uri": REDIRECT, "code_verifier": verifier });
        assert_eq!(procore.token_request(body).await.status, status, "checked {checked}, {verifier}");
    }
}
