//! The page of an invitation link, for a company that uses the product already or a new one.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use axum_extra::extract::Form;
use domain::{OfficeId, PersonId};
use serde::Deserialize;
use store::repo::{
    company::Office,
    contract::{Invitation, Party},
};
use tower_http::limit::RequestBodyLimitLayer;

use crate::{
    App, Error, FieldErrors,
    account::{setup::Setup, sign_in},
    contracts::invitations::{self, OpenedLink, hint},
    serving::{
        filters, flash,
        forms::{self, STRANGERS_BODY},
        session::{self, SignedIn},
        views::Choice,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/invitations/{link}", get(page).post(accept)).layer(RequestBodyLimitLayer::new(STRANGERS_BODY))
}

/// The page of an invitation.
#[derive(Template)]
#[template(path = "contracts/templates/invitation.html")]
pub(crate) struct InvitationPage {
    /// The secret in the address.
    pub link: String,
    pub opened: OpenedLink,
    /// Who accepts: name, company and office; nothing for somebody new or signed out.
    pub accepts: Option<(String, String, Option<OfficeId>)>,
    pub typed: Acceptance,
    pub errors: FieldErrors,
}

/// What is posted: an office and a job number by somebody signed in, all of it by somebody new.
#[derive(Default, Deserialize)]
pub(crate) struct Acceptance {
    #[serde(flatten)]
    pub company: Setup,
    #[serde(default)]
    pub job_number: String,
}

impl InvitationPage {
    /// The offices to run the project from.
    fn offices(&self, own: Option<&OfficeId>) -> Vec<Choice> {
        let office =
            |office: &Office| Choice::new(office.id.to_string(), &office.name).chosen_if(Some(&office.id) == own);
        self.opened.offices.iter().map(office).collect()
    }

    fn sign_in_url(&self) -> String {
        session::and_back("/sign-in", &format!("/invitations/{}", self.link))
    }
}

async fn draw(
    app: &App,
    person: Option<&SignedIn>,
    link: &str,
    mut typed: Acceptance,
    errors: FieldErrors,
) -> Result<InvitationPage, Error> {
    let reader = person.map(|person| (&person.actor, person.email.as_str()));
    let opened = invitations::look(app, reader, link).await?;
    if let Some(found) = &opened.invitation
        && typed.company.company.is_empty()
    {
        typed.company.company.clone_from(&found.invited.name);
    }
    let accepts = person.map(|person| (person.actor.name.clone(), person.company_name.clone(), person.actor.office));
    Ok(InvitationPage { link: link.to_owned(), opened, accepts, typed, errors })
}

async fn page(State(app): State<App>, person: Option<SignedIn>, Path(link): Path<String>) -> Result<Response, Error> {
    forms::page(&draw(&app, person.as_ref(), &link, Acceptance::default(), FieldErrors::default()).await?)
}

/// Accepts for the signed-in person's company, or for one that begins; then also its Account Owner.
async fn take_the_place(
    app: &App,
    person: Option<&SignedIn>,
    link: &str,
    typed: &Acceptance,
) -> Result<(Invitation, Option<PersonId>), Error> {
    let Acceptance { company, job_number } = typed;
    if let Some(person) = person {
        let accepted = invitations::accept(app, &person.actor, link, &company.office, job_number).await?;
        return Ok((accepted, None));
    }
    let (accepted, owner) = invitations::accept_anew(app, link, company.clone(), job_number).await?;
    Ok((accepted, Some(owner)))
}

async fn accept(
    State(app): State<App>,
    person: Option<SignedIn>,
    Path(link): Path<String>,
    headers: HeaderMap,
    Form(typed): Form<Acceptance>,
) -> Result<Response, Error> {
    let person = person.as_ref();
    match take_the_place(&app, person, &link, &typed).await {
        Ok((invitation, owner)) => {
            let said = format!("You joined {} with {}.", invitation.project_name, invitation.inviter.name);
            let on = flash::done(&format!("/projects/{}", invitation.project), said);
            let Some(owner) = owner else { return Ok(on) };
            let browser = session::browser(&app, &headers);
            let entered = sign_in::enter(&app, owner, browser.as_deref()).await?;
            Ok((session::entered(&app, entered.session, entered.browser), on).into_response())
        }
        Err(Error::Invalid(errors)) => forms::again(&draw(&app, person, &link, typed, errors).await?),
        Err(error @ (Error::Conflict(_) | Error::Denied(_))) => {
            let mut page = draw(&app, person, &link, typed, FieldErrors::default()).await?;
            page.opened.refused = error.sentence();
            forms::again(&page)
        }
        Err(Error::NotFound) => Ok(Redirect::to(&format!("/invitations/{link}")).into_response()),
        Err(error) => Err(error),
    }
}
