//! A project's settings for Procore, and the age of its change events.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::{Currency, ProjectId, procore::currency::CurrencyTrouble, role::Actor};
use jiff::Timestamp;
use serde::Deserialize;
use store::repo::{mapping::Mapping, watch::Watch};
use url::Url;

use crate::{
    App, Error, FieldErrors,
    integration::{
        acting::Offered,
        change_events, currency,
        map_project::{self, Linked, MapTo, ProcoreProject, ProjectMapping},
        pages::popup,
    },
    log::pages::{EventsAge, EventsAgeFragment},
    serving::{
        filters, flash, forms,
        session::{SignedIn, local_path},
        shell::shell,
        tabs,
        views::{ActionLink, Choice, NavItem, PageLink, Shell, Tabs},
        words,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/projects/{project}/settings/procore", get(page).post(map))
        .route("/projects/{project}/settings/procore/currency", post(state_currency))
        .route("/projects/{project}/settings/procore/remove", post(unmap))
        .route("/projects/{project}/events/age", get(age))
        .route("/projects/{project}/events/refresh", post(refresh))
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
            let label = titled(&found.number, &found.name);
            Choice::new(found.id.to_string(), label).chosen_if(chosen == Some(found.id))
        });
        choices.chain(offered.unread.iter().map(Choice::unread)).collect()
    }

    fn currency_hint(&self) -> String {
        let stated = self.seen.currency.stated.as_ref().map(|stated| stated.currency.code());
        match (stated, &self.seen.mapping) {
            (Some(code), Some(_)) => {
                format!("{code} was stated. Choose again only for another project, or to change it.")
            }
            (Some(code), None) => format!(
                "{code} was stated for the project mapped here before. Choose the currency of the new one; amounts are never \
                 converted."
            ),
            (None, _) => "Procore often doesn’t show it. Amounts are never converted.".to_owned(),
        }
    }

    /// A stated currency goes with its mapping. If Procore didn't name one before, the form asks at once, not after Save.
    fn currency_required(&self) -> bool {
        let known = &self.seen.currency;
        self.seen.mapping.is_none() && known.stated.is_some() && known.named.is_empty()
    }

    /// The warning about linked CORs when another Procore project is chosen, and the label of the consent.
    fn leaving(&self) -> Option<(String, String)> {
        let links = self.seen.links;
        let there = match &self.seen.mapping {
            Some(mapping) => titled(&mapping.procore_number, &mapping.procore_project),
            None => "the project this one was mapped to".to_owned(),
        };
        (links > 0).then(|| {
            (
                format!(
                    "{} linked to Change Events of {there}. If you choose another project, we unlink them: their lines stay \
                     in Procore and we stop tracking them. Pushing the CORs again would count the cost twice until \
                     somebody removes the old lines.",
                    words::count(links, "COR is", "CORs are")
                ),
                format!("Unlink {}, keep the lines", words::count(links, "COR", "CORs")),
            )
        })
    }

    fn mapped(&self) -> Option<&Mapping> {
        self.seen.mapping.as_ref().filter(|_| !self.editing)
    }

    fn stated_currency(&self) -> Vec<Choice> {
        words::currencies(self.seen.currency.stated.as_ref().map(|stated| stated.currency))
    }

    /// Why we can't see changes in Procore.
    fn unnoticed(watch: &Watch) -> &str {
        if watch.set_aside {
            "We can't see changes in Procore: stored data of this project is damaged. Ask your administrator to repair it."
        } else {
            &watch.trouble
        }
    }

    fn account(&self, mapping: &Mapping) -> String {
        match &self.seen.integration {
            Some(account) if account.procore_company_id == mapping.procore_company_id => {
                account.procore_company.clone()
            }
            _ => format!("Account {}; the office is not connected to it now", mapping.procore_company_id),
        }
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
    let seen = map_project::look(app, &person.actor, project).await?;
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
    match map_project::choices(app, actor, account).await {
        Ok(found) => Ok(ChooseProject::Projects(found, chosen)),
        Err(error) => {
            let signed_out = matches!(error, Error::SignInToProcore(_));
            errors.add("", forms::notice(error)?);
            let none = Offered { choices: Vec::new(), unread: Vec::new() };
            Ok(if signed_out { ChooseProject::SignIn } else { ChooseProject::Projects(none, chosen) })
        }
    }
}

