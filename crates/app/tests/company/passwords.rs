//! Passwords that people choose for themselves, and those that somebody else made for them.

use axum::http::{Method, StatusCode};

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
        (typed("not this one at all", NEW, NEW), "This is not your current password."),
        (typed(PASSWORD, NEW, "quite other word"), "This isn't the same password."),
        (typed(PASSWORD, "short", "short"), "at least 10 characters"),
        (typed(PASSWORD, PASSWORD, PASSWORD), "Choose a password other than your current one."),
        (typed(PASSWORD, "Password123!", "Password123!"), "This password is easily guessed."),
        (typed(PASSWORD, "WhitfieldSons2026", "WhitfieldSons2026"), "This password is"),
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
async fn a_password_that_somebody_else_made_is_to_be_replaced() {
    let (site, owner) = Site::with_owner().await;
    let office = option(&owner.get("/settings/people").await, "Portland");
    let email = "theo@whitfieldsons.example";
    let form = [("name", "Theo"), ("email", email), ("role", "project_manager"), ("office", office.as_str())];
    let handed = owner.post_and_go("/settings/people", &form).await.value_of("temporary-password");

    let theo = site.visitor();
    let door = [("email", email), ("password", handed.as_str()), ("next", "/contracts")];
    let page = theo.post("/sign-in", &door).await;
    assert_eq!(page.location, "/account/password?next=%2Fcontracts");
    let page = theo.get(&page.location).await;
    assert!(page.shows("Your password was made by somebody else.") && page.shows("/contracts"), "{}", page.text);

    for door in [
        "/projects",
        "/settings/tokens",
        "/settings/people",
        "/procore/sign-in",
        "/invitations/x",
        "/",
        "/procore/sign-in/status",
    ] {
        assert!(theo.get(door).await.location.starts_with("/account/password"), "{door} is closed");
    }
    for deed in ["/settings/tokens", "/projects/new", "/settings/offices", "/invitations/x"] {
        let page = theo.post(deed, &[("name", "Planted"), ("title", "Planted")]).await;
        assert_eq!((page.status, page.location.as_str()), (StatusCode::SEE_OTHER, "/account/password"), "{deed}");
    }
    let mut fragment = theo.request(Method::GET, "/projects", &[]);
    fragment.headers_mut().insert("hx-request", "true".parse().unwrap());
    let fragment = theo.send(fragment).await;
    assert_eq!(
        (fragment.status, &fragment.headers["hx-redirect"]),
        (StatusCode::UNAUTHORIZED, &"/account/password".parse().unwrap())
    );
    assert!(!theo.get("/account/password").await.text.contains("aria-label=\"Main\""), "it leads nowhere else");
    let kept = [("old_password", handed.as_str()), ("password", handed.as_str()), ("password_again", handed.as_str())];
    assert!(theo.post(OWN, &kept).await.shows(ledgerboard::account::sign_in::SAME_PASSWORD), "nor can it be kept");

    let own = [("old_password", handed.as_str()), ("password", NEW), ("password_again", NEW), ("next", "/contracts")];
    let page = theo.post(OWN, &own).await;
    assert_eq!((page.status, page.location.as_str()), (StatusCode::SEE_OTHER, "/contracts"));
    let door = [("email", email), ("password", NEW), ("next", "/contracts")];
    assert_eq!(site.visitor().post("/sign-in", &door).await.location, "/contracts", "asked once only");

    let elsewhere =
        [("old_password", NEW), ("password", PASSWORD), ("password_again", PASSWORD), ("next", "//evil.example")];
    assert_eq!(theo.post(OWN, &elsewhere).await.location, "/", "nobody is led to another site");
}
