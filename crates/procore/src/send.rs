//! The one place that sends.

use std::{borrow::Cow, sync::Arc, time::Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;
use tracing::{Instrument as _, field::Empty};
use url::Url;

use crate::{
    client::Procore,
    error::Error,
    gate::{Gate, Seen},
    model::{CompanyId, list},
    problem::{self, Effect},
    rate,
    transport::SendError,
};

/// A request to be sent.
pub(crate) struct Call {
    pub method: Method,
    pub effect: Effect,
    /// The path without ids, for logs.
    pub template: &'static str,
    pub url: Url,
    pub token: Option<SecretString>,
    pub company: Option<CompanyId>,
    pub body: Option<(&'static str, Bytes)>,
    /// The same for every repetition of the same request, so that Procore can tell it from a new one.
    pub idempotency_token: Option<String>,
    pub gate: Option<Arc<dyn Gate>>,
}

impl Call {
    /// A read.
    pub fn get(template: &'static str, url: Url) -> Self {
        Self::new(Method::GET, Effect::Harmless, template, url)
    }

    /// A write with a JSON body. The same request on the same occasion carries the same token.
    pub fn json(method: Method, template: &'static str, url: Url, body: &impl Serialize, occasion: &str) -> Self {
        let body = serde_json::to_vec(body).expect("the bodies we write have string keys and no failing parts");
        let token = idempotency_token(occasion, &method, &url, &body);
        let body = Some(("application/json", body.into()));
        Self { body, idempotency_token: Some(token), ..Self::new(method, Effect::Writes, template, url) }
    }

    /// A removal. It may be sent again: what is removed already is "not found".
    pub fn delete(template: &'static str, url: Url) -> Self {
        Self::new(Method::DELETE, Effect::Writes, template, url)
    }

    /// A POST of a form.
    pub fn form(effect: Effect, template: &'static str, url: Url, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let body = Some(("application/x-www-form-urlencoded", body.into()));
        Self { body, ..Self::new(Method::POST, effect, template, url) }
    }

    fn new(method: Method, effect: Effect, template: &'static str, url: Url) -> Self {
        let (token, company, body, idempotency_token, gate) = (None, None, None, None, None);
        Self { method, effect, template, url, token, company, body, idempotency_token, gate }
    }

    fn into_request(self) -> Result<http::Request<Bytes>, http::Error> {
        let mut request = http::Request::builder()
            .method(self.method)
            .uri(self.url.as_str())
            .header(header::ACCEPT, "application/json");
        if let Some(token) = self.token {
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        if let Some(company) = self.company {
            request = request.header("procore-company-id", company.to_string());
        }
        if let Some(token) = self.idempotency_token {
            request = request.header("idempotency-token", token);
        }
        match self.body {
            Some((kind, body)) => request.header(header::CONTENT_TYPE, kind).body(body),
            None => request.body(Bytes::new()),
        }
    }
}

/// 32 hexadecimal digits that stand for one request on one occasion.
fn idempotency_token(occasion: &str, method: &Method, url: &Url, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    for part in [occasion, method.as_str(), url.path(), url.query().unwrap_or_default()] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.update(body);
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// An answer of any status.
pub(crate) struct Reply {
    pub effect: Effect,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    /// The answer if it is a success, else the error that it stands for.
    pub fn success(self) -> Result<Self, Error> {
        match self.status.as_u16() {
            // 207: a list of which some parts were refused; the caller reads what came of it.
            200 | 201 | 204 | 207 => Ok(self),
            _ => Err(problem::error(self.effect, self.status, &self.headers, &self.body)),
        }
    }

    /// The body as a value. If it is unreadable, a read is not as documented, and of a write nobody knows what it did.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let status = self.status.as_u16();
        let body = String::from_utf8_lossy(&self.body);
        let raw = match serde_json::from_slice::<Box<RawValue>>(&without_nul(body.as_bytes())) {
            Ok(raw) => raw,
            Err(error) => {
                let text = format!("the answer ({status}) can't be read: {}", without_content(&error));
                return Err(match self.effect {
                    Effect::Writes => Error::Uncertain { reason: text, look_after: None },
                    Effect::Harmless => Error::Unexpected(text),
                });
            }
        };
        list::read(&raw).map_err(|odd| match self.effect {
            Effect::Writes => {
                let reason = format!("the answer ({status}) can't be read: {}", odd.why);
                Error::Uncertain { reason, look_after: None }
            }
            Effect::Harmless if problem::is_soft_not_found(&self.body) => Error::NotFound,
            Effect::Harmless => Error::Odd(odd.why),
        })
    }

    /// Procore's name for this exchange, to be quoted to their support.
    pub fn request_id(&self) -> Option<String> {
        rate::text(&self.headers, "x-request-id").map(|id| id.chars().take(200).collect())
    }
}

/// JSON without the character NUL in its texts: databases can't store it, and nobody means it.
pub(crate) fn without_nul(body: &[u8]) -> Cow<'_, [u8]> {
    const NUL: &[u8] = br"\u0000";
    const INSTEAD: &[u8] = br"\ufffd";
    if !body.windows(NUL.len()).any(|part| part == NUL) {
        return Cow::Borrowed(body);
    }
    let (mut clean, mut rest) = (Vec::with_capacity(body.len()), body);
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let (before, escape) = rest.split_at(at);
        clean.extend_from_slice(before);
        // A backslash and what it stands before: the second one of a pair begins nothing.
        let length = if escape.starts_with(NUL) { NUL.len() } else { escape.len().min(2) };
        clean.extend_from_slice(if length == NUL.len() { INSTEAD } else { &escape[..length] });
        rest = &escape[length..];
    }
    clean.extend_from_slice(rest);
    Cow::Owned(clean)
}

/// serde's text quotes values of the body; where it stumbled is all a log may hold.
fn without_content(error: &serde_json::Error) -> String {
    format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column())
}

