//! Connections: how many at once, how long each may take over what, and how they end.
//!
//! A connection that is slow over a head or a body, or does nothing, is closed after a while, and at once when its place
//! is wanted. One that is being answered is left alone for as long as its reader reads: a page that is sent piece by piece
//! may take as long as it likes.

mod seat;
#[cfg(test)]
mod tests;
mod wire;

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time,
};
use tower::ServiceExt as _;

use seat::{Place, Seats};
use wire::{Answered, Heard, Received};

/// How much of what.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// From a connection's first byte, or its beginning, to the end of a request's head.
    pub head: Duration,
    /// From there to the end of the request's body.
    pub body: Duration,
    /// From an answer to the next request.
    pub idle: Duration,
    /// For how long a reader may read nothing of what waits for it.
    pub stalled: Duration,
    /// From the signal to stop until requests that are being answered are cut off.
    pub goodbye: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 2_048,
            head: Duration::from_secs(15),
            body: Duration::from_mins(1),
            // Longer than reverse proxies keep theirs, so that they never send into one that is just being closed.
            idle: Duration::from_secs(75),
            stalled: Duration::from_secs(30),
            // Docker kills after ten.
            goodbye: Duration::from_secs(8),
        }
    }
}

impl Limits {
    /// The same where only so many files may be open: some are for the database, for Procore and for looking after it all.
    pub fn with_files(self, files: u64) -> Self {
        const OTHERS: u64 = 256;
        let left = usize::try_from(files.saturating_sub(OTHERS)).unwrap_or(usize::MAX).max(16);
        Self { connections: self.connections.min(left), ..self }
    }
}

/// The largest head of a request.
const LARGEST_HEAD: usize = 64 << 10;
/// After a failure to accept, as without a file left.
const BREATH: Duration = Duration::from_millis(50);

/// Serves until `stop`, then answers what is being asked. Tells how many requests were cut off, because they took longer
/// than [`Limits::goodbye`] or because `hurry` came.
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

/// Closes what takes too long.
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
    // An answer is small, and nobody waits for more of it.
    let _ = stream.set_nodelay(true);
    let (seat, asked) = (&place.seat, place.seat.clone());
    let service = service_fn(move |request: http::Request<Incoming>| {
        let (pages, seat) = (pages.clone(), asked.clone());
        async move {
            let turn = seat.asked();
            let mut request = request.map(|body| Body::new(Received::new(Body::new(body), seat.clone(), turn)));
            request.extensions_mut().insert(ConnectInfo(peer));
            let response = pages.oneshot(request).await?;
            Ok::<_, Infallible>(response.map(|body| Answered::new(body, seat)))
        }
    });
    let mut http = http1::Builder::new();
    http.max_buf_size(LARGEST_HEAD).header_read_timeout(None);
    let mut connection = pin!(http.serve_connection(TokioIo::new(Heard::new(stream, seat.clone())), service));
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
                    // Half a head is no request yet.
                    break;
                }
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
