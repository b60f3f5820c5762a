//! `/oauth/authorize`: sign in, agree, and go back with a code.

use axum::Extension;
use axum::extract::{Form, OriginalUri, Query};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use http::StatusCode;
use serde::Deserialize;

use super::{Code, OUT_OF_BAND, code_expiry, signed_in, signing_in};
use crate::Emulator;
use crate::front::{ConsentPage, MessagePage, render};

/// What an app asks with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ask {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    state: String,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    /// In the form only: `allow` or `deny`.
    decision: String,
}

impl Ask {
    /// Doorkeeper's words where an app may not even be sent an error.
    fn refused(&self, emulator: &Emulator) -> Option<&'static str> {
        let state = emulator.state();
        match state.oauth.client(&self.client_id) {
            None => Some(
                "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.",
            ),
            Some(client) if !client.may_redirect_to(&self.redirect_uri) => {
                Some("The redirect URI included is not valid.")
            }
            Some(_) if self.response_type != "code" => {
                Some("The authorization server does not support this response type.")
            }
            Some(_) => None,
        }
    }

    /// Where the browser goes with these parameters, `state` returned as it came.
    fn back_with(&self, pairs: &[(&str, &str)]) -> Response {
        let Ok(mut uri) = url::Url::parse(&self.redirect_uri) else {
            return message(
                StatusCode::BAD_REQUEST,
                "An error has occurred",
                "The redirect URI included is not valid.",
            );
        };
        {
            let mut query = uri.query_pairs_mut();
            query.extend_pairs(pairs);
            if !self.state.is_empty() {
                query.append_pair("state", &self.state);
            }
        }
        (StatusCode::FOUND, [(http::header::LOCATION, uri.to_string())]).into_response()
    }
}

pub(super) async fn ask(
    Extension(emulator): Extension<Emulator>,
    OriginalUri(uri): OriginalUri,
    jar: CookieJar,
    Query(ask): Query<Ask>,
) -> Response {
    if let Some(why) = ask.refused(&emulator) {
        return message(StatusCode::UNAUTHORIZED, "An error has occurred", why);
    }
    let Some(user_id) = signed_in(&emulator, &jar) else {
        return signing_in(uri.path_and_query().map_or("/", |path| path.as_str()));
    };
    let state = emulator.state();
    let Some(user) = state.world.users.get(&user_id) else { return Redirect::to("/login").into_response() };
    let app = state.oauth.client(&ask.client_id).map(|client| client.name.clone()).unwrap_or_default();
    render(&ConsentPage {
        app,
        name: user.name.clone(),
        login: user.login.clone(),
        client_id: ask.client_id,
        redirect_uri: ask.redirect_uri,
        state: ask.state,
        code_challenge: ask.code_challenge.unwrap_or_default(),
        code_challenge_method: ask.code_challenge_method.unwrap_or_default(),
    })
}

pub(super) async fn answer(Extension(emulator): Extension<Emulator>, jar: CookieJar, Form(ask): Form<Ask>) -> Response {
    if let Some(why) = ask.refused(&emulator) {
        return message(StatusCode::UNAUTHORIZED, "An error has occurred", why);
    }
    let Some(user_id) = signed_in(&emulator, &jar) else { return Redirect::to("/login").into_response() };
    if ask.decision != "allow" {
        return ask.back_with(&[
            ("error", "access_denied"),
            ("error_description", "The resource owner or authorization server denied the request."),
        ]);
    }
    let code = issue_code(&emulator, &ask, user_id);
    if ask.redirect_uri == OUT_OF_BAND {
        return message(StatusCode::OK, "Authorization code", &code);
    }
    ask.back_with(&[("code", &code)])
}

fn issue_code(emulator: &Emulator, ask: &Ask, user_id: i64) -> String {
    let now = emulator.now();
    let mut state = emulator.state();
    let secret = state.secret();
    let challenge = ask.code_challenge.clone().filter(|challenge| state.switches.pkce_checked && !challenge.is_empty());
    let code = Code {
        client_id: ask.client_id.clone(),
        redirect_uri: ask.redirect_uri.clone(),
        user_id,
        expires_at: code_expiry(now),
        challenge,
    };
    state.oauth.new_code(secret, code)
}

fn message(status: StatusCode, title: &str, text: &str) -> Response {
    (status, render(&MessagePage { title: title.to_owned(), text: text.to_owned() })).into_response()
}
