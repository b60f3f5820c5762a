//! One request's way through: journal, faults, execution, answer.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, StreamBody};
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::{Service, ServiceExt};

use crate::faults::{FaultKind, Silence};
use crate::journal::Exchange;
use crate::state::LateRequest;
use crate::text::http_date;
use crate::{Emulator, oauth};

/// The largest body taken.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// The connection was closed before an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection was closed before an answer")]
pub struct ConnectionDropped;

/// The route a request matched, passed from handler to journal.
#[derive(Debug, Clone)]
pub(crate) struct Matched {
    pub(crate) route: String,
    pub(crate) login: Option<String>,
}

/// The number of the request in the journal, passed to handlers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seq(pub(crate) u64);

/// The emulator in process.
#[derive(Debug, Clone)]
pub struct EmulatorService {
    emulator: Emulator,
}

impl EmulatorService {
    pub(crate) fn new(emulator: Emulator) -> Self {
        Self { emulator }
    }
}

impl Service<Request<Body>> for EmulatorService {
    type Response = Response<Body>;
    type Error = ConnectionDropped;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, ConnectionDropped>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectionDropped>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let emulator = self.emulator.clone();
        Box::pin(async move { emulator.handle(request).await })
    }
}

impl Emulator {
    pub(crate) async fn handle(&self, request: Request<Body>) -> Result<Response<Body>, ConnectionDropped> {
        let (parts, body) = request.into_parts();
        if parts.uri.path().starts_with("/_emulator") || parts.uri.path().starts_with("/assets/") {
            // The operator's own requests are neither disturbed nor recorded.
            let body = read(body).await?;
            return Ok(self.route(parts, body, 0));
        }
        self.run_late_due();
        let (seq, fault) = self.arrive(&parts);
        if fault == Some(FaultKind::Refuse) {
            return Err(ConnectionDropped);
        }
        let body = read(body).await?;
        self.record_body(seq, &parts.headers, &body);
        self.obey(seq, fault, parts, body).await
    }

    /// Does with a request that has been read what its fault says.
    async fn obey(
        &self,
        seq: u64,
        fault: Option<FaultKind>,
        parts: Parts,
        body: Bytes,
    ) -> Result<Response<Body>, ConnectionDropped> {
        match fault {
            None | Some(FaultKind::Refuse) => Ok(self.answered(seq, self.execute(seq, parts, body))),
            Some(FaultKind::HangBefore) => std::future::pending().await,
            Some(FaultKind::HangAfter) => {
                self.execute(seq, parts, body);
                std::future::pending().await
            }
            Some(FaultKind::DropAfter) => {
                self.execute(seq, parts, body);
                Err(ConnectionDropped)
            }
            Some(FaultKind::ExecuteLate { after_seconds, silence }) => {
                let due = self.now() + jiff::SignedDuration::from_secs(after_seconds);
                self.state().late.push(LateRequest { seq, due, parts, body });
                match silence {
                    Silence::Hang => std::future::pending().await,
                    Silence::Close => Err(ConnectionDropped),
                    Silence::BadGateway => Ok(self.answered(seq, self.in_trouble(seq, 502, None))),
                    Silence::GatewayTimeout => Ok(self.answered(seq, self.in_trouble(seq, 504, None))),
                }
            }
            Some(FaultKind::Status { status, retry_after, executed }) => {
                if executed {
                    self.execute(seq, parts, body);
                } else {
                    let now = self.now();
                    self.state().keep_failure(&parts, now, status, trouble(status));
                }
                Ok(self.answered(seq, self.in_trouble(seq, status, retry_after)))
            }
            Some(FaultKind::Headers { status, headers }) => {
                let mut response = match status {
                    Some(status) => self.in_trouble(seq, status, None),
                    None => self.execute(seq, parts, body),
                };
                put(response.headers_mut(), &headers);
                Ok(self.answered(seq, response))
            }
            Some(FaultKind::ExpireTokens) => {
                self.expire_tokens();
                Ok(self.answered(seq, self.execute(seq, parts, body)))
            }
            Some(FaultKind::CutBody) => {
                let response = self.execute(seq, parts, body);
                Ok(cut(self.answered(seq, response)))
            }
        }
    }

    /// Numbers and records a request as it arrives, and finds the fault that meets it.
    fn arrive(&self, parts: &Parts) -> (u64, Option<FaultKind>) {
        let at = self.now();
        let mut state = self.state();
        state.arrived += 1;
        let seq = state.arrived;
        let fault = state.faults.take(parts.method.as_str(), parts.uri.path());
        state.record(Exchange {
            seq,
            at,
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            route: None,
            headers: headers_of_note(&parts.headers),
            body: Value::Null,
            company_id: company_header(&parts.headers),
            login: None,
            executed: false,
            status: None,
            answer: Value::Null,
            fault: fault.clone(),
        });
        (seq, fault)
    }

    fn record_body(&self, seq: u64, headers: &HeaderMap, body: &Bytes) {
        let mut value = oauth::body_as_json(headers, body).unwrap_or(Value::Null);
        for secret in ["/client_secret", "/password", "/destination_headers/Authorization"] {
            if let Some(field) = value.pointer_mut(secret) {
                *field = json!("•••");
            }
        }
        if let Some(exchange) = self.state().exchange(seq) {
            exchange.body = value;
        }
    }

