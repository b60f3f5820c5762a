//! What belongs to the signed-in person alone: their password.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
    routing::get,
};
use axum_extra::extract::Form;
use secrecy::SecretString;
use serde::Deserialize;

use crate::{
    App, Error, FieldErrors,
    account::{
        api_tokens,
        sign_in::{self, Tokens},
    },
    serving::{
        flash, forms,
        session::{self, AnyPassword, PASSWORD_URL, SignedIn, local_path},
        shell::{Page, shell},
        views::{NavItem, Shell},
    },
};

/// Posts `old_password`, `password`, `password_again`, `next` and, where the box is ticked, `revoke`.
#[derive(Template)]
#[template(path = "account/templates/password.html")]
pub(crate) struct PasswordPage {
    pub shell: Shell,
    /// Somebody else made the password they have.
    pub temporary: bool,
    /// For password managers: whose it is.
    pub email: String,
    pub next: String,
    /// Names of their API tokens that work, which they may have revoked with it.
    pub tokens: Vec<String>,
    pub errors: FieldErrors,
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route(PASSWORD_URL, get(page).post(change))
}

#[derive(Deserialize)]
struct CameFrom {
    #[serde(default)]
    next: String,
}

async fn page(
    State(app): State<App>,
    AnyPassword(person): AnyPassword,
    Query(from): Query<CameFrom>,
) -> Result<Response, Error> {
    forms::page(&draw(&app, &person, &from.next, FieldErrors::default()).await?)
}

async fn draw(app: &App, person: &SignedIn, next: &str, errors: FieldErrors) -> Result<PasswordPage, Error> {
    let frame = shell(app, person, Page::new("Your password", NavItem::Elsewhere)).await?;
    Ok(PasswordPage {
        // A temporary password leads nowhere else.
        shell: if person.password_temporary { Shell { nav: None, ..frame } } else { frame },
        temporary: person.password_temporary,
        tokens: api_tokens::live(app, &person.actor).await?.into_iter().map(|token| token.name).collect(),
        email: person.email.clone(),
        next: if next.is_empty() { "/projects".to_owned() } else { local_path(next).to_owned() },
        errors,
    })
}

#[derive(Deserialize)]
struct NewPassword {
    old_password: SecretString,
    password: SecretString,
    password_again: SecretString,
    #[serde(default)]
    next: String,
    /// Set where the box is ticked.
    #[serde(default)]
    revoke: String,
}

async fn change(
    State(app): State<App>,
    AnyPassword(person): AnyPassword,
    headers: HeaderMap,
    Form(typed): Form<NewPassword>,
) -> Result<Response, Error> {
    let token = session::token(&app, &headers).ok_or(Error::NotFound)?;
    let changed = match forms::same_twice(&typed.password, &typed.password_again) {
        Ok(()) => {
            let tokens = if typed.revoke.is_empty() { Tokens::Keep } else { Tokens::Revoke };
            sign_in::change_password(&app, &person.email, &token, typed.old_password, typed.password, tokens).await
        }
        Err(error) => Err(error),
    };
    match changed {
        Ok(()) => {
            let next = if typed.next.is_empty() { "/projects" } else { local_path(&typed.next) };
            Ok(flash::done(next, "Your password is changed. You are signed out everywhere else."))
        }
        Err(error) => forms::again(&draw(&app, &person, &typed.next, forms::refused(error)?).await?),
    }
}
