//! What handlers of forms share.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse as _, Response},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::views::FormErrors;
use crate::{Error, FieldErrors};

/// The sentences of an action beside the fields of a view.
pub fn errors(errors: &FieldErrors) -> FormErrors {
    let mut shown = FormErrors::default();
    for (field, sentence) in &errors.0 {
        shown.add(field.clone(), sentence.clone());
    }
    shown
}

/// A page.
pub fn page(view: &impl Template) -> Result<Response, Error> {
    Ok(Html(view.render().map_err(Error::internal)?).into_response())
}

/// The form again, with what was typed and what needs mending.
pub fn again(view: &impl Template) -> Result<Response, Error> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(view)?).into_response())
}

/// Whether a new password was typed the same twice.
pub fn same_twice(password: &SecretString, again: &SecretString) -> Result<(), Error> {
    if password.expose_secret() == again.expose_secret() {
        Ok(())
    } else {
        Err(Error::invalid("password_again", "This isn't the same password."))
    }
}

/// The sentence of a failed action that leads back to a page with a notice, instead of to a page of its own; the rest
/// are problems.
pub fn notice(error: Error) -> Result<String, Error> {
    match error {
        Error::Internal(_) | Error::Unreadable(_) | Error::Storage(..) | Error::NotFound => Err(error),
        other => Ok(other.sentence()),
    }
}
