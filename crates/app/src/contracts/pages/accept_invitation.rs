//! The page of an invitation link, for a company that uses the product already or a new one.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use axum_extra::extract::Form;
use domain::PersonId;
use serde::Deserialize;
use store::repo::contract::{Invitation, Party};
use tower_http::limit::RequestBodyLimitLayer;
use url::form_urlencoded;

use crate::{
    App, Error, FieldErrors,
    account::{setup::Setup, sign_in},
    contracts::invitations,
    serving::{
        filters, flash, forms,
        guard::STRANGERS_BODY,
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
    /// Nothing once it was used or renewed.
    pub invitation: Option<Invitation>,
    /// Who accepts: name and company; nothing for somebody new or signed out.
    pub accepts: Option<(String, String)>,
    /// The offices to run the project from, for somebody signed in.
    pub offices: Vec<Choice>,
    /// Why it can't be accepted; empty when it can.
    pub refused: String,
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
    fn sign_in_url(&self) -> String {
        let back = format!("/invitations/{}", self.link);
        format!("/sign-in?next={}", form_urlencoded::byte_serialize(back.as_bytes()).collect::<String>())
    }
}

async fn draw(
    app: &App,
    person: Option<&SignedIn>,
    link: &str,
    mut typed: Acceptance,
    errors: FieldErrors,
) -> Result<InvitationPage, Error> {
    let invitation = match invitations::open(app, link).await {
        Ok(found) => Some(found),
        Err(Error::NotFound) => None,
        Err(error) => return Err(error),
    };
    let (mut refused, mut offices) = (String::new(), Vec::new());
    if let Some(found) = &invitation {
        refused =
            invitations::refused(found, person.map(|person| person.email.as_str()), app.now()).unwrap_or_default();
        for (field, known) in
            [(&mut typed.company.company, &found.invited.name), (&mut typed.company.email, &found.email)]
        {
            if field.is_empty() {
                field.clone_from(known);
            }
        }
        if let Some(person) = person {
            offices = invitations::offices(app, &person.actor).await?;
            if person.actor.company == found.inviter.id {
                "This link is for the other company. Send it to them.".clone_into(&mut refused);
            } else if refused.is_empty() && offices.is_empty() {
                "Only your Account Owner, an Admin or a Project Manager can accept it.".clone_into(&mut refused);
            }
        }
    } else {
        "This link was used already or replaced by a newer one. Ask the sender for a new one.".clone_into(&mut refused);
    }
    let own = person.and_then(|person| person.actor.office);
    let office = |office: store::repo::company::Office| {
        Choice::new(office.id.to_string(), office.name).chosen_if(Some(office.id) == own)
    };
    Ok(InvitationPage {
        link: link.to_owned(),
        invitation,
        accepts: person.map(|person| (person.actor.name.clone(), person.company_name.clone())),
        offices: offices.into_iter().map(office).collect(),
        refused,
        typed,
        errors,
    })
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
    Form(typed): Form<Acceptance>,
) -> Result<Response, Error> {
    let person = person.as_ref();
    match take_the_place(&app, person, &link, &typed).await {
        Ok((invitation, owner)) => {
            let said = format!("You joined {} with {}.", invitation.project_name, invitation.inviter.name);
            let on = flash::done(&format!("/projects/{}", invitation.project), said);
            let Some(owner) = owner else { return Ok(on) };
            let token = sign_in::begin_session(&app, owner).await?;
            Ok((session::begin(&app, token), on).into_response())
        }
        Err(Error::Invalid(errors)) => forms::again(&draw(&app, person, &link, typed, errors).await?),
        Err(error @ (Error::Conflict(_) | Error::Denied(_))) => {
            let page = draw(&app, person, &link, typed, FieldErrors::default()).await?;
            forms::again(&InvitationPage { refused: error.sentence(), ..page })
        }
        Err(Error::NotFound) => Ok(Redirect::to(&format!("/invitations/{link}")).into_response()),
        Err(error) => Err(error),
    }
}
