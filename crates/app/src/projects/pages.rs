//! Projects: the list, a new one, and its settings.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::{Currency, PersonId, ProjectId, Zone, role::Actor, zone::USUAL_ZONES};
use serde::Deserialize;
use store::repo::{
    company::Office,
    person::Person,
    project::{Project, ProjectSummary},
};

use crate::{
    App, Error, FieldErrors,
    integration::acting::greyed,
    projects::{self, Member, ProjectInput},
    serving::{
        filters, flash, forms,
        session::SignedIn,
        shell::{Page, shell},
        tabs,
        views::{ActionLink, Choice, NavItem, Shell},
        words,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/projects", get(list))
        .route("/projects/new", get(new).post(create))
        .route("/projects/{project}/settings", get(settings).post(change))
        .route("/projects/{project}/settings/people", get(people).post(add_person))
        .route("/projects/{project}/settings/people/{person}/remove", post(remove_person))
}

/// The projects that the reader sees.
#[derive(Template)]
#[template(path = "projects/templates/list.html")]
pub(crate) struct ProjectsPage {
    pub shell: Shell,
    pub projects: Vec<ProjectSummary>,
    pub new: ActionLink,
    pub sees_log: bool,
}

/// A new project, or a project's details. Posts the fields of [`ProjectInput`].
#[derive(Template)]
#[template(path = "projects/templates/form.html")]
pub(crate) struct ProjectPage {
    pub shell: Shell,
    /// Nothing for a new one.
    pub project: Option<Project>,
    /// Why it can't be changed; empty when it can.
    pub read_only: String,
    pub offices: Vec<Office>,
    pub typed: ProjectInput,
    pub errors: FieldErrors,
}

impl ProjectPage {
    fn offices(&self) -> Vec<Choice> {
        self.offices.iter().map(|office| Choice::of(&office.id, &office.name, &self.typed.office)).collect()
    }

    fn time_zones(&self) -> Vec<Choice> {
        let own = Some(self.typed.time_zone.as_str()).filter(|own| Zone::named(own).is_some());
        let others = USUAL_ZONES.into_iter().filter(|name| Some(*name) != own);
        let choice = |name: &str| Choice::new(name, name.replace('_', " "));
        own.map(|own| choice(own).chosen()).into_iter().chain(others.map(choice)).collect()
    }

    /// A project's CORs are priced in its currency, so it can't change.
    fn currencies(&self) -> Vec<Choice> {
        match &self.project {
            None => words::currencies(Currency::from_code(&self.typed.currency)),
            Some(project) => vec![Choice::new(project.currency.code(), project.currency.code()).chosen()],
        }
    }
}

/// The people of the reader's company on a project. Adding somebody posts `person`.
#[derive(Template)]
#[template(path = "projects/templates/people.html")]
pub(crate) struct ProjectPeoplePage {
    pub shell: Shell,
    pub actor: Actor,
    pub project: Project,
    /// Everybody of the company.
    pub members: Vec<Member>,
}

impl ProjectPeoplePage {
    fn action(&self, then: &str) -> ActionLink {
        let url = format!("{}{then}", people_url(self.project.id));
        words::action(self.actor.may_run_project(self.project.standing()), url)
    }

    fn remove(&self, member: &Member) -> ActionLink {
        if member.assigned {
            return self.action(&format!("/{}/remove", member.person.id));
        }
        ActionLink::MayNot(format!("{}s see every project of the office.", member.person.role.name()))
    }

    fn candidates(&self) -> Vec<Choice> {
        let others = self.members.iter().filter(|member| !member.is_on_it()).map(|member| &member.person);
        let label = |person: &Person| format!("{}, {}", person.name, person.role.name());
        others.map(|person| Choice::new(person.id.to_string(), label(person))).collect()
    }
}

fn people_url(project: ProjectId) -> String {
    format!("{}/people", tabs::project_url(project))
}

async fn list(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    forms::page(&ProjectsPage {
        projects: projects::list(&app, &person.actor).await?,
        shell: shell(&app, &person, Page::new("Projects", NavItem::Projects)).await?,
        new: words::action(projects::may_create(&app, &person.actor).await?, "/projects/new"),
        sees_log: person.actor.may_see_log().is_ok(),
    })
}

/// The form of a new project, or of that one; as it was posted, if it was refused.
async fn draw(
    app: &App,
    person: &SignedIn,
    id: Option<ProjectId>,
    posted: Option<(ProjectInput, FieldErrors)>,
) -> Result<ProjectPage, Error> {
    let actor = &person.actor;
    let (project, page) = match id {
        Some(id) => {
            let project = projects::open(app, actor, id).await?;
            let page = tabs::project_page(&project, tabs::PROJECT_SETTINGS, NavItem::Project);
            (Some(project), page)
        }
        None => (None, Page::new("New project", NavItem::Projects).under("Projects", "/projects")),
    };
    let (mut typed, errors) =
        posted.unwrap_or_else(|| (project.as_ref().map(ProjectInput::of).unwrap_or_default(), FieldErrors::default()));
    if project.is_none() && typed.office.is_empty() {
        typed.office = actor.office.map(|office| office.to_string()).unwrap_or_default();
        typed.time_zone = Zone::default().name().to_owned();
    }
    Ok(ProjectPage {
        shell: shell(app, person, page).await?,
        read_only: project.as_ref().map(|of| greyed(actor.may_run_project(of.standing()))).unwrap_or_default(),
        offices: projects::offices(app, actor, project.as_ref()).await?,
        project,
        typed,
        errors,
    })
}

async fn new(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    projects::may_create(&app, &person.actor).await??;
    forms::page(&draw(&app, &person, None, None).await?)
}

async fn create(State(app): State<App>, person: SignedIn, Form(typed): Form<ProjectInput>) -> Result<Response, Error> {
    match projects::create(&app, &person.actor, typed.clone()).await {
        Ok(id) => Ok(flash::done(
            &format!("{}/contracts", tabs::project_url(id)),
            format!("{} is created. Add its contracts next.", typed.name.trim()),
        )),
        Err(error) => forms::again(&draw(&app, &person, None, Some((typed, forms::refused(error)?))).await?),
    }
}

async fn settings(State(app): State<App>, person: SignedIn, Path(id): Path<ProjectId>) -> Result<Response, Error> {
    forms::page(&draw(&app, &person, Some(id), None).await?)
}

async fn change(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<ProjectId>,
    Form(typed): Form<ProjectInput>,
) -> Result<Response, Error> {
    match projects::change(&app, &person.actor, id, typed.clone()).await {
        Ok(()) => Ok(flash::done(&tabs::project_url(id), "The project's details are saved.")),
        Err(error) => forms::again(&draw(&app, &person, Some(id), Some((typed, forms::refused(error)?))).await?),
    }
}

async fn people(State(app): State<App>, person: SignedIn, Path(id): Path<ProjectId>) -> Result<Response, Error> {
    let (project, members) = projects::members(&app, &person.actor, id).await?;
    let shell = shell(&app, &person, tabs::project_page(&project, "People", NavItem::Project)).await?;
    forms::page(&ProjectPeoplePage { shell, actor: person.actor.clone(), project, members })
}

#[derive(Deserialize)]
struct ChosenPerson {
    #[serde(default)]
    person: String,
}

async fn add_person(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<ProjectId>,
    Form(chosen): Form<ChosenPerson>,
) -> Result<Response, Error> {
    let back = people_url(id);
    let Ok(added) = chosen.person.parse::<PersonId>() else {
        return Ok(flash::failed(&back, "Choose a person to add."));
    };
    projects::set_member(&app, &person.actor, id, added, true).await?;
    Ok(flash::done(&back, "Added to the project."))
}

async fn remove_person(
    State(app): State<App>,
    person: SignedIn,
    Path((id, removed)): Path<(ProjectId, PersonId)>,
) -> Result<Response, Error> {
    projects::set_member(&app, &person.actor, id, removed, false).await?;
    if removed == person.actor.person && projects::open(&app, &person.actor, id).await.is_err() {
        return Ok(flash::done("/projects", "You took yourself off the project."));
    }
    Ok(flash::done(&people_url(id), "Taken off the project."))
}
