//! A project's Advanced Settings → Procore, and the age of what was read of its change events.

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::{Currency, ProjectId, procore::currency::CurrencyTrouble, role::Actor};
use serde::Deserialize;
use store::repo::{currency::Stated, watch::Watch};
use url::Url;

use crate::{
    App, Error,
    integration::{
        change_events, currency,
        map_project::{self, Linked, MapTo, ProjectMapping},
        pages::sign_in,
    },
    log::views::{EventsAge, EventsAgeFragment},
    projects::{
        self,
        views::{MappedCurrency, MappingState, ProjectProcore},
    },
    serving::{
        flash, forms,
        session::{SignedIn, local_path},
        shell::shell,
        views::{Choice, Deed, FormErrors, Link, NavItem, Text},
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

fn url_of(project: ProjectId) -> String {
    format!("/projects/{project}/settings/procore")
}

/// Where the currency of the Procore project is stated.
pub(crate) fn currency_url(project: ProjectId) -> String {
    format!("{}#currency", url_of(project))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    edit: u8,
}

async fn page(
    State(app): State<App>,
    person: SignedIn,
    Path(project): Path<ProjectId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    forms::page(&draw(&app, &person, project, (asked.edit == 1).then(Editing::default), FormErrors::default()).await?)
}

/// Somebody chooses a project.
#[derive(Default, Clone, Copy)]
struct Editing {
    /// What they chose, where it was not taken.
    chosen: Option<i64>,
    /// The currency they chose with it.
    currency: Option<Currency>,
}

async fn draw(
    app: &App,
    person: &SignedIn,
    project: ProjectId,
    editing: Option<Editing>,
    mut errors: FormErrors,
) -> Result<ProjectProcore, Error> {
    let now = map_project::look(app, &person.actor, project).await?;
    let state = match (&now.integration, &now.mapping) {
        (_, Some(_)) if editing.is_none() || !now.denied.is_empty() => mapped(app, &now),
        (None, _) => not_connected(&person.actor, &now),
        (Some(account), _) => {
            let editing = editing.unwrap_or_default();
            choosing(app, &person.actor, (account.procore_company_id, editing), &now, &mut errors).await?
        }
    };
    let page = projects::pages::settings_page(&now.project, "Procore", NavItem::Project);
    Ok(ProjectProcore {
        shell: shell(app, person, page).await?,
        heading: now.project.name.clone(),
        tabs: projects::pages::tabs(project, "procore"),
        state,
        read_only: now.denied,
        errors,
    })
}

fn not_connected(actor: &Actor, now: &ProjectMapping) -> MappingState {
    let office = &now.project.office_name;
    let (sentence, link) = match actor.may_integrate(now.project.office) {
        Ok(()) => {
            let url = format!("/settings/offices/{}/integrations", now.project.office);
            (format!("Connect the {office} office first."), Some(Link::new("Office Integrations", url)))
        }
        Err(_) => (format!("The Account Owner or an Admin of the {office} office connects it."), None),
    };
    MappingState::NotConnected { sentence, link }
}

/// The choice of a Procore project, after a sign-in where one is needed.
async fn choosing(
    app: &App,
    actor: &Actor,
    (account, editing): (i64, Editing),
    now: &ProjectMapping,
    errors: &mut FormErrors,
) -> Result<MappingState, Error> {
    let project = now.project.id;
    let mut signed_in = now.own.is_live();
    let (mut projects, mut unread) = (Vec::new(), Vec::new());
    if signed_in && now.denied.is_empty() {
        match map_project::choices(app, actor, account).await {
            Ok(found) => (projects, unread) = (found.choices, found.unread),
            Err(error) => {
                signed_in = !matches!(error, Error::SignInToProcore(_));
                errors.add("", forms::notice(error)?);
            }
        }
    }
    if !signed_in || !now.denied.is_empty() {
        let (url, popup_url) = sign_in::sign_in_urls(&format!("{}?edit=1", url_of(project)));
        return Ok(MappingState::SignIn { url, popup_url, status_url: sign_in::STATUS_URL.to_owned() });
    }
    let current = now.mapping.as_ref().map(|mapping| mapping.procore_project_id);
    let choices = projects.into_iter().map(|found| {
        let label = titled(&found.number, &found.name);
        let choice = Choice::new(found.id.to_string(), label);
        if editing.chosen.or(current) == Some(found.id) { choice.chosen() } else { choice }
    });
    Ok(MappingState::Choose {
        action_url: url_of(project),
        projects: choices.chain(unread.into_iter().map(Choice::unread)).collect(),
        // What was stated of the project it is mapped to says nothing about another one.
        currencies: currencies(editing.currency),
        currency_hint: match (&now.currency.stated, current) {
            (Some(stated), Some(_)) => {
                format!("{} was stated. Choose only for another project, or to change it.", stated.currency.code())
            }
            (Some(stated), None) => format!(
                "{} was stated for the project that was mapped here before. Choose the currency of the one you map now; \
                 amounts are never converted.",
                stated.currency.code()
            ),
            (None, _) => "Procore often doesn’t name it. Amounts are never converted.".to_owned(),
        },
        // What was stated went with its mapping; where Procore didn't name it before it is asked for at once, not after Save.
        currency_required: current.is_none() && now.currency.stated.is_some() && now.currency.named.is_empty(),
        cancel_url: current.map(|_| url_of(project)),
        warning: leaving(now),
    })
}

fn currencies(chosen: Option<Currency>) -> Vec<Choice> {
    let choice = |currency: Currency| {
        let choice = Choice::new(currency.code(), currency.code());
        if chosen == Some(currency) { choice.chosen() } else { choice }
    };
    Currency::ALL.into_iter().map(choice).collect()
}

/// What is known of the currency there, and where it is stated if that is called for.
fn currency(now: &ProjectMapping) -> MappedCurrency {
    let stated = now.currency.stated.as_ref();
    let trouble = now.currency_trouble();
    let by = |stated: &Stated| {
        Text::from(format!("{}, stated by {}, ", stated.currency.code(), stated.by_name)).day(stated.at)
    };
    MappedCurrency {
        known: match (now.known.named.as_slice(), stated) {
            ([], None) => Text::from("Not known"),
            ([], Some(stated)) => by(stated),
            (named, None) => Text::from(format!("{}, named by Procore", named.join(", "))),
            (named, Some(stated)) => by(stated).and(&format!("; Procore names {}", named.join(", "))),
        },
        trouble: trouble.as_ref().map(CurrencyTrouble::sentence).unwrap_or_default(),
        ask: trouble.filter(|_| now.denied.is_empty()).map(|_| format!("{}/currency", url_of(now.project.id))),
        currencies: currencies(stated.map(|stated| stated.currency)),
    }
}

fn mapped(app: &App, now: &ProjectMapping) -> MappingState {
    let Some(mapping) = &now.mapping else { return MappingState::default() };
    let project = now.project.id;
    let deed = |url: String| if now.denied.is_empty() { Deed::May(url) } else { Deed::MayNot(now.denied.clone()) };
    let account = match &now.integration {
        Some(account) if account.procore_company_id == mapping.procore_company_id => account.procore_company.clone(),
        _ => format!("Account {}, to which the office is not connected at present", mapping.procore_company_id),
    };
    MappingState::Mapped {
        project: titled(&mapping.procore_number, &mapping.procore_project),
        url: app.project_in_procore(mapping.procore_company_id, mapping.procore_project_id),
        account,
        currency: currency(now),
        by: Text::from(format!("{}, ", mapping.mapped_by_name)).day(mapping.mapped_at),
        links: match now.links {
            0 => String::new(),
            1 => "1 COR is linked to a Change Event of it".to_owned(),
            n => format!("{n} CORs are linked to Change Events of it"),
        },
        watched: now.watch.as_ref().map(|watch| watched(app, watch)).unwrap_or_default(),
        trouble: now.watch.as_ref().map(trouble).unwrap_or_default(),
        edit: deed(format!("{}?edit=1", url_of(project))),
        remove: deed(format!("{}/remove", url_of(project))),
    }
}

/// What choosing another Procore project means for CORs that are linked already, and the words of the consent to it.
fn leaving(now: &ProjectMapping) -> Option<(String, String)> {
    let (links, cors) = match now.links {
        0 => return None,
        1 => ("1 COR is linked".to_owned(), "1 COR".to_owned()),
        many => (format!("{many} CORs are linked"), format!("{many} CORs")),
    };
    let there = now
        .mapping
        .as_ref()
        .map_or("the project this one was mapped to".to_owned(), |m| titled(&m.procore_number, &m.procore_project));
    Some((
        format!(
            "{links} to Change Events of {there}. With another project they are unlinked here: their lines stay in Procore \
             and are watched no more. Pushed anew, they count in both projects until somebody removes the old lines."
        ),
        format!("Unlink {cors}, keep the lines"),
    ))
}

/// How Procore is watched for what somebody changes there.
fn watched(app: &App, watch: &Watch) -> String {
    let every = app.settings.reconcile_every.as_mins().max(1);
    match watch.read_at {
        Some(at) => format!("Read for changes {}, and again every {every} min", words::ago(at, app.now())),
        None => format!("Not read for changes yet; every {every} min from then on"),
    }
}

/// "24-118 · Harbor Point Medical Office".
fn titled(number: &str, name: &str) -> String {
    if number.is_empty() { name.to_owned() } else { format!("{number} · {name}") }
}

#[derive(Deserialize)]
struct Chosen {
    #[serde(default)]
    procore_project: String,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    unlink: String,
}

async fn map(
    State(app): State<App>,
    person: SignedIn,
    Path(project): Path<ProjectId>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Error> {
    let wanted = chosen.procore_project.trim().parse().unwrap_or(0);
    let to = MapTo {
        procore_project: wanted,
        currency: Currency::from_code(&chosen.currency),
        asks_currency: true,
        linked: if chosen.unlink.is_empty() { Linked::Keep } else { Linked::Unlink },
    };
    let errors = match map_project::map(&app, &person.actor, project, to).await {
        Ok(()) => return Ok(flash::done(&url_of(project), "This project is mapped to Procore.")),
        Err(Error::Invalid(errors)) => forms::errors(&errors),
        Err(error) => FormErrors::one("", forms::notice(error)?),
    };
    let editing = Editing { chosen: Some(wanted).filter(|id| *id > 0), currency: to.currency };
    forms::again(&draw(&app, &person, project, Some(editing), errors).await?)
}

#[derive(Deserialize)]
struct StatedCurrency {
    #[serde(default)]
    currency: String,
}

async fn state_currency(
    State(app): State<App>,
    person: SignedIn,
    Path(project): Path<ProjectId>,
    Form(stated): Form<StatedCurrency>,
) -> Result<Response, Error> {
    let done = match Currency::from_code(&stated.currency) {
        Some(currency) => currency::state(&app, &person.actor, project, currency).await,
        None => Err(Error::invalid("currency", "Choose the currency that the Procore project is kept in.")),
    };
    let errors = match done {
        Ok(()) => return Ok(flash::done(&url_of(project), "The currency is noted.")),
        Err(Error::Invalid(errors)) => forms::errors(&errors),
        Err(error) => FormErrors::one("", forms::notice(error)?),
    };
    forms::again(&draw(&app, &person, project, None, errors).await?)
}

async fn unmap(State(app): State<App>, person: SignedIn, Path(project): Path<ProjectId>) -> Result<Response, Error> {
    Ok(match map_project::unmap(&app, &person.actor, project).await {
        Ok(()) => flash::done(&url_of(project), "The mapping is removed. Nothing was changed in Procore."),
        Err(error) => flash::failed(&url_of(project), forms::notice(error)?),
    })
}

/// The line in the log that says how old our picture of the change events is; nothing when the project is not mapped.
/// Drawn stale, it asks for itself again, and the list is read meanwhile.
pub async fn events_age(app: &App, actor: &Actor, project: ProjectId) -> Result<Option<EventsAge>, Error> {
    let age = change_events::age(app, actor, project).await?;
    let Some(age) = age else { return Ok(None) };
    let page = map_project::look(app, actor, project).await?;
    Ok(Some(EventsAge {
        currency: page.currency_trouble().map(|trouble| {
            let label = match trouble {
                CurrencyTrouble::Unknown => "State Procore’s currency",
                CurrencyTrouble::Contradiction { .. } | CurrencyTrouble::Differs { .. } => "Other currency in Procore",
            };
            Link::new(label, currency_url(project))
        }),
        text: age.read_at.map_or_else(
            || "Change events were not read yet".to_owned(),
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
    // What failed is said, not tried again and again by the page.
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

/// The page of ours that a form was on, with its filters.
fn came_from(app: &App, headers: &HeaderMap) -> Option<String> {
    let page: Url = headers.get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    let ours = page.origin() == app.settings.public_url.origin();
    let path = page.query().map_or_else(|| page.path().to_owned(), |query| format!("{}?{query}", page.path()));
    ours.then(|| local_path(&path).to_owned())
}

/// Why changes in Procore go unnoticed, if they do.
fn trouble(watch: &Watch) -> String {
    if watch.set_aside {
        return "Changes in Procore go unnoticed: what is stored about this project's reading can't be read any more, so it was \
                set aside. Ask whoever looks after this installation to mend it."
            .to_owned();
    }
    watch.trouble.clone()
}
