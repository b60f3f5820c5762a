//! A caller that speaks to the emulator in process, and a clock one can turn.
#![allow(dead_code, reason = "each test file uses its part of it")]
#![allow(clippy::unwrap_used, clippy::needless_pass_by_value, reason = "a helper of tests fails as tests do")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Body;
use emulator::{Client, ConnectionDropped, Emulator, EmulatorOptions, seed};
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt;

pub const CLIENT: &str = "app-1";
pub const SECRET: &str = "app-1-secret";
pub const REDIRECT: &str = "http://127.0.0.1:8080/procore/callback";
pub const ADMIN: &str = "r.calloway@whitfieldsons.example";
pub const PM: &str = "d.whitfield@whitfieldsons.example";
pub const READER: &str = "m.ortiz@whitfieldsons.example";

/// A Procore and its clock.
pub struct Procore {
    pub emulator: Emulator,
    seconds: Arc<AtomicI64>,
    pub token: String,
    pub company: i64,
    pub project: i64,
}

/// Every test ends with a look at all it was answered, and at all it sent that was accepted.
impl Drop for Procore {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for exchange in self.emulator.journal().iter().filter(|exchange| exchange.route.is_some() && exchange.is_call())
        {
            emulator::schema::check_answer(exchange).unwrap();
            if exchange.status.is_some_and(|status| status < 300) && exchange.path.starts_with("/rest/") {
                emulator::schema::check_request(exchange).unwrap();
            }
        }
    }
}

/// An answer taken apart.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }
}

impl Procore {
    /// The demo world, with `ADMIN` signed in.
    pub async fn demo() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut EmulatorOptions)) -> Self {
        let seconds = Arc::new(AtomicI64::new(1_772_450_000));
        let clock = Arc::clone(&seconds);
        let now = move || Timestamp::from_second(clock.load(Ordering::SeqCst)).unwrap();
        let mut options = EmulatorOptions::demo(Arc::new(now), Client::new(CLIENT, SECRET, &[REDIRECT]));
        options.public_url = Some("http://procore.test".to_owned());
        change(&mut options);
        let emulator = Emulator::new(options);
        let project = emulator.world(|world| world.project_by_number(seed::HARBOR_POINT).unwrap().id);
        let mut procore = Self { emulator, seconds, token: String::new(), company: seed::WHITFIELD, project };
        procore.token = procore.sign_in(ADMIN).await;
        procore.emulator.clear_journal();
        procore
    }

    pub fn pass(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Goes through login and consent as a browser would; answers the code.
    pub async fn code(&self, login: &str) -> String {
        self.code_with(login, "").await
    }

    pub async fn code_with(&self, login: &str, more: &str) -> String {
        let form = format!("login={login}&password=procore&next=/");
        let answer = self.form("/login", &form, None).await.unwrap();
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let redirect: String = url::form_urlencoded::byte_serialize(REDIRECT.as_bytes()).collect();
        let form =
            format!("response_type=code&client_id={CLIENT}&redirect_uri={redirect}&state=s-1&decision=allow{more}");
        let answer = self.form("/oauth/authorize", &form, Some(&cookie)).await.unwrap();
        let back = url::Url::parse(answer.header("location")).unwrap();
        back.query_pairs().find(|(key, _)| key == "code").unwrap().1.into_owned()
    }

    /// An access token of a person.
    pub async fn sign_in(&self, login: &str) -> String {
        let pair = self.tokens(login).await;
        pair["access_token"].as_str().unwrap().to_owned()
    }

    pub async fn tokens(&self, login: &str) -> Value {
        let code = self.code(login).await;
        self.token_request(json!({
            "grant_type": "authorization_code", "client_id": CLIENT, "client_secret": SECRET,
            "code": code, "redirect_uri": REDIRECT,
        }))
        .await
        .expect(200)
    }

    pub async fn token_request(&self, body: Value) -> Answer {
        let request = Request::post("/oauth/token").header("content-type", "application/json");
        self.raw(request.body(Body::from(body.to_string())).unwrap()).await.unwrap()
    }

    pub async fn form(&self, path: &str, form: &str, cookie: Option<&str>) -> Result<Answer, ConnectionDropped> {
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", cookie.unwrap_or_default());
        self.raw(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    pub async fn raw(&self, request: Request<Body>) -> Result<Answer, ConnectionDropped> {
        let response = self.emulator.service().oneshot(request).await?;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.map_err(|_| ConnectionDropped)?.to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body, text })
    }

    /// A call with token and company header.
    pub async fn try_call(&self, method: &str, path: &str, body: Value) -> Result<Answer, ConnectionDropped> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header("procore-company-id", self.company);
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        };
        self.raw(request.body(body).unwrap()).await
    }

    pub async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.try_call(method, path, body).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Value {
        self.call("GET", path, Value::Null).await.expect(200)
    }

    pub fn events_path(&self) -> String {
        format!("/rest/v1.1/change_events?project_id={}", self.project)
    }

    pub fn event_path(&self, id: &Value) -> String {
        format!("/rest/v1.1/change_events/{id}?project_id={}", self.project)
    }

    pub fn status(&self, mapped_to: &str) -> i64 {
        self.emulator.world(|world| world.status_mapped(self.company, mapped_to).unwrap().id)
    }

    pub fn wbs(&self, code: &str) -> i64 {
        self.emulator.world(|world| world.wbs_by_code(self.project, code).unwrap().id)
    }

    /// The body of a new event with these lines.
    pub fn new_event(&self, items: Value) -> Value {
        json!({ "change_event": {
            "title": "Added fire dampers", "status": { "id": self.status("open") }, "scope": "out_of_scope",
            "change_items": items,
        } })
    }

    /// The id of the seeded event 002, from within the world.
    pub fn event_of(&self, world: &emulator::World) -> i64 {
        world.event_by_number(self.project, "002").unwrap().id
    }

    /// The id of a seeded event.
    pub fn event(&self, number: &str) -> i64 {
        self.emulator.world(|world| world.event_by_number(self.project, number).unwrap().id)
    }
}
