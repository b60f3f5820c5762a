//! How a request leaves: over sockets, or into a service of this process.

use std::{fmt, time::Duration};

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use tower::{Service, ServiceExt as _, service_fn, util::BoxCloneSyncService};

/// Anything that takes a whole request and gives a whole answer.
pub type Transport = BoxCloneSyncService<http::Request<Bytes>, http::Response<Bytes>, SendError>;

/// The largest answer that is read; a page of change events is far below it.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// The longest wait for a connection. Less than any sensible total, so that a host that does not answer
/// is told apart from a request that does not.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection is kept for the next request. Short, because a write that meets a connection just being closed
/// from the other side ends as "unknown" and costs its person a wait.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// Why there is no answer. The texts are for logs and name neither bodies nor headers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Nothing of the request reached the other side: name not resolved, connection refused, TLS failed.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The request, or part of it, left: it may have been executed.
    #[error("sent, but not answered: {0}")]
    Unknown(String),
}

/// A transport over HTTP/1.1 and TLS, with certificates checked against the roots compiled in.
///
/// `timeout` is the longest life of a request from here, body included. Redirects are not followed, proxies of the
/// environment are not used, and nothing is sent twice.
pub fn over_sockets(timeout: Duration) -> Transport {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls())
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT.min(timeout / 2))
        .timeout(timeout)
        .user_agent(concat!("procore-rs/", env!("CARGO_PKG_VERSION")))
        .build()
        .expect("the settings are constants that build on every machine");
    BoxCloneSyncService::new(service_fn(move |request: http::Request<Bytes>| {
        let client = client.clone();
        async move { exchange(&client, request).await }
    }))
}

/// A transport into a service of this process, such as an axum router: no sockets, no TLS, no timeouts.
///
/// Pass a service that adds a `Date` header if the caller relies on Procore's clock, as sockets do.
pub fn in_process<S, B>(service: S) -> Transport
where
    S: Service<http::Request<Full<Bytes>>, Response = http::Response<B>> + Clone + Send + Sync + 'static,
    S::Error: fmt::Display,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send,
    B::Error: fmt::Display,
{
    BoxCloneSyncService::new(service_fn(move |request: http::Request<Bytes>| {
        let service = service.clone();
        async move {
            let unknown = |error: &dyn fmt::Display| SendError::Unknown(error.to_string());
            let answer = service.oneshot(request.map(Full::new)).await.map_err(|error| unknown(&error))?;
            let (head, body) = answer.into_parts();
            let body = body.collect().await.map_err(|error| unknown(&error))?.to_bytes();
            Ok(http::Response::from_parts(head, body))
        }
    }))
}

/// TLS of our own choosing instead of the machine's: it builds the same everywhere, also where no certificates are
/// installed, and needs no provider to be set for the whole process.
fn tls() -> rustls::ClientConfig {
    let provider = rustls::crypto::ring::default_provider();
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .expect("ring knows TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

async fn exchange(client: &reqwest::Client, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, SendError> {
    let request = reqwest::Request::try_from(request).map_err(|error| SendError::NotSent(told(&error)))?;
    let mut answer = client.execute(request).await.map_err(|error| {
        if error.is_connect() || error.is_builder() {
            SendError::NotSent(told(&error))
        } else {
            SendError::Unknown(told(&error))
        }
    })?;
    let mut head = http::Response::builder().status(answer.status()).body(()).expect("a status alone is valid");
    *head.headers_mut() = std::mem::take(answer.headers_mut());
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| SendError::Unknown(told(&error)))? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(SendError::Unknown(format!("the answer is longer than {BODY_LIMIT} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(head.map(|()| body.freeze()))
}

/// The whole chain of causes, without the address: a code or token may stand in its query.
fn told(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() { "timed out".to_owned() } else { "failed".to_owned() };
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
