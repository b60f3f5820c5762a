//! The emulator on a socket. Its own accept loop, because a fault must be able to close a connection unanswered.

use axum::body::Body;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::Emulator;

impl Emulator {
    /// Answers connections until the future is dropped or the listener fails.
    pub async fn serve(&self, listener: TcpListener) -> std::io::Result<()> {
        let mut connections = tokio::task::JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let (stream, _) = accepted?;
                    let _ = stream.set_nodelay(true);
                    let service = self.service().map_request(|request: http::Request<hyper::body::Incoming>| request.map(Body::new));
                    connections.spawn(async move {
                        // A service error makes hyper close the socket without an answer: that is the fault's purpose.
                        let _ = hyper::server::conn::http1::Builder::new()
                            .timer(TokioTimer::new())
                            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
                            .await;
                    });
                }
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
            }
        }
    }
}
