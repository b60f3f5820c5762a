//! Passwords that people choose for themselves, and those that somebody else made for them.

use axum::http::StatusCode;

use crate::{
    people::option,
    visitor::{PASSWORD, Site},
};

const OWN: &str = "/account/password";
const EMAIL: &str = "ruth@whitfieldsons.example";
const NEW: &str = "quite other words";

fn typed<'a>(old: &'a str, new: &'a str, again: &'a str) -> [(&'a str, &'a str); 4] {
    [("old_password", old), ("password", new), ("password_again", again), ("next", "/projects")]
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_their_password_stays_and_is_signed_out_elsewhere() {
    let (site, owner) = Site::with_owner().await;
    let elsewhere = site.signed_in(EMAIL, PASSWORD).await;
    for (form, said) in [
        (typed("not this one at all", NEW, NEW), "This is not your present password."),
        (typed(PASSWORD, NEW, "quite other word"), "This isn't the same password."),
        (typed(PASSWORD, "short", "short"), "at least 10 characters"),
    ] {
        let page = owner.post(OWN, &form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.shows(said), "{said}: {}", page.text);
    }
    assert_eq!(elsewhere.get("/projects").await.status, StatusCode::OK, "nothing was changed yet");

    assert!(owner.post_and_go(OWN, &typed(PASSWORD, NEW, NEW)).await.shows("Your password is changed."));
    assert_eq!(owner.get("/projects").await.status, StatusCode::OK);
    assert_eq!(elsewhere.get("/projects").await.status, StatusCode::SEE_OTHER);
    let old = site.visitor().post("/sign-in", &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert!(old.shows("E-mail or password is wrong."));
    site.signed_in(EMAIL, NEW).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_the_present_password_are_slowed_down_like_sign_ins() {
    let (_site, owner) = Site::with_owner().await;
    for _ in 0..8 {
        owner.post(OWN, &typed("wrong wrong wrong", NEW, NEW)).await;
    }
    let page = owner.post(OWN, &typed(PASSWORD, NEW, NEW)).await;
    assert!(page.shows("Too many attempts."), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_somebody_else_made_is_to_be_replaced() {
    let (site, owner) = Site::with_owner().await;
    let office = option(&owner.get("/settings/people").await, "Portland");
    let email = "theo@whitfieldsons.example";
    let form = [("name", "Theo"), ("email", email), ("role", "project_manager"), ("office", office.as_str())];
    let handed = owner.post("/settings/people", &form).await.value_of("temporary-password");

    let theo = site.visitor();
    let door = [("email", email), ("password", handed.as_str()), ("next", "/contracts")];
    let page = theo.post("/sign-in", &door).await;
    assert_eq!(page.location, "/account/password?next=%2Fcontracts");
    let page = theo.get(&page.location).await;
    assert!(page.shows("Your password was made by somebody else.") && page.shows("/contracts"), "{}", page.text);

    let own = [("old_password", handed.as_str()), ("password", NEW), ("password_again", NEW), ("next", "/contracts")];
    let page = theo.post(OWN, &own).await;
    assert_eq!((page.status, page.location.as_str()), (StatusCode::SEE_OTHER, "/contracts"));
    let door = [("email", email), ("password", NEW), ("next", "/contracts")];
    assert_eq!(site.visitor().post("/sign-in", &door).await.location, "/contracts", "asked once only");

    let elsewhere =
        [("old_password", NEW), ("password", PASSWORD), ("password_again", PASSWORD), ("next", "//evil.example")];
    assert_eq!(theo.post(OWN, &elsewhere).await.location, "/", "nobody is led to another site");
}
