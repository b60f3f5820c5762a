//! Change Notifications: both lists, a new one, the customer's page with the answers, the contractor's to answer on.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use axum_extra::extract::Form;
use domain::{ChangeNotificationId, ContractId, ProjectId, change_notification::Response as Answer, procore::Side};
use jiff::civil::Date;
use serde::Deserialize;
use store::repo::{
    change_notification::{NotificationResponse, ResponseCor},
    contract::Contract,
    project::Project,
};

use crate::{
    App, Error,
    log::pages::cell::{ProcoreCell, Reader},
    notifications::{
        self, ListedNotification, NotificationDetail, NotificationList, SendNotification, TypedReply, is_unsent,
    },
    projects,
    serving::{
        filters, flash, forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{ActionLink, FormErrors, NavItem, Pill, Shell, Tone},
        words,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/change-notifications", get(list))
        .route("/change-notifications/new", get(new).post(send))
        .route("/change-notifications/{id}", get(open))
        .route("/change-notifications/{id}/respond", get(to_page).post(respond))
        .route("/change-notifications/{id}/responses/{contract}", get(to_page_of))
}

/// The notifications of a project, Sent or Received.
#[derive(Template)]
#[template(path = "notifications/templates/list.html")]
pub(crate) struct ListPage<'a> {
    pub shell: Shell,
    pub list: &'a NotificationList,
    /// "New Change Notification".
    pub add: ActionLink,
    pub today: Date,
}

/// A new notification. Posts the fields of [`SendNotification`].
#[derive(Template)]
#[template(path = "notifications/templates/form.html")]
pub(crate) struct NewPage {
    pub shell: Shell,
    pub project: ProjectId,
    /// In the project's time zone.
    pub today: Date,
    /// The contracts with contractors.
    pub contracts: Vec<Contract>,
    pub typed: SendNotification,
    pub errors: FormErrors,
}

/// A notification as its customer sees it, with the answers. Pushing posts `cor` (repeated).
#[derive(Template)]
#[template(path = "notifications/templates/notification.html")]
pub(crate) struct CustomersPage<'a> {
    pub shell: Shell,
    pub asked: &'a NotificationDetail,
    pub reader: Reader<'a>,
    /// Where +PROCORE posts.
    pub push: ActionLink,
}

/// A notification as a contractor sees it. Answering posts `answer` (`choose` with `cor`, `decline` with `note`).
#[derive(Template)]
#[template(path = "notifications/templates/respond.html")]
pub(crate) struct ContractorsPage<'a> {
    pub shell: Shell,
    pub asked: &'a NotificationDetail,
    /// The answer for one contract.
    pub own: &'a NotificationResponse,
    /// This company's CORs that could answer.
    pub offered: &'a [ResponseCor],
    /// Where the answer posts, or why not.
    pub respond: ActionLink,
    pub errors: FormErrors,
}

fn list_url(project: &ProjectId, side: Side) -> String {
    format!("/change-notifications?project={project}&side={}", side.code())
}

fn page_url(id: &ChangeNotificationId) -> String {
    format!("/change-notifications/{id}")
}

impl ListPage<'_> {
    fn state(&self, row: &ListedNotification) -> Pill {
        match (self.list.side, self.list.waits(row)) {
            (Side::Sent, true) => Pill::new(Tone::Info, "Open"),
            (Side::Sent, false) => Pill::new(Tone::Good, "All answered"),
            (Side::Received, true) => Pill::new(Tone::Warn, "Your answer"),
            (Side::Received, false) => row.answers.first().map(answer_pill).unwrap_or_default(),
        }
    }
}

impl NewPage {
    fn asks(&self, contract: &Contract) -> bool {
        self.typed.contracts.contains(&contract.id.to_string())
    }
}

impl CustomersPage<'_> {
    fn cell(&self, cor: &ResponseCor) -> ProcoreCell {
        let row = self.asked.answered_with.iter().find(|row| row.id == cor.id);
        row.map(|row| self.reader.cell(row.id, &row.procore)).unwrap_or_default()
    }
}

fn answer_pill(answer: &NotificationResponse) -> Pill {
    match answer.response {
        _ if is_unsent(answer) => Pill::new(Tone::Quiet, "Being priced"),
        Answer::Waiting => Pill::new(Tone::Quiet, "No answer yet"),
        Answer::Answered => Pill::new(Tone::Good, answer.response.name()),
        Answer::Declined => Pill::new(Tone::Bad, answer.response.name()),
    }
}

#[derive(Deserialize)]
struct Listed {
    project: Option<ProjectId>,
    side: Option<String>,
}

async fn list(State(app): State<App>, person: SignedIn, Query(listed): Query<Listed>) -> Result<Response, Error> {
    let Some(id) = listed.project else {
        let first = projects::list(&app, &person.actor).await?.into_iter().next();
        let url = first.map_or("/projects".to_owned(), |summary| list_url(&summary.project.id, Side::Received));
        return Ok(Redirect::to(&url).into_response());
    };
    let side = listed.side.as_deref().and_then(Side::from_code);
    let list = &notifications::list(&app, &person.actor, id, side).await?;
    let page = Page::in_project("Change Notifications", NavItem::Notifications, id, &list.project.name);
    let may = person.actor.may_notify(list.project.standing());
    forms::page(&ListPage {
        shell: shell(&app, &person, page).await?,
        list,
        add: match list.side {
            Side::Sent => words::action(may, format!("/change-notifications/new?project={id}")),
            Side::Received => ActionLink::Absent,
        },
        today: list.project.time_zone.day(app.now()),
    })
}

