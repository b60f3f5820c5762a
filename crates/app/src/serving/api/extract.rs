//! Extracts ids, queries and bodies from requests; refusals are problems.

use axum::{
    extract::{FromRequest, FromRequestParts, Path, Request, rejection::JsonRejection},
    http::request::Parts,
};
use axum_extra::extract::Query;
use serde::de::DeserializeOwned;

use super::problem::Problem;
use crate::App;

/// The id in the path. A malformed id is not found.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, app).await;
        path.map(|Path(id)| Self(id)).map_err(|_| Problem::not_found())
    }
}

/// The query. Unknown parameters are refused: a misspelled filter must not show everything.
#[derive(Debug)]
pub struct Parameters<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, app).await;
        let refused = |error: axum_extra::extract::QueryRejection| {
            let text = error.body_text();
            let (_, reason) = text.split_once(": ").unwrap_or(("", &text));
            match reason.split_once(": ") {
                // One of several is called `status[1]`.
                Some((name, sentence)) => Problem::parameter(name.split('[').next().unwrap_or(name), sentence),
                None => Problem::of(axum::http::StatusCode::UNPROCESSABLE_ENTITY).saying(reason),
            }
        };
        query.map(|Query(query)| Self(query)).map_err(refused)
    }
}

/// A JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        match axum::Json::<T>::from_request(request, app).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(JsonRejection::JsonDataError(error)) => Err(misshapen(&error.body_text())),
            Err(JsonRejection::JsonSyntaxError(error)) => {
                Err(Problem::of(error.status()).saying(reason(&error.body_text())))
            }
            Err(other) => Err(Problem::of(other.status())),
        }
    }
}

/// The parser's message without its preamble.
fn reason(text: &str) -> &str {
    text.split_once(": ").map_or(text, |(_, reason)| reason)
}

/// JSON of the wrong shape: `lines[0].amount: invalid type: …`.
fn misshapen(text: &str) -> Problem {
    let reason = reason(text);
    match reason.split_once(": ") {
        Some((path, sentence)) if !path.contains(' ') => {
            Problem::field(&path.replace(['.', '['], "/").replace(']', ""), sentence)
        }
        _ => Problem::of(axum::http::StatusCode::UNPROCESSABLE_ENTITY).saying(reason),
    }
}
