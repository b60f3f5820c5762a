//! A program with a token, and an instance to call.

use std::sync::LazyLock;

use axum::body::Body;
use domain::role::{Actor, Rights};
use http::{Method, Request, Response, StatusCode, header};
use ledgerboard::{
    account::api_tokens::{self, TokenInput},
    api,
    demo_data::{self, Furnished},
    integration::connect,
    pages,
    testing::World,
};
use serde_json::{Value, json};
use store::testing::TestDb;
use sync::Worker;
use tower::ServiceExt as _;

/// The document as a program fetches it.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(api::document()).unwrap());

const OWNER: &str = "r.calloway@whitfieldsons.example";
const MANAGER: &str = "d.whitfield@whitfieldsons.example";

/// The demo's companies, nothing in Procore yet.
pub struct Instance {
    pub world: World,
    pub made: Furnished,
    _db: TestDb,
}

impl Instance {
    pub async fn furnished() -> Self {
        Self::furnished_on(TestDb::sqlite().await).await
    }

    /// The same on another database.
    pub async fn furnished_on(db: TestDb) -> Self {
        let world = World::on(db.store());
        let made = demo_data::furnish(&world.app).await.unwrap();
        Self { world, made, _db: db }
    }

    /// A program that speaks for `actor`.
    pub async fn caller(&self, actor: &Actor) -> Caller<'_> {
        let token = api_tokens::make(&self.world.app, actor, TokenInput::called("A program")).await.unwrap().token;
        Caller { world: &self.world, token: Some(token) }
    }

    /// The general contractor's Project Manager's program.
    pub async fn manager(&self) -> Caller<'_> {
        self.caller(&self.made.manager).await
    }

    /// The same with two people signed in to Procore, the office connected and the project mapped.
    pub async fn connected() -> Self {
        let instance = Self::furnished().await;
        let (world, made) = (&instance.world, &instance.made);
        for (actor, login) in [(&made.owner, OWNER), (&made.manager, MANAGER)] {
            world.sign_in_to_procore(&world.app, actor, login).await.unwrap();
        }
        connect::connect(&world.app, &made.owner, made.offices[0], emulator::seed::WHITFIELD).await.unwrap();
        instance
    }

    /// Somebody of the general contractor, by name.
    pub async fn person(&self, name: &str) -> Actor {
        let company = self.made.owner.company;
        let people = self.world.app.store.read(move |tx| tx.of(company).people()).await.unwrap();
        let person = people.into_iter().find(|person| person.name == name).unwrap();
        Actor {
            person: person.id,
            company,
            role: person.role,
            office: person.office,
            name: person.name,
            rights: Rights::All,
        }
    }

    /// Lets the worker finish whatever is due.
    pub async fn work(&self) {
        Worker::new(&self.world.app).run_until_idle().await.unwrap();
    }
}

/// A program.
pub struct Caller<'a> {
    pub world: &'a World,
    pub token: Option<String>,
}

/// What it was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub json: Value,
}

impl Answer {
    /// The same if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.json);
        self
    }

    /// Whether it is a problem of this kind, and its sentence.
    #[track_caller]
    pub fn problem(self, status: u16, kind: &str) -> String {
        let answer = self.expect(status);
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(answer.json["type"], format!("urn:ledgerboard:problem:{kind}"));
        assert_eq!(answer.json["status"], status);
        answer.json["detail"].as_str().unwrap().to_owned()
    }

    /// The sentence about one place that needs mending.
    #[track_caller]
    pub fn mending(self, place: &str) -> String {
        let answer = self.expect(422);
        let errors = answer.json["errors"].as_array().cloned().unwrap_or_default();
        let about = |e: &&Value| e["pointer"] == format!("#{place}") || e["parameter"] == place;
        let found = errors.iter().find(about);
        found.unwrap_or_else(|| panic!("nothing about {place}: {}", answer.json))["detail"].as_str().unwrap().to_owned()
    }
}

impl Caller<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }

    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.call_raw(method, path, body.map(|json| json.to_string())).await
    }

    /// Calls with a body as it is, and holds the answer against the document.
    pub async fn call_raw(&self, method: Method, path: &str, body: Option<String>) -> Answer {
        self.call_with(method, path, body, &[]).await
    }

    /// Posts with an `Idempotency-Key`.
    pub async fn post_once(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.call_with(Method::POST, path, Some(body.to_string()), &[("idempotency-key", key)]).await
    }

    /// [`Caller::call_raw`] with further headers.
    pub async fn call_with(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(&method).uri(format!("{}{path}", api::BASE));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = match body {
            Some(json) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(json)).unwrap(),
            None => request.body(Body::empty()).unwrap(),
        };
        let answer = send(self.world, request).await;
        documented(&method, path, &answer);
        answer
    }
}

/// Sends a request as it is.
pub async fn send(world: &World, request: Request<Body>) -> Answer {
    let Ok(response): Result<Response<Body>, _> = pages::router(&world.app).oneshot(request).await;
    let (head, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 16 << 20).await.unwrap();
    let json = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
    Answer { status: head.status, headers: head.headers, json }
}

/// The answer is one that the document promises.
fn documented(method: &Method, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap_or_default();
    let Some(operation) = operation(method, path) else {
        assert!(matches!(answer.status.as_u16(), 404 | 405), "{method} {path} is served and not documented");
        return;
    };
    let responses = &operation["responses"];
    let promised = match &responses[answer.status.as_str()] {
        Value::Null => {
            assert!(!answer.status.is_success(), "{method} {path}: {} is not documented", answer.status);
            &responses["default"]
        }
        promised => promised,
    };
    let kind = answer.headers.get(header::CONTENT_TYPE).map_or("", |kind| kind.to_str().unwrap());
    let Some(schema) = promised["content"][kind].get("schema") else {
        assert!(promised["content"].is_null() && answer.json.is_null(), "{method} {path}: {kind} is not documented");
        return;
    };
    let whole = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
    let faults: Vec<String> = jsonschema::validator_for(&whole)
        .unwrap()
        .iter_errors(&answer.json)
        .map(|fault| format!("{fault} at {}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{method} {path}: {}", faults.join("; "));
}

fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let fits = |template: &str| {
        let (asked, known): (Vec<_>, Vec<_>) = (path.split('/').collect(), template.split('/').collect());
        asked.len() == known.len() && asked.iter().zip(&known).all(|(a, k)| k.starts_with('{') || a == k)
    };
    let paths = DOCUMENT["paths"].as_object()?;
    let (_, item) = paths.iter().filter(|(t, _)| fits(t)).min_by_key(|(t, _)| t.matches('{').count())?;
    item.get(method.as_str().to_lowercase())
}
