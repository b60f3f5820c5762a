//! `Idempotency-Key`: a call that makes something makes it once, however often it is sent.
//!
//! The claim of the key, what the call makes and the kept answer are one transaction. So a crash leaves all of them or none,
//! a second call waits for the first, and a call that is refused leaves its key free.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    body::{self, Body, Bytes},
    extract::{FromRequest as _, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use domain::ApiTokenId;
use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};
use store::repo::kept_answer::{KeptAnswer, KeyClaim, KeyedCall};
use utoipa::{
    IntoParams,
    openapi::{OpenApi, PathItem, RefOr, path::Parameter},
};

use super::problem::Problem;
use crate::{App, Error, serving::once::Ended};

/// The header's name.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The longest key.
const LONGEST_KEY: usize = 255;
/// How long an answer is kept.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// The document of the header, at each operation that takes it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "it is there for the document")]
pub struct OnceKey {
    /// A text of your own for this call, such as a UUID. If you send the call again with the same key within 24 hours, you get
    /// the same answer, and nothing is made twice.
    #[param(
        rename = "Idempotency-Key",
        required = false,
        min_length = 1,
        max_length = 255,
        pattern = "^[\\x20-\\x7e]+$"
    )]
    key: String,
}

/// Whose key it is: the token that a call came with.
#[derive(Debug, Clone, Copy)]
pub struct KeyOwner(pub ApiTokenId);

/// The instance, and the paths of the operations that take a key.
#[derive(Clone)]
pub struct Once {
    app: App,
    paths: Arc<BTreeSet<String>>,
}

impl Once {
    /// For the operations that name the header in the document.
    pub fn of(app: &App, document: &OpenApi, base: &str) -> Self {
        let takes_key = |item: &PathItem| {
            let parameters = item.post.as_ref().and_then(|post| post.parameters.as_ref());
            let is_key =
                |one: &RefOr<Parameter>| matches!(one, RefOr::T(one) if one.name.eq_ignore_ascii_case(KEY.as_str()));
            parameters.is_some_and(|all| all.iter().any(is_key))
        };
        let paths = document.paths.paths.iter().filter(|(_, item)| takes_key(item));
        Self { app: app.clone(), paths: Arc::new(paths.map(|(path, _)| format!("{base}{path}")).collect()) }
    }

    fn takes_key(&self, request: &Request) -> bool {
        let path = request.extensions().get::<MatchedPath>();
        *request.method() == Method::POST && path.is_some_and(|path| self.paths.contains(path.as_str()))
    }
}

/// Carries out a call with a key once.
pub async fn once(State(once): State<Once>, request: Request, next: Next) -> Response {
    let owner = request.extensions().get::<KeyOwner>().copied();
    let (Some(KeyOwner(token)), true, true) = (owner, request.headers().contains_key(&KEY), once.takes_key(&request))
    else {
        return next.run(request).await;
    };
    match carried_out(&once.app, token, request, next).await {
        Ok(response) | Err(Ended::Answered(response)) => response,
        Err(Ended::Failed(error)) => Problem::from(error).into_response(),
    }
}

async fn carried_out(app: &App, token: ApiTokenId, request: Request, next: Next) -> Result<Response, Ended> {
    let key = key(request.headers()).map_err(|problem| Ended::Answered(problem.into_response()))?;
    let (head, body) = request.into_parts();
    let whole = Request::from_parts(head.clone(), body);
    let body = Bytes::from_request(whole, app).await.map_err(|cut| Ended::Answered(cut.into_response()))?;
    let call = KeyedCall { token, key, digest: digest(&head, &body) };
    let now = app.now();
    // Apart from the rest, so that two calls at once don't meet over what is too old anyway.
    app.store.write(move |tx| tx.sweep_answers(now - KEPT_FOR)).await?;
    app.store
        .whole(|| {
            let (app, call, next) = (app.clone(), call.clone(), next.clone());
            let request = Request::from_parts(head.clone(), Body::from(body.clone()));
            async move { claimed(&app, call, request, next).await }
        })
        .await
}

/// Within the transaction: the claim, the call, its answer.
async fn claimed(app: &App, call: KeyedCall, request: Request, next: Next) -> Result<Response, Ended> {
    let (claim, now) = (call.clone(), app.now());
    match app.store.write(move |tx| tx.claim_key(&claim, now)).await? {
        KeyClaim::Claimed => {}
        KeyClaim::Answered(kept) => return Err(Ended::Answered(again(kept))),
        KeyClaim::Taken => {
            let problem = Problem::of(StatusCode::UNPROCESSABLE_ENTITY)
                .saying("You used this Idempotency-Key for a different request. Send each new request with a new key.");
            return Err(Ended::Answered(problem.into_response()));
        }
    }
    let response = next.run(request).await;
    if !response.status().is_success() {
        return Err(Ended::Answered(response));
    }
    let (head, body) = response.into_parts();
    let body = body::to_bytes(body, usize::MAX).await.map_err(|error| Ended::Failed(Error::internal(error)))?;
    let location = head.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    let kept = KeptAnswer { status: head.status.as_u16(), location, body: body.to_vec() };
    app.store.write(move |tx| tx.keep_answer(&call, &kept)).await?;
    Ok(Response::from_parts(head, Body::from(body)))
}

/// The key of a call.
fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut all = headers.get_all(&KEY).iter();
    let one = all.next().filter(|_| all.next().is_none()).map(HeaderValue::as_bytes).unwrap_or_default();
    let printable = one.iter().all(|byte| (b' '..=b'~').contains(byte));
    match std::str::from_utf8(one) {
        Ok(key) if printable && (1..=LONGEST_KEY).contains(&key.len()) => Ok(key.to_owned()),
        _ => Err(Problem::of(StatusCode::UNPROCESSABLE_ENTITY).saying(format!(
            "Send one Idempotency-Key of 1 to {LONGEST_KEY} printable ASCII characters, such as a UUID."
        ))),
    }
}

/// What a call asks, so that another one with the same key is noticed.
fn digest(head: &Parts, body: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(head.uri.to_string());
    // No address contains it.
    digest.update(b"\n");
    digest.update(body);
    digest.finalize().into()
}

/// The answer as it was given.
fn again(kept: KeptAnswer) -> Response {
    let mut response = Response::new(Body::from(kept.body));
    *response.status_mut() = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(location) = kept.location.and_then(|location| HeaderValue::try_from(location).ok()) {
        headers.insert(header::LOCATION, location);
    }
    response
}
