//! Who carries a delivery to its destination.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower::ServiceExt;

/// The status and the beginning of the answer, or why there is none.
pub(super) type Reply = Result<(u16, String), String>;

/// Takes a delivery to its destination.
pub type Courier = Arc<dyn Fn(http::Request<Bytes>) -> Pin<Box<dyn Future<Output = Reply> + Send>> + Send + Sync>;

/// Carries deliveries over sockets, plain HTTP only.
pub fn courier_over_sockets() -> Courier {
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    Arc::new(move |request| {
        let client = client.clone();
        Box::pin(async move {
            let answer = client.request(request.map(Full::new)).await.map_err(|error| error.to_string())?;
            read(answer).await
        })
    })
}

/// Carries every delivery into a service of this process, wherever it is addressed to.
pub fn courier_into<S, B>(service: S) -> Courier
where
    S: tower::Service<http::Request<axum::body::Body>, Response = http::Response<B>> + Clone + Send + Sync + 'static,
    S::Error: std::fmt::Display,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: std::fmt::Display,
{
    Arc::new(move |request| {
        let service = service.clone();
        Box::pin(async move {
            let request = request.map(axum::body::Body::from);
            read(service.oneshot(request).await.map_err(|error| error.to_string())?).await
        })
    })
}

async fn read<B>(answer: http::Response<B>) -> Reply
where
    B: http_body::Body<Data = Bytes>,
    B::Error: std::fmt::Display,
{
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}