#[derive(Deserialize)]
struct On {
    project: ProjectId,
}

async fn new(State(app): State<App>, person: SignedIn, Query(on): Query<On>) -> Result<Response, Error> {
    forms::page(&form(&app, &person, on.project, SendNotification::default(), FormErrors::default()).await?)
}

async fn form(
    app: &App,
    person: &SignedIn,
    id: ProjectId,
    typed: SendNotification,
    errors: FormErrors,
) -> Result<NewPage, Error> {
    let (project, contracts) = notifications::contracts(app, &person.actor, id).await?;
    person.actor.may_notify(project.standing())?;
    let shell = shell(app, person, under_list("New Change Notification", &project, Side::Sent)).await?;
    let today = project.time_zone.day(app.now());
    Ok(NewPage { shell, project: id, today, contracts, typed, errors })
}

async fn send(
    State(app): State<App>,
    person: SignedIn,
    Query(on): Query<On>,
    Form(typed): Form<SendNotification>,
) -> Result<Response, Error> {
    match notifications::send(&app, &person.actor, on.project, typed.clone()).await {
        Ok(id) => Ok(flash::done(&page_url(&id), "The Change Notification was sent.")),
        Err(error) => forms::again(&form(&app, &person, on.project, typed, forms::refused(error)?).await?),
    }
}

#[derive(Deserialize)]
struct ForContract {
    contract: Option<ContractId>,
}

async fn open(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<ChangeNotificationId>,
    Query(of): Query<ForContract>,
) -> Result<Response, Error> {
    let asked = &notifications::open(&app, &person.actor, id).await?;
    if asked.notification.customer != person.actor.company {
        return contractors_page(&app, &person, asked, of.contract, None).await;
    }
    let may_push = person.actor.may_push(asked.project.standing());
    let url = format!("/push?project={}&side={}&notification={id}", asked.project.id, Side::Received.code());
    forms::page(&CustomersPage {
        shell: shell(&app, &person, frame(asked, Side::Sent)).await?,
        asked,
        reader: Reader { project: &asked.in_procore, may_push: may_push.is_ok(), now: app.now() },
        push: if asked.responses.iter().any(|response| response.cor.is_some()) {
            words::action(may_push, url)
        } else {
            ActionLink::Absent
        },
    })
}

fn frame(asked: &NotificationDetail, side: Side) -> Page {
    under_list(format!("CN {}", asked.notification.number), &asked.project, side)
}

fn under_list(title: impl Into<String>, project: &Project, side: Side) -> Page {
    Page::new(title, NavItem::Notifications)
        .of(project.id)
        .under(&project.name, format!("/projects/{}", project.id))
        .under("Change Notifications", list_url(&project.id, side))
}

async fn to_page(Path(id): Path<ChangeNotificationId>) -> Redirect {
    Redirect::to(&page_url(&id))
}

async fn to_page_of(Path((id, contract)): Path<(ChangeNotificationId, ContractId)>) -> Redirect {
    Redirect::to(&format!("{}?contract={contract}", page_url(&id)))
}

/// The page for one contract.
async fn contractors_page(
    app: &App,
    person: &SignedIn,
    asked: &NotificationDetail,
    contract: Option<ContractId>,
    refused: Option<&crate::FieldErrors>,
) -> Result<Response, Error> {
    let own = asked.response_for(contract).ok_or(Error::NotFound)?;
    let may = person.actor.may_notify(asked.project.standing());
    let url = format!("{}/respond?contract={}", page_url(&asked.notification.id), own.contract);
    let page = ContractorsPage {
        shell: shell(app, person, frame(asked, Side::Received)).await?,
        asked,
        own,
        offered: &notifications::cors_to_answer_with(app, &person.actor, own.contract).await?,
        respond: words::action(may, url),
        errors: refused.cloned().unwrap_or_default(),
    };
    if refused.is_some() { forms::again(&page) } else { forms::page(&page) }
}

async fn respond(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<ChangeNotificationId>,
    Query(of): Query<ForContract>,
    Form(typed): Form<TypedReply>,
) -> Result<Response, Error> {
    let contract = of.contract.ok_or(Error::NotFound)?;
    let back = format!("{}?contract={contract}", page_url(&id));
    match notifications::respond(&app, &person.actor, id, contract, &typed).await {
        Ok(done) => Ok(flash::done(&back, done)),
        Err(Error::Invalid(errors)) => {
            let asked = notifications::open(&app, &person.actor, id).await?;
            contractors_page(&app, &person, &asked, Some(contract), Some(&errors)).await
        }
        // The error page shows the typed reason again, so that it isn't lost.
        Err(error @ Error::Conflict(_)) if typed.note.trim().is_empty() => {
            Ok(flash::failed(&back, forms::notice(error)?))
        }
        Err(error) => Err(error),
    }
}
