//! What handlers of forms share.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse as _, Response},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::views::FormErrors;
use crate::{Error, FieldErrors};

/// The sentences of an action beside the fields of a form.
pub fn errors(errors: &FieldErrors) -> FormErrors {
    errors.clone()
}

/// What a form refused, to be shown on it; what is no matter of its fields is a problem.
pub fn refused(error: Error) -> Result<FieldErrors, Error> {
    if let Error::Invalid(errors) = error { Ok(errors) } else { Err(error) }
}

/// The same, where any other failure is told at the form's top.
pub fn refused_or_told(error: Error) -> Result<FieldErrors, Error> {
    refused(error).or_else(|error| Ok(FieldErrors::one("", notice(error)?)))
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
