//! The page behind an invitation link: a company that is here accepts, or one begins with it.

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use axum_extra::extract::Form;
use domain::PersonId;
use secrecy::SecretString;
use serde::Deserialize;
use store::repo::contract::Party;
use tower_http::limit::RequestBodyLimitLayer;
use url::form_urlencoded;

use crate::{
    App, Error,
    account::{setup, sign_in},
    contracts::{invitations, views::Invitation},
    serving::{
        flash, forms,
        guard::STRANGERS_BODY,
        session::{self, SignedIn},
        views::Choice,
        words,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/invitations/{link}", get(page).post(accept)).layer(RequestBodyLimitLayer::new(STRANGERS_BODY))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    office: String,
    job: String,
    company: String,
    name: String,
    email: String,
    password: Option<SecretString>,
}

async fn view(app: &App, person: Option<&SignedIn>, link: &str, typed: &Typed) -> Result<Invitation, Error> {
    let action_url = format!("/invitations/{link}");
    let found = match invitations::open(app, link).await {
        Ok(found) => found,
        Err(Error::NotFound) => {
            return Ok(Invitation {
                project: "This invitation is over".to_owned(),
                inviter: "Somebody".to_owned(),
                to_do: "share".to_owned(),
                contract: "a project".to_owned(),
                refused: "The link was used already, or a newer one was made. Ask whoever sent it for a new one."
                    .to_owned(),
                ..Invitation::default()
            });
        }
        Err(error) => return Err(error),
    };
    let inviter = found.inviter.clone();
    let mut view = Invitation {
        sign_in_url: format!(
            "/sign-in?next={}",
            form_urlencoded::byte_serialize(action_url.as_bytes()).collect::<String>()
        ),
        action_url,
        inviter: found.inviter.name.clone(),
        to_do: match found.party {
            Party::Contractor => "send your change order requests for",
            Party::Customer => "receive the change order requests of",
        }
        .to_owned(),
        project: found.project_name.clone(),
        contract: found.contract_name.clone(),
        company: if typed.company.is_empty() { found.invited.name.clone() } else { typed.company.clone() },
        office: typed.office.clone(),
        job: typed.job.clone(),
        name: typed.name.clone(),
        email: if typed.email.is_empty() { found.email.clone() } else { typed.email.clone() },
        meant_for: found.email.clone(),
        until: found.until.map(words::day).unwrap_or_default(),
        refused: invitations::refused(&found, person.map(|person| person.email.as_str()), app.now())
            .unwrap_or_default(),
        ..Invitation::default()
    };
    if let Some(person) = person {
        view.as_whom = Some(format!("{}, {}", person.actor.name, person.company_name));
        let offices = invitations::offices(app, &person.actor).await?;
        let own = person.actor.office;
        view.offices = offices
            .into_iter()
            .map(|office| (Some(office.id) == own, Choice::new(office.id.to_string(), office.name)))
            .map(|(own, choice)| if own { choice.chosen() } else { choice })
            .collect();
        if person.actor.company == inviter.id {
            "This link is for the other company. Send it to them.".clone_into(&mut view.refused);
        } else if view.refused.is_empty() && view.offices.is_empty() {
            "Only your Account Owner, an Admin or a Project Manager can accept it.".clone_into(&mut view.refused);
        }
    }
    Ok(view)
}

async fn page(State(app): State<App>, person: Option<SignedIn>, Path(link): Path<String>) -> Result<Response, Error> {
    forms::page(&view(&app, person.as_ref(), &link, &Typed::default()).await?)
}

/// Accepts for the signed-in person's company, or for one that begins; then also its Account Owner.
async fn take_the_place(
    app: &App,
    person: Option<&SignedIn>,
    link: &str,
    typed: &Typed,
) -> Result<(store::repo::contract::Invitation, Option<PersonId>), Error> {
    if let Some(person) = person {
        let accepted = invitations::accept(app, &person.actor, link, &typed.office, &typed.job).await?;
        return Ok((accepted, None));
    }
    let input = setup::Setup {
        company: typed.company.clone(),
        office: typed.office.clone(),
        name: typed.name.clone(),
        email: typed.email.clone(),
        password: typed.password.clone().unwrap_or_default(),
    };
    let (accepted, owner) = invitations::accept_anew(app, link, input, &typed.job).await?;
    Ok((accepted, Some(owner)))
}

async fn accept(
    State(app): State<App>,
    person: Option<SignedIn>,
    Path(link): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    match take_the_place(&app, person.as_ref(), &link, &typed).await {
        Ok((invitation, owner)) => {
            let said = format!("You are on {} now, with {}.", invitation.project_name, invitation.inviter.name);
            let on = flash::done(&format!("/projects/{}", invitation.project), said);
            let Some(owner) = owner else { return Ok(on) };
            let token = sign_in::begin_session(&app, owner).await?;
            Ok((session::begin(&app, token), on).into_response())
        }
        Err(Error::Invalid(errors)) => {
            let view = view(&app, person.as_ref(), &link, &typed).await?;
            forms::again(&Invitation { errors: forms::errors(&errors), ..view })
        }
        Err(error @ (Error::Conflict(_) | Error::Denied(_))) => {
            let view = view(&app, person.as_ref(), &link, &typed).await?;
            forms::again(&Invitation { refused: error.sentence(), ..view })
        }
        Err(Error::NotFound) => Ok(Redirect::to(&format!("/invitations/{link}")).into_response()),
        Err(error) => Err(error),
    }
}
