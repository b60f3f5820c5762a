//! What every answer carries, and what no other site may make a browser do.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};

use ledgerboard::{App, Settings, pages, words::Failure};
use tower::ServiceExt as _;

use crate::visitor::{Site, Visitor};

/// The owner's browser sends a form of another site, with the owner's cookies.
fn forged(owner: &Visitor, path: &str, headers: &[(&'static str, &'static str)]) -> Request<Body> {
    let mut request = owner.request(Method::POST, path, &[("name", "Planted")]);
    request.headers_mut().remove("sec-fetch-site");
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_from_other_sites_are_refused_and_do_nothing() {
    let (_site, owner) = Site::with_owner().await;
    for headers in [
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")][..],
        &[("sec-fetch-site", "same-site"), ("origin", "http://other.127.0.0.1:8080")],
        &[("sec-fetch-site", "cross-site")],
        // An old browser, which says where the form stands and nothing else.
        &[("origin", "https://evil.example")],
        &[("origin", "http://127.0.0.1:9400")],
        &[("origin", "null")],
    ] {
        for path in ["/settings/offices", "/settings/tokens", "/sign-out", "/sign-in", "/projects/new"] {
            let page = owner.send(forged(&owner, path, headers)).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
            assert!(page.shows("The request came from another site, so we did nothing."), "{}", page.text);
        }
    }
    assert!(!owner.get("/settings/offices").await.shows("Planted"));
    assert_eq!(owner.get("/projects").await.status, StatusCode::OK, "still signed in");

    for headers in [&[("sec-fetch-site", "same-origin")][..], &[("origin", "http://127.0.0.1:8080")]] {
        let page = owner.send(forged(&owner, "/settings/offices", headers)).await;
        assert_ne!(page.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    assert!(owner.get("/settings/offices").await.shows("Planted"), "the site's own forms work");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_security_headers() {
    let (_site, owner) = Site::with_owner().await;
    for path in ["/projects", "/sign-in", "/nowhere", "/projects/none/settings"] {
        let page = owner.get(path).await;
        let header =
            |name: &str| page.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        let policy = header("content-security-policy");
        for part in ["default-src 'self'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'self'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(header(header::CACHE_CONTROL.as_str()), "no-store", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_a_page_that_says_what_to_do() {
    let (site, owner) = Site::with_owner().await;
    let page = owner.get("/nowhere").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.shows(Failure::of(404).title) && page.shows("Ruth Calloway"), "with the frame: {}", page.text);
    let page = owner.get("/projects/not-an-id/settings").await;
    assert!(page.shows("Go to your projects"), "{}", page.text);
    let page = site.visitor().get("/nowhere").await;
    assert!(page.status == StatusCode::NOT_FOUND && !page.shows("Ruth"), "without it for strangers");
    let page = owner.send(owner.request(Method::DELETE, "/projects", &[])).await;
    assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(page.shows(Failure::of(405).title));
    let page = owner.post("/sign-in", &[("email", "x")]).await;
    assert!(page.status.is_client_error() && page.shows(Failure::of(422).title), "{}", page.text);
    let huge = "x".repeat(3 << 20);
    let page = owner.post("/settings/offices", &[("name", &huge)]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_shown_once() {
    let (_site, owner) = Site::with_owner().await;
    let page = owner.post_and_go("/settings/offices", &[("name", "Seattle")]).await;
    assert!(page.shows("Seattle is added."));
    assert!(!owner.get("/settings/offices").await.shows("Seattle is added."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_came_over_https_comes_back_so() {
    let (site, _owner) = Site::with_owner().await;
    let mut app = site.world.app.clone();
    let secured = |app: &App, path: &str| {
        let (pages, request) = (pages::router(app), Request::get(path).body(Body::empty()).unwrap());
        async { pages.oneshot(request).await.unwrap().headers().get(header::STRICT_TRANSPORT_SECURITY).cloned() }
    };
    assert!(secured(&app, "/sign-in").await.is_none(), "plain http, as on one's own machine");
    let public_url = "https://ledgerboard.example".parse().unwrap();
    app.context.settings = Arc::new(Settings { public_url, ..(*app.settings).clone() });
    for path in ["/sign-in", "/nowhere", "/healthz", "/api/v1/projects"] {
        assert_eq!(secured(&app, path).await.unwrap(), "max-age=31536000", "{path}");
    }
}
