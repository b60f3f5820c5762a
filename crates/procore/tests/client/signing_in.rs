//! OAuth.

use procore::{Error, Executed, Next, SendError};
use secrecy::{ExposeSecret as _, SecretString};

use crate::fake::{self, Fake, answer, ok};

const PAIR: &str =
    r#"{"access_token":"a1","token_type":"bearer","expires_in":5400,"refresh_token":"r1","created_at":1700000000}"#;

fn token(text: &str) -> SecretString {
    text.to_owned().into()
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_browser_is_sent_to_the_login_host() {
    let url = Fake::new(|_| ok("")).procore.authorize_url("st&te", "chall");
    assert_eq!(url.as_str().split('?').next(), Some("https://login.procore.test/oauth/authorize"));
    let wanted = owned(&[
        ("response_type", "code"),
        ("client_id", "ledger"),
        ("redirect_uri", "https://ledger.test/callback"),
        ("state", "st&te"),
        ("code_challenge", "chall"),
        ("code_challenge_method", "S256"),
    ]);
    assert_eq!(url.query_pairs().into_owned().collect::<Vec<_>>(), wanted);
}

#[tokio::test]
async fn a_code_becomes_tokens() {
    let fake = Fake::new(|_| ok(PAIR));
    let tokens = fake.procore.exchange_code("c&de", "verifier").await.unwrap();
    assert_eq!(tokens.access.expose_secret(), "a1");
    assert_eq!(tokens.refresh.as_ref().map(|t| t.expose_secret().to_owned()), Some("r1".to_owned()));
    assert_eq!(tokens.created_at.as_second(), 1_700_000_000);
    assert_eq!(tokens.expires_at().as_second(), 1_700_005_400);
    let asked = fake.only();
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/oauth/token"));
    assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(asked.header("authorization"), None);
    let wanted = [
        ("client_id", "ledger"),
        ("client_secret", "the-secret"),
        ("grant_type", "authorization_code"),
        ("code", "c&de"),
        ("redirect_uri", "https://ledger.test/callback"),
        ("code_verifier", "verifier"),
    ];
    assert_eq!(asked.form(), owned(&wanted));
}

#[tokio::test]
async fn a_refresh_token_becomes_a_new_pair_and_a_service_account_has_none() {
    let fake = Fake::new(|asked| {
        if asked.body.contains("grant_type=refresh_token") {
            return ok(PAIR);
        }
        answer(200, r#"{"access_token":"s","expires_in":5400}"#, &[("date", "Sun, 06 Nov 1994 08:49:37 GMT")])
    });
    let pair = fake.procore.refresh(&token("r0")).await.unwrap();
    assert_eq!(pair.refresh.unwrap().expose_secret(), "r1");
    assert!(fake.only().form().contains(&("refresh_token".to_owned(), "r0".to_owned())));
    let service = fake.procore.client_credentials().await.unwrap();
    assert!(service.refresh.is_none());
    assert_eq!(service.created_at.as_second(), 784_111_777, "without created_at, the date of the answer counts");
}

#[tokio::test]
async fn a_login_that_is_over_asks_for_a_new_one_and_a_wrong_app_wakes_the_operator() {
    let table = [
        (400, r#"{"error":"invalid_grant"}"#, Next::SignInAgain),
        (401, r#"{"error":"invalid_grant","error_description":"Used."}"#, Next::SignInAgain),
        (401, r#"{"error":"The refresh token is invalid"}"#, Next::SignInAgain),
        (401, "", Next::SignInAgain),
        (400, r#"{"error":"invalid_client"}"#, Next::WakeOperator),
        (401, r#"{"error":"invalid_client","error_description":"Unknown client."}"#, Next::WakeOperator),
        (400, r#"{"error":"unsupported_grant_type"}"#, Next::WakeOperator),
        (404, "<html>", Next::WakeOperator),
        (302, "", Next::WakeOperator),
        (429, "slow down", Next::RetryLater),
    ];
    for (status, body, next) in table {
        let fake = Fake::new(move |_| answer(status, body, &[]));
        assert_eq!(fake.procore.refresh(&token("r")).await.unwrap_err().next(), next, "refresh: {status} {body}");
        assert_eq!(fake.procore.exchange_code("c", "v").await.unwrap_err().next(), next, "code: {status} {body}");
    }
}

#[tokio::test]
async fn a_refresh_without_a_clear_answer_may_have_burnt_the_login() {
    let lost = fake::broken(SendError::Unknown("cut".into()));
    let error = lost.refresh(&token("r")).await.unwrap_err();
    assert_eq!((error.next(), error.executed()), (Next::LookFirst, Executed::Unknown));
    for given in [(200, "<html>"), (200, r#"{"access_token":"#), (503, ""), (500, "{}")] {
        let fake = Fake::new(move |_| answer(given.0, given.1, &[]));
        let error = fake.procore.refresh(&token("r")).await.unwrap_err();
        assert!(matches!(error, Error::Uncertain { .. }), "{given:?} {error:?}");
    }
    let away = fake::broken(SendError::NotSent("refused".into()));
    assert_eq!(away.refresh(&token("r")).await.unwrap_err(), Error::NotSent("refused".into()));
    // A service account asks again without harm.
    assert_eq!(lost.client_credentials().await.unwrap_err().next(), Next::RetryLater);
}

/// A pair that came is never lost for the sake of a figure beside it.
#[tokio::test]
async fn a_life_that_cannot_be_meant_is_the_documented_one() {
    for (said, life) in [
        ("5400", 5400),
        ("300", 300),
        ("1", 1),
        ("\"300\"", 300),
        ("300.9", 300),
        ("0", 5400),
        ("-1", 5400),
        ("0.2", 5400),
        ("null", 5400),
        ("\"soon\"", 5400),
        ("{}", 5400),
        ("4294967296", 86_400),
        ("1e300", 86_400),
        ("99999999999999999999999999", 86_400),
    ] {
        for created in ["1700000000", "\"1700000000\"", "null", "-1e300", "99999999999999999999", "{}"] {
            let body =
                format!(r#"{{"access_token":"a","refresh_token":"r","expires_in":{said},"created_at":{created}}}"#);
            let tokens = Fake::new(move |_| ok(body.clone())).procore.refresh(&token("r0")).await.unwrap();
            assert_eq!(tokens.expires_in, life, "{said} {created}");
            assert!(tokens.expires_at() > tokens.created_at, "{said} {created}");
        }
    }
    let missing = Fake::new(|_| ok(r#"{"access_token":"a","refresh_token":"r"}"#));
    assert_eq!(missing.procore.refresh(&token("r0")).await.unwrap().expires_in, 5400);
    for tokens in [
        format!(r#"{{"access_token":"{}","refresh_token":"r"}}"#, "a".repeat(20_000)),
        format!(r#"{{"access_token":"a","refresh_token":"{}"}}"#, "r".repeat(20_000)),
        r#"{"access_token":"","refresh_token":"r"}"#.to_owned(),
    ] {
        let error = Fake::new(move |_| ok(tokens.clone())).procore.refresh(&token("r0")).await.unwrap_err();
        assert!(matches!(error, Error::Uncertain { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_login_is_ended_and_looked_up_at_the_login_host() {
    let fake = Fake::new(|asked| match asked.path.as_str() {
        "/oauth/revoke" => ok("{}"),
        _ => ok(
            r#"{"resource_owner_id":562949953508586,"scopes":["public"],"expires_in_seconds":5,"application":{"uid":"x"},"created_at":7}"#,
        ),
    });
    fake.procore.revoke(&token("a1")).await.unwrap();
    assert!(fake.only().form().contains(&("token".to_owned(), "a1".to_owned())));
    let info = fake.procore.token_info(&token("a1")).await.unwrap();
    assert_eq!((info.resource_owner_id.0, info.expires_in_seconds), (562_949_953_508_586, Some(5)));
    let asked = &fake.all()[1];
    assert_eq!((asked.path.as_str(), asked.header("authorization")), ("/oauth/token/info", Some("Bearer a1")));
}
