//! Projects: the list, a new one, and its settings.

use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::{Currency, PersonId, ProjectId, role::Denied};
use serde::Deserialize;
use store::repo::{
    company::Office,
    project::{Project, ProjectSummary},
};

use super::views::{ProjectCard, ProjectForm, ProjectList, ProjectPeople, ProjectPerson, ProjectTabs};
use crate::{
    App, Error, FieldErrors,
    company::offices,
    projects,
    serving::{
        flash, forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{Choice, Deed, NavItem, Pill, Tone},
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

/// The tabs of a project's settings.
pub fn tabs(project: ProjectId, current: &'static str) -> ProjectTabs {
    let base = format!("/projects/{project}/settings");
    ProjectTabs {
        current,
        people_url: format!("{base}/people"),
        contracts_url: format!("{base}/contracts"),
        procore_url: format!("{base}/procore"),
        details_url: base,
    }
}

async fn list(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    let projects = projects::list(&app, &person.actor).await?;
    let may = if projects::offices(&app, &person.actor).await?.is_empty() {
        Err(Denied("Only the Account Owner, an Admin or a Project Manager can create projects."))
    } else {
        Ok(())
    };
    let sees_log = person.actor.may_see_log().is_ok();
    forms::page(&ProjectList {
        shell: shell(&app, &person, Page::new("Projects", NavItem::Projects)).await?,
        new_project: words::deed(may, "/projects/new"),
        projects: projects.into_iter().map(|summary| card(summary, sees_log)).collect(),
    })
}

fn card(summary: ProjectSummary, sees_log: bool) -> ProjectCard {
    let ProjectSummary { project, contracts, sent, received, procore } = summary;
    let url = if sees_log { format!("/projects/{}", project.id) } else { format!("/projects/{}/settings", project.id) };
    let cors = match (sent, received) {
        _ if !sees_log => String::new(),
        (0, 0) => "none yet".to_owned(),
        (sent, 0) => format!("{sent} sent"),
        (0, received) => format!("{received} received"),
        (sent, received) => format!("{sent} sent, {received} received"),
    };
    let place = if project.address.is_empty() { String::new() } else { format!(" · {}", project.address) };
    ProjectCard {
        url,
        job: project.job_number,
        about: format!("{}{place} · {}", project.office_name, words::count(contracts, "contract", "contracts")),
        cors,
        procore: match procore {
            Some((number, name)) => Pill::new(Tone::Procore, [number, name].join(" ").trim().to_owned()),
            None => Pill::new(Tone::Quiet, "Not mapped"),
        },
        title: project.name,
    }
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Details {
    title: String,
    address: String,
    office: String,
    currency: String,
    job: String,
}

impl Details {
    fn typed(&self) -> projects::Typed {
        projects::Typed {
            name: self.title.clone(),
            address: self.address.clone(),
            currency: self.currency.clone(),
            office: self.office.clone(),
            job_number: self.job.clone(),
        }
    }
}

/// The form's names of the fields of [`projects::Typed`].
fn named(errors: FieldErrors) -> FieldErrors {
    let rename = |field: String| match field.as_str() {
        "name" => "title".to_owned(),
        "job_number" => "job".to_owned(),
        _ => field,
    };
    FieldErrors(errors.0.into_iter().map(|(field, sentence)| (rename(field), sentence)).collect())
}

fn office_choices(offices: Vec<Office>, chosen: &str) -> Vec<Choice> {
    let choices = offices.into_iter().map(|office| {
        let choice = Choice::new(office.id.to_string(), office.name);
        if choice.value == chosen { choice.chosen() } else { choice }
    });
    choices.collect()
}

fn currency_choices(chosen: &str) -> Vec<Choice> {
    let choices = Currency::ALL.into_iter().map(|currency| {
        let choice = Choice::new(currency.code(), currency.code());
        if choice.value == chosen { choice.chosen() } else { choice }
    });
    choices.collect()
}

async fn new_form(app: &App, person: &SignedIn, typed: &Details) -> Result<ProjectForm, Error> {
    let offices = projects::offices(app, &person.actor).await?;
    let own = person.actor.office.map(|office| office.to_string()).unwrap_or_default();
    let chosen = if typed.office.is_empty() { own } else { typed.office.clone() };
    let page = Page::new("New project", NavItem::Projects).under("Projects", "/projects");
    Ok(ProjectForm {
        shell: shell(app, person, page).await?,
        heading: "New project".to_owned(),
        action_url: "/projects/new".to_owned(),
        title: typed.title.clone(),
        address: typed.address.clone(),
        offices: office_choices(offices, &chosen),
        job: typed.job.clone(),
        currencies: currency_choices(&typed.currency),
        submit: "Create project".to_owned(),
        cancel_url: "/projects".to_owned(),
        ..ProjectForm::default()
    })
}

async fn new(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    if projects::offices(&app, &person.actor).await?.is_empty() {
        person.actor.may_create_project(domain::OfficeId(uuid::Uuid::nil()))?;
    }
    forms::page(&new_form(&app, &person, &Details::default()).await?)
}

async fn create(State(app): State<App>, person: SignedIn, Form(typed): Form<Details>) -> Result<Response, Error> {
    match projects::create(&app, &person.actor, typed.typed()).await {
        Ok(id) => Ok(flash::done(
            &tabs(id, "contracts").contracts_url,
            format!("{} is created. Add its contracts next.", typed.title.trim()),
        )),
        Err(Error::Invalid(errors)) => {
            let view = new_form(&app, &person, &typed).await?;
            forms::again(&ProjectForm { errors: forms::errors(&named(errors)), ..view })
        }
        Err(error) => Err(error),
    }
}

/// A page of a project's settings: the same way leads to every tab.
pub(crate) fn settings_page(project: &Project, tab: &str, at: NavItem) -> Page {
    let page = Page::new(tab, at)
        .of(project.id)
        .under("Projects", "/projects")
        .under(&project.name, format!("/projects/{}", project.id));
    if tab == SETTINGS { page } else { page.under(SETTINGS, format!("/projects/{}/settings", project.id)) }
}

const SETTINGS: &str = "Project settings";

async fn details_form(app: &App, person: &SignedIn, project: &Project, typed: &Details) -> Result<ProjectForm, Error> {
    let mut choices: Vec<Office> =
        offices::list(app, &person.actor).await?.into_iter().map(|summary| summary.office).collect();
    choices.retain(|office| office.id == project.office || person.actor.may_create_project(office.id).is_ok());
    let page = settings_page(project, SETTINGS, NavItem::Project);
    Ok(ProjectForm {
        shell: shell(app, person, page).await?,
        tabs: Some(tabs(project.id, "details")),
        heading: project.name.clone(),
        action_url: tabs(project.id, "details").details_url,
        read_only: crate::integration::acting::greyed(person.actor.may_run_project(project.standing())),
        title: typed.title.clone(),
        address: typed.address.clone(),
        offices: office_choices(choices, &typed.office),
        job: typed.job.clone(),
        currencies: currency_choices(&typed.currency).into_iter().filter(|choice| choice.selected).collect(),
        submit: "Save".to_owned(),
        cancel_url: format!("/projects/{}", project.id),
        ..ProjectForm::default()
    })
}

async fn settings(State(app): State<App>, person: SignedIn, Path(id): Path<ProjectId>) -> Result<Response, Error> {
    let project = projects::open(&app, &person.actor, id).await?;
    let now = Details {
        title: project.name.clone(),
        address: project.address.clone(),
        office: project.office.to_string(),
        currency: project.currency.code().to_owned(),
        job: project.job_number.clone(),
    };
    forms::page(&details_form(&app, &person, &project, &now).await?)
}

async fn change(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<ProjectId>,
    Form(typed): Form<Details>,
) -> Result<Response, Error> {
    match projects::change(&app, &person.actor, id, typed.typed()).await {
        Ok(()) => Ok(flash::done(&tabs(id, "details").details_url, "The project's details are saved.")),
        Err(Error::Invalid(errors)) => {
            let project = projects::open(&app, &person.actor, id).await?;
            let typed = Details { currency: project.currency.code().to_owned(), ..typed };
            let view = details_form(&app, &person, &project, &typed).await?;
            forms::again(&ProjectForm { errors: forms::errors(&named(errors)), ..view })
        }
        Err(error) => Err(error),
    }
}

async fn people(State(app): State<App>, person: SignedIn, Path(id): Path<ProjectId>) -> Result<Response, Error> {
    let (project, members) = projects::members(&app, &person.actor, id).await?;
    let may = person.actor.may_run_project(project.standing());
    let base = tabs(id, "people").people_url;
    let (on_it, others): (Vec<_>, Vec<_>) = members.into_iter().partition(|member| member.assigned || member.by_role);
    let people = on_it.into_iter().map(|member| ProjectPerson {
        remove: match (&may, member.assigned) {
            (_, false) => Deed::MayNot(format!("{}s see every project of the office.", member.person.role.name())),
            (may, true) => words::deed(*may, format!("{base}/{}/remove", member.person.id)),
        },
        name: member.person.name,
        email: member.person.email,
        role: member.person.role.name().to_owned(),
    });
    let candidates = others.into_iter().map(|member| {
        Choice::new(member.person.id.to_string(), format!("{}, {}", member.person.name, member.person.role.name()))
    });
    let page = settings_page(&project, "People", NavItem::Project);
    forms::page(&ProjectPeople {
        shell: shell(&app, &person, page).await?,
        heading: project.name,
        tabs: tabs(id, "people"),
        people: people.collect(),
        add: words::deed(may, base.clone()),
        candidates: candidates.collect(),
    })
}

#[derive(Deserialize)]
struct Adding {
    #[serde(default)]
    person: String,
}

async fn add_person(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<ProjectId>,
    Form(typed): Form<Adding>,
) -> Result<Response, Error> {
    let back = tabs(id, "people").people_url;
    let Ok(added) = typed.person.parse::<PersonId>() else {
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
    Ok(flash::done(&tabs(id, "people").people_url, "Taken off the project."))
}
