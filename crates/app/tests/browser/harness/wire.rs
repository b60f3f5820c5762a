//! One HTTP request on a connection of its own: for what no browser would send, and for the emulator's control.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;
use url::Url;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body as text.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in: {}", self.body))
    }
}

/// Sends `method` to `url`; nothing when nobody listens there.
pub fn send(method: &str, url: &Url, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
    let host = url.host_str()?;
    let port = url.port_or_known_default()?;
    let mut stream = TcpStream::connect((host, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    // HTTP/1.0: nothing is chunked.
    let mut request = format!("{method} {path} HTTP/1.0\r\nHost: {host}:{port}\r\nConnection: close\r\n");
    request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    request.push_str(body);
    stream.write_all(request.as_bytes()).ok()?;
    let (head, body) = read(stream)?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, body })
}

/// Reads until the announced length, or until the other side has said all.
fn read(stream: TcpStream) -> Option<(String, String)> {
    let mut stream = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), None);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        if let Some(("content-length", value)) = line.to_ascii_lowercase().trim().split_once(':') {
            length = value.trim().parse().ok();
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut body = Vec::new();
    stream.take(length.unwrap_or(u64::MAX)).read_to_end(&mut body).ok()?;
    Some((head, String::from_utf8_lossy(&body).into_owned()))
}
