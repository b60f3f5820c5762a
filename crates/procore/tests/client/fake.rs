//! The other side of the wire: answers as a test says and remembers what it was asked.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Body, extract::Request};
use http::{HeaderMap, Method, StatusCode};
use procore::{App, Hosts, Procore, SendError, Session, Transport, model::CompanyId, transport};
use tower::{service_fn, util::BoxCloneSyncService};
use url::Url;

/// What a request looked like.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: String,
}

impl Asked {
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A fake Procore and a client of it.
pub struct Fake {
    pub procore: Procore,
    asked: Arc<Mutex<Vec<Asked>>>,
}

pub type Answer = http::Response<Body>;

/// An answer of a status and a body, with further headers.
pub fn answer(status: u16, body: impl Into<String>, headers: &[(&str, &str)]) -> Answer {
    let mut answer = Answer::new(Body::from(body.into()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        answer.headers_mut().append(name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap());
    }
    answer
}

pub fn ok(body: impl Into<String>) -> Answer {
    answer(200, body, &[])
}

pub fn app() -> App {
    App {
        client_id: "ledger".into(),
        client_secret: String::from("the-secret").into(),
        redirect_uri: "https://ledger.test/callback".into(),
    }
}

pub fn client(transport: Transport) -> Procore {
    let hosts = Hosts {
        login: Url::parse("https://login.procore.test").unwrap(),
        api: Url::parse("https://api.procore.test").unwrap(),
        web: Url::parse("https://app.procore.test").unwrap(),
    };
    Procore::new(hosts, app(), transport)
}

/// A client whose every request fails on its way.
pub fn broken(error: SendError) -> Procore {
    client(BoxCloneSyncService::new(service_fn(move |_| std::future::ready(Err(error.clone())))))
}

impl Fake {
    pub fn new(answer: impl Fn(&Asked) -> Answer + Clone + Send + Sync + 'static) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let journal = Arc::clone(&asked);
        let router = Router::new().fallback(move |request: Request| {
            let (answer, journal) = (answer.clone(), Arc::clone(&journal));
            async move {
                let asked = Asked::read(request).await;
                let given = answer(&asked);
                journal.lock().unwrap().push(asked);
                given
            }
        });
        Self { procore: client(transport::in_process(router)), asked }
    }

    /// As somebody in company 4264.
    pub fn session(&self) -> Session {
        self.procore.acting(String::from("the-token").into(), Some(CompanyId(4264)))
    }

    /// Everything asked so far, which must have been one request.
    pub fn only(&self) -> Asked {
        let asked = self.all();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked.into_iter().next().unwrap()
    }

    pub fn all(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Asked {
    async fn read(request: Request) -> Self {
        let (head, body) = request.into_parts();
        let query = head.uri.query().unwrap_or_default();
        Self {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: head.headers,
            body: String::from_utf8(axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap(),
        }
    }
}
