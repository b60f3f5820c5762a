//! The record's pages and files, as people of both companies see them.

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use domain::role::Actor;
use ledgerboard::{
    account::api_tokens::{self, TokenInput},
    api, pages,
};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::fixture::{Fixture, MANAGER};

/// A program that speaks for somebody.
pub struct Program {
    routes: Router,
    token: String,
}

impl Program {
    pub async fn of(fixture: &Fixture, actor: &Actor) -> Self {
        let token = api_tokens::make(&fixture.app, actor, TokenInput::called("A program")).await.unwrap().token;
        Self { routes: pages::router(&fixture.app), token: format!("Bearer {token}") }
    }

    /// Calls without a body, and takes nothing but a success.
    pub async fn call(&self, method: &str, path: &str) -> Value {
        let request = Request::builder().method(method).uri(format!("{}{path}", api::BASE));
        let request =
            request.header(header::AUTHORIZATION, &self.token).header(header::CONTENT_TYPE, "application/json");
        let body = if method == "GET" { Body::empty() } else { Body::from("{}") };
        let answer = self.routes.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), 8 << 20).await.unwrap();
        assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }
}

/// A signed-in browser without scripts.
pub struct Reader {
    pages: Router,
    cookie: String,
}

impl Reader {
    pub async fn of(fixture: &Fixture, actor: &Actor) -> Self {
        let (company, person) = (actor.company, actor.person);
        let known = fixture.app.store.read(move |tx| tx.of(company).person(person)).await.unwrap().unwrap();
        let pages = pages::router(&fixture.app);
        let form = format!("email={}&password={}", known.email, ledgerboard::demo_data::PASSWORD);
        let request = Request::post("/sign-in")
            .header(header::HOST, "127.0.0.1:8080")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = pages.clone().oneshot(request.body(Body::from(form)).unwrap()).await.unwrap();
        let cookies = answer.headers().get_all(header::SET_COOKIE).iter();
        let cookies: Vec<&str> = cookies.map(|set| set.to_str().unwrap().split(';').next().unwrap()).collect();
        Self { pages, cookie: cookies.join("; ") }
    }

    pub async fn read(&self, path: &str) -> (u16, String) {
        let request = Request::get(path).header(header::HOST, "127.0.0.1:8080").header(header::COOKIE, &self.cookie);
        self.answered(request.body(Body::empty()).unwrap()).await
    }

    /// A file's bytes.
    pub async fn bytes(&self, path: &str) -> (u16, Vec<u8>) {
        let request = Request::get(path).header(header::HOST, "127.0.0.1:8080").header(header::COOKIE, &self.cookie);
        let answer = self.pages.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        (status, axum::body::to_bytes(answer.into_body(), 8 << 20).await.unwrap().to_vec())
    }

    /// Presses a button of a push's result.
    pub async fn press(&self, path: &str, verb: &str) -> (u16, String) {
        let request = Request::post(path)
            .header(header::HOST, "127.0.0.1:8080")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, &self.cookie);
        self.answered(request.body(Body::from(format!("do={verb}"))).unwrap()).await
    }

    async fn answered(&self, request: Request<Body>) -> (u16, String) {
        let answer = self.pages.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = axum::body::to_bytes(answer.into_body(), 8 << 20).await.unwrap();
        (status, ledgerboard::testing::as_read(&body))
    }

    /// Opens a page, or sends a form, and goes where it leads. Answers the status, the page and its address.
    pub async fn walk(&self, path: &str, form: Option<&[(&str, &str)]>) -> (u16, String, String) {
        let method = if form.is_some() { "POST" } else { "GET" };
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form.unwrap_or_default()).finish();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::COOKIE, &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = self.pages.clone().oneshot(request.body(Body::from(form)).unwrap()).await.unwrap();
        if let Some(next) = answer.headers().get(header::LOCATION) {
            let next = next.to_str().unwrap().to_owned();
            // The notice comes along, as in a browser.
            let set = answer.headers().get_all(header::SET_COOKIE).iter();
            let set: Vec<_> = set.map(|set| set.to_str().unwrap().split(';').next().unwrap()).collect();
            let brought = Self { pages: self.pages.clone(), cookie: format!("{}; {}", self.cookie, set.join("; ")) };
            return Box::pin(brought.walk(&next, None)).await;
        }
        let status = answer.status().as_u16();
        let body = axum::body::to_bytes(answer.into_body(), 8 << 20).await.unwrap();
        (status, ledgerboard::testing::as_read(&body), path.to_owned())
    }

    /// Sends a form, and answers the status.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> u16 {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::COOKIE, &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.pages.clone().oneshot(request.body(Body::from(form)).unwrap()).await.unwrap().status().as_u16()
    }
}

store::sqlite_only! {
    async fn both_companies_read_and_take_out_what_concerns_them(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        let (page, file) = (format!("/cors/{cor}/record"), format!("/cors/{cor}/record/file?format=jsonl"));

        let ours = Reader::of(&fixture, fixture.actor()).await;
        let (status, text) = ours.read(&page).await;
        assert!(status == 200 && text.contains("confirmed the push of 1 COR") && text.contains(MANAGER), "{text}");
        assert_eq!(ours.read(&file).await.1.lines().count(), 5, "confirmed, asked, sent, answered, written");
        assert!(ours.read(&format!("/cors/{cor}")).await.1.contains(&format!("href=\"{page}\"")));

        let theirs = Reader::of(&fixture, &fixture.made.subs[0]).await;
        let (status, text) = theirs.read(&page).await;
        assert!(status == 200 && text.contains("In Change Event 002") && !text.contains(MANAGER), "{text}");
        assert_eq!(theirs.read(&file).await.1.lines().count(), 2);
        assert!(theirs.read(&format!("/cors/{cor}")).await.1.contains(&format!("href=\"{page}\"")));
        assert_eq!(Reader::of(&fixture, &fixture.made.subs[1]).await.read(&page).await.0, 404);

        // The whole, and where it ends.
        assert_eq!(ours.read("/record/file?format=csv").await.0, 403);
        let owner = Reader::of(&fixture, &fixture.made.owner).await;
        let (status, csv) = owner.read("/record/file?format=csv").await;
        assert!(status == 200 && csv.starts_with("\u{FEFF}company,seq,"), "{csv}");
        let last = csv.lines().last().unwrap().rsplit(',').next().unwrap();
        let office = owner.read(&format!("/settings/offices/{}", fixture.made.offices[0])).await.1;
        assert!(office.contains(last), "the head's hash stands on the office's page");
    }
}
