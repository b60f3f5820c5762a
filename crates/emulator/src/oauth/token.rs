//! `/oauth/token`, `/oauth/token/info` and `/oauth/revoke`.

use axum::Extension;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Actor, Token};
use crate::Emulator;
use crate::exchange::Matched;
use crate::rest::AnswerBody;
use crate::state::State;

const INVALID_CLIENT: &str = "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.";
const INVALID_GRANT: &str = "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.";

/// A refused token request, in Doorkeeper's words.
struct Refused {
    error: &'static str,
    description: &'static str,
}

const fn refused(error: &'static str, description: &'static str) -> Refused {
    Refused { error, description }
}

/// A body as JSON: JSON itself, a form, or a multipart form of plain fields.
pub(crate) fn body_as_json(headers: &HeaderMap, body: &Bytes) -> Option<Value> {
    let kind = headers.get(http::header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        let pairs = url::form_urlencoded::parse(body).into_owned().map(|(key, value)| (key, Value::String(value)));
        return Some(Value::Object(pairs.collect()));
    }
    if let Some((_, boundary)) = kind.split_once("boundary=").filter(|_| kind.starts_with("multipart/form-data")) {
        return Some(Value::Object(multipart_fields(body, boundary.trim_matches('"'))));
    }
    serde_json::from_slice(body).ok()
}

/// The plain fields of a multipart form; files are not expected where this is used.
fn multipart_fields(body: &Bytes, boundary: &str) -> Map<String, Value> {
    let text = String::from_utf8_lossy(body);
    let field = |part: &str| {
        let (head, value) = part.split_once("\r\n\r\n")?;
        let name = head.split("name=\"").nth(1)?.split('"').next()?;
        Some((name.to_owned(), Value::String(value.trim_end_matches("\r\n").to_owned())))
    };
    text.split(&format!("--{boundary}")).filter_map(field).collect()
}

pub(super) async fn issue(Extension(emulator): Extension<Emulator>, headers: HeaderMap, body: Bytes) -> Response {
    let now = emulator.now();
    let form = body_as_json(&headers, &body).unwrap_or(Value::Null);
    let mut state = emulator.state();
    match grant(&mut state, &headers, &form, now) {
        Ok((login, token)) => answer(StatusCode::OK, "/oauth/token", login, token),
        Err(Refused { error, description }) => {
            let status = match error {
                "invalid_request" | "unsupported_grant_type" => StatusCode::BAD_REQUEST,
                _ => StatusCode::from_u16(state.switches.token_error_status).unwrap_or(StatusCode::BAD_REQUEST),
            };
            answer(status, "/oauth/token", None, json!({ "error": error, "error_description": description }))
        }
    }
}

fn text<'a>(form: &'a Value, key: &str) -> &'a str {
    form.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Who the client says it is: in the body, or by HTTP Basic.
fn credentials(headers: &HeaderMap, form: &Value) -> (String, String) {
    let basic = headers
        .get(http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Basic "))
        .and_then(|encoded| String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok())
        .and_then(|pair| pair.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned())));
    basic.unwrap_or_else(|| (text(form, "client_id").to_owned(), text(form, "client_secret").to_owned()))
}

fn grant(
    state: &mut State,
    headers: &HeaderMap,
    form: &Value,
    now: Timestamp,
) -> Result<(Option<String>, Value), Refused> {
    let (id, secret) = credentials(headers, form);
    if state.oauth.client(&id).is_none_or(|client| client.secret != secret) {
        if state.switches.failed_refresh_burns_token {
            state.oauth.refreshers.remove(text(form, "refresh_token"));
        }
        return Err(refused("invalid_client", INVALID_CLIENT));
    }
    let actor = match text(form, "grant_type") {
        "authorization_code" => by_code(state, &id, form, now)?,
        "refresh_token" => by_refresh(state, &id, form)?,
        "client_credentials" => by_credentials(state, &id),
        "" => return Err(refused("invalid_request", "Missing required parameter: grant_type.")),
        _ => {
            return Err(refused(
                "unsupported_grant_type",
                "The authorization grant type is not supported by the authorization server.",
            ));
        }
    };
    let login = state.world.users.get(&actor.user_id).map(|user| user.login.clone());
    Ok((login, new_token(state, actor, now)))
}

