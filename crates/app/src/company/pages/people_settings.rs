//! Settings → People.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::{OfficeId, PersonId, role::Role};
use store::repo::person::Person;

use crate::{
    App, Error, FieldErrors,
    company::{
        offices,
        people::{self, PersonInput},
    },
    projects,
    serving::{
        filters, flash, forms,
        session::SignedIn,
        shell::shell,
        tabs,
        views::{ActionLink, Choice, Shell},
        words,
    },
};

const URL: &str = "/settings/people";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(URL, get(list).post(add))
        .route("/settings/people/{person}", get(open).post(change))
        .route("/settings/people/{person}/disable", post(|app, person, id| set_enabled(app, person, id, false)))
        .route("/settings/people/{person}/enable", post(|app, person, id| set_enabled(app, person, id, true)))
        .route("/settings/people/{person}/password", post(renew_password))
}

/// The people and the form that adds one, which posts the fields of [`PersonInput`].
#[derive(Template)]
#[template(path = "company/templates/people.html")]
pub(crate) struct PeoplePage {
    pub shell: Shell,
    pub people: Vec<Person>,
    pub add: ActionLink,
    /// Who was just added, and the temporary password, shown this once.
    pub made: Option<(String, String)>,
    pub typed: PersonInput,
    pub offered: PersonChoices,
    pub errors: FieldErrors,
}

/// One person. Posts the fields of [`PersonInput`] without the e-mail.
#[derive(Template)]
#[template(path = "company/templates/person.html")]
pub(crate) struct PersonPage {
    pub shell: Shell,
    pub person: Person,
    /// The person is the reader.
    pub own: bool,
    pub typed: PersonInput,
    pub offered: PersonChoices,
    /// A new temporary password, shown this once.
    pub made: Option<String>,
    pub errors: FieldErrors,
}

impl PersonPage {
    fn url(&self, verb: &str) -> ActionLink {
        ActionLink::May(format!("{URL}/{}/{verb}", self.person.id))
    }

    fn disable(&self) -> ActionLink {
        if self.own { ActionLink::MayNot("You can't disable yourself.".to_owned()) } else { self.url("disable") }
    }
}

/// What the drop-downs and tick boxes offer, with what is chosen.
pub(crate) struct PersonChoices {
    pub roles: Vec<Choice>,
    pub offices: Vec<Choice>,
    pub projects: Vec<Choice>,
}

async fn offered(app: &App, person: &SignedIn, typed: &PersonInput) -> Result<PersonChoices, Error> {
    let actor = &person.actor;
    let roles = Role::ALL.into_iter().filter(|role| actor.may_grant(*role).is_ok());
    let offices = offices::list(app, actor).await?.into_iter().map(|summary| summary.office);
    let offices = offices.filter(|office| actor.may_manage_people(office.id).is_ok());
    let projects = projects::list(app, actor).await?.into_iter().map(|summary| {
        let id = summary.project.id.to_string();
        Choice { selected: typed.projects.contains(&id), ..Choice::new(id, summary.project.name) }
    });
    Ok(PersonChoices {
        roles: roles.map(|role| Choice::of(role.code(), role.name(), &typed.role)).collect(),
        offices: offices.map(|office| Choice::of(&office.id, office.name, &typed.office)).collect(),
        projects: projects.collect(),
    })
}

async fn draw_list(app: &App, person: &SignedIn, typed: PersonInput, errors: FieldErrors) -> Result<PeoplePage, Error> {
    let page = tabs::settings_page(person, "People")?;
    let allowed = person.actor.may_manage_people(person.actor.office.unwrap_or(OfficeId(uuid::Uuid::nil())));
    let people = if allowed.is_ok() { people::list(app, &person.actor).await? } else { Vec::new() };
    let made = person.made::<PersonId>();
    Ok(PeoplePage {
        made: made.and_then(|(id, password)| Some((people.iter().find(|one| one.id == id)?.name.clone(), password))),
        people,
        offered: offered(app, person, &typed).await?,
        shell: shell(app, person, page).await?,
        add: words::action(allowed, URL),
        typed,
        errors,
    })
}

/// The empty form: the most common role, in the reader's own office.
fn blank(person: &SignedIn) -> PersonInput {
    PersonInput {
        role: Role::ProjectManager.code().to_owned(),
        office: person.actor.office.map(|office| office.to_string()).unwrap_or_default(),
        ..PersonInput::default()
    }
}

async fn list(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    forms::page(&draw_list(&app, &person, blank(&person), FieldErrors::default()).await?)
}

async fn add(State(app): State<App>, person: SignedIn, Form(typed): Form<PersonInput>) -> Result<Response, Error> {
    match people::add(&app, &person.actor, typed.clone()).await {
        Ok(added) => Ok(flash::made(URL, format!("{} is added.", typed.name.trim()), added.person, added.password)),
        Err(error) => forms::again(&draw_list(&app, &person, typed, forms::refused(error)?).await?),
    }
}

async fn draw(
    app: &App,
    person: &SignedIn,
    id: PersonId,
    posted: Option<(PersonInput, FieldErrors)>,
) -> Result<PersonPage, Error> {
    let page = tabs::settings_page(person, "Person")?;
    let (shown, assigned) = people::open(app, &person.actor, id).await?;
    let (typed, errors) = posted.unwrap_or_else(|| (PersonInput::of(&shown, &assigned), FieldErrors::default()));
    let page = page.called(&shown.name).under("Settings", "/settings/offices").under("People", URL);
    Ok(PersonPage {
        shell: shell(app, person, page).await?,
        own: id == person.actor.person,
        offered: offered(app, person, &typed).await?,
        person: shown,
        made: person.made::<PersonId>().filter(|(of, _)| *of == id).map(|(_, password)| password),
        typed,
        errors,
    })
}

async fn open(State(app): State<App>, person: SignedIn, Path(id): Path<PersonId>) -> Result<Response, Error> {
    forms::page(&draw(&app, &person, id, None).await?)
}

async fn change(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<PersonId>,
    Form(typed): Form<PersonInput>,
) -> Result<Response, Error> {
    match people::change(&app, &person.actor, id, typed.clone()).await {
        Ok(()) => Ok(flash::done(URL, format!("{} is saved.", typed.name.trim()))),
        Err(error @ Error::Conflict(_)) => Ok(flash::failed(&format!("{URL}/{id}"), forms::notice(error)?)),
        Err(error) => forms::again(&draw(&app, &person, id, Some((typed, forms::refused(error)?))).await?),
    }
}

async fn set_enabled(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<PersonId>,
    enabled: bool,
) -> Result<Response, Error> {
    let back = format!("{URL}/{id}");
    match people::set_enabled(&app, &person.actor, id, enabled).await {
        Ok(()) if enabled => Ok(flash::done(&back, "They can sign in again.")),
        Ok(()) => Ok(flash::done(&back, "They are signed out everywhere and can't sign in any more.")),
        Err(error @ Error::Conflict(_)) => Ok(flash::failed(&back, forms::notice(error)?)),
        Err(error) => Err(error),
    }
}

async fn renew_password(State(app): State<App>, person: SignedIn, Path(id): Path<PersonId>) -> Result<Response, Error> {
    let made = people::renew_password(&app, &person.actor, id).await?;
    Ok(flash::made(&format!("{URL}/{id}"), "A new temporary password is made.", id, made.password))
}
