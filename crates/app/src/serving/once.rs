//! A form that makes something makes it once, however often it is posted: by a double click, a reload, or on the way back.
//!
//! The form carries a random text of its own. What the form makes and its answer, by a digest of all that was posted, are one
//! transaction, as for calls with an `Idempotency-Key`. So a form that is refused, or changed on the way back, is another one.
//! Only forms that ask nobody outside may be made so: what was stored before an outside call must not be undone with the rest.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest as _, MatchedPath, Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use domain::role::Actor;
use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};
use store::{StoreError, repo::posted_form::FormAnswer};

use super::{
    flash::{self, Flash},
    session::Visitor,
};
use crate::{App, Error};

/// The field with the form's own text.
const FIELD: &str = "once";
/// How long a form is remembered.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// The second posting of a form whose first one made something that is shown once.
pub const MADE_BEFORE: &str =
    "It is made already. What was shown once isn’t shown again; make a new one if you missed it.";

/// A form, or a call with a key, that doesn't come to its end.
pub(super) enum Ended {
    /// It was answered without making anything.
    Answered(Response),
    /// The database failed.
    Failed(Error),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// The instance, and the routes whose forms make something once.
#[derive(Clone)]
pub(crate) struct MadeOnce {
    pub app: App,
    pub routes: &'static [&'static str],
}

/// Lets a form with a text of its own make something once.
pub(crate) async fn once(State(MadeOnce { app, routes }): State<MadeOnce>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    if !route.is_some_and(|route| routes.contains(&route.as_str())) {
        return next.run(request).await;
    }
    let actor = Visitor::of(request.extensions()).signed_in().map(|person| person.actor.clone());
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_form = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    let Some(actor) = actor.filter(|_| is_form && *request.method() == Method::POST) else {
        return next.run(request).await;
    };
    let (head, body) = request.into_parts();
    let address = head.uri.to_string();
    let body = match Bytes::from_request(Request::from_parts(head.clone(), body), &app).await {
        Ok(body) => body,
        Err(cut) => return cut.into_response(),
    };
    let digest = digest(&address, &body);
    let request = move || Request::from_parts(head.clone(), Body::from(body.clone()));
    let Some(form) = digest else { return next.run(request()).await };
    match posted(&app, &actor, form, request, next).await {
        Ok(response) | Err(Ended::Answered(response)) => response,
        Err(Ended::Failed(error)) => error.into_response(),
    }
}

/// What tells a posted form from every other, if it carries its own text.
fn digest(address: &str, body: &[u8]) -> Option<[u8; 32]> {
    url::form_urlencoded::parse(body).find(|(name, text)| name == FIELD && !text.is_empty())?;
    // No address contains the line's end.
    Some(Sha256::new().chain_update(address).chain_update(b"\n").chain_update(body).finalize().into())
}

async fn posted(
    app: &App,
    actor: &Actor,
    form: [u8; 32],
    request: impl Fn() -> Request,
    next: Next,
) -> Result<Response, Ended> {
    let (company, now) = (actor.company, app.now());
    app.store.write(move |tx| tx.of(company).sweep_forms(now - KEPT_FOR)).await?;
    app.store
        .whole(|| {
            let (app, actor) = (app.clone(), actor.clone());
            let (request, next) = (request(), next.clone());
            async move { claimed(&app, &actor, form, request, next).await }
        })
        .await
}

/// Within the transaction: the claim, what the form does, its answer.
async fn claimed(app: &App, actor: &Actor, form: [u8; 32], request: Request, next: Next) -> Result<Response, Ended> {
    let (company, person, now) = (actor.company, actor.person, app.now());
    let before = app.store.write(move |tx| tx.of(company).claim_form(person, &form, now)).await?;
    if let Some(before) = before {
        return Err(Ended::Answered(flash::done(&before.location, before.notice)));
    }
    let response = next.run(request).await;
    let location = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).map(ToOwned::to_owned);
    let (StatusCode::SEE_OTHER, Some(location)) = (response.status(), location) else {
        return Err(Ended::Answered(response));
    };
    let notice = match response.extensions().get::<Flash>() {
        Some(flash) if !flash.is_good() => return Err(Ended::Answered(response)),
        Some(Flash { made: Some(_), .. }) => MADE_BEFORE.to_owned(),
        Some(flash) => flash.text.clone(),
        None => String::new(),
    };
    let answer = FormAnswer { location, notice };
    app.store.write(move |tx| tx.of(company).keep_form(person, &form, &answer)).await?;
    Ok(response)
}
