//! The first run, signing in and out.

use std::sync::Arc;

use axum::http::{Method, StatusCode, header};
use ledgerboard::{
    account::{setup, sign_in},
    context::Serving,
};

use crate::visitor::{PASSWORD, Site, Visitor};

const EMAIL: &str = "ruth@whitfieldsons.example";

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_instance_is_set_up_once() {
    let site = Site::empty().await;
    let visitor = site.visitor();
    assert_eq!(visitor.get("/").await.location, "/setup");
    assert_eq!(visitor.get("/sign-in").await.location, "/setup");

    let mistyped = [
        ("company", "Whitfield"),
        ("office", ""),
        ("name", "Ruth"),
        ("email", "ruth"),
        ("password", "short"),
        ("password_again", "short"),
    ];
    let page = visitor.post("/setup", &mistyped).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.shows("at least 10 characters") && page.shows(ledgerboard::typed::NOT_AN_EMAIL), "{}", page.text);
    assert!(page.shows("value=") && page.text.contains("Whitfield"), "what was typed is kept");

    let (site, owner) = Site::with_owner().await;
    assert!(owner.get("/projects").await.shows("Ruth Calloway"));
    let late = site.visitor();
    assert_eq!(late.get("/setup").await.location, "/sign-in");
    let form = [("company", "x"), ("office", "x"), ("name", "x"), ("email", "x@x.example")];
    let form = [&form[..], &[("password", PASSWORD), ("password_again", PASSWORD)]].concat();
    assert_eq!(late.post("/setup", &form).await.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_says_so_and_leads_back() {
    let (site, owner) = Site::with_owner().await;
    owner.take_token("ended");
    let page = owner.get("/settings/people?x=1").await;
    assert_eq!(page.location, "/sign-in?next=%2Fsettings%2Fpeople%3Fx%3D1&ended=1");
    assert!(owner.get(&page.location).await.shows(sign_in::SESSION_ENDED_AND_BACK));
    // What was posted leads back to the page with the form, and nowhere else.
    for (from, next) in [
        ("http://127.0.0.1:8080/projects/new", "/sign-in?next=%2Fprojects%2Fnew&ended=1"),
        ("http://127.0.0.1:8080/sign-in?next=%2F", "/sign-in?next=%2Funsent&ended=1"),
        ("nonsense\\", "/sign-in?next=%2Funsent&ended=1"),
    ] {
        let mut request = owner.request(Method::POST, "/projects/new", &[("name", "Harbor")]);
        request.headers_mut().insert(header::REFERER, from.parse().unwrap());
        assert_eq!(owner.send(request).await.location, next, "{from}");
    }
    assert!(owner.get("/sign-in?ended=1").await.shows(sign_in::SESSION_ENDED));
    // Whoever never signed in is told nothing of a session.
    assert_eq!(site.visitor().get("/projects").await.location, "/sign-in?next=%2Fprojects");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_set_up_at_once_do_not_both_succeed() {
    let site = Site::empty().await;
    let app = &site.world.app;
    let input = |email: &str| setup::Setup {
        company: "C".into(),
        office: "O".into(),
        name: "N".into(),
        email: email.into(),
        password: PASSWORD.into(),
    };
    let (one, two) = tokio::join!(
        setup::setup(&app.store, &*app.entropy, app.now(), input("one@c.example")),
        setup::setup(&app.store, &*app.entropy, app.now(), input("two@c.example")),
    );
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_begins_at_sign_in_and_ends_at_sign_out() {
    let (site, owner) = Site::with_owner().await;
    let stranger = site.visitor();
    let page = stranger.get("/projects?x=1").await;
    assert_eq!((page.status, page.location.as_str()), (StatusCode::SEE_OTHER, "/sign-in?next=%2Fprojects%3Fx%3D1"));

    stranger.take_token("planted");
    let form = [("email", " RUTH@whitfieldsons.example"), ("password", PASSWORD), ("next", "/settings/people")];
    let page = stranger.post("/sign-in", &form).await;
    assert_eq!(page.location, "/settings/people");
    assert_ne!(stranger.token().unwrap(), "planted", "a token from before the sign-in is worth nothing");
    let cookie = page.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");

    let former = stranger.token().unwrap();
    stranger.post("/sign-in", &form).await;
    let thief = site.visitor();
    thief.take_token(&former);
    assert_eq!(thief.get("/projects").await.status, StatusCode::SEE_OTHER, "signing in anew ends the former session");

    let copied = stranger.token().unwrap();
    assert_eq!(stranger.post("/sign-out", &[]).await.location, "/sign-in?signed_out=1");
    stranger.take_token(&copied);
    assert_eq!(stranger.get("/projects").await.status, StatusCode::SEE_OTHER, "the copied cookie is dead too");
    assert_eq!(owner.get("/projects").await.status, StatusCode::OK, "the other session lives");

    let elsewhere = [("email", EMAIL), ("password", PASSWORD), ("next", "https://evil.example/")];
    assert_eq!(site.visitor().post("/sign-in", &elsewhere).await.location, "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_idle_and_after_a_month_in_any_case() {
    const HOUR: i64 = 3600;
    let (site, owner) = Site::with_owner().await;
    site.world.advance(11 * HOUR);
    assert_eq!(owner.get("/projects").await.status, StatusCode::OK);
    site.world.advance(11 * HOUR);
    assert_eq!(owner.get("/projects").await.status, StatusCode::OK, "use is noted");
    site.world.advance(12 * HOUR);
    assert_eq!(owner.get("/projects").await.status, StatusCode::SEE_OTHER, "idle for twelve hours");

    let busy = site.signed_in(EMAIL, PASSWORD).await;
    for _ in 0..65 {
        assert_eq!(busy.get("/projects").await.status, StatusCode::OK);
        site.world.advance(11 * HOUR);
    }
    site.world.advance(5 * HOUR);
    assert_eq!(busy.get("/projects").await.status, StatusCode::SEE_OTHER, "thirty days");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_password_ends_every_session() {
    let (site, owner) = Site::with_owner().await;
    let app = &site.world.app;
    let short = sign_in::reset_password(&app.store, &*app.entropy, app.now(), EMAIL, "short".into()).await;
    assert!(short.unwrap_err().sentence().contains("at least 10"));
    let nobody =
        sign_in::reset_password(&app.store, &*app.entropy, app.now(), "no@x.example", "another one 123".into()).await;
    assert!(nobody.is_err());
    sign_in::reset_password(
        &app.store,
        &*app.entropy,
        app.now(),
        "Ruth@Whitfieldsons.Example",
        "another one 123".into(),
    )
    .await
    .unwrap();
    assert_eq!(owner.get("/projects").await.status, StatusCode::SEE_OTHER);
    site.signed_in(EMAIL, "another one 123").await;
    let old = site.visitor().post("/sign-in", &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert!(old.shows("E-mail or password is wrong."));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_finds_a_weakness_reads_whom_to_tell() {
    let site = Site::empty().await;
    let file = "/.well-known/security.txt";
    assert_eq!(site.visitor().get(file).await.status, StatusCode::NOT_FOUND, "nobody was named");
    let mut app = site.world.app.clone();
    let contact = ledgerboard::security_txt::contact("security@whitfieldsons.example").unwrap();
    app.serving = Arc::new(Serving { security_contact: Some(contact), ..(*app.serving).clone() });
    let told = Visitor::of(&app).get(file).await;
    let lines: Vec<_> = told.text.lines().collect();
    assert_eq!(
        lines,
        [
            "Contact: mailto:security@whitfieldsons.example",
            "Expires: 2027-05-22T00:00:00Z",
            "Preferred-Languages: en",
            "Canonical: http://127.0.0.1:8080/.well-known/security.txt",
        ]
    );
    assert!(told.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/plain"));
    for wrong in ["", "security", "http://w.example", "javascript:alert(1)"] {
        assert!(ledgerboard::security_txt::contact(wrong).is_err(), "{wrong}");
    }
}
