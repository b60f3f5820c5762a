//! The push wizard's pages. Every step is an address of a stored draft. A removal has no draft and only a result.

pub mod age;
pub mod event;
pub mod head;
pub mod lines;
pub mod preflight;
pub mod result;
pub mod review;

use axum::{
    Router,
    extract::{Path, RawQuery, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use domain::{
    ChangeNotificationId, CorId, DraftId, ProjectId, PushId,
    procore::{Side, push_plan::Work},
};
use store::repo::project::Project;

use crate::{
    App, Error,
    integration::reference::{ReferenceData, ReferenceList},
    log::{query::LogQuery, selection::Selection},
    push::{self, BegunIn, OpenedDraft, Which, copy::choices},
    serving::{
        flash,
        session::SignedIn,
        shell::{Page, shell},
        views::{Choice, NavItem, PageLink, Shell},
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/push", post(begin))
        .route("/push/{draft}", get(resume))
        .route("/push/{draft}/discard", post(discard))
        .route("/push/{draft}/age", get(age::fragment))
        .route("/push/{draft}/event", get(event::show).post(event::choose))
        .route("/push/{draft}/lines", get(lines::show).post(lines::choose))
        .route("/push/{draft}/review", get(review::show).post(review::act))
        .route("/push/{draft}/result", get(result::show::<DraftId>).post(result::act::<DraftId>))
        .route("/pushes/{push}", get(result::show::<PushId>).post(result::act::<PushId>))
}

/// The log's **+PROCORE**: freezes the selection and begins a draft for each event that it is linked to.
async fn begin(State(app): State<App>, person: SignedIn, query: RawQuery, body: String) -> Result<Response, Error> {
    let query = query.0.unwrap_or_default();
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .chain(url::form_urlencoded::parse(body.as_bytes()))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let selection =
        Selection::from_pairs(pairs.iter().map(|(k, v)| (k.as_str(), v.as_str()))).ok_or(Error::NotFound)?;
    let (project, side) = (selection.project, selection.side);
    let view = pairs.iter().find(|(name, _)| name == "view" || name == "filter").map_or("", |(_, value)| value);
    let view = LogQuery::parse(view).encode();
    let notification = pairs.iter().find(|(name, _)| name == "notification").and_then(|(_, id)| id.parse().ok());
    let from = BegunIn { view: view.clone(), notification };
    match push::begin_selected(&app, &person.actor, selection, from).await {
        Ok(begun) => {
            let first = begun.drafts.first().ok_or_else(|| Error::internal("no draft was made"))?.id;
            let straight = pairs.iter().any(|(name, value)| name == "to" && value == "plan");
            // Where none of the CORs has a place in Procore there is nothing to choose.
            let opened = push::open(&app, &person.actor, first).await?;
            if (straight || opened.work() == Work::TakesOut)
                && begun.drafts.len() == 1
                // Where Procore is not answering the first step says so, and is tried again.
                && push::as_before(&app, &person.actor, first).await.or_else(steps_stay)?
            {
                return Ok(Redirect::to(&format!("/push/{first}/review")).into_response());
            }
            let next = format!("/push/{first}/event");
            Ok(match begun.left_out {
                0 => Redirect::to(&next).into_response(),
                n => flash::info(&next, choices::left_out(n)),
            })
        }
        Err(Error::Conflict(sentence)) => {
            let back = notification.map_or_else(|| viewed(project, side, &view), notification_url);
            Ok(flash::failed(&back, sentence))
        }
        Err(other) => Err(other),
    }
}

/// What Procore or the way to it is to blame for is said on the step.
fn steps_stay(error: Error) -> Result<bool, Error> {
    match error {
        Error::SignInToProcore(_) | Error::ProcoreRefused(_) | Error::ProcoreUnavailable(_) => Ok(false),
        other => Err(other),
    }
}

/// A draft goes on where it was left.
async fn resume(State(app): State<App>, person: SignedIn, Path(id): Path<DraftId>) -> Result<Redirect, Error> {
    let opened = push::open(&app, &person.actor, id).await?;
    Ok(Redirect::to(&format!("/push/{id}/{}", reached(&opened))))
}

/// A draft is given up, and the log it was begun in opens.
async fn discard(State(app): State<App>, person: SignedIn, Path(id): Path<DraftId>) -> Result<Response, Error> {
    let opened = push::open(&app, &person.actor, id).await?;
    push::unfinished::discard(&app, &person.actor, id).await?;
    Ok(flash::done(&log_url(&opened), choices::DISCARDED))
}

/// The furthest step that can be shown.
fn reached(opened: &OpenedDraft) -> &'static str {
    match &opened.body {
        body if body.push.is_some() => "result",
        body if body.planned.is_some() => "review",
        body if body.target.is_some() => "lines",
        _ => "event",
    }
}

/// Where the result of a push is shown, and where it is steered from.
pub(crate) fn result_url(which: Which) -> String {
    match which {
        Which::Draft(draft) => format!("/push/{draft}/result"),
        Which::Push(push) => format!("/pushes/{push}"),
    }
}

fn log_url(opened: &OpenedDraft) -> String {
    viewed(opened.project.id, opened.side(), &opened.body.view)
}

fn log_of(project: &Project, side: Side) -> String {
    viewed(project.id, side, "")
}

/// A log as somebody left it.
fn viewed(project: ProjectId, side: Side, view: &str) -> String {
    let mark = if view.is_empty() { "" } else { "?" };
    format!("/projects/{project}/log/{}{mark}{view}", side.code())
}

async fn frame(app: &App, person: &SignedIn, opened: &OpenedDraft) -> Result<Shell, Error> {
    frame_of(app, person, &opened.project, opened.side(), "Push to Procore").await
}

async fn frame_of(app: &App, person: &SignedIn, project: &Project, side: Side, title: &str) -> Result<Shell, Error> {
    let page = Page::new(title, NavItem::Log)
        .of(project.id)
        .under("Projects", "/projects")
        .under(project.name.clone(), log_of(project, side));
    shell(app, person, page).await
}

/// Posted fields in order; a name may repeat.
fn fields(body: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

/// A field that pages opened before may lack.
fn field_if_there<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(k, _)| k == name).map_or("", |(_, v)| v.as_str())
}

/// Fields named `<prefix>.<rest>`.
fn prefixed<'a>(fields: &'a [(String, String)], prefix: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let prefix = format!("{prefix}.");
    fields.iter().filter_map(move |(k, v)| Some((k.strip_prefix(&prefix)?, v.as_str())))
}

