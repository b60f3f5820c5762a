//! A project's settings for Procore.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::{Currency, ProjectId, role::Actor};
use jiff::Timestamp;
use serde::Deserialize;
use store::repo::mapping::Mapping;

use crate::{
    App, Error, FieldErrors,
    integration::{
        acting::Offered,
        copy, currency,
        map_project::{self, Linked, MapTo},
        pages::popup,
        project_mapping::{self, ProcoreProject, ProjectMapping},
    },
    serving::{
        filters, forms,
        session::SignedIn,
        shell::shell,
        tabs,
        views::{ActionLink, Choice, NavItem, Shell, Tabs},
        words,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/projects/{project}/settings/procore", get(page).post(map))
        .route("/projects/{project}/settings/procore/currency", post(state_currency))
        .route("/projects/{project}/settings/procore/remove", post(unmap))
}

/// Where a project is mapped.
pub(crate) fn mapping_url(project: ProjectId) -> String {
    format!("/projects/{project}/settings/procore")
}

/// The address of the form for the Procore project's currency.
pub(crate) fn currency_url(project: ProjectId) -> String {
    format!("{}#currency", mapping_url(project))
}

/// A project's place in Procore. Choosing a Procore project posts the fields of [`ChosenProject`], its currency alone posts `currency`.
#[derive(Template)]
#[template(path = "integration/templates/project.html")]
pub(crate) struct MappingPage {
    pub shell: Shell,
    pub actor: Actor,
    pub now: Timestamp,
    pub seen: ProjectMapping,
    /// The Procore project's own page.
    pub in_procore: String,
    /// How often we read it for changes.
    pub every_minutes: i64,
    /// Whether the person chooses another Procore project.
    pub editing: bool,
    /// The choice of a Procore project.
    pub choosing: Option<ChooseProject>,
    pub errors: FieldErrors,
}

/// The steps before a Procore project is chosen.
pub(crate) enum ChooseProject {
    /// The reader is not signed in to Procore, or may not choose.
    SignIn,
    /// The projects that the reader sees in Procore, and a refused choice.
    Projects(Offered<ProcoreProject>, Chosen),
}

/// A refused choice.
#[derive(Default, Clone, Copy)]
pub(crate) struct Chosen {
    pub project: Option<i64>,
    pub currency: Option<Currency>,
}

impl MappingPage {
    fn tabs(&self) -> Tabs {
        tabs::project(self.seen.project.id, "procore")
    }

    fn url(&self) -> String {
        mapping_url(self.seen.project.id)
    }

    fn action(&self, then: &str) -> ActionLink {
        words::action(self.actor.may_map_project(self.seen.project.standing()), format!("{}{then}", self.url()))
    }

    /// The office's integrations, for those who may connect it.
    fn office(&self) -> Option<String> {
        let office = self.seen.project.office.id;
        self.actor.may_integrate(office).is_ok().then(|| format!("{}/integrations", tabs::office_url(office)))
    }

    /// Where a sign-in begins, in this window and in one of its own.
    fn sign_in(&self) -> (String, String) {
        popup::sign_in_urls(&format!("{}?edit=1", self.url()))
    }

    fn projects(&self, offered: &Offered<ProcoreProject>, chosen: &Chosen) -> Vec<Choice> {
        let current = self.seen.mapping.as_ref().map(|mapping| mapping.procore_project_id);
        let chosen = chosen.project.or(current);
        let choices = offered.choices.iter().map(|found| {
            let label = copy::titled(&found.number, &found.name);
            Choice::new(found.id.to_string(), label).chosen_if(chosen == Some(found.id))
        });
        choices.chain(offered.unread.iter().map(Choice::unread)).collect()
    }

    /// A stated currency goes with its mapping. If Procore didn't name one before, the form asks at once, not after Save.
    fn currency_required(&self) -> bool {
        let known = &self.seen.currency;
        self.seen.mapping.is_none() && known.stated.is_some() && known.named.is_empty()
    }

    fn mapped(&self) -> Option<&Mapping> {
        self.seen.mapping.as_ref().filter(|_| !self.editing)
    }

    fn stated_currency(&self) -> Vec<Choice> {
        words::currencies(self.seen.currency.stated.as_ref().map(|stated| stated.currency))
    }
}

#[derive(Deserialize)]
struct Edit {
    #[serde(default)]
    edit: u8,
}

async fn page(
    State(app): State<App>,
    person: SignedIn,
    Path(project): Path<ProjectId>,
    Query(asked): Query<Edit>,
) -> Result<Response, Error> {
    let editing = (asked.edit == 1).then(Chosen::default);
    forms::page(&draw(&app, &person, project, editing, FieldErrors::default()).await?)
}

async fn draw(
    app: &App,
    person: &SignedIn,
    project: ProjectId,
    editing: Option<Chosen>,
    mut errors: FieldErrors,
) -> Result<MappingPage, Error> {
    let seen = project_mapping::look(app, &person.actor, project).await?;
    let editing = editing.filter(|_| seen.denied.is_empty());
    let choosing = match &seen.integration {
        Some(account) if seen.mapping.is_none() || editing.is_some() => {
            let chosen = editing.unwrap_or_default();
            Some(choosing(app, &person.actor, account.procore_company_id, chosen, &seen, &mut errors).await?)
        }
        _ => None,
    };
    let page = tabs::project_page(&seen.project, "Procore", NavItem::Project);
    Ok(MappingPage {
        shell: shell(app, person, page).await?,
        actor: person.actor.clone(),
        now: app.now(),
        in_procore: seen.mapping.as_ref().map_or_else(String::new, |mapping| {
            app.project_in_procore(mapping.procore_company_id, mapping.procore_project_id)
        }),
        every_minutes: app.settings.reconcile_every.as_mins().max(1),
        seen,
        editing: editing.is_some(),
        choosing,
        errors,
    })
}

/// The choice of a Procore project, or the sign-in it needs.
async fn choosing(
    app: &App,
    actor: &Actor,
    account: i64,
    chosen: Chosen,
    seen: &ProjectMapping,
    errors: &mut FieldErrors,
) -> Result<ChooseProject, Error> {
    if !seen.own.is_live() || !seen.denied.is_empty() {
        return Ok(ChooseProject::SignIn);
    }
    match project_mapping::choices(app, actor, account).await {
        Ok(found) => Ok(ChooseProject::Projects(found, chosen)),
        Err(error) => {
            let signed_out = matches!(error, Error::SignInToProcore(_));
            errors.add("", forms::notice(error)?);
            let none = Offered { choices: Vec::new(), unread: Vec::new() };
            Ok(if signed_out { ChooseProject::SignIn } else { ChooseProject::Projects(none, chosen) })
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ChosenProject {
    procore_project: String,
    currency: String,
    unlink: bool,
}

async fn map(
    State(app): State<App>,
    person: SignedIn,
    Path(project): Path<ProjectId>,
    Form(typed): Form<ChosenProject>,
) -> Result<Response, Error> {
    let wanted = typed.procore_project.trim().parse().unwrap_or(0);
    let to = MapTo {
        procore_project: wanted,
        currency: Currency::from_code(&typed.currency),
        asks_currency: true,
        linked: if typed.unlink { Linked::Unlink } else { Linked::Keep },
    };
    let chosen = Chosen { project: Some(wanted).filter(|id| *id > 0), currency: to.currency };
    let mapped = map_project::map(&app, &person.actor, project, to).await;
    let again = |errors| draw(&app, &person, project, Some(chosen), errors);
    forms::done_or_again(mapped, &mapping_url(project), copy::MAPPED, again).await
}

#[derive(Deserialize)]
struct ChosenCurrency {
    #[serde(default)]
    currency: String,
}

async fn state_currency(
    State(app): State<App>,
    person: SignedIn,
    Path(project): Path<ProjectId>,
    Form(typed): Form<ChosenCurrency>,
) -> Result<Response, Error> {
    let stated = match Currency::from_code(&typed.currency) {
        Some(currency) => currency::state(&app, &person.actor, project, currency).await,
        None => Err(Error::invalid("currency", copy::CHOOSE_CURRENCY)),
    };
    let again = |errors| draw(&app, &person, project, None, errors);
    forms::done_or_again(stated, &mapping_url(project), copy::CURRENCY_SAVED, again).await
}

async fn unmap(State(app): State<App>, person: SignedIn, Path(project): Path<ProjectId>) -> Result<Response, Error> {
    let unmapped = map_project::unmap(&app, &person.actor, project).await;
    forms::done_or_failed(unmapped.map(|()| copy::UNMAPPED), &mapping_url(project))
}