fn by_code(state: &mut State, client_id: &str, form: &Value, now: Timestamp) -> Result<Actor, Refused> {
    // Taken out whether it serves or not: a code is good for one attempt.
    let code = state.oauth.codes.remove(text(form, "code")).ok_or(refused("invalid_grant", INVALID_GRANT))?;
    let verified = code.challenge.as_ref().is_none_or(|challenge| {
        *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(text(form, "code_verifier").as_bytes()))
    });
    let fits = code.client_id == client_id && code.redirect_uri == text(form, "redirect_uri") && code.expires_at > now;
    if !(fits && verified) {
        return Err(refused("invalid_grant", INVALID_GRANT));
    }
    Ok(Actor { client_id: code.client_id, user_id: code.user_id, is_service: false, token: String::new() })
}

fn by_refresh(state: &mut State, client_id: &str, form: &Value) -> Result<Actor, Refused> {
    let access =
        state.oauth.refreshers.remove(text(form, "refresh_token")).ok_or(refused("invalid_grant", INVALID_GRANT))?;
    let kills = state.switches.refresh_kills_access_token;
    let token = state.oauth.tokens.get_mut(&access).ok_or(refused("invalid_grant", INVALID_GRANT))?;
    if token.revoked || token.actor.client_id != client_id {
        return Err(refused("invalid_grant", INVALID_GRANT));
    }
    token.revoked |= kills;
    Ok(token.actor.clone())
}

/// The account an app acts as by itself, made on first use.
fn by_credentials(state: &mut State, client_id: &str) -> Actor {
    let login = format!("{client_id}@service.procore.example");
    let known = state.world.user_by_login(&login).map(|user| user.id);
    let user_id = known.unwrap_or_else(|| crate::seed::add_service_account(&mut state.world, &login));
    Actor { client_id: client_id.to_owned(), user_id, is_service: true, token: String::new() }
}

fn new_token(state: &mut State, actor: Actor, now: Timestamp) -> Value {
    let access = state.secret();
    let refresh = (!actor.is_service).then(|| state.secret());
    let life = state.oauth.life;
    let mut body = json!({
        "access_token": access,
        "token_type": "bearer",
        "expires_in": life.as_secs(),
        "created_at": now.as_second(),
    });
    if let Some(refresh) = &refresh {
        body["refresh_token"] = json!(refresh);
    }
    let actor = Actor { token: access.clone(), ..actor };
    state.oauth.keep(access, Token { actor, refresh, created_at: now, expires_at: now + life, revoked: false });
    body
}

pub(super) async fn info(Extension(emulator): Extension<Emulator>, headers: HeaderMap) -> Response {
    let now = emulator.now();
    let state = emulator.state();
    let access = bearer(&headers).unwrap_or_default();
    match state.oauth.actor(access, now) {
        Ok(actor) => {
            let login = state.world.users.get(&actor.user_id).map(|user| user.login.clone());
            let token = state.oauth.tokens.get(access);
            let left = token.map_or(0, |token| token.expires_at.as_second() - now.as_second());
            let created = token.map_or(0, |token| token.created_at.as_second());
            let body = json!({
                "resource_owner_id": actor.user_id,
                "scopes": ["public"],
                "expires_in_seconds": left,
                "application": { "uid": actor.client_id },
                "created_at": created,
            });
            answer(StatusCode::OK, "/oauth/token/info", login, body)
        }
        Err(why) => answer(
            StatusCode::UNAUTHORIZED,
            "/oauth/token/info",
            None,
            json!({ "error": "invalid_request", "error_description": why }),
        ),
    }
}

pub(super) async fn revoke(Extension(emulator): Extension<Emulator>, headers: HeaderMap, body: Bytes) -> Response {
    let form = body_as_json(&headers, &body).unwrap_or(Value::Null);
    let mut state = emulator.state();
    let (id, secret) = credentials(&headers, &form);
    if state.oauth.client(&id).is_none_or(|client| client.secret != secret) {
        let body = json!({ "error": "unauthorized_client", "error_description": "You are not authorized to revoke this token" });
        return answer(StatusCode::FORBIDDEN, "/oauth/revoke", None, body);
    }
    state.oauth.revoke(text(&form, "token"));
    answer(StatusCode::OK, "/oauth/revoke", None, json!({}))
}

/// The access token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn answer(status: StatusCode, route: &str, login: Option<String>, body: Value) -> Response {
    let mut response = (status, axum::Json(body.clone())).into_response();
    response.headers_mut().insert(http::header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.extensions_mut().insert(Matched { route: route.to_owned(), login });
    response.extensions_mut().insert(AnswerBody(body));
    response
}
