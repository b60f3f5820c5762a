//! The company's people.

use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::{OfficeId, PersonId, role::Role};
use serde::Deserialize;

use super::settings;
use crate::{
    App, Error,
    company::{
        offices, people,
        views::{PeopleList, PersonPage, PersonRow},
    },
    projects,
    serving::{
        flash, forms,
        session::SignedIn,
        shell::shell,
        views::{Choice, Deed, Pill, Text, Tone},
        words,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/settings/people", get(list).post(add))
        .route("/settings/people/{person}", get(open).post(change))
        .route("/settings/people/{person}/disable", post(disable))
        .route("/settings/people/{person}/enable", post(enable))
        .route("/settings/people/{person}/password", post(renew_password))
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Typed {
    name: String,
    email: String,
    role: String,
    office: String,
    project: Vec<String>,
}

impl From<Typed> for people::Typed {
    fn from(typed: Typed) -> Self {
        Self { name: typed.name, email: typed.email, role: typed.role, office: typed.office, projects: typed.project }
    }
}

/// What the drop-downs and tick boxes offer, with what is chosen.
struct Offered {
    roles: Vec<Choice>,
    offices: Vec<Choice>,
    projects: Vec<Choice>,
}

async fn offered(app: &App, person: &SignedIn, typed: &Typed) -> Result<Offered, Error> {
    let actor = &person.actor;
    let mark = |choice: Choice, chosen: bool| if chosen { choice.chosen() } else { choice };
    let roles = Role::ALL.into_iter().filter(|role| actor.may_grant(*role).is_ok());
    let offices = offices::list(app, actor).await?.into_iter().map(|summary| summary.office);
    let projects = projects::list(app, actor).await?.into_iter().map(|summary| summary.project);
    Ok(Offered {
        roles: roles.map(|role| mark(Choice::new(role.code(), role.name()), typed.role == role.code())).collect(),
        offices: offices
            .filter(|office| actor.may_manage_people(office.id).is_ok())
            .map(|office| (office.id.to_string(), office.name))
            .map(|(id, name)| mark(Choice::new(id.clone(), name), typed.office == id))
            .collect(),
        projects: projects
            .map(|project| (project.id.to_string(), project.name))
            .map(|(id, name)| mark(Choice::new(id.clone(), name), typed.project.contains(&id)))
            .collect(),
    })
}

async fn people_list(app: &App, person: &SignedIn, typed: &Typed) -> Result<PeopleList, Error> {
    let page = settings::page(person, "People")?;
    let allowed = person.actor.may_manage_people(person.actor.office.unwrap_or(OfficeId(uuid::Uuid::nil())));
    let people = match allowed {
        Ok(()) => people::list(app, &person.actor).await?,
        Err(_) => Vec::new(),
    };
    let Offered { roles, offices, projects } = offered(app, person, typed).await?;
    Ok(PeopleList {
        shell: shell(app, person, page).await?,
        heading: person.company_name.clone(),
        tabs: settings::tabs("people"),
        people: people.into_iter().map(row).collect(),
        add: words::deed(allowed, "/settings/people"),
        name: typed.name.clone(),
        email: typed.email.clone(),
        roles,
        offices,
        projects,
        ..PeopleList::default()
    })
}

fn row(person: store::repo::person::Person) -> PersonRow {
    PersonRow {
        url: format!("/settings/people/{}", person.id),
        projects: match person.role {
            Role::AccountOwner => "All".to_owned(),
            Role::Admin => "All of the office".to_owned(),
            _ => words::count(person.projects, "project", "projects"),
        },
        name: person.name,
        email: person.email,
        role: person.role.name().to_owned(),
        office: person.office_name,
        state: match person.disabled_at {
            None => Pill::new(Tone::Good, "Active"),
            Some(at) => Pill::new(Tone::Quiet, Text::from("Disabled ").day(at)),
        },
    }
}

/// The form before anything is typed: the commonest role, in the reader's own office.
fn blank(person: &SignedIn) -> Typed {
    Typed {
        role: Role::ProjectManager.code().to_owned(),
        office: person.actor.office.map(|office| office.to_string()).unwrap_or_default(),
        ..Typed::default()
    }
}

async fn list(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    forms::page(&people_list(&app, &person, &blank(&person)).await?)
}

/// Answers with the page itself: the temporary password is on it this once.
async fn add(State(app): State<App>, person: SignedIn, Form(typed): Form<Typed>) -> Result<Response, Error> {
    match people::add(&app, &person.actor, typed.clone().into()).await {
        Ok(added) => {
            let view = people_list(&app, &person, &blank(&person)).await?;
            let made = Some((typed.name.trim().to_owned(), added.password));
            forms::page(&PeopleList { made, ..view })
        }
        Err(Error::Invalid(errors)) => {
            let view = people_list(&app, &person, &typed).await?;
            forms::again(&PeopleList { errors: forms::errors(&errors), ..view })
        }
        Err(error) => Err(error),
    }
}

async fn person_page(app: &App, person: &SignedIn, id: PersonId, typed: Option<&Typed>) -> Result<PersonPage, Error> {
    let page = settings::page(person, "Person")?;
    let (shown, assigned) = people::open(app, &person.actor, id).await?;
    let stored = Typed {
        name: shown.name.clone(),
        email: shown.email.clone(),
        role: shown.role.code().to_owned(),
        office: shown.office.map(|office| office.to_string()).unwrap_or_default(),
        project: assigned.iter().map(ToString::to_string).collect(),
    };
    let typed = typed.unwrap_or(&stored);
    let Offered { roles, offices, projects } = offered(app, person, typed).await?;
    let base = format!("/settings/people/{id}");
    let page = page.called(&shown.name).under("Settings", "/settings/offices").under("People", "/settings/people");
    let enabled = shown.disabled_at.is_none();
    Ok(PersonPage {
        shell: shell(app, person, page).await?,
        heading: shown.name,
        email: shown.email,
        action_url: base.clone(),
        name: typed.name.clone(),
        roles,
        offices,
        projects,
        disabled: shown.disabled_at.map(|at| Text::from("Can't sign in since ").day(at).and(".")).unwrap_or_default(),
        disable: match enabled {
            true if id == person.actor.person => Deed::MayNot("You can't disable yourself.".to_owned()),
            true => Deed::May(format!("{base}/disable")),
            false => Deed::Absent,
        },
        enable: if enabled { Deed::Absent } else { Deed::May(format!("{base}/enable")) },
        password: if enabled { Deed::May(format!("{base}/password")) } else { Deed::Absent },
        ..PersonPage::default()
    })
}

async fn open(State(app): State<App>, person: SignedIn, Path(id): Path<PersonId>) -> Result<Response, Error> {
    forms::page(&person_page(&app, &person, id, None).await?)
}

async fn change(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<PersonId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    match people::change(&app, &person.actor, id, typed.clone().into()).await {
        Ok(()) => Ok(flash::done("/settings/people", format!("{} is saved.", typed.name.trim()))),
        Err(Error::Invalid(errors)) => {
            let view = person_page(&app, &person, id, Some(&typed)).await?;
            forms::again(&PersonPage { errors: forms::errors(&errors), ..view })
        }
        Err(error @ Error::Conflict(_)) => Ok(flash::failed(&format!("/settings/people/{id}"), forms::notice(error)?)),
        Err(error) => Err(error),
    }
}

async fn set_enabled(app: App, person: SignedIn, id: PersonId, enabled: bool) -> Result<Response, Error> {
    let back = format!("/settings/people/{id}");
    match people::set_enabled(&app, &person.actor, id, enabled).await {
        Ok(()) if enabled => Ok(flash::done(&back, "They can sign in again.")),
        Ok(()) => Ok(flash::done(&back, "They are signed out everywhere and can't sign in any more.")),
        Err(error @ Error::Conflict(_)) => Ok(flash::failed(&back, forms::notice(error)?)),
        Err(error) => Err(error),
    }
}

async fn disable(State(app): State<App>, person: SignedIn, Path(id): Path<PersonId>) -> Result<Response, Error> {
    set_enabled(app, person, id, false).await
}

async fn enable(State(app): State<App>, person: SignedIn, Path(id): Path<PersonId>) -> Result<Response, Error> {
    set_enabled(app, person, id, true).await
}

/// Answers with the page itself, as [`add`] does.
async fn renew_password(State(app): State<App>, person: SignedIn, Path(id): Path<PersonId>) -> Result<Response, Error> {
    let made = people::renew_password(&app, &person.actor, id).await?;
    let view = person_page(&app, &person, id, None).await?;
    forms::page(&PersonPage { made: Some(made.password), ..view })
}
