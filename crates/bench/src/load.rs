//! Load: so many connections, kept open, each asking again as soon as it was answered.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet};

use crate::Fallible;

/// What is asked for, again and again.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Where the server listens.
    pub server: SocketAddr,
    /// Path and query.
    pub path: String,
    /// The bearer token; a server without sessions ignores it.
    pub token: String,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// Answers a second.
    pub per_second: f64,
    /// Half of the answers took no longer.
    pub p50: Duration,
    /// 99 of a hundred answers took no longer.
    pub p99: Duration,
}

/// One answer's body.
pub async fn fetch(asked: &Asked) -> Fallible<Bytes> {
    once(&mut connect(asked.server).await?, asked).await
}

/// Asks on `connections` at once: `warm_up` long without counting, then for `time`.
pub async fn measure(asked: &Asked, connections: usize, warm_up: Duration, time: Duration) -> Fallible<Measured> {
    let mut asking = JoinSet::new();
    let begin = Instant::now() + warm_up;
    for _ in 0..connections {
        let (asked, mut connection) = (asked.clone(), connect(asked.server).await?);
        asking.spawn(async move {
            let mut times = Vec::new();
            loop {
                let sent = Instant::now();
                if sent >= begin + time {
                    return Fallible::Ok(times);
                }
                once(&mut connection, &asked).await?;
                if sent >= begin {
                    times.push(sent.elapsed());
                }
            }
        });
    }
    let mut times = Vec::new();
    while let Some(one) = asking.join_next().await {
        times.append(&mut one??);
    }
    times.sort_unstable();
    let percentile = |p: usize| times.get(times.len() * p / 100).copied().unwrap_or_default();
    let answers = f64::from(u32::try_from(times.len())?);
    Ok(Measured { per_second: answers / time.as_secs_f64(), p50: percentile(50), p99: percentile(99) })
}

async fn connect(server: SocketAddr) -> Fallible<SendRequest<Empty<Bytes>>> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let (connection, driver) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(driver);
    Ok(connection)
}

/// Anything but 200 ends the measurement: an error is answered faster than a log.
async fn once(connection: &mut SendRequest<Empty<Bytes>>, asked: &Asked) -> Fallible<Bytes> {
    let request = Request::get(&asked.path)
        .header(header::HOST, asked.server.to_string())
        .header(header::AUTHORIZATION, format!("Bearer {}", asked.token))
        .body(Empty::new())?;
    let (head, body) = connection.send_request(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    if head.status.as_u16() == 200 {
        return Ok(body);
    }
    Err(format!("{} answered {}: {}", asked.path, head.status, String::from_utf8_lossy(&body)).into())
}
