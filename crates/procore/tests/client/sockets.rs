//! What only a wire can do: refuse, hang, cut, redirect, flood.

use std::time::{Duration, Instant};

use bytes::Bytes;
use procore::{SendError, transport};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tower::ServiceExt as _;

const PATIENCE: Duration = Duration::from_millis(400);

/// A server that takes connections one by one and does `then` after the head of a request has come in.
async fn server<F: Future<Output = ()> + Send>(then: impl Fn(TcpStream) -> F + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => break,
                }
            }
            then(stream).await;
        }
    });
    format!("http://{address}/x")
}

/// A server that sends these bytes and closes.
async fn saying(bytes: &'static str) -> String {
    server(move |mut stream| async move {
        stream.write_all(bytes.as_bytes()).await.unwrap();
    })
    .await
}

async fn ask(url: &str) -> Result<http::Response<Bytes>, SendError> {
    let request = http::Request::post(url).body(Bytes::new()).unwrap();
    transport::over_sockets(PATIENCE).oneshot(request).await
}

#[tokio::test]
async fn an_answer_comes_through_whole() {
    let url = saying("HTTP/1.1 422 No\r\nx-request-id: q\r\ncontent-length: 2\r\n\r\n{}").await;
    let answer = ask(&url).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.body()[..], &answer.headers()["x-request-id"]),
        (422, &b"{}"[..], &http::HeaderValue::from_static("q"))
    );
}

#[tokio::test]
async fn a_refused_connection_was_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x?code=hush", listener.local_addr().unwrap());
    drop(listener);
    let Err(SendError::NotSent(reason)) = ask(&url).await else { panic!("not refused") };
    assert!(reason.contains("refused") && !reason.contains("hush"), "{reason}");
}

#[tokio::test]
async fn a_failed_tls_handshake_was_not_sent() {
    let url = saying("this is no TLS\r\n\r\n").await.replace("http:", "https:");
    assert!(matches!(ask(&url).await, Err(SendError::NotSent(_))));
}

#[tokio::test]
async fn silence_after_the_request_ends_in_time_and_is_unknown() {
    let url = server(|stream| async move {
        tokio::spawn(async move {
            let _held = stream;
            std::future::pending::<()>().await;
        });
    })
    .await;
    let started = Instant::now();
    let Err(SendError::Unknown(reason)) = ask(&url).await else { panic!("not unknown") };
    assert!(reason.contains("timed out"), "{reason}");
    assert!(started.elapsed() < PATIENCE * 10);
}

#[tokio::test]
async fn a_connection_cut_after_the_request_is_unknown() {
    let cuts = [
        "",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n",
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc",
        "nonsense\r\n\r\n",
    ];
    for bytes in cuts {
        let answer = ask(&saying(bytes).await).await;
        assert!(matches!(answer, Err(SendError::Unknown(_))), "{bytes:?} {answer:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let url = saying("HTTP/1.1 307 Go\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(ask(&url).await.unwrap().status().as_u16(), 307);
}

#[tokio::test]
async fn a_flood_is_cut_off() {
    let url = server(|mut stream| async move {
        let chunk = vec![b' '; 1 << 20];
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&chunk).await.is_ok() {}
    })
    .await;
    let request = http::Request::get(&url).body(Bytes::new()).unwrap();
    let answer = transport::over_sockets(Duration::from_secs(30)).oneshot(request).await;
    let Err(SendError::Unknown(reason)) = answer else { panic!("not cut off") };
    assert!(reason.contains("longer than"), "{reason}");
}