fn seen(status: StatusCode, headers: &HeaderMap) -> Seen {
    Seen {
        status: Some(status.as_u16()),
        rate: rate::rate(headers),
        date: rate::date(headers),
        retry_after: rate::retry_after(headers),
    }
}

impl Procore {
    /// Sends, once. An answer of any status is `Ok`.
    pub(crate) async fn send(&self, call: Call) -> Result<Reply, Error> {
        let span = tracing::info_span!(
            "procore.call", method = %call.method, path = call.template, status = Empty, request_id = Empty,
            duration_ms = Empty, error = Empty
        );
        self.exchange(call).instrument(span).await
    }

    async fn exchange(&self, call: Call) -> Result<Reply, Error> {
        let (effect, span, gate) = (call.effect, tracing::Span::current(), call.gate.clone());
        let request = call.into_request().map_err(|error| Error::Misused(format!("no such request: {error}")))?;
        if let Some(gate) = &gate {
            gate.enter().await?;
        }
        let started = Instant::now();
        let answer = self.transport.clone().oneshot(request).await;
        if let Some(gate) = &gate {
            gate.passed(answer.as_ref().map_or_else(|_| Seen::default(), |a| seen(a.status(), a.headers()))).await;
        }
        span.record("duration_ms", u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
        match answer {
            Ok(answer) => {
                let (head, body) = answer.into_parts();
                let reply = Reply { effect, status: head.status, headers: head.headers, body };
                span.record("status", reply.status.as_u16());
                span.record("request_id", reply.request_id());
                tracing::info!("Procore answered");
                Ok(reply)
            }
            Err(error) => {
                span.record("error", error.to_string());
                tracing::warn!("Procore did not answer");
                Err(match error {
                    SendError::NotSent(reason) => Error::NotSent(reason),
                    SendError::Unknown(reason) => effect.unanswered(None, &HeaderMap::new(), reason),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::without_nul;

    #[test]
    fn only_the_character_itself_is_taken_out_of_json() {
        for (text, clean) in [
            (r#"{"a":"x\u0000y"}"#, "x\u{fffd}y"),
            (r#"{"a":"\u0000\u0000"}"#, "\u{fffd}\u{fffd}"),
            (r#"{"a":"\\u0000"}"#, "\\u0000"),
            (r#"{"a":"\\\u0000"}"#, "\\\u{fffd}"),
            (r#"{"a":"\n\u0001 \""}"#, "\n\u{1} \""),
        ] {
            let read: serde_json::Value = serde_json::from_slice(&without_nul(text.as_bytes())).unwrap();
            assert_eq!(read["a"], clean, "{text}");
        }
        assert_eq!(&*without_nul(br"\u0000 \"), r"\ufffd \".as_bytes());
    }
}
