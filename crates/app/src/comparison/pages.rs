//! A COR beside its lines in Procore, and what a person decides about a difference.

#![allow(
    clippy::unused_self,
    clippy::trivially_copy_pass_by_ref,
    reason = "templates call these of their page, by reference"
)]

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::{
    CorId, ProjectId, PushId,
    procore::{Side, push::Purpose},
};
use jiff::Timestamp;

use crate::{
    App, Error,
    comparison::{
        self, Comparison, Decided, OfferedResolution, RemovalAsked, RemovalConfirmed, RemovalPlan, Resolution, copy,
    },
    log::pages::{
        cell::{EventRef, ProcoreCell},
        log_url,
    },
    push::pages::result_url,
    serving::{
        filters, flash, forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{NavItem, Shell},
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/cors/{cor}/drift", get(page))
        .route("/cors/{cor}/drift/read", post(read))
        .route("/cors/{cor}/drift/leave", post(leave))
        .route("/cors/{cor}/drift/accept", post(accept))
        .route("/cors/{cor}/drift/unlink", post(unlink))
        .route("/cors/{cor}/drift/remove", get(removal).post(remove))
        .route("/cors/{cor}/drift/remove-surplus", post(remove_surplus))
}

/// Where a COR is compared with Procore.
pub(crate) fn url_of(cor: CorId) -> String {
    format!("/cors/{cor}/drift")
}

/// Where the copies of a COR's lines are removed.
pub(crate) fn surplus_url(cor: CorId) -> String {
    format!("/cors/{cor}/drift/remove-surplus")
}

/// Where the lines are shown before they are removed.
fn removal_url(cor: CorId, purpose: Purpose) -> String {
    format!("/cors/{cor}/drift/remove?purpose={}", purpose.code())
}

/// Where the reader is: a page called `title` below a COR.
fn frame((project, project_name): (ProjectId, &str), side: Side, (cor, number): (CorId, &str), title: &str) -> Page {
    Page::in_project(title, NavItem::Log, project, project_name)
        .under("COR Log", log_url(project, side, ""))
        .under(format!("COR {number}"), format!("/cors/{cor}"))
}

/// The three columns and the choices. Every choice posts `version`; accepting posts `note` as well, pushing again `cor`.
#[derive(Template)]
#[template(path = "comparison/templates/comparison.html")]
pub(crate) struct ComparisonPage<'a> {
    pub shell: Shell,
    pub seen: &'a Comparison,
    pub now: Timestamp,
}

impl ComparisonPage<'_> {
    fn procore(&self) -> ProcoreCell {
        let event = self.seen.event.as_ref().map(|event| EventRef {
            label: format!("CE {} {}", event.number, event.title),
            status: event.status.clone(),
            url: event.url.clone().unwrap_or_default(),
        });
        ProcoreCell { event, reason: self.seen.reason.clone(), ..ProcoreCell::of(self.seen.state) }
    }

    fn read(&self) -> String {
        self.seen.read_in_words(self.now)
    }

    fn push_url(&self, push: &PushId) -> String {
        result_url((*push).into())
    }

    /// Where a resolution leads or posts.
    fn url(&self, resolution: &Resolution) -> String {
        let (cor, url) = (self.seen.cor_id, url_of(self.seen.cor_id));
        match resolution {
            Resolution::RemoveSurplus => surplus_url(cor),
            Resolution::Overwrite => format!("/push?project={}&side={}", self.seen.project_id, self.seen.side.code()),
            Resolution::Accept => format!("{url}/accept"),
            Resolution::Leave => format!("{url}/leave"),
            Resolution::Unlink => format!("{url}/unlink"),
            Resolution::UnlinkAndRemove => removal_url(cor, Purpose::Unlink),
            Resolution::Move => removal_url(cor, Purpose::Move),
        }
    }

    /// What is most likely wanted has Procore's color.
    fn class(&self, offered: &OfferedResolution) -> &'static str {
        let removes =
            |other: &OfferedResolution| other.resolution == Resolution::RemoveSurplus && other.why_not.is_none();
        match offered.resolution {
            Resolution::RemoveSurplus => "procore",
            Resolution::Overwrite if offered.why_not.is_some() || !self.seen.resolutions.iter().any(removes) => {
                "procore"
            }
            _ => "",
        }
    }
}

