//! A disk that is full, and one that can only be read.

use axum::http::{Method, StatusCode, header};
use ledgerboard::account::sign_in::SIGNED_OUT_HERE;
use store::StoreError;

use crate::{
    people::option,
    visitor::{PASSWORD, Site},
};

/// Lets the database grow to `pages`; nothing: no further than it is.
async fn room(site: &Site, pages: Option<i64>) {
    let store = &site.world.app.store;
    let now = store.read(|tx| tx.one("PRAGMA page_count", &[], |row| row.get::<i64>(0))).await.unwrap();
    let most = pages.or(now).unwrap();
    // A pragma of the one connection that writes.
    store.write(move |tx| tx.one(&format!("PRAGMA max_page_count = {most}"), &[], |_| Ok(()))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_that_was_accepted_or_typed() {
    let (site, owner) = Site::with_owner().await;
    let office = option(&owner.get("/projects/new").await, "Portland");
    let leaver = site.signed_in("ruth@whitfieldsons.example", PASSWORD).await;
    let made = leaver.post_and_go("/settings/tokens", &[("name", "Nightly export"), ("days", "90")]).await;
    let token = made.value_of("new-token");
    room(&site, None).await;
    let mut accepted = Vec::new();
    let refused = loop {
        let name = format!("Project {:03} {}", accepted.len(), "of a long name ".repeat(5));
        let name = name.trim_end();
        let form = [
            ("name", name),
            ("address", ""),
            ("office", office.as_str()),
            ("currency", "USD"),
            ("time_zone", "America/New_York"),
            ("job_number", "24-118"),
        ];
        let page = owner.post("/projects/new", &form).await;
        match page.status {
            StatusCode::SEE_OTHER => accepted.push(name.to_owned()),
            _ => break (page, name.to_owned()),
        }
        assert!(accepted.len() < 500, "the disk never got full");
    };
    let (page, name) = refused;
    assert_eq!(page.status, StatusCode::INSUFFICIENT_STORAGE, "{}", page.text);
    assert!(page.shows("This server's disk is full, so this was not saved."), "{}", page.text);
    assert!(
        page.shows(&name) && page.text.contains("action=\"/projects/new\"") && page.shows("Try again"),
        "{}",
        page.text
    );
    let list = owner.get("/projects").await;
    assert!(accepted.iter().all(|name| list.shows(name)) && !list.shows(&name), "{}", list.text);
    // An hour later the pages can still be read, by programs too, and whoever leaves is out.
    site.world.advance(3700);
    assert!(owner.get("/projects").await.shows("Ruth Calloway"));
    let mut request = leaver.request(Method::GET, "/api/v1/projects", &[]);
    request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    let read = leaver.send(request).await;
    assert!(read.status == StatusCode::OK && read.text.contains(&accepted[0]), "{}", read.text);
    let session = leaver.token().unwrap();
    assert!(leaver.post("/sign-out", &[]).await.location.starts_with("/sign-in?signed_out="));
    assert!(leaver.token().is_none(), "the browser forgot it");
    leaver.take_token(&session);
    assert!(leaver.get("/projects").await.location.starts_with("/sign-in"), "and the session is over");

    room(&site, Some(1_000_000)).await;
    let form = [
        ("name", name.as_str()),
        ("address", ""),
        ("office", office.as_str()),
        ("currency", "USD"),
        ("time_zone", "America/New_York"),
        ("job_number", ""),
    ];
    assert_eq!(owner.post("/projects/new", &form).await.status, StatusCode::SEE_OTHER);
    assert!(owner.get("/projects").await.shows(&name));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_can_only_be_read_is_told_in_words() {
    let (site, owner) = Site::with_owner().await;
    let office = option(&owner.get("/projects/new").await, "Portland");
    let lock = || site.world.app.store.write(|tx| tx.query("PRAGMA query_only = ON", &[], |_| Ok::<_, StoreError>(())));
    assert_eq!(owner.get("/healthz").await.text, "ok\n");
    lock().await.unwrap();
    assert_eq!(owner.get("/healthz").await.text, "ok\n", "asking writes, so it is done once a second at the most");
    site.world.advance(1);
    let sick = owner.get("/healthz").await;
    assert_eq!((sick.status, sick.text.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "the database is read-only\n"));

    lock().await.unwrap();
    let form = [
        ("name", "Harbor Point"),
        ("address", ""),
        ("office", office.as_str()),
        ("currency", "USD"),
        ("time_zone", "America/New_York"),
        ("job_number", ""),
    ];
    let page = owner.post("/projects/new", &form).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.text);
    assert!(page.shows("is read-only at the moment") && page.shows("Harbor Point"), "{}", page.text);
    lock().await.unwrap();
    let secret = [("old_password", "x"), ("password", "quite other words"), ("password_again", "quite other words")];
    let page = owner.post("/account/password", &secret).await;
    assert!(
        page.shows("is read-only") && !page.text.contains("quite other words"),
        "no secret on a page: {}",
        page.text
    );
    // Whoever leaves, leaves. The store connects anew after a refusal, so each one needs a lock of its own.
    let leaving = site.signed_in("ruth@whitfieldsons.example", PASSWORD).await;
    lock().await.unwrap();
    let left = leaving.post_and_go("/sign-out", &[]).await;
    assert!(left.shows(SIGNED_OUT_HERE) && leaving.token().is_none(), "{}", left.text);
    // A program goes on reading, though an hour later the use of its token would be noted.
    let made = owner.post_and_go("/settings/tokens", &[("name", "Nightly export"), ("days", "365")]).await;
    let token = format!("Bearer {}", made.value_of("new-token"));
    for _ in 0..2 {
        site.world.advance(2 * 3600);
        lock().await.unwrap();
        let mut request = owner.request(Method::GET, "/api/v1/projects", &[]);
        request.headers_mut().insert(header::AUTHORIZATION, token.parse().unwrap());
        let read = owner.send(request).await;
        assert_eq!(read.status, StatusCode::OK, "{}", read.text);
    }
    // The store connects anew after a refusal, so the disk is writable again.
    assert_eq!(owner.post("/projects/new", &form).await.status, StatusCode::SEE_OTHER);
}
