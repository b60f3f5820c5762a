//! What somebody sends when their session has ended is kept, and shown to them alone.

use axum::http::{Method, StatusCode, header};
use ledgerboard::{
    account::{sign_in, unsent::DISCARDED},
    serving::unsent::NOT_SENT,
};

use crate::visitor::{PASSWORD, Page, Site, Visitor};

const EMAIL: &str = "ruth@whitfieldsons.example";
const HOST: &str = "http://127.0.0.1:8080";

/// Posts a form from a page, as a browser does.
async fn post_from(visitor: &Visitor, page: &str, url: &str, form: &[(&str, &str)]) -> Page {
    let mut request = visitor.request(Method::POST, url, form);
    request.headers_mut().insert(header::REFERER, format!("{HOST}{page}").parse().unwrap());
    visitor.send(request).await
}

/// Signs in on the page that the answer leads to, and goes where that leads.
async fn sign_in_and_go(visitor: &Visitor, email: &str, next: &str) -> Page {
    let entered = visitor.post("/sign-in", &[("email", email), ("password", PASSWORD), ("next", next)]).await;
    assert_eq!(entered.location, next);
    visitor.get(next).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_after_the_session_ended_comes_back_into_the_form() {
    let (site, owner) = Site::with_owner().await;
    for how in ["idle", "a token that is not known", "signed out in another tab"] {
        match how {
            "idle" => site.world.advance(13 * 3600),
            "signed out in another tab" => drop(owner.post("/sign-out", &[]).await),
            _ => owner.take_token("ended"),
        }
        let form = [("name", "Harbor <Point>"), ("job_number", "24-118"), ("time_zone", "America/New_York")];
        let page = post_from(&owner, "/projects/new", "/projects/new", &form).await;
        assert_eq!(page.location, "/sign-in?next=%2Fprojects%2Fnew&ended=1", "{how}");
        assert!(owner.get(&page.location).await.shows(sign_in::SESSION_ENDED_AND_KEPT), "{how}");
        let page = sign_in_and_go(&owner, EMAIL, "/projects/new").await;
        assert!(page.shows(NOT_SENT) && page.text.contains("data-url=\"/projects/new\""), "{how}: {}", page.text);
        assert!(
            page.text.contains(r#"["name","Harbor \u003cPoint>"],["job_number","24-118"]"#),
            "{how}: {}",
            page.text
        );
        // Nothing was carried out; a reload keeps it; other pages say nothing.
        assert!(!owner.get("/projects").await.text.contains("Harbor"), "{how}");
        assert!(owner.get("/projects/new").await.shows(NOT_SENT), "{how}");
        assert!(!owner.get("/settings/people").await.shows(NOT_SENT), "{how}");
        // Without a script it is read, and sent from, a page of its own.
        let alone = owner.get("/unsent").await;
        assert!(alone.text.contains("name: Harbor &#60;Point&#62;") && alone.text.contains("action=\"/projects/new\""));
        assert!(owner.post_and_go("/unsent", &[]).await.shows(DISCARDED), "{how}");
        assert!(!owner.get("/projects/new").await.shows(NOT_SENT), "{how}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_it_again_ends_it() {
    let (_site, owner) = Site::with_owner().await;
    owner.take_token("ended");
    let form = [("name", "Bangor"), ("do", "add")];
    let page = post_from(&owner, "/settings/offices", "/settings/offices", &form).await;
    assert_eq!(page.location, "/sign-in?next=%2Fsettings%2Foffices&ended=1");
    assert!(sign_in_and_go(&owner, EMAIL, "/settings/offices").await.shows(NOT_SENT));
    // Refused, it stays; done, it goes.
    assert_eq!(owner.post("/settings/offices", &[("name", "")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(owner.get("/settings/offices").await.shows(NOT_SENT));
    assert_eq!(owner.post("/settings/offices", &form).await.status, StatusCode::SEE_OTHER);
    assert!(!owner.get("/settings/offices").await.shows(NOT_SENT));
    assert_eq!(owner.get("/unsent").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_sees_it_and_it_has_an_end() {
    let (site, owner) = Site::with_owner().await;
    let office = owner.get("/settings/people").await;
    let office = office.text.split("<select name=\"office\">").nth(1).unwrap().split('"').nth(1).unwrap().to_owned();
    let person =
        [("name", "Ines Marsh"), ("email", "ines@whitfieldsons.example"), ("role", "admin"), ("office", &office)];
    let made = owner.post("/settings/people", &person).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    sign_in::reset_password(
        &site.world.app.store,
        &*site.world.app.entropy,
        site.world.app.now(),
        "ines@whitfieldsons.example",
        PASSWORD.into(),
    )
    .await
    .unwrap();
    let away = |form: &'static [(&'static str, &'static str)]| async {
        owner.take_token("ended");
        post_from(&owner, "/projects/new", "/projects/new", form).await
    };
    assert!(away(&[("name", "A secret hospital")]).await.location.contains("ended=1"));
    // In the same browser somebody else signs in.
    owner.post("/sign-in", &[("email", "ines@whitfieldsons.example"), ("password", PASSWORD)]).await;
    for url in ["/projects/new", "/projects/new", "/unsent", "/account/password"] {
        let page = owner.get(url).await;
        assert!(!page.text.contains("secret hospital") && !page.shows(NOT_SENT), "{url}");
    }
    // Whose it is finds it again; in another browser nobody does.
    let elsewhere = site.signed_in(EMAIL, PASSWORD).await;
    assert!(!elsewhere.get("/projects/new").await.shows(NOT_SENT));
    assert!(sign_in_and_go(&owner, EMAIL, "/projects/new").await.shows(NOT_SENT));
    site.world.advance(11 * 3600);
    owner.get("/projects").await;
    site.world.advance(2 * 3600);
    assert!(!owner.get("/projects/new").await.shows(NOT_SENT), "half a day is enough");
    // A browser that nobody signed in with keeps nothing, and its visitor is told nothing of a session.
    let stranger = site.visitor();
    let page = post_from(&stranger, "/projects/new", "/projects/new", &[("name", "x")]).await;
    assert_eq!(page.location, "/sign-in?next=%2Fprojects%2Fnew");
    assert!(stranger.cookie("ledgerboard-unsent").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_and_what_is_too_large_are_not_kept() {
    let (site, owner) = Site::with_owner().await;
    let rows = || async {
        let sql = "SELECT fields FROM unsent_form";
        site.world.app.store.read(move |tx| tx.query(sql, &[], |row| row.get::<String>(0))).await.unwrap()
    };
    owner.take_token("ended");
    let passwords =
        [("old_password", PASSWORD), ("password", "another one 123"), ("password_again", "another one 123")];
    post_from(&owner, "/account/password", "/account/password", &passwords).await;
    assert!(rows().await.is_empty(), "nothing but secrets");
    let beside = [("client_secret", "s3cret"), ("token", "lb_1"), ("name", "Trial")];
    post_from(&owner, "/settings/tokens", "/settings/tokens", &beside).await;
    assert_eq!(rows().await, [r#"[["name","Trial"]]"#]);
    let long = "x".repeat(65 << 10);
    let page = post_from(&owner, "/projects/new", "/projects/new", &[("name", &long)]).await;
    assert_eq!(page.location, "/sign-in?next=%2Fprojects%2Fnew&ended=1");
    assert_eq!(rows().await.len(), 1, "64 KiB are the most");
    // Another site's form is refused as ever, and not kept.
    let mut request = owner.request(Method::POST, "/projects/new", &[("name", "x")]);
    request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(owner.send(request).await.status, StatusCode::FORBIDDEN);
    for _ in 0..15 {
        post_from(&owner, "/projects/new", "/projects/new", &[("name", "again and again")]).await;
    }
    assert_eq!(rows().await.len(), 10);
}
