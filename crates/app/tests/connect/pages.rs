//! The same over HTTP, as a browser does it.

use std::{collections::BTreeMap, sync::Mutex};

use axum::{Router, body::Body};
use domain::role::Actor;
use emulator::seed::{BLUE_HERON, HARBOR_POINT, WHITFIELD};
use http::{HeaderMap, Method, Request, StatusCode, header};
use ledgerboard::{
    account::sign_in::begin_session,
    integration::map_project::{self, MapTo},
    pages,
};
use store::testing::TestDb;
use tower::ServiceExt as _;
use url::Url;

use crate::cast::{ADMIN, Cast, STANDARD};

/// A browser in which somebody is signed in.
struct Browser {
    pages: Router,
    cookies: Mutex<BTreeMap<String, String>>,
}

struct Page {
    status: StatusCode,
    location: String,
    headers: HeaderMap,
    text: String,
}

impl Browser {
    async fn of(cast: &Cast, actor: &Actor) -> Self {
        let token = begin_session(&cast.world.app, actor.person).await.unwrap();
        let cookies = BTreeMap::from([("ledgerboard".to_owned(), token)]);
        Self { pages: pages::router(&cast.world.app), cookies: Mutex::new(cookies) }
    }

    async fn get(&self, url: &str) -> Page {
        self.send(Method::GET, url, &[]).await
    }

    async fn post(&self, url: &str, form: &[(&str, &str)]) -> Page {
        self.send(Method::POST, url, form).await
    }

    async fn send(&self, method: Method, url: &str, form: &[(&str, &str)]) -> Page {
        let cookies: Vec<_> =
            self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::COOKIE, cookies.join("; "))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .unwrap();
        let Ok(answer) = self.pages.clone().oneshot(request).await;
        let (head, body) = answer.into_parts();
        for cookie in head.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            self.cookies.lock().unwrap().insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
        }
        let body = axum::body::to_bytes(body, 1 << 22).await.unwrap();
        let location = head.headers.get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        Page {
            status: head.status,
            location: location.unwrap_or_default(),
            headers: head.headers,
            text: ledgerboard::testing::as_read(&body),
        }
    }
}