async fn page(State(app): State<App>, person: SignedIn, Path(cor): Path<CorId>) -> Result<Response, Error> {
    let seen = comparison::look(&app, &person.actor, cor).await?;
    let place = frame((seen.project_id, &seen.project_name), seen.side, (cor, &seen.number), "Compare with Procore");
    let shell = shell(&app, &person, place).await?;
    forms::page(&ComparisonPage { shell, seen: &seen, now: app.now() })
}

async fn read(State(app): State<App>, person: SignedIn, Path(cor): Path<CorId>) -> Result<Response, Error> {
    let read = comparison::read_now(&app, &person.actor, cor).await;
    forms::done_or_failed(read.map(|_| copy::READ), &url_of(cor))
}

async fn leave(
    State(app): State<App>,
    person: SignedIn,
    Path(cor): Path<CorId>,
    Form(decided): Form<Decided>,
) -> Result<Response, Error> {
    let left = comparison::leave(&app, &person.actor, cor, &decided.version).await;
    forms::done_or_failed(left.map(|()| copy::LEFT), &url_of(cor))
}

async fn accept(
    State(app): State<App>,
    person: SignedIn,
    Path(cor): Path<CorId>,
    Form(decided): Form<Decided>,
) -> Result<Response, Error> {
    let accepted = comparison::accept(&app, &person.actor, cor, &decided.version, &decided.note).await;
    forms::done_or_failed(accepted.map(|()| copy::ACCEPTED), &url_of(cor))
}

async fn unlink(
    State(app): State<App>,
    person: SignedIn,
    Path(cor): Path<CorId>,
    Form(decided): Form<Decided>,
) -> Result<Response, Error> {
    match comparison::unlink(&app, &person.actor, cor, &decided.version).await {
        Ok(unlinked) => Ok(flash::done(&format!("/cors/{cor}"), unlinked.says())),
        Err(error) => Ok(flash::failed(&url_of(cor), forms::notice(error)?)),
    }
}

/// A removal before it is confirmed. Posts `digest` and `purpose`.
#[derive(Template)]
#[template(path = "comparison/templates/remove.html")]
pub(crate) struct RemovalPage<'a> {
    pub shell: Shell,
    pub plan: &'a RemovalPlan,
}

async fn removal(
    State(app): State<App>,
    person: SignedIn,
    Path(cor): Path<CorId>,
    asked: Result<Query<RemovalAsked>, QueryRejection>,
) -> Result<Response, Error> {
    let Ok(Query(RemovalAsked { purpose })) = asked else { return Err(Error::NotFound) };
    let plan = match comparison::plan_removal(&app, &person.actor, cor, purpose).await {
        Ok(plan) => plan,
        Err(error) => return Ok(flash::failed(&url_of(cor), forms::notice(error)?)),
    };
    let place = frame((plan.project_id, &plan.project_name), plan.side, (cor, &plan.number), &plan.title());
    forms::page(&RemovalPage { shell: shell(&app, &person, place).await?, plan: &plan })
}

async fn remove(
    State(app): State<App>,
    person: SignedIn,
    Path(cor): Path<CorId>,
    Form(confirmed): Form<RemovalConfirmed>,
) -> Result<Response, Error> {
    let begun = comparison::remove(&app, &person.actor, cor, confirmed.purpose, &confirmed.digest).await;
    followed(cor, begun)
}

async fn remove_surplus(State(app): State<App>, person: SignedIn, Path(cor): Path<CorId>) -> Result<Response, Error> {
    followed(cor, comparison::remove_surplus(&app, &person.actor, cor).await)
}

/// The push that removes the lines, or why there is none.
fn followed(cor: CorId, begun: Result<PushId, Error>) -> Result<Response, Error> {
    Ok(match begun {
        Ok(push) => Redirect::to(&result_url(push.into())).into_response(),
        Err(error) => flash::failed(&url_of(cor), forms::notice(error)?),
    })
}
