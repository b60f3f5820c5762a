//! Somebody who uses the product from outside.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{
    Fallible,
    servers::Server,
    world::{EMAIL, PASSWORD, TOKEN},
};

/// A connection that stays open.
pub async fn connect(address: std::net::SocketAddr) -> Fallible<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (connection, driver) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(driver);
    Ok(connection)
}

/// Asks for a page with a session's cookie, or for the API with the benchmark's token.
pub fn get(path: &str, cookie: &str) -> Fallible<Request<Full<Bytes>>> {
    let request = Request::get(path).header(header::HOST, "127.0.0.1").header(header::COOKIE, cookie);
    Ok(request.header(header::AUTHORIZATION, format!("Bearer {TOKEN}")).body(Full::default())?)
}

fn post_sign_in(email: &str, password: &str, from: &str) -> Fallible<Request<Full<Bytes>>> {
    let form = format!("email={}&password={}", email.replace('@', "%40"), password.replace(' ', "+"));
    let request = Request::builder().method(Method::POST).uri("/sign-in").header(header::HOST, "127.0.0.1");
    let request = request.header("x-forwarded-for", from).header("sec-fetch-site", "same-origin");
    Ok(request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Full::from(form))?)
}

/// Status and headers of an answer, all of which was read.
pub async fn ask(
    connection: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Fallible<(u16, http::HeaderMap)> {
    connection.ready().await?;
    let response: Response<_> = connection.send_request(request).await?;
    let (head, body) = response.into_parts();
    body.collect().await?;
    Ok((head.status.as_u16(), head.headers))
}

/// Signs somebody in with the right password, in a browser that nobody knows; answers the session's cookie.
pub async fn signed_in(server: &Server, from: &str) -> Fallible<String> {
    let (status, headers) = ask(&mut connect(server.address).await?, post_sign_in(EMAIL, PASSWORD, from)?).await?;
    let cookie = headers.get_all(header::SET_COOKIE).iter().find_map(|set| {
        let set = set.to_str().ok()?;
        set.starts_with("ledgerboard=").then(|| set.split(';').next().unwrap_or_default().to_owned())
    });
    cookie.ok_or_else(|| format!("signing in answered {status}").into())
}

/// Tries a wrong password.
pub async fn guess(connection: &mut SendRequest<Full<Bytes>>, email: &str, from: &str) -> Fallible<()> {
    let (status, _) = ask(connection, post_sign_in(email, "wrong wrong wrong", from)?).await?;
    if matches!(status, 422 | 429) { Ok(()) } else { Err(format!("a wrong password was answered {status}").into()) }
}

/// How long something took in the middle and at the longest.
pub fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    match (times.get(times.len() / 2), times.last()) {
        (Some(middle), Some(longest)) => format!("{middle:.0?} in the middle, {longest:.0?} at the longest"),
        _ => "never".to_owned(),
    }
}
