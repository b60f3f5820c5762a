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
    /// The server's process.
    pub process: u32,
    /// Path and query.
    pub path: String,
    /// What says who asks: a header's name …
    pub header: &'static str,
    /// … and its value.
    pub value: String,
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
    /// How long the server's processors worked on an answer.
    pub processor: Duration,
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
    tokio::time::sleep_until(begin.into()).await;
    let worked = processors(asked.process);
    let mut times = Vec::new();
    while let Some(one) = asking.join_next().await {
        times.append(&mut one??);
    }
    let worked = processors(asked.process).saturating_sub(worked);
    times.sort_unstable();
    let percentile = |p: usize| times.get(times.len() * p / 100).copied().unwrap_or_default();
    let answers = u32::try_from(times.len())?.max(1);
    let per_second = f64::from(answers) / time.as_secs_f64();
    Ok(Measured { per_second, p50: percentile(50), p99: percentile(99), processor: worked / answers })
}

/// How long processors have worked for a process, in its own code and in the system's; to a hundredth of a second, on Linux.
fn processors(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // After the name in parentheses, the 12th and 13th field (proc(5)).
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(10 * ticks)
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
        .header(asked.header, &asked.value)
        .body(Empty::new())?;
    let (head, body) = connection.send_request(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    if head.status.as_u16() == 200 {
        return Ok(body);
    }
    Err(format!("{} answered {}: {}", asked.path, head.status, String::from_utf8_lossy(&body)).into())
}
