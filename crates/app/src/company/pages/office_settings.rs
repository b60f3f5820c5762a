//! Settings → Offices.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{Redirect, Response},
    routing::get,
};
use axum_extra::extract::Form;
use domain::{OfficeId, audit::chain::ChainHead, role::Actor};
use serde::Deserialize;
use store::repo::company::OfficeSummary;

use crate::{
    App, Error, FieldErrors,
    company::{offices, people},
    projects, record,
    serving::{
        filters, flash, forms,
        session::SignedIn,
        shell::shell,
        tabs,
        views::{ActionLink, PageLink, Shell},
        words,
    },
};

const URL: &str = "/settings/offices";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/settings", get(|| async { Redirect::to(URL) }))
        .route(URL, get(list).post(add))
        .route("/settings/offices/{office}", get(office).post(rename))
}

/// The offices. Adding one posts `name`.
#[derive(Template)]
#[template(path = "company/templates/offices.html")]
pub(crate) struct OfficesPage {
    pub shell: Shell,
    pub offices: Vec<OfficeSummary>,
    pub add: ActionLink,
    pub errors: FieldErrors,
}

/// An office's details. Posts `name`.
#[derive(Template)]
#[template(path = "company/templates/office.html")]
pub(crate) struct OfficePage {
    pub shell: Shell,
    pub actor: Actor,
    pub office: OfficeSummary,
    /// The name as typed.
    pub name: String,
    pub admins: String,
    pub projects: Vec<PageLink>,
    /// Where the company's record ends.
    pub head: ChainHead,
    pub errors: FieldErrors,
}

impl OfficePage {
    fn save(&self) -> ActionLink {
        let id = self.office.office.id;
        words::action(self.actor.may_integrate(id), tabs::office_url(id))
    }

    /// The link that downloads the record in a format.
    fn record(&self, format: &str) -> ActionLink {
        words::action(self.actor.may_change_company(), format!("/record/file?format={format}"))
    }
}

async fn draw_list(app: &App, person: &SignedIn, errors: FieldErrors) -> Result<OfficesPage, Error> {
    Ok(OfficesPage {
        offices: offices::list(app, &person.actor).await?,
        shell: shell(app, person, tabs::settings_page(person, "Offices")?).await?,
        add: words::action(person.actor.may_change_company(), URL),
        errors,
    })
}

async fn list(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    forms::page(&draw_list(&app, &person, FieldErrors::default()).await?)
}

#[derive(Deserialize)]
struct OfficeName {
    #[serde(default)]
    name: String,
}

async fn add(State(app): State<App>, person: SignedIn, Form(typed): Form<OfficeName>) -> Result<Response, Error> {
    match offices::add(&app, &person.actor, &typed.name).await {
        Ok(id) => Ok(flash::done(&tabs::office_url(id), format!("{} is added.", typed.name.trim()))),
        Err(error) => forms::again(&draw_list(&app, &person, forms::refused(error)?).await?),
    }
}

async fn draw(app: &App, person: &SignedIn, id: OfficeId) -> Result<OfficePage, Error> {
    let actor = &person.actor;
    let office = offices::open(app, actor, id).await?;
    let projects = projects::list(app, actor).await?.into_iter().filter(|summary| summary.project.office.id == id);
    let page = tabs::settings_page(person, &office.office.name)?.under("Settings", URL);
    Ok(OfficePage {
        head: record::head(app, actor).await?,
        shell: shell(app, person, page).await?,
        actor: actor.clone(),
        name: office.office.name.clone(),
        projects: projects
            .map(|summary| PageLink::new(summary.project.name, tabs::project_url(summary.project.id)))
            .collect(),
        office,
        admins: people::admins(app, actor, id).await?.unwrap_or_else(|| "Ask your Account Owner".to_owned()),
        errors: FieldErrors::default(),
    })
}

async fn office(State(app): State<App>, person: SignedIn, Path(id): Path<OfficeId>) -> Result<Response, Error> {
    forms::page(&draw(&app, &person, id).await?)
}

async fn rename(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<OfficeId>,
    Form(typed): Form<OfficeName>,
) -> Result<Response, Error> {
    match offices::rename(&app, &person.actor, id, &typed.name).await {
        Ok(()) => Ok(flash::done(&tabs::office_url(id), "The office is saved.")),
        Err(error) => {
            let errors = forms::refused(error)?;
            forms::again(&OfficePage { name: typed.name, errors, ..draw(&app, &person, id).await? })
        }
    }
}