/// Path and query of an address of ours.
fn local(url: &Url) -> String {
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

async fn there_and_back(cast: &Cast, browser: &Browser, start: &str) -> Page {
    let begun = browser.get(start).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    let back = cast.world.allow(&begun.location.parse().unwrap(), ADMIN).await;
    browser.get(&local(&back)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pop_up_ends_on_a_page_that_closes_it() {
    let db = TestDb::sqlite().await;
    let cast = Cast::on(db.store()).await;
    let browser = Browser::of(&cast, &cast.owner).await;
    assert_eq!(browser.get("/procore/sign-in/status").await.text, r#"{"signed_in":false}"#);
    let back = there_and_back(&cast, &browser, "/procore/sign-in?popup=1&return_to=%2Fprojects%3Fa%3D1").await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert_eq!(back.location, "/procore/sign-in/done?return_to=%2Fprojects%3Fa%3D1", "the code goes no further");
    let done = browser.get(&back.location).await;
    assert!(done.text.contains(r#"data-popup-done="ok""#) && done.text.contains(ADMIN), "{}", done.text);
    assert!(done.text.contains(r#"data-return="/projects?a=1""#), "{}", done.text);
    assert_eq!(done.headers["cross-origin-opener-policy"], "unsafe-none", "else it may not close itself");
    assert_eq!(browser.get("/procore/sign-in/status").await.text, r#"{"signed_in":true}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_same_window_it_returns_to_the_page_it_began_on_and_to_no_other_site() {
    let db = TestDb::sqlite().await;
    let cast = Cast::on(db.store()).await;
    let browser = Browser::of(&cast, &cast.owner).await;
    let back = there_and_back(&cast, &browser, "/procore/sign-in?return_to=%2Fsettings%2Foffices").await;
    assert_eq!(back.location, "/settings/offices");
    for elsewhere in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example"] {
        let back = there_and_back(&cast, &browser, &format!("/procore/sign-in?return_to={elsewhere}")).await;
        assert_eq!(back.location, "/", "{elsewhere}");
    }
    let done = browser.get("/procore/sign-in/done?return_to=https%3A%2F%2Fevil.example").await;
    assert!(!done.text.contains("evil"), "{}", done.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_or_repeated_return_is_refused_in_words() {
    let db = TestDb::sqlite().await;
    let cast = Cast::on(db.store()).await;
    let browser = Browser::of(&cast, &cast.owner).await;
    for query in ["", "?code=x", "?code=x&state=y", "?error=access_denied&state=y"] {
        let back = browser.get(&format!("/procore/callback{query}")).await;
        let done = browser.get(&back.location).await;
        assert!(done.text.contains(r#"data-popup-done="failed""#), "{query}: {}", done.text);
        assert!(done.text.contains("took too long, was used already"), "{query}: {}", done.text);
    }
    let stranger = Browser { pages: browser.pages.clone(), cookies: Mutex::default() };
    let refused = stranger.get("/procore/callback?code=x&state=y").await;
    assert!(refused.location.starts_with("/sign-in"), "{}", refused.location);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_is_connected_by_its_pages() {
    let db = TestDb::sqlite().await;
    let cast = Cast::on(db.store()).await;
    let browser = Browser::of(&cast, &cast.owner).await;
    let url = format!("/settings/offices/{}/integrations", cast.office);
    assert!(browser.get(&url).await.text.contains("Enable Procore"));
    let enabled = browser.post(&format!("{url}/enable"), &[]).await.location;
    let page = browser.get(&enabled).await;
    assert!(page.text.contains("Sign in to Procore") && page.text.contains("popup=1"), "{}", page.text);
    let back = there_and_back(&cast, &browser, &format!("/procore/sign-in?return_to={url}%3Fenable%3D1")).await;
    assert_eq!(back.location, enabled);
    let page = browser.get(&enabled).await;
    assert!(
        page.text.contains("Whitfield &#38; Sons Construction") && page.text.contains("Blue Heron"),
        "{}",
        page.text
    );

    let refused = browser.post(&url, &[("account", &BLUE_HERON.to_string())]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Company Admin → App Management"), "{}", refused.text);
    let refused = browser.post(&url, &[("account", "nonsense")]).await;
    assert!(refused.text.contains("Choose one of your Procore accounts."), "{}", refused.text);
    assert_eq!(browser.post(&url, &[("account", &WHITFIELD.to_string())]).await.location, url);
    let page = browser.get(&url).await;
    assert!(page.text.contains("Healthy") && page.text.contains("This office is connected"), "{}", page.text);
    browser.post(&format!("{url}/check"), &[]).await;
    assert!(browser.get(&url).await.text.contains("The connection works"));

    let manager = Browser::of(&cast, &cast.manager).await;
    let page = manager.get(&url).await;
    assert!(page.text.contains("Only the Account Owner or an Admin of this office"), "{}", page.text);
    assert_eq!(manager.post(&format!("{url}/disconnect"), &[]).await.status, StatusCode::FORBIDDEN);

    browser.post(&format!("{url}/disconnect"), &[]).await;
    assert!(browser.get(&url).await.text.contains("Enable Procore"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_mapped_by_its_pages_and_the_log_tells_the_age_of_what_was_read() {
    let db = TestDb::sqlite().await;
    let cast = Cast::connected(db.store()).await;
    let browser = Browser::of(&cast, &cast.manager).await;
    let (url, events) =
        (format!("/projects/{}/settings/procore", cast.project), format!("/projects/{}/events", cast.project));
    assert!(browser.get(&url).await.text.contains("Sign in to Procore as yourself"));
    assert_eq!(browser.get(&format!("{events}/age")).await.text, "", "nothing to tell the age of");
    cast.sign_in(&cast.manager, STANDARD).await;
    let page = browser.get(&url).await;
    assert!(page.text.contains("24-118 · Harbor Point Medical Office"), "{}", page.text);
    let refused = browser.post(&url, &[("procore_project", "")]).await;
    assert!(refused.text.contains("Choose a Procore project from the list."), "{}", refused.text);
    let harbor = cast.procore_project(HARBOR_POINT).to_string();
    let asked = browser.post(&url, &[("procore_project", &harbor)]).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.text.contains("Choose it here"), "{}", asked.text);
    assert!(asked.text.contains(&format!(r#"value="{harbor}" selected"#)), "the project stays chosen");
    assert_eq!(browser.post(&url, &[("procore_project", &harbor), ("currency", "USD")]).await.location, url);
    // What was stated holds for this mapping: the form and the rule say the same.
    let editing = browser.get(&format!("{url}?edit=1")).await;
    assert!(editing.text.contains("USD was stated. Choose again only for another project"), "{}", editing.text);
    assert!(editing.text.contains(r#"<select name="currency">"#));
    assert_eq!(browser.post(&url, &[("procore_project", &harbor), ("currency", "")]).await.location, url);
    browser.post(&format!("{url}/remove"), &[]).await;
    let again = browser.get(&url).await;
    assert!(again.text.contains("USD was stated for the project mapped here before."), "{}", again.text);
    assert!(again.text.contains(r#"<select name="currency" required>"#), "asked before Save, not refused after it");
    let asked = browser.post(&url, &[("procore_project", &harbor), ("currency", "")]).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.post(&url, &[("procore_project", &harbor), ("currency", "USD")]).await.location, url);
    let page = browser.get(&url).await;
    assert!(
        page.text.contains("Daniel Whitfield, <time")
            && page.text.contains("Nov 23, 2026</time>")
            && page.text.contains("Remove mapping"),
        "{}",
        page.text
    );

    cast.calls();
    let age = browser.get(&format!("{events}/age")).await;
    assert!(age.text.contains("Change events as of just now") && !age.text.contains("hx-get"), "{}", age.text);
    browser.get(&format!("{events}/age")).await;
    assert_eq!(cast.calls(), ["GET /rest/v1.1/change_events"], "fresh enough the second time");
    cast.world.advance(360);
    cast.world.procore.fault(emulator::Fault::next(
        "GET",
        "change_events",
        emulator::FaultKind::Status { status: 503, retry_after: None, executed: false },
    ));
    let age = browser.get(&format!("{events}/age")).await;
    assert!(age.text.contains("as of 6 min ago. Procore is not answering right now"), "{}", age.text);
    assert!(!age.text.contains("hx-get"), "it does not ask on and on: {}", age.text);
    let back = browser.post(&format!("{events}/refresh"), &[]).await;
    assert_eq!(back.location, format!("/projects/{}", cast.project));
    assert!(browser.get(&format!("{events}/age")).await.text.contains("just now"));

    let field_user = Browser::of(&cast, &cast.field_user).await;
    assert_eq!(field_user.get(&format!("{events}/age")).await.status, StatusCode::FORBIDDEN);
    browser.post(&format!("{url}/remove"), &[]).await;
    assert!(browser.get(&url).await.text.contains("Nothing changed in Procore"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_shown_with_its_end_and_the_way_to_end_it() {
    let db = TestDb::sqlite().await;
    let cast = Cast::connected(db.store()).await;
    cast.sign_in(&cast.manager, STANDARD).await;
    let url = format!("/settings/offices/{}/integrations", cast.office);
    let owner = Browser::of(&cast, &cast.owner).await;
    assert!(!owner.get(&url).await.text.contains("Continue now"));
    let asked = emulator::FaultKind::headers(Some(429), &[("retry-after", "99999999")]);
    cast.world.procore.fault(emulator::Fault::next("GET", "/projects", asked));
    let said = owner.post(&format!("{url}/check"), &[]).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER);
    let page = owner.get(&url).await.text;
    assert!(page.contains("Until <time datetime=\"2026-11-23T17:15:00Z\""), "{page}");
    assert!(page.contains("can continue now"), "{page}");
    let manager = Browser::of(&cast, &cast.manager).await;
    let theirs = manager.get(&url).await.text;
    assert!(theirs.contains("title=\"Only the Account Owner or an Admin of this office"), "{theirs}");
    assert!(!theirs.contains(&format!("action=\"{url}/go-on\"")));
    let refused = manager.post(&format!("{url}/go-on"), &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    owner.post(&format!("{url}/go-on"), &[]).await;
    assert!(owner.get(&url).await.text.contains("The pause is over"), "it is said once");
    assert!(!owner.get(&url).await.text.contains("Continue now"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_without_a_currency_is_asked_for_it() {
    let db = TestDb::sqlite().await;
    let cast = Cast::connected(db.store()).await;
    // As programs may, and as all did before it was asked for.
    let to = MapTo::project(cast.procore_project(HARBOR_POINT));
    map_project::map(&cast.world.app, &cast.owner, cast.project, to).await.unwrap();
    cast.sign_in(&cast.manager, STANDARD).await;
    let browser = Browser::of(&cast, &cast.manager).await;
    let url = format!("/projects/{}/settings/procore", cast.project);
    let page = browser.get(&url).await;
    assert!(page.text.contains("Not known") && page.text.contains("until this is fixed"));
    let age = browser.get(&format!("/projects/{}/events/age", cast.project)).await;
    assert!(
        age.text.contains("Set Procore’s currency") && age.text.contains(&format!("{url}#currency")),
        "{}",
        age.text
    );

    let state = format!("{url}/currency");
    let refused = browser.post(&state, &[("currency", "")]).await;
    assert!(refused.text.contains("Choose the currency that the Procore project is kept in."), "{}", refused.text);
    cast.world.procore.switches(|switches| switches.currency_settings_named = true);
    let refused = browser.post(&state, &[("currency", "CAD")]).await;
    assert!(refused.text.contains("Procore names USD as the currency of this project"), "{}", refused.text);
    assert_eq!(browser.post(&state, &[("currency", "USD")]).await.location, url);
    let page = browser.get(&url).await;
    assert!(page.text.contains("USD, stated by Daniel Whitfield, ") && page.text.contains("; Procore names USD"));
    assert!(!page.text.contains("until this is fixed"), "{}", page.text);
    let age = browser.get(&format!("/projects/{}/events/age", cast.project)).await;
    assert!(!age.text.contains("currency"), "{}", age.text);

    let field_user = Browser::of(&cast, &cast.field_user).await;
    assert_eq!(field_user.post(&state, &[("currency", "EUR")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.get(&url).await.text.contains("USD, stated by Daniel Whitfield"));
}
