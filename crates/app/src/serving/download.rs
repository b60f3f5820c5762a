//! Files to save.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};

use crate::Error;

/// A file to save, named after `name` in plain characters.
pub fn file(name: &str, ending: &str, kind: &'static str, body: impl Into<Body>) -> Result<Response, Error> {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let named = format!("attachment; filename=\"{}.{ending}\"", plain.trim_matches('-'));
    let named = HeaderValue::from_str(&named).map_err(Error::internal)?;
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(kind)), (header::CONTENT_DISPOSITION, named)];
    Ok((headers, body.into()).into_response())
}
