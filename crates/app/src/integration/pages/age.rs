//! The age of our picture of a project's change events, and reading them anew.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use domain::{ProjectId, role::Actor};
use url::Url;

use crate::{
    App, Error,
    integration::{change_events, copy, pages::project::currency_url, project_mapping},
    serving::{
        flash, forms,
        session::{SignedIn, local_path},
        views::PageLink,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/projects/{project}/events/age", get(fragment))
        .route("/projects/{project}/events/refresh", post(refresh))
}

/// How old our picture of Procore's change events is: a line below the log.
#[derive(Debug, Clone, Template)]
#[template(path = "integration/templates/age.html")]
pub(crate) struct EventsAge {
    pub project: ProjectId,
    /// "Change events as of 3 min ago".
    pub text: String,
    /// The page to state or correct the project's currency in Procore; nothing while it is known.
    pub currency: Option<PageLink>,
    /// They are older than five minutes: once loaded, the page asks for this line again, which reads them.
    pub stale: bool,
}

/// The age; nothing if the project is not mapped.
pub(crate) async fn events_age(app: &App, actor: &Actor, project: ProjectId) -> Result<Option<EventsAge>, Error> {
    let Some(age) = change_events::age(app, actor, project).await? else { return Ok(None) };
    let trouble = project_mapping::look(app, actor, project).await?.currency_trouble();
    let currency = trouble.map(|trouble| PageLink::new(copy::currency_alert(&trouble), currency_url(project)));
    Ok(Some(EventsAge { project, text: age.says(app.now()), currency, stale: age.stale }))
}

async fn fragment(State(app): State<App>, person: SignedIn, Path(project): Path<ProjectId>) -> Result<Response, Error> {
    let failure = change_events::refresh_if_stale(&app, &person.actor, project).await.err();
    let failure = failure.map(forms::notice).transpose()?;
    let Some(mut age) = events_age(&app, &person.actor, project).await? else {
        return Ok(().into_response());
    };
    // The page shows the failure and doesn't retry.
    age.stale = false;
    if let Some(sentence) = failure {
        age.text = format!("{}. {sentence}", age.text);
    }
    forms::page(&age)
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
