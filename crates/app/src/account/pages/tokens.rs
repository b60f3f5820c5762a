//! Settings → API tokens.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::{ApiTokenId, PersonId};
use jiff::Timestamp;
use store::repo::api_token::ApiToken;

use crate::{
    App, Error, FieldErrors,
    account::api_tokens::{self, Life, TokenInput, over, soon},
    serving::{
        filters, flash, forms,
        session::SignedIn,
        shell::shell,
        tabs,
        views::{ActionLink, Choice, Shell},
    },
};

const URL: &str = "/settings/tokens";
/// A token was made.
const TOKEN_MADE: &str = "The token is made. Copy it now: it is shown only once.";

pub(crate) fn routes() -> Router<App> {
    Router::new().route(URL, get(page).post(make)).route("/settings/tokens/{token}/revoke", post(revoke))
}

/// The tokens and the form that makes one, which posts the fields of [`TokenInput`].
#[derive(Template)]
#[template(path = "account/templates/tokens.html")]
pub(crate) struct TokensPage {
    pub shell: Shell,
    pub tokens: Vec<ApiToken>,
    pub reader: PersonId,
    pub now: Timestamp,
    /// The token just made, shown this once.
    pub made: Option<String>,
    pub typed: TokenInput,
    pub errors: FieldErrors,
}

impl TokensPage {
    fn lives(&self) -> Vec<Choice> {
        Life::ALL.into_iter().map(|life| Choice::of(&life.days(), life.name(), &self.typed.days)).collect()
    }

    fn revoke(token: &ApiToken) -> ActionLink {
        ActionLink::May(format!("{URL}/{}/revoke", token.id))
    }
}

async fn draw(app: &App, person: &SignedIn, typed: TokenInput, errors: FieldErrors) -> Result<TokensPage, Error> {
    Ok(TokensPage {
        tokens: api_tokens::list(app, &person.actor).await?,
        shell: shell(app, person, tabs::settings_page(person, "API tokens")?).await?,
        reader: person.actor.person,
        now: app.now(),
        made: person.made::<ApiTokenId>().map(|(_, token)| token),
        typed,
        errors,
    })
}

async fn page(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    forms::page(&draw(&app, &person, TokenInput::default(), FieldErrors::default()).await?)
}

async fn make(State(app): State<App>, person: SignedIn, Form(typed): Form<TokenInput>) -> Result<Response, Error> {
    match api_tokens::make(&app, &person.actor, typed.clone()).await {
        Ok(made) => Ok(flash::made(URL, TOKEN_MADE, made.id, made.token)),
        Err(error) => forms::again(&draw(&app, &person, typed, forms::refused(error)?).await?),
    }
}

async fn revoke(State(app): State<App>, person: SignedIn, Path(id): Path<ApiTokenId>) -> Result<Response, Error> {
    api_tokens::revoke(&app, &person.actor, id).await?;
    Ok(flash::done(URL, "The token is revoked. Programs that use it are refused from now on."))
}