    /// Executes a request and records what came of it. Handlers never wait, so this does not either.
    fn execute(&self, seq: u64, parts: Parts, body: Bytes) -> Response<Body> {
        let response = self.route(parts, body, seq);
        let matched = response.extensions().get::<Matched>().cloned();
        let answer = response.extensions().get::<crate::rest::AnswerBody>().map(|body| body.0.clone());
        let mut state = self.state();
        if let Some(exchange) = state.exchange(seq) {
            exchange.executed = true;
            exchange.answer = answer.unwrap_or(Value::Null);
            if let Some(matched) = matched {
                exchange.route = Some(matched.route);
                exchange.login = matched.login;
            }
        }
        response
    }

    /// The answer of the routes.
    fn route(&self, parts: Parts, body: Bytes, seq: u64) -> Response<Body> {
        let mut request = Request::from_parts(parts, Body::from(body));
        request.extensions_mut().insert(self.clone());
        request.extensions_mut().insert(Seq(seq));
        let mut response = match self.routes().oneshot(request).now_or_never() {
            Some(Ok(response)) => response,
            // No handler awaits anything that is not there already.
            None => status_only(StatusCode::INTERNAL_SERVER_ERROR),
        };
        let headers = response.headers_mut();
        if let Ok(date) = HeaderValue::from_str(&http_date(self.now())) {
            headers.insert(http::header::DATE, date);
        }
        if let Ok(id) = HeaderValue::from_str(&format!("emulated-{seq:08}")) {
            headers.insert("x-request-id", id);
        }
        response
    }

    /// A fault's own answer.
    fn in_trouble(&self, seq: u64, status: u16, retry_after: Option<u32>) -> Response<Body> {
        let mut response = Response::new(Body::from(trouble(status)));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(
            "x-request-id",
            HeaderValue::from_str(&format!("emulated-{seq:08}")).unwrap_or(HeaderValue::from_static("emulated")),
        );
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        if let Ok(date) = HeaderValue::from_str(&http_date(self.now())) {
            headers.insert(http::header::DATE, date);
        }
        if let Some(seconds) = retry_after {
            headers.insert(http::header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    /// Records that an answer is on its way.
    fn answered(&self, seq: u64, response: Response<Body>) -> Response<Body> {
        if let Some(exchange) = self.state().exchange(seq) {
            exchange.status = Some(response.status().as_u16());
        }
        response
    }

    pub(crate) fn run_late_until(&self, until: Option<Timestamp>) -> usize {
        let due: Vec<LateRequest> = {
            let mut state = self.state();
            let late = std::mem::take(&mut state.late);
            let (mut due, waiting): (Vec<_>, Vec<_>) =
                late.into_iter().partition(|request| until.is_none_or(|now| request.due <= now));
            due.sort_by_key(|request| request.due);
            state.late = waiting;
            due
        };
        let count = due.len();
        for LateRequest { seq, parts, body, .. } in due {
            self.execute(seq, parts, body);
        }
        count
    }
}

/// What a fault's own answer says.
fn trouble(status: u16) -> &'static str {
    match status {
        429 => crate::rest::RATE_LIMIT_TEXT,
        503 => "Service Unavailable",
        _ => "Something went wrong",
    }
}

/// Puts headers in the place of those of the same name; what is no header is left out.
fn put(headers: &mut HeaderMap, new: &[(String, String)]) {
    let named = || new.iter().filter_map(|(name, value)| Some((HeaderName::try_from(name).ok()?, value)));
    for (name, _) in named() {
        headers.remove(name);
    }
    for (name, value) in named() {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.append(name, value);
        }
    }
}

async fn read(body: Body) -> Result<Bytes, ConnectionDropped> {
    axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|_| ConnectionDropped)
}

/// A response that promises its whole length and breaks off in the middle.
fn cut(response: Response<Body>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let whole =
        body.collect().now_or_never().and_then(Result::ok).map(http_body_util::Collected::to_bytes).unwrap_or_default();
    parts.headers.insert(http::header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let half = whole.slice(..whole.len() / 2);
    // The pause lets the first half reach the wire before the break.
    let broken = async {
        tokio::task::yield_now().await;
        Err(std::io::Error::other("cut off"))
    };
    let frames = stream::iter([Ok(http_body::Frame::data(half))]).chain(stream::once(broken));
    Response::from_parts(parts, Body::new(StreamBody::new(frames)))
}

fn status_only(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// The `Procore-Company-Id` sent.
pub(crate) fn company_header(headers: &HeaderMap) -> Option<i64> {
    headers.get("procore-company-id")?.to_str().ok()?.trim().parse().ok()
}

fn headers_of_note(headers: &HeaderMap) -> BTreeMap<String, String> {
    ["procore-company-id", "content-type", "idempotency-token", "user-agent", "accept"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), headers.get(name)?.to_str().ok()?.to_owned())))
        .collect()
}
