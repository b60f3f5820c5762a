//! Bearer tokens of the API.

use axum::http::StatusCode;
use ledgerboard::account::{api_tokens::bearer, sign_in};

use crate::{
    people::hire,
    visitor::{PASSWORD, Site},
};

/// A token for a year that may do everything.
fn token(name: &str) -> [(&str, &str); 2] {
    [("name", name), ("days", "365")]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_speaks_for_who_made_it_until_it_is_revoked() {
    let (site, owner) = Site::with_owner().await;
    let app = &site.world.app;
    let page = owner.post_and_go("/settings/tokens", &token("Nightly export")).await;
    let token = page.value_of("new-token");
    assert!(token.starts_with("lb_") && token.len() > 40, "{token}");
    assert_eq!(bearer(app, &token).await.unwrap().unwrap().actor.name, "Ruth Calloway");
    assert!(bearer(app, "lb_guess").await.unwrap().is_none());
    let list = owner.get("/settings/tokens").await;
    assert!(list.shows("Nightly export") && !list.text.contains(&token), "shown once");
    assert!(list.shows("Nov 23, 2026"), "its use is noted");

    let revoke = list.address("/settings/tokens/", "/revoke");
    let dana = hire(&site, &owner, "Dana", "dana@whitfieldsons.example", "project_manager", "Portland").await;
    assert_eq!(dana.post(&revoke, &[]).await.status, StatusCode::NOT_FOUND, "another's token");
    assert!(owner.post_and_go(&revoke, &[]).await.shows("The token is revoked."));
    assert!(bearer(app, &token).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_persons_tokens_are_dead() {
    let (site, owner) = Site::with_owner().await;
    let dana = hire(&site, &owner, "Dana", "dana@whitfieldsons.example", "project_manager", "Portland").await;
    let token = dana.post_and_go("/settings/tokens", &token("x")).await.value_of("new-token");
    assert!(bearer(&site.world.app, &token).await.unwrap().is_some());
    let people = owner.get("/settings/people").await;
    let at = people.text.find(">Dana</a>").unwrap();
    let page = people.text[..at].rsplit_once("href=\"").unwrap().1.split('"').next().unwrap().to_owned();
    owner.post(&format!("{page}/disable"), &[]).await;
    assert!(bearer(&site.world.app, &token).await.unwrap().is_none());
    owner.post(&format!("{page}/enable"), &[]).await;
    assert!(bearer(&site.world.app, &token).await.unwrap().is_none(), "revoked, not only asleep");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_password_revokes_them_and_a_changed_one_offers_to() {
    let (site, owner) = Site::with_owner().await;
    let app = &site.world.app;
    let new = "quite other words";
    let change =
        |old: &'static str, new: &'static str| [("old_password", old), ("password", new), ("password_again", new)];
    assert!(!owner.get("/account/password").await.shows("Revoke my"), "there is none yet");
    let kept = owner.post_and_go("/settings/tokens", &token("Nightly export")).await.value_of("new-token");
    assert!(owner.get("/account/password").await.shows("Revoke my API token as well: Nightly export"));
    assert_eq!(owner.post("/account/password", &change(PASSWORD, new)).await.status, StatusCode::SEE_OTHER);
    assert!(bearer(app, &kept).await.unwrap().is_some(), "unless asked, programs go on");
    let form = [&change(new, PASSWORD)[..], &[("revoke", "1")]].concat();
    assert_eq!(owner.post("/account/password", &form).await.status, StatusCode::SEE_OTHER);
    assert!(bearer(app, &kept).await.unwrap().is_none());
    assert!(owner.get("/settings/tokens").await.shows("Revoked"));

    let dana = hire(&site, &owner, "Dana", "dana@whitfieldsons.example", "project_manager", "Portland").await;
    let danas = dana.post_and_go("/settings/tokens", &token("Import")).await.value_of("new-token");
    let owners = owner.post_and_go("/settings/tokens", &token("Export")).await.value_of("new-token");
    let people = owner.get("/settings/people").await;
    let at = people.text.find(">Dana</a>").unwrap();
    let page = people.text[..at].rsplit_once("href=\"").unwrap().1.split('"').next().unwrap().to_owned();
    assert!(owner.post_and_go(&format!("{page}/password"), &[]).await.shows("their API tokens are revoked"));
    assert!(bearer(app, &danas).await.unwrap().is_none(), "made earlier, it opens nothing now");
    assert!(bearer(app, &owners).await.unwrap().is_some(), "nobody else's");
    let reset = sign_in::reset_password(
        &app.store,
        &*app.entropy,
        app.now(),
        "ruth@whitfieldsons.example",
        "and another one of words".into(),
    );
    reset.await.unwrap();
    assert!(bearer(app, &owners).await.unwrap().is_none(), "the command does the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_end_is_shown_before_it_comes() {
    const DAY: i64 = 24 * 3600;
    let (site, owner) = Site::with_owner().await;
    let page = owner.post("/settings/tokens", &[("name", "Forever"), ("days", "9999")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.shows("Choose one.") && page.shows("Forever"), "{}", page.text);
    let month = [("name", "Trial"), ("days", "90"), ("reads_only", "true")];
    let made = owner.post_and_go("/settings/tokens", &month).await.value_of("new-token");
    let list = owner.get("/settings/tokens").await;
    assert!(list.shows("Feb 21, 2027") && list.shows("Read only") && !list.shows("in 90 days"), "{}", list.text);

    site.world.advance(80 * DAY);
    let owner = site.signed_in("ruth@whitfieldsons.example", PASSWORD).await;
    let told = owner.get("/projects").await;
    assert!(told.shows("Your API token “Trial” stops working within two weeks. Make a new one"), "{}", told.text);
    assert!(owner.get("/settings/tokens").await.shows("in 10 days"));
    assert!(bearer(&site.world.app, &made).await.unwrap().is_some());
    site.world.advance(10 * DAY);
    let owner = site.signed_in("ruth@whitfieldsons.example", PASSWORD).await;
    assert!(!owner.get("/projects").await.shows("Trial"));
    assert!(owner.get("/settings/tokens").await.shows("Ended"));
    assert!(bearer(&site.world.app, &made).await.unwrap().is_none());
}

/// A statement that the product never makes.
async fn sql(site: &Site, sql: &'static str) {
    let done: Result<u64, store::StoreError> = site.world.app.store.write(move |tx| tx.exec(sql, &[])).await;
    assert!(done.unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_cannot_be_read_keeps_nobody_out() {
    let (site, owner) = Site::with_owner().await;
    let broken = owner.post_and_go("/settings/tokens", &token("Broken")).await.value_of("new-token");
    let fine = owner.post_and_go("/settings/tokens", &token("Fine")).await.value_of("new-token");
    sql(&site, "UPDATE api_token SET reads_only = 7 WHERE name = 'Broken'").await;
    let owner = site.signed_in("ruth@whitfieldsons.example", PASSWORD).await;
    for page in ["/projects", "/settings/tokens", "/account/password"] {
        assert_eq!(owner.get(page).await.status, StatusCode::OK, "{page}");
    }
    assert!(owner.get("/settings/tokens").await.shows("Fine"));
    assert!(bearer(&site.world.app, &broken).await.is_err(), "it opens nothing");
    assert!(bearer(&site.world.app, &fine).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_use_that_cannot_be_noted_stops_no_call() {
    let (site, owner) = Site::with_owner().await;
    let token = owner.post_and_go("/settings/tokens", &token("Export")).await.value_of("new-token");
    let refuse = "CREATE TRIGGER no_use BEFORE UPDATE ON api_token BEGIN SELECT RAISE(ABORT, 'no'); END";
    let made: Result<u64, store::StoreError> = site.world.app.store.write(move |tx| tx.exec(refuse, &[])).await;
    made.unwrap();
    assert!(bearer(&site.world.app, &token).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_cannot_be_read_keeps_nobody_else_out() {
    let (site, owner) = Site::with_owner().await;
    let dana = hire(&site, &owner, "Dana", "dana@whitfieldsons.example", "project_manager", "Portland").await;
    sql(&site, "UPDATE person SET name = CAST(x'ff' AS TEXT) WHERE name = 'Dana'").await;
    assert_eq!(owner.get("/settings/people").await.status, StatusCode::OK);
    // Dana's browser is nobody's any more, and others sign in with it.
    assert_eq!(dana.get("/projects").await.status, StatusCode::SEE_OTHER);
    assert_eq!(dana.get("/sign-in").await.status, StatusCode::OK);
    let entered = dana.post("/sign-in", &[("email", "ruth@whitfieldsons.example"), ("password", PASSWORD)]).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.text);
    assert_eq!(dana.get("/projects").await.status, StatusCode::OK);
    sql(&site, "UPDATE person SET name = 'Dana', password_temporary = 3 WHERE email LIKE 'dana%'").await;
    let again = site.signed_in("dana@whitfieldsons.example", PASSWORD).await;
    assert_eq!(again.get("/sign-in").await.status, StatusCode::SEE_OTHER, "asked for a password of her own");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_more_than_fifty_that_work() {
    let (_site, owner) = Site::with_owner().await;
    for n in 0..50 {
        owner.post_and_go("/settings/tokens", &token(&format!("Number {n}"))).await.value_of("new-token");
    }
    let page = owner.post("/settings/tokens", &token("One more")).await;
    assert!(page.shows("You have 50 tokens that work. Revoke one first."), "{}", page.text);
}
