//! Real sockets and short limits.

use std::time::Instant;

use axum::routing::{get, post};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::oneshot,
    task::JoinHandle,
};

use super::*;

const SHORT: Duration = Duration::from_millis(300);

fn limits() -> Limits {
    Limits { connections: 8, head: SHORT, body: SHORT, idle: SHORT * 2, stalled: SHORT, goodbye: SHORT }
}

/// A server, until it is told to stop.
struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<usize>,
}

async fn served(limits: Limits) -> Served {
    let pages = Router::new()
        .route("/", get(|| async { "here" }))
        .route("/slow", get(|| async { time::sleep(SHORT * 4).await }))
        .route("/refused", post(|| async { axum::http::StatusCode::UNAUTHORIZED }))
        .route("/form", post(|body: String| async move { body.len().to_string() }))
        .route("/pieces", get(|| async { Body::from_stream(pieces(6, SHORT / 2, 1)) }))
        .route("/much", get(|| async { Body::from_stream(pieces(64, Duration::ZERO, 1 << 20)) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, told) = oneshot::channel::<()>();
    let stop_at = async { told.await.unwrap_or_default() };
    let ended = tokio::spawn(async move { serve(listener, pages, limits, stop_at, std::future::pending()).await });
    Served { address, stop, ended }
}

fn pieces(n: u32, pause: Duration, size: usize) -> impl futures_util::Stream<Item = Result<Vec<u8>, Infallible>> {
    futures_util::stream::unfold(0, move |at| async move {
        time::sleep(if at == 0 { Duration::ZERO } else { pause }).await;
        (at < n).then(|| (Ok(vec![b'x'; size]), at + 1))
    })
}

impl Served {
    async fn connect(&self, first: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(first.as_bytes()).await.unwrap();
        stream
    }
}

/// Everything that still comes, and after how long the other end closed.
async fn rest(stream: &mut TcpStream) -> (String, Duration) {
    let (begun, mut text) = (Instant::now(), Vec::new());
    // A connection that was sent away may say so with a reset.
    let _ = time::timeout(Duration::from_secs(10), stream.read_to_end(&mut text)).await.expect("it closes");
    (String::from_utf8_lossy(&text).into_owned(), begun.elapsed())
}

/// One answer on a connection that stays open.
async fn answer(stream: &mut TcpStream) -> String {
    let mut text = vec![0; 4096];
    let read = time::timeout(Duration::from_secs(10), stream.read(&mut text)).await.expect("it answers").unwrap();
    String::from_utf8_lossy(&text[..read]).into_owned()
}

const GET: &str = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

#[tokio::test]
async fn who_says_nothing_or_half_of_it_is_not_waited_for() {
    let server = served(limits()).await;
    let half_a_body = "POST /form HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf";
    for (said, limit) in [("", SHORT), ("GET / HT", SHORT), (half_a_body, SHORT), (GET, SHORT * 2)] {
        let mut stream = server.connect(said).await;
        let (text, took) = rest(&mut stream).await;
        assert!(took + SHORT / 3 >= limit && took < limit * 3, "{said:?}: {took:?}");
        assert_eq!(text.starts_with("HTTP/1.1 200"), said == GET, "{said:?}: {text}");
    }
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_request_says_that_the_connection_ends() {
    let server = served(limits()).await;
    let post = |path: &str| format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbody");
    let mut stream = server.connect(&post("/refused")).await;
    let (text, _) = rest(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 401") && text.to_lowercase().contains("connection: close"), "{text}");
    let mut stream = server.connect(&post("/form")).await;
    for _ in 0..3 {
        let text = answer(&mut stream).await;
        assert!(text.starts_with("HTTP/1.1 200") && !text.to_lowercase().contains("connection: close"), "{text}");
        stream.write_all(post("/form").as_bytes()).await.unwrap();
    }
}

/// A client that keeps its connection until it is told that it ends, as every client does.
#[tokio::test]
async fn two_thousand_requests_after_a_refused_one_with_a_body_all_arrive() {
    let patient = Duration::from_mins(1);
    let server = served(Limits { head: patient, body: patient, idle: patient, ..limits() }).await;
    let body = "b".repeat(20_000);
    let refused = format!("POST /refused HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len());
    let (mut kept, mut failed) = (None, 0);
    for n in 0..2_000 {
        let mut stream: TcpStream = match kept.take() {
            Some(stream) => stream,
            None => TcpStream::connect(server.address).await.unwrap(),
        };
        // The body comes late, so that the answer overtakes it every other time.
        stream.write_all(refused.as_bytes()).await.unwrap();
        if n % 2 == 0 {
            let _ = stream.write_all(body.as_bytes()).await;
        }
        let text = answer(&mut stream).await;
        assert!(text.starts_with("HTTP/1.1 401"), "{n}: {text}");
        if !text.to_lowercase().contains("connection: close") {
            kept = Some(stream);
        }
        let mut next = match kept.take() {
            Some(stream) => stream,
            None => TcpStream::connect(server.address).await.unwrap(),
        };
        let sent = next.write_all(GET.as_bytes()).await;
        let text = if sent.is_ok() { answer(&mut next).await } else { String::new() };
        if text.starts_with("HTTP/1.1 200") { kept = Some(next) } else { failed += 1 }
    }
    assert_eq!(failed, 0, "of 2,000");
}

#[tokio::test]
async fn who_sends_a_head_letter_by_letter_is_not_waited_for_either() {
    let server = served(limits()).await;
    let mut stream = server.connect("GET / HTTP/1.1\r\n").await;
    let begun = Instant::now();
    while stream.write_all(b"a: b\r\n").await.is_ok() {
        time::sleep(SHORT / 6).await;
        assert!(begun.elapsed() < SHORT * 6, "it goes on for ever");
    }
    assert!(begun.elapsed() >= SHORT / 2);
}

#[tokio::test]
async fn a_page_that_is_sent_piece_by_piece_takes_as_long_as_it_takes() {
    let server = served(limits()).await;
    let mut stream = server.connect("GET /pieces HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let (text, took) = rest(&mut stream).await;
    assert_eq!(text.matches("\r\nx\r\n").count(), 6, "{text}");
    assert!(took > SHORT * 2, "longer than every limit: {took:?}");
}

#[tokio::test]
async fn who_reads_nothing_is_not_waited_for() {
    let server = served(limits()).await;
    let mut stream = server.connect("GET /much HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    time::sleep(SHORT * 4).await;
    let (text, _) = rest(&mut stream).await;
    assert!(text.len() < 64 << 20, "all of it was sent: {}", text.len());
    // Somebody who reads gets all of it.
    let mut stream = server.connect("GET /much HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(rest(&mut stream).await.0.len() > 64 << 20);
}

#[tokio::test]
async fn a_full_house_sends_the_one_away_that_has_waited_longest() {
    let patient = Duration::from_mins(1);
    let server = served(Limits { head: patient, body: patient, idle: patient, ..limits() }).await;
    let mut idle = server.connect(GET).await;
    assert!(answer(&mut idle).await.ends_with("here"));
    let mut halves = Vec::new();
    for _ in 0..7 {
        halves.push(server.connect("GET / HT").await);
        time::sleep(Duration::from_millis(5)).await;
    }
    for n in 0..5 {
        let mut one = server.connect("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        assert!(answer(&mut one).await.ends_with("here"), "number {n} is answered at once");
        assert!(rest(&mut one).await.0.is_empty());
    }
    assert!(rest(&mut idle).await.0.is_empty(), "it had waited longest");
    let mut last = halves.pop().unwrap();
    last.write_all(b"TP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(answer(&mut last).await.ends_with("here"), "a place was free again, so nobody else had to go");
}

#[tokio::test]
async fn stopping_answers_what_was_asked_and_waits_for_nobody_else() {
    let server = served(limits()).await;
    let mut idle = server.connect(GET).await;
    answer(&mut idle).await;
    let _half = server.connect("GET / HT").await;
    let _nothing = server.connect("").await;
    let mut asking = server.connect("GET /pieces HTTP/1.1\r\nhost: x\r\n\r\n").await;
    answer(&mut asking).await;
    let (begun, Served { address, stop, ended }) = (Instant::now(), server);
    stop.send(()).unwrap();
    let (text, _) = rest(&mut asking).await;
    assert!(!text.contains("\r\n0\r\n"), "it takes longer than the goodbye, so it was cut off: {text}");
    assert_eq!(ended.await.unwrap(), 1, "one request was cut off");
    assert!(begun.elapsed() < SHORT * 3, "{:?}", begun.elapsed());
    assert!(TcpStream::connect(address).await.is_err(), "nobody is let in any more");

    let server = served(limits()).await;
    let _half = server.connect("GET / HT").await;
    let mut asking = server.connect("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    time::sleep(SHORT * 7 / 2).await;
    let begun = Instant::now();
    server.stop.send(()).unwrap();
    assert!(rest(&mut asking).await.0.starts_with("HTTP/1.1 200"), "there was time for it");
    assert_eq!(server.ended.await.unwrap(), 0);
    assert!(begun.elapsed() < SHORT, "and nobody else was waited for: {:?}", begun.elapsed());
}

#[test]
fn the_cap_stays_below_the_limit_of_files() {
    assert_eq!(Limits::default().with_files(1 << 20).connections, 2_048);
    assert_eq!(Limits::default().with_files(1_300).connections, 1_044);
    assert_eq!(Limits::default().with_files(100).connections, 16);
}
