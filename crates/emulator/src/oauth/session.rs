//! The emulator's own sign-in: a page, a cookie, nothing more.

use axum::Extension;
use axum::extract::{Form, Query};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use http::StatusCode;
use serde::Deserialize;

use crate::Emulator;
use crate::front::{LoginPage, render};

const COOKIE: &str = "procore_emulator_session";

/// The person whose browser this is.
pub(crate) fn signed_in(emulator: &Emulator, jar: &CookieJar) -> Option<i64> {
    emulator.state().oauth.sessions.get(jar.get(COOKIE)?.value()).copied()
}

/// The login page, which leads back to `next`.
pub(crate) fn signing_in(next: &str) -> Response {
    Redirect::to(&format!(
        "/login?{}",
        url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish()
    ))
    .into_response()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Next {
    next: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct SignIn {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn page(Extension(emulator): Extension<Emulator>, Query(Next { next }): Query<Next>) -> Response {
    render(&login_page(&emulator, &next, "", None))
}

pub(super) async fn sign_in(
    Extension(emulator): Extension<Emulator>,
    jar: CookieJar,
    Form(form): Form<SignIn>,
) -> Response {
    let mut state = emulator.state();
    let user = state.world.user_by_login(&form.login).filter(|u| u.password == form.password && !u.service_account);
    let Some(user_id) = user.map(|u| u.id) else {
        drop(state);
        let page = login_page(
            &emulator,
            &form.next,
            &form.login,
            Some("That e-mail address and password do not belong together."),
        );
        return (StatusCode::UNPROCESSABLE_ENTITY, render(&page)).into_response();
    };
    let secret = state.secret();
    state.oauth.sessions.insert(secret.clone(), user_id);
    let cookie = Cookie::build((COOKIE, secret)).path("/").http_only(true).same_site(SameSite::Lax).build();
    (jar.add(cookie), Redirect::to(own_path(&form.next))).into_response()
}

pub(super) async fn sign_out(Extension(emulator): Extension<Emulator>, jar: CookieJar) -> Response {
    if let Some(cookie) = jar.get(COOKIE) {
        emulator.state().oauth.sessions.remove(cookie.value());
    }
    (jar.remove(Cookie::build(COOKIE).path("/").build()), Redirect::to("/")).into_response()
}

/// Only paths of this server: a login form must not send people elsewhere.
fn own_path(next: &str) -> &str {
    if next.starts_with('/') && !next.starts_with("//") && !next.starts_with("/\\") { next } else { "/" }
}

fn login_page(emulator: &Emulator, next: &str, login: &str, error: Option<&'static str>) -> LoginPage {
    let state = emulator.state();
    let people = state.world.users.values().filter(|user| !user.service_account);
    LoginPage {
        next: next.to_owned(),
        login: login.to_owned(),
        error,
        people: people.map(|user| (user.login.clone(), user.name.clone())).collect(),
    }
}
