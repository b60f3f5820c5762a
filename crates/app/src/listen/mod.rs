//! Connections: how many at once, their time limits, and how they end.
//!
//! A connection that is idle, or slow to send a head or a body, is closed after a while, or at once when its place is
//! needed. A connection that is being answered stays open as long as its client reads: streamed pages may take long.

mod seat;
#[cfg(test)]
mod tests;
mod wire;

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderValue, header},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time,
};
use tower::ServiceExt as _;

use seat::{Place, Seats};
use wire::{WatchedAnswer, WatchedRequest, WatchedSocket};

/// The limits of connections.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// The longest time for a request's head, from its first byte or from the start of the connection.
    pub head: Duration,
    /// The longest time for a request's body.
    pub body: Duration,
    /// The longest time between an answer and the next request.
    pub idle: Duration,
    /// The longest time in which a client may read nothing of its answer.
    pub stalled: Duration,
    /// How long unfinished requests may still take after the signal to stop.
    pub goodbye: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 2_048,
            head: Duration::from_secs(15),
            body: Duration::from_mins(1),
            // Longer than reverse proxies keep theirs, so that they never send into a closing connection.
            idle: Duration::from_secs(75),
            stalled: Duration::from_secs(30),
            // Docker kills after ten seconds.
            goodbye: Duration::from_secs(8),
        }
    }
}

impl Limits {
    /// The same within a limit of open files; some are needed for the database and for Procore.
    pub fn with_files(self, files: u64) -> Self {
        const OTHERS: u64 = 256;
        let left = usize::try_from(files.saturating_sub(OTHERS)).unwrap_or(usize::MAX).max(16);
        Self { connections: self.connections.min(left), ..self }
    }
}

/// The largest head of a request.
const LARGEST_HEAD: usize = 64 << 10;
/// The wait after a failed accept, for example without a free file.
const BREATH: Duration = Duration::from_millis(50);

/// Serves until `stop`, then finishes the open requests. Returns how many it cut off, after [`Limits::goodbye`] or at
/// `hurry`.
pub async fn serve(
    listener: TcpListener,
    pages: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
    hurry: impl Future<Output = ()>,
) -> usize {
    let seats = Arc::new(Seats::new(limits));
    let (stopping, told) = watch::channel(false);
    let looking = tokio::spawn(look_after(seats.clone()));
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                time::sleep(BREATH).await;
                continue;
            }
        };
        tokio::select! {
            () = &mut stop => break,
            place = seats.take() => {
                tokio::spawn(attend(stream, peer, place, pages.clone(), told.clone()));
            }
        }
    }
    drop(listener);
    stopping.send_replace(true);
    tokio::select! {
        () = seats.empty() => {}
        () = time::sleep(limits.goodbye) => {}
        () = hurry => {}
    }
    looking.abort();
    seats.send_all_away()
}

/// Closes connections that exceed their limits.
async fn look_after(seats: Arc<Seats>) {
    let mut often = time::interval(seats.limits().head.min(seats.limits().stalled).min(Duration::from_secs(10)) / 10);
    often.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    loop {
        often.tick().await;
        seats.close_overdue();
    }
}

/// One connection, from its first request to its last.
async fn attend(stream: TcpStream, peer: SocketAddr, place: Place, pages: Router, mut stopping: watch::Receiver<bool>) {
    // Answers are small; waiting to fill packets only delays them.
    let _ = stream.set_nodelay(true);
    let (seat, asked) = (&place.seat, place.seat.clone());
    let service = service_fn(move |request: http::Request<Incoming>| {
        let (pages, seat) = (pages.clone(), asked.clone());
        async move {
            let turn = seat.asked();
            let request = request.map(|body| WatchedRequest::new(Body::new(body), seat.clone(), turn));
            let whole = request.body().whole();
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            let mut response = pages.oneshot(request).await?;
            if !whole.load(Ordering::Relaxed) {
                // An answer that came before the end of the request ends the connection: say so, or the next request on it is lost.
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response.map(|body| WatchedAnswer::new(body, seat)))
        }
    });
    let mut http = http1::Builder::new();
    http.max_buf_size(LARGEST_HEAD).header_read_timeout(None);
    let mut connection = pin!(http.serve_connection(TokioIo::new(WatchedSocket::new(stream, seat.clone())), service));
    let mut leaving = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke");
                }
                break;
            }
            () = seat.told_to_go() => break,
            _ = stopping.wait_for(|stopping| *stopping), if !leaving => {
                leaving = true;
                if seat.is_asking() {
                    // Half a head is not a request.
                    break;
                }
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