/// Where the person comes back to from the wizard.
fn back(opened: &OpenedDraft) -> PageLink {
    match &opened.body.notification {
        Some(asked) => PageLink::new(choices::BACK_TO_NOTIFICATION, notification_url(*asked)),
        None => PageLink::new(choices::BACK_TO_LOG, log_url(opened)),
    }
}

/// What the later steps need of a wizard whose CORs were pushed to another event meanwhile: the first step, which names it.
fn pushed_elsewhere(opened: &OpenedDraft) -> Option<Response> {
    let first = format!("/push/{}/event", opened.draft.id);
    opened.pushed_elsewhere.then(|| flash::info(&first, choices::PUSHED_ELSEWHERE))
}

/// What the pages need of a wizard that was confirmed in another window after they were opened.
fn confirmed_elsewhere(opened: &OpenedDraft) -> Option<Response> {
    let id = opened.draft.id;
    opened.body.push.map(|_| flash::info(&format!("/push/{id}/result"), choices::CONFIRMED_ELSEWHERE))
}

/// What the pages need of a wizard that is over: its result.
fn over(opened: &OpenedDraft) -> Option<Response> {
    let id = opened.draft.id;
    opened.body.push.map(|_| Redirect::to(&format!("/push/{id}/result")).into_response())
}

/// What can't be chosen from a list, because it could not be read.
fn unread(data: &ReferenceData, list: ReferenceList) -> impl Iterator<Item = Choice> {
    data.unread(list).map(Choice::unread)
}

/// Where a COR's page is.
fn cor_url(cor: CorId) -> String {
    format!("/cors/{cor}")
}

/// Where a change notification's page is.
fn notification_url(asked: ChangeNotificationId) -> String {
    format!("/change-notifications/{asked}")
}
