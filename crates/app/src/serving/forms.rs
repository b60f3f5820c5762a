//! What handlers of forms share.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse as _, Response},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::flash;
use crate::{Error, FieldErrors};

/// The largest form: a COR of a thousand lines is a tenth of it.
pub(crate) const LARGEST_BODY: usize = 2 << 20;

/// The largest form of somebody who has not signed in.
pub(crate) const STRANGERS_BODY: usize = 32 << 10;

/// The refused fields, to show on the form; any other failure stays an error.
pub fn refused(error: Error) -> Result<FieldErrors, Error> {
    if let Error::Invalid(errors) = error { Ok(errors) } else { Err(error) }
}

/// The same, but other failures with a sentence appear at the top of the form.
pub fn refused_or_told(error: Error) -> Result<FieldErrors, Error> {
    refused(error).or_else(|error| Ok(FieldErrors::one("", notice(error)?)))
}

/// A page.
pub fn page(view: &impl Template) -> Result<Response, Error> {
    Ok(Html(view.render().map_err(Error::internal)?).into_response())
}

/// The form again, with what was typed and what needs mending.
pub fn again(view: &impl Template) -> Result<Response, Error> {
    Ok(unprocessable(page(view)?))
}

/// A page on which a form was refused.
pub fn unprocessable(page: Response) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// Redirects to `url` with a notice: what was done, or why it was not.
pub fn done_or_failed(done: Result<impl Into<String>, Error>, url: &str) -> Result<Response, Error> {
    Ok(match done {
        Ok(text) => flash::done(url, text),
        Err(error) => flash::failed(url, notice(error)?),
    })
}

/// Redirects to `url` with a notice that it was done, or draws the form again with what needs mending.
pub async fn done_or_again<V: Template>(
    done: Result<(), Error>,
    url: &str,
    text: &str,
    draw: impl AsyncFnOnce(FieldErrors) -> Result<V, Error>,
) -> Result<Response, Error> {
    match done {
        Ok(()) => Ok(flash::done(url, text)),
        Err(error) => again(&draw(refused_or_told(error)?).await?),
    }
}

/// Whether a new password was typed the same twice.
pub fn same_twice(password: &SecretString, again: &SecretString) -> Result<(), Error> {
    if password.expose_secret() == again.expose_secret() {
        Ok(())
    } else {
        Err(Error::invalid("password_again", "This isn't the same password."))
    }
}

/// A failed action's sentence for a notice. Failures that need a page of their own stay errors.
pub fn notice(error: Error) -> Result<String, Error> {
    match error {
        Error::Internal(_) | Error::Unreadable(_) | Error::Storage(..) | Error::NotFound => Err(error),
        other => Ok(other.sentence()),
    }
}
