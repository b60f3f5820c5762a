//! What a person sent when their session had ended: kept on the way to the sign-in page, shown on the way back.

use askama::Template;
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, Method},
    middleware::Next,
    response::{IntoResponse as _, Response},
    routing::get,
};

use crate::{
    App, Error,
    account::unsent::{self, Cookies, DISCARDED, SentForm},
    serving::{
        flash, forms,
        problem_page::{PostedForm, written},
        session::{self, SignInFirst, SignedIn, Visitor},
        shell::{Page, shell},
        unsent::{self as shown, UNSENT_URL, Unsent},
        views::{NavItem, Shell},
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new().route(UNSENT_URL, get(show).post(discard))
}

/// Goes on with the request of somebody whose session is over, and keeps the form if it leads to the sign-in page.
pub(super) async fn keep(app: &App, came_with: Cookies, request: Request, next: Next) -> Response {
    let fragment = request.headers().contains_key("hx-request");
    let url = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let (request, fields) = shown::read(request).await;
    let mut response = next.run(request).await;
    let (Some(fields), Some(SignInFirst { back })) = (fields, response.extensions_mut().remove()) else {
        return response;
    };
    let page = if back == "/" { UNSENT_URL.to_owned() } else { back };
    match unsent::keep(app, &came_with, SentForm { page: page.clone(), url, fields }).await {
        Ok(Some(token)) => {
            (shown::begin(app, token), session::first(&session::sign_in_url(&page, true), fragment)).into_response()
        }
        Ok(None) => response,
        Err(error) => {
            tracing::warn!(%error, "what was sent after a session's end could not be kept");
            response
        }
    }
}

/// Goes on with the request of somebody who has something unsent: the page shows it, and sending it again ends that.
pub(super) async fn bring(app: &App, visitor: Visitor, token: &str, mut request: Request, next: Next) -> Response {
    let Some(person) = visitor.signed_in().map(|person| person.actor.person) else { return next.run(request).await };
    let form = unsent::of(app, person, token).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "what was kept of an ended session can't be read");
        None
    });
    let unsent = form.map(|form| Unsent { form, filled: false });
    let address = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let sent = request.method() == Method::POST && unsent.as_ref().is_some_and(|unsent| unsent.form.url == address);
    request.extensions_mut().insert(visitor.with(unsent.filter(|unsent| unsent.belongs_to(&address) && !sent)));
    let response = next.run(request).await;
    if !sent || !response.status().is_redirection() {
        return response;
    }
    if let Err(error) = unsent::forget(app, person, token).await {
        tracing::warn!(%error, "what was kept of an ended session could not be forgotten");
    }
    (shown::end(app), response).into_response()
}

/// What was sent, by itself: for what the page has no field for, and for browsers without a script. The form posts it unchanged.
#[derive(Template)]
#[template(path = "account/templates/unsent.html")]
pub(crate) struct UnsentPage {
    pub shell: Shell,
    /// What was written, a field a line.
    pub written: String,
    pub again: PostedForm,
    /// The page where it was filled in.
    pub page: String,
}

async fn show(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    let unsent = person.unsent.as_ref().ok_or(Error::NotFound)?;
    let again = PostedForm { url: unsent.form.url.clone(), fields: unsent.fields() };
    let frame = shell(&app, &person, Page::new("Not saved yet", NavItem::Elsewhere)).await?;
    forms::page(&UnsentPage {
        shell: Shell { unsent: None, ..frame },
        written: written(&again),
        again,
        page: unsent.form.page.clone(),
    })
}

async fn discard(State(app): State<App>, person: SignedIn, headers: HeaderMap) -> Result<Response, Error> {
    let Some(unsent) = &person.unsent else { return Ok(flash::info("/", DISCARDED)) };
    let back = if unsent.form.page == UNSENT_URL { "/projects" } else { unsent.form.page.as_str() };
    if let Some(token) = shown::token(&headers) {
        unsent::forget(&app, person.actor.person, &token).await?;
    }
    Ok((shown::end(&app), flash::info(back, DISCARDED)).into_response())
}
