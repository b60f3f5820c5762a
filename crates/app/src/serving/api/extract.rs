//! Extracts ids, queries and bodies from requests; refusals are problems.

use axum::{
    Json,
    extract::{
        FromRequest, FromRequestParts, Path,
        rejection::{JsonRejection, PathRejection},
    },
    http::StatusCode,
};
use axum_extra::extract::{Query, QueryRejection};
use serde::{Deserialize, Deserializer};

use super::problem::Problem;

/// The id in the path. A malformed id is not found.
#[derive(Debug, FromRequestParts)]
#[from_request(via(Path), rejection(Problem))]
pub struct Id<T>(pub T);

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        Self::not_found()
    }
}

/// The query. Unknown parameters are refused: a misspelled filter must not show everything.
#[derive(Debug, FromRequestParts)]
#[from_request(via(Query), rejection(Problem))]
pub struct Parameters<T>(pub T);

impl From<QueryRejection> for Problem {
    fn from(error: QueryRejection) -> Self {
        let text = error.body_text();
        let reason = reason(&text);
        match reason.split_once(": ") {
            // One of several is called `status[1]`.
            Some((name, sentence)) => Self::parameter(name.split('[').next().unwrap_or(name), sentence),
            None => Self::of(StatusCode::UNPROCESSABLE_ENTITY).saying(reason),
        }
    }
}

/// Reads a parameter that may be left out. An empty one is not left out: a program that fills in nothing by mistake must not
/// be shown everything.
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// A JSON body.
#[derive(Debug, FromRequest)]
#[from_request(via(Json), rejection(Problem))]
pub struct Body<T>(pub T);

impl From<JsonRejection> for Problem {
    fn from(error: JsonRejection) -> Self {
        match error {
            JsonRejection::JsonDataError(error) => misshapen(&error.body_text()),
            JsonRejection::JsonSyntaxError(error) => Self::of(error.status()).saying(syntax(&error.body_text())),
            other => Self::of(other.status()),
        }
    }
}

/// Why a body is no JSON.
fn syntax(text: &str) -> String {
    let reason = reason(text);
    if reason.contains("surrogate") || reason.contains("hex escape") {
        return format!("A text holds half a character, such as \\ud800 alone. Send the whole character. ({reason})");
    }
    reason.to_owned()
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
        _ => Problem::of(StatusCode::UNPROCESSABLE_ENTITY).saying(reason),
    }
}
