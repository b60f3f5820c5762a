//! What the Account Owner reads of sign-ins, people, tokens and exports.

use axum::http::{StatusCode, header};
use jiff::Timestamp;
use store::{StoreError, repo::security_event::SecurityEvent};

use crate::{
    invitations::{begin, invite},
    people::hire,
    projects::build,
    visitor::{PASSWORD, Page, Site, Visitor},
};

const EMAIL: &str = "ruth@whitfieldsons.example";
const URL: &str = "/settings/security";

/// Signs in as a browser that says what it is.
async fn sign_in(site: &Site, email: &str, password: &str, agent: &str) -> (Visitor, Page) {
    let visitor = site.visitor();
    let mut request =
        visitor.request(axum::http::Method::POST, "/sign-in", &[("email", email), ("password", password)]);
    request.headers_mut().insert(header::USER_AGENT, agent.parse().unwrap());
    let page = visitor.send(request).await;
    (visitor, page)
}

/// What happened, as (what, about), the oldest first.
async fn told(site: &Site) -> Vec<(String, String)> {
    let rows: Result<Vec<(String, String)>, StoreError> = site
        .world
        .app
        .store
        .read(|tx| {
            tx.query("SELECT kind, subject FROM security_event ORDER BY seq", &[], |row| Ok((row.get(0)?, row.get(1)?)))
        })
        .await;
    rows.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_owner_reads_who_did_what_from_where() {
    let (site, owner) = Site::with_owner().await;
    let dana = hire(&site, &owner, "Dana", "dana@whitfieldsons.example", "project_manager", "Portland").await;
    let (_, page) = sign_in(&site, EMAIL, "not the password", "Mozilla/5.0 (Windows NT 10.0) Firefox/132.0").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    sign_in(&site, "nobody@whitfieldsons.example", "not the password", "curl/8").await;
    let token = owner.post_and_go("/settings/tokens", &[("name", "Nightly export"), ("days", "90")]).await;
    let revoke = owner.get("/settings/tokens").await.address("/settings/tokens/", "/revoke");
    owner.post(&revoke, &[]).await;
    owner.post("/settings/offices", &[("name", "Bangor")]).await;
    let project = build(&owner, "Harbor Point").await;
    let link = invite(&owner, &project, "customer", "Cascade", "23A - Mechanical").await;
    begin(&site, &link, "Cascade Mechanical, Inc.", "luis@cascademech.example").await;
    owner.get("/record/file?format=csv").await;
    dana.post("/sign-out", &[]).await;

    let page = owner.get(URL).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    for words in [
        "Sign-in failed",
        "Refused",
        "Firefox on Windows",
        "Person added",
        "Dana, Project Manager",
        "Password changed",
        "API token made",
        "API token revoked",
        "Nightly export",
        "Office added",
        "Bangor",
        "Invitation made",
        "Invitation accepted",
        "Cascade Mechanical, Inc.",
        "Exported",
        "Whole record",
        "Signed out",
    ] {
        assert!(page.shows(words), "{words}: {}", page.text);
    }
    assert!(!page.text.contains("nobody@"), "an email that nobody has is nobody's event");
    let failed = owner.get(&format!("{URL}?failed=1")).await;
    assert!(failed.shows("Sign-in failed") && !failed.shows("API token made"), "{}", failed.text);
    let tokens = owner.get(&format!("{URL}?topic=tokens")).await;
    assert!(tokens.shows("API token made") && !tokens.text.contains("Signed in</span>"));
    assert_eq!(owner.get(&format!("{URL}?topic=nonsense")).await.status, StatusCode::NOT_FOUND);

    let file = owner.get(&format!("{URL}/file?topic=tokens")).await;
    assert_eq!(file.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert!(file.text.starts_with('\u{FEFF}') && file.text.contains("\"API token made\",\"Done\",\"Ruth Calloway\""));
    assert!(told(&site).await.contains(&("exported".to_owned(), "Security events".to_owned())));

    // No secret is among it, and nobody else reads it.
    let everything = format!("{:?}", told(&site).await);
    for secret in [token.value_of("new-token").as_str(), PASSWORD, "not the password", &link] {
        assert!(!everything.contains(secret), "{everything}");
    }
    let dana = site.signed_in("dana@whitfieldsons.example", PASSWORD).await;
    assert!(!dana.get("/settings/tokens").await.text.contains(URL), "no tab");
    for url in [URL, "/settings/security/file"] {
        let denied = dana.get(url).await;
        assert_eq!(denied.status, StatusCode::FORBIDDEN, "{}", denied.text);
        assert!(denied.shows("Only the Account Owner can see security events."));
    }
    let luis = site.signed_in("luis@cascademech.example", PASSWORD).await;
    let theirs = luis.get(URL).await;
    assert!(theirs.shows("Invitation accepted") && !theirs.shows("Nightly export") && !theirs.shows("Dana"));
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_passwords_and_people_are_told() {
    let (site, owner) = Site::with_owner().await;
    hire(&site, &owner, "Dana", "dana@whitfieldsons.example", "project_manager", "Portland").await;
    let people = owner.get("/settings/people").await;
    let at = people.text.find(">Dana</a>").unwrap();
    let page = people.text[..at].rsplit_once("href=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let office = crate::people::option(&people, "Portland");
    let change = [("name", "Dana"), ("role", "admin"), ("office", office.as_str())];
    assert_eq!(owner.post(&page, &change).await.status, StatusCode::SEE_OTHER);
    owner.post(&format!("{page}/password"), &[]).await;
    owner.post(&format!("{page}/disable"), &[]).await;
    owner.post(&format!("{page}/enable"), &[]).await;
    let told = told(&site).await;
    let told: Vec<(&str, &str)> = told.iter().map(|(kind, subject)| (kind.as_str(), subject.as_str())).collect();
    assert_eq!(
        told,
        [
            ("signed_in", ""),
            ("person_added", "Dana, Project Manager"),
            ("signed_in", ""),
            ("password_changed", ""),
            ("role_changed", "Dana: Project Manager → Admin"),
            ("password_reset", "Dana"),
            ("person_disabled", "Dana"),
            ("person_enabled", "Dana"),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_kept_with_what_it_tells_of_and_never_changed() {
    let (site, owner) = Site::with_owner().await;
    let store = &site.world.app.store;
    let change: Result<u64, StoreError> =
        store.write(|tx| tx.exec("UPDATE security_event SET person_name = 'Somebody else'", &[])).await;
    assert!(change.is_err());
    let trigger = "CREATE TRIGGER full BEFORE INSERT ON security_event BEGIN SELECT RAISE(ABORT, 'crash'); END";
    store.write(move |tx| tx.exec(trigger, &[])).await.unwrap();
    let page = owner.post("/settings/offices", &[("name", "Bangor")]).await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!owner.get("/settings/offices").await.shows("Bangor"), "neither the office nor the event");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guesser_does_not_fill_the_list_and_a_year_is_kept() {
    let (site, owner) = Site::with_owner().await;
    let (app, now) = (&site.world.app, site.world.app.now());
    let failed = |n: i64, at: Timestamp| SecurityEvent {
        seq: 0,
        at,
        kind: domain::security::SecurityEventKind::SignInFailed,
        succeeded: false,
        person: None,
        person_name: format!("Try {n}"),
        subject: String::new(),
        address: String::new(),
        browser: String::new(),
    };
    let credentials = app.store.read(|tx| tx.credentials(EMAIL)).await.unwrap().unwrap();
    for n in 0..20 {
        let event = SecurityEvent { person: Some(credentials.person), ..failed(n, now) };
        let company = credentials.company;
        app.store.write(move |tx| tx.of(company).add_security_event(&event, Timestamp::MIN)).await.unwrap();
    }
    sign_in(&site, EMAIL, "not the password", "curl/8").await;
    let count = async || told(&site).await.iter().filter(|(kind, _)| kind == "sign_in_failed").count();
    assert_eq!(count().await, 20, "the next one is not told");
    assert!(owner.get(URL).await.shows("Try 19"));
    site.world.advance(3601);
    sign_in(&site, EMAIL, "not the password", "curl/8").await;
    assert_eq!(count().await, 21, "an hour later it is");
    site.world.advance(366 * 24 * 3600);
    site.signed_in(EMAIL, PASSWORD).await;
    let told = told(&site).await;
    assert_eq!(told, [("signed_in".to_owned(), String::new())], "what is older than a year is gone");
}
