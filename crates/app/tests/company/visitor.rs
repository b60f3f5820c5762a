//! Somebody at a browser: keeps cookies, follows redirects when told to, reads pages.

use std::{collections::BTreeMap, sync::Mutex};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use ledgerboard::{App, pages, testing::World};
use store::testing::TestDb;
use tower::ServiceExt as _;

/// A product with pages, on SQLite.
pub struct Site {
    pub world: World,
    pages: Router,
    _db: TestDb,
}

impl Site {
    /// An empty one.
    pub async fn empty() -> Self {
        let db = TestDb::sqlite().await;
        let world = World::on(db.store());
        Self { pages: pages::router(&world.app), world, _db: db }
    }

    /// One with Whitfield & Sons on it, and its Account Owner signed in.
    pub async fn with_owner() -> (Self, Visitor) {
        let site = Self::empty().await;
        let owner = site.visitor();
        let form = [
            ("company", "Whitfield & Sons Construction"),
            ("office", "Portland"),
            ("name", "Ruth Calloway"),
            ("email", "ruth@whitfieldsons.example"),
            ("password", PASSWORD),
            ("password_again", PASSWORD),
        ];
        let page = owner.post("/setup", &form).await;
        assert_eq!((page.status, page.location.as_str()), (StatusCode::SEE_OTHER, "/projects"), "{}", page.text);
        (site, owner)
    }

    /// Somebody nobody knows yet.
    pub fn visitor(&self) -> Visitor {
        Visitor { pages: self.pages.clone(), cookies: Mutex::default() }
    }

    /// Somebody who signs in with [`PASSWORD`], or another one.
    pub async fn signed_in(&self, email: &str, password: &str) -> Visitor {
        let visitor = self.visitor();
        let page = visitor.post("/sign-in", &[("email", email), ("password", password)]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
        visitor
    }
}

/// Everybody's password unless a test says otherwise.
pub const PASSWORD: &str = "several plain words";

/// A browser.
pub struct Visitor {
    pages: Router,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What came back.
#[derive(Debug)]
pub struct Page {
    pub status: StatusCode,
    pub location: String,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Page {
    /// Whether it shows `text`, as askama escapes it.
    pub fn shows(&self, text: &str) -> bool {
        let escaped = text.replace('&', "&#38;").replace('"', "&#34;").replace('\'', "&#39;");
        self.text.contains(&escaped)
    }

    /// The value of the field with this id: what a copy button copies.
    pub fn value_of(&self, id: &str) -> String {
        let (_, rest) =
            self.text.split_once(&format!("id=\"{id}")).unwrap_or_else(|| panic!("no {id} in {}", self.text));
        let (_, value) = rest.split_once("value=\"").unwrap();
        value.split('"').next().unwrap().to_owned()
    }

    /// The first address in the page that begins with `start` and ends with `end`.
    pub fn address(&self, start: &str, end: &str) -> String {
        let found = self.text.split('"').find(|part| part.starts_with(start) && part.ends_with(end));
        found.unwrap_or_else(|| panic!("no address {start}…{end} in {}", self.text)).to_owned()
    }
}

impl Visitor {
    /// Somebody nobody knows yet, on a site with settings of its own.
    pub fn of(app: &App) -> Self {
        Self { pages: pages::router(app), cookies: Mutex::default() }
    }

    pub async fn get(&self, path: &str) -> Page {
        self.send(self.request(Method::GET, path, &[])).await
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Page {
        self.send(self.request(Method::POST, path, form)).await
    }

    /// Posts and, as a browser does, goes where it is sent.
    pub async fn post_and_go(&self, path: &str, form: &[(&str, &str)]) -> Page {
        let page = self.post(path, form).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
        self.get(&page.location).await
    }

    /// A request as a browser on this site makes it, to be changed before it is sent.
    pub fn request(&self, method: Method, path: &str, form: &[(&str, &str)]) -> Request<Body> {
        let cookies = self.cookies.lock().unwrap();
        let cookies: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::COOKIE, cookies.join("; "))
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap()
    }

    pub async fn send(&self, request: Request<Body>) -> Page {
        let response = self.pages.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        self.keep(&head.headers);
        let body = axum::body::to_bytes(body, 8 << 20).await.unwrap();
        Page {
            status: head.status,
            location: head.headers.get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default(),
            headers: head.headers,
            text: ledgerboard::testing::as_read(&body),
        }
    }

    /// Keeps the cookies of an answer, as a browser would.
    fn keep(&self, headers: &header::HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for set in headers.get_all(header::SET_COOKIE) {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() || set.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// The session's cookie.
    pub fn token(&self) -> Option<String> {
        self.cookie("ledgerboard")
    }

    /// Comes with another's cookie.
    pub fn take_token(&self, token: &str) {
        self.take("ledgerboard", token);
    }

    /// A cookie by its name.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Comes with another's cookie of this name.
    pub fn take(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }
}