/// "24-118 · Harbor Point Medical Office".
fn titled(number: &str, name: &str) -> String {
    if number.is_empty() { name.to_owned() } else { format!("{number} · {name}") }
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
    match map_project::map(&app, &person.actor, project, to).await {
        Ok(()) => Ok(flash::done(&mapping_url(project), "This project is mapped to Procore.")),
        Err(error) => {
            let chosen = Chosen { project: Some(wanted).filter(|id| *id > 0), currency: to.currency };
            forms::again(&draw(&app, &person, project, Some(chosen), forms::refused_or_told(error)?).await?)
        }
    }
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
        None => Err(Error::invalid("currency", "Choose the currency that the Procore project is kept in.")),
    };
    match stated {
        Ok(()) => Ok(flash::done(&mapping_url(project), "Currency saved.")),
        Err(error) => forms::again(&draw(&app, &person, project, None, forms::refused_or_told(error)?).await?),
    }
}

async fn unmap(State(app): State<App>, person: SignedIn, Path(project): Path<ProjectId>) -> Result<Response, Error> {
    Ok(match map_project::unmap(&app, &person.actor, project).await {
        Ok(()) => flash::done(&mapping_url(project), "Mapping removed. Nothing changed in Procore."),
        Err(error) => flash::failed(&mapping_url(project), forms::notice(error)?),
    })
}

/// The line in the log that shows the age of our change events; `None` if the project is not mapped. A stale line reloads
/// itself, which reads the list.
pub async fn events_age(app: &App, actor: &Actor, project: ProjectId) -> Result<Option<EventsAge>, Error> {
    let age = change_events::age(app, actor, project).await?;
    let Some(age) = age else { return Ok(None) };
    let page = map_project::look(app, actor, project).await?;
    Ok(Some(EventsAge {
        currency: page.currency_trouble().map(|trouble| {
            let label = match trouble {
                CurrencyTrouble::Unknown => "Set Procore’s currency",
                CurrencyTrouble::Contradiction { .. } | CurrencyTrouble::Differs { .. } => "Other currency in Procore",
            };
            PageLink::new(label, currency_url(project))
        }),
        text: age.read_at.map_or_else(
            || "Change events not read yet".to_owned(),
            |read_at| format!("Change events as of {}", words::ago(read_at, app.now())),
        ),
        refresh_url: format!("/projects/{project}/events/refresh"),
        stale: age.stale,
        fragment_url: format!("/projects/{project}/events/age"),
    }))
}

async fn age(State(app): State<App>, person: SignedIn, Path(project): Path<ProjectId>) -> Result<Response, Error> {
    let failure = match change_events::refresh_if_stale(&app, &person.actor, project).await {
        Ok(()) => None,
        Err(error) => Some(forms::notice(error)?),
    };
    let Some(mut age) = events_age(&app, &person.actor, project).await? else {
        return Ok(().into_response());
    };
    // The page shows the failure and doesn't retry.
    age.stale = false;
    if let Some(sentence) = failure {
        age.text = format!("{}. {sentence}", age.text);
    }
    forms::page(&EventsAgeFragment { age })
}

async fn refresh(
    State(app): State<App>,
    person: SignedIn,
    Path(project): Path<ProjectId>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let back = came_from(&app, &headers).unwrap_or_else(|| format!("/projects/{project}"));
    Ok(match change_events::refresh(&app, &person.actor, project).await {
        Ok(()) => Redirect::to(&back).into_response(),
        Err(error) => flash::failed(&back, forms::notice(error)?),
    })
}

/// The page that the form was on, with its filters.
fn came_from(app: &App, headers: &HeaderMap) -> Option<String> {
    let page: Url = headers.get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    let ours = page.origin() == app.settings.public_url.origin();
    let path = page.query().map_or_else(|| page.path().to_owned(), |query| format!("{}?{query}", page.path()));
    ours.then(|| local_path(&path).to_owned())
}
