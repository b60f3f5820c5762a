//! Change Notifications: both lists, a new one, the customer's page with the answers, the contractor's to answer on.

use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use axum_extra::extract::Form;
use domain::{ChangeNotificationId, ContractId, ProjectId, change_notification::Response as Answer, procore::Side};
use serde::Deserialize;
use store::repo::change_notification::{ChangeNotification, NotificationResponse};

use super::views::{
    NotificationForm, NotificationList, NotificationPage, NotificationRow, RespondPage, ResponseCor, ResponseRow,
};
use crate::{
    App, Error, FieldErrors,
    cor::pages::show,
    log::views::cell::ProcoreCell,
    notifications, projects,
    serving::{
        flash, forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{Choice, Deed, NavItem, Pill, Text, Tone},
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

#[derive(Deserialize)]
struct Listed {
    project: Option<ProjectId>,
    side: Option<String>,
}

fn list_url(project: ProjectId, side: Side) -> String {
    format!("/change-notifications?project={project}&side={}", side.code())
}

fn page_url(id: ChangeNotificationId) -> String {
    format!("/change-notifications/{id}")
}

async fn list(State(app): State<App>, person: SignedIn, Query(listed): Query<Listed>) -> Result<Response, Error> {
    let Some(id) = listed.project else {
        let first = projects::list(&app, &person.actor).await?.into_iter().next();
        let url = first.map_or("/projects".to_owned(), |summary| list_url(summary.project.id, Side::Received));
        return Ok(Redirect::to(&url).into_response());
    };
    let lists = notifications::list(&app, &person.actor, id).await?;
    let sent = match listed.side.as_deref() {
        Some("sent") => true,
        Some("received") => false,
        // The side where something is.
        _ => lists.received.is_empty(),
    };
    let today = words::today(app.now());
    let rows = if sent {
        lists.sent.into_iter().map(|notification| sent_row(notification, today)).collect()
    } else {
        lists.received.into_iter().map(|(notification, own)| received_row(notification, &own, today)).collect()
    };
    let page = Page::new("Change Notifications", NavItem::Notifications).of(id).under("Projects", "/projects");
    let page = page.under(lists.project.name.clone(), format!("/projects/{id}"));
    let may = person.actor.may_notify(lists.project.standing());
    forms::page(&NotificationList {
        shell: shell(&app, &person, page).await?,
        sent,
        sent_url: list_url(id, Side::Sent),
        received_url: list_url(id, Side::Received),
        add: if sent { words::deed(may, format!("/change-notifications/new?project={id}")) } else { Deed::Absent },
        rows,
    })
}

fn row(notification: ChangeNotification, open: bool, today: jiff::civil::Date) -> NotificationRow {
    NotificationRow {
        number: format!("CN {}", notification.number),
        url: page_url(notification.id),
        title: notification.title,
        reference: notification.reference,
        sent: words::day(notification.created_at),
        due: notification.due_on.map(words::date).unwrap_or_default(),
        overdue: open && notification.due_on.is_some_and(|due| due < today),
        ..NotificationRow::default()
    }
}

fn sent_row(notification: ChangeNotification, today: jiff::civil::Date) -> NotificationRow {
    let (asked, responded) = (notification.asked, notification.responded);
    let state = if responded == asked { Pill::new(Tone::Good, "All answered") } else { Pill::new(Tone::Info, "Open") };
    NotificationRow {
        responded: format!("{responded} of {asked}"),
        state,
        ..row(notification, responded < asked, today)
    }
}

fn received_row(
    notification: ChangeNotification,
    own: &[NotificationResponse],
    today: jiff::civil::Date,
) -> NotificationRow {
    let waiting = own.iter().any(|response| response.response == Answer::Waiting);
    let state = if waiting {
        Pill::new(Tone::Warn, "Your answer")
    } else {
        own.first().map(|response| answer_pill(response.response)).unwrap_or_default()
    };
    NotificationRow { responded: notification.customer_name.clone(), state, ..row(notification, waiting, today) }
}

fn answer_pill(answer: Answer) -> Pill {
    let tone = match answer {
        Answer::Waiting => Tone::Quiet,
        Answer::Answered => Tone::Good,
        Answer::Declined => Tone::Bad,
    };
    let words = if answer == Answer::Waiting { "No answer yet" } else { answer.name() };
    Pill::new(tone, words)
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Typed {
    title: String,
    description: String,
    due: String,
    reference: String,
    contract: Vec<String>,
    clock: String,
}

#[derive(Deserialize)]
struct On {
    project: ProjectId,
}

async fn form(app: &App, person: &SignedIn, id: ProjectId, typed: &Typed) -> Result<NotificationForm, Error> {
    let (project, contracts) = notifications::contracts(app, &person.actor, id).await?;
    person.actor.may_notify(project.standing())?;
    let contracts = contracts.into_iter().map(|contract| {
        let choice = Choice {
            hint: if contract.contractor.claimed {
                contract.name
            } else {
                format!("{} · not connected yet", contract.name)
            },
            ..Choice::new(contract.id.to_string(), contract.contractor.name)
        };
        if typed.contract.contains(&choice.value) { choice.chosen() } else { choice }
    });
    let back = list_url(id, Side::Sent);
    let page = Page::new("New Change Notification", NavItem::Notifications).of(id);
    let page = page.under(project.name, format!("/projects/{id}")).under("Change Notifications", back.clone());
    Ok(NotificationForm {
        contracts: contracts.collect(),
        shell: shell(app, person, page).await?,
        action_url: format!("/change-notifications/new?project={id}"),
        cancel_url: back,
        title: typed.title.clone(),
        description: typed.description.clone(),
        due: typed.due.clone(),
        reference: typed.reference.clone(),
        nobody: "Your company is nobody's customer on this project yet. Add a contract with a contractor first."
            .to_owned(),
        ..NotificationForm::default()
    })
}

async fn new(State(app): State<App>, person: SignedIn, Query(on): Query<On>) -> Result<Response, Error> {
    forms::page(&form(&app, &person, on.project, &Typed::default()).await?)
}

async fn send(
    State(app): State<App>,
    person: SignedIn,
    Query(on): Query<On>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let input = notifications::Typed {
        title: typed.title.clone(),
        description: typed.description.clone(),
        due_on: typed.due.clone(),
        reference: typed.reference.clone(),
        contracts: typed.contract.clone(),
        clock: typed.clock.clone(),
    };
    match notifications::send(&app, &person.actor, on.project, input).await {
        Ok(id) => Ok(flash::done(&page_url(id), "The Change Notification is sent.")),
        Err(Error::Invalid(errors)) => {
            let view = form(&app, &person, on.project, &typed).await?;
            forms::again(&NotificationForm { errors: forms::errors(&named(errors)), ..view })
        }
        Err(error) => Err(error),
    }
}

/// The form's names of the fields of [`notifications::Typed`].
fn named(errors: FieldErrors) -> FieldErrors {
    let rename = |field: String| match field.as_str() {
        "due_on" => "due".to_owned(),
        "contracts" => "contract".to_owned(),
        _ => field,
    };
    FieldErrors(errors.0.into_iter().map(|(field, sentence)| (rename(field), sentence)).collect())
}

async fn open(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<ChangeNotificationId>,
    Query(at): Query<At>,
) -> Result<Response, Error> {
    let opened = notifications::open(&app, &person.actor, id).await?;
    if opened.notification.customer == person.actor.company {
        forms::page(&customers_page(&app, &person, opened).await?)
    } else {
        forms::page(&contractors_page(&app, &person, opened, at.contract).await?)
    }
}

async fn to_page(Path(id): Path<ChangeNotificationId>) -> Redirect {
    Redirect::to(&page_url(id))
}

async fn to_page_of(Path((id, contract)): Path<(ChangeNotificationId, ContractId)>) -> Redirect {
    Redirect::to(&format!("{}?contract={contract}", page_url(id)))
}

/// What a page of a notification has in common for both sides.
struct Common {
    page: Page,
    heading: String,
    details: Vec<(String, Text)>,
}

fn common(opened: &notifications::Opened, side: Side) -> Common {
    let notification = &opened.notification;
    let number = format!("CN {}", notification.number);
    let due = notification.due_on.map(words::date).unwrap_or_default();
    Common {
        page: Page::new(number.clone(), NavItem::Notifications)
            .of(opened.project.id)
            .under(opened.project.name.clone(), format!("/projects/{}", opened.project.id))
            .under("Change Notifications", list_url(opened.project.id, side)),
        heading: format!("{number} · {}", notification.title),
        details: vec![
            (
                "From".to_owned(),
                Text::from(format!("{}, {}", notification.created_by_name, notification.customer_name)),
            ),
            ("Sent".to_owned(), words::moment(notification.created_at)),
            ("Price due".to_owned(), due.into()),
            ("Reference".to_owned(), notification.reference.clone().into()),
        ],
    }
}

/// An answer; `procore` says how its COR stands there.
fn response_row(response: NotificationResponse, procore: ProcoreCell) -> ResponseRow {
    let cor = response.cor.map(|cor| ResponseCor {
        id: cor.id.to_string(),
        label: format!("COR {}", cor.number),
        url: format!("/cors/{}", cor.id),
        title: cor.title,
        status: words::status(cor.status),
        amount: words::money(cor.total),
        procore,
        selected: true,
    });
    let unsent = cor.is_none() && response.response == Answer::Answered;
    ResponseRow {
        contractor: format!("{} · {}", response.contractor_name, response.contract_name),
        // A Draft is its sender's alone, so the customer reads of an answer only once it is sent.
        state: if unsent { Pill::new(Tone::Quiet, "Being priced") } else { answer_pill(response.response) },
        when: response.answered_at.filter(|_| !unsent).map(words::moment).unwrap_or_default(),
        note: response.note,
        cors: cor.into_iter().collect(),
    }
}

async fn customers_page(
    app: &App,
    person: &SignedIn,
    opened: notifications::Opened,
) -> Result<NotificationPage, Error> {
    let Common { page, heading, details } = common(&opened, Side::Sent);
    let pushable = opened.responses.iter().any(|response| response.cor.is_some());
    let project = opened.project.id;
    let may = person.actor.may_push(opened.project.standing());
    let (asked, responded) = (opened.notification.asked, opened.notification.responded);
    let mut responses = Vec::with_capacity(opened.responses.len());
    for response in opened.responses {
        let procore = match &response.cor {
            Some(answer) => show::in_procore(app, person, answer.id).await?,
            None => ProcoreCell::default(),
        };
        responses.push(response_row(response, procore));
    }
    Ok(NotificationPage {
        shell: shell(app, person, page).await?,
        heading,
        details,
        description: opened.notification.description,
        responded: format!("{responded} of {} responded", words::count(asked, "contractor", "contractors")),
        responses,
        push: if pushable {
            words::deed(may, format!("/push?project={project}&side={}", Side::Received.code()))
        } else {
            Deed::Absent
        },
    })
}

#[derive(Deserialize)]
struct At {
    contract: Option<ContractId>,
}

async fn contractors_page(
    app: &App,
    person: &SignedIn,
    opened: notifications::Opened,
    contract: Option<ContractId>,
) -> Result<RespondPage, Error> {
    let Common { page, heading, details } = common(&opened, Side::Received);
    let (id, project) = (opened.notification.id, opened.project.id);
    let may = person.actor.may_notify(opened.project.standing());
    // One contract at a time; the one that waits comes first.
    let at = match contract {
        Some(contract) => opened.responses.iter().position(|response| response.contract == contract),
        None => opened.responses.iter().position(|response| response.response == Answer::Waiting).or(Some(0)),
    };
    let mut responses = opened.responses;
    let at = at.filter(|at| *at < responses.len()).ok_or(Error::NotFound)?;
    let own = responses.swap_remove(at);
    let contract = own.contract;
    let cors = notifications::cors_to_answer_with(app, &person.actor, contract).await?;
    let cors = cors.into_iter().map(|cor| {
        let status = cor.status.name();
        Choice::new(cor.id.to_string(), format!("COR {} · {} · {} · {status}", cor.number, cor.title, cor.total))
    });
    let mut details = details;
    details.push(("Your contract".to_owned(), own.contract_name.clone().into()));
    Ok(RespondPage {
        cors: cors.collect(),
        shell: shell(app, person, page).await?,
        heading,
        details,
        description: opened.notification.description,
        respond: words::deed(may, format!("{}/respond?contract={contract}", page_url(id))),
        no_decline: if own.response == Answer::Answered { notifications::ANSWERED_WITH_A_COR } else { "" },
        create_url: format!("/projects/{project}/cors/new?notification={id}&contract={contract}"),
        // What the customer does in Procore is not the contractor's to see.
        answered: (own.response != Answer::Waiting).then(|| response_row(own, ProcoreCell::default())),
        ..RespondPage::default()
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Replied {
    answer: String,
    cor: String,
    note: String,
}

async fn respond(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<ChangeNotificationId>,
    Query(at): Query<At>,
    Form(typed): Form<Replied>,
) -> Result<Response, Error> {
    let contract = at.contract.ok_or(Error::NotFound)?;
    let done = match typed.answer.as_str() {
        "decline" => notifications::decline(&app, &person.actor, id, contract, &typed.note).await,
        _ => match typed.cor.parse() {
            Ok(cor) => notifications::answer(&app, &person.actor, id, contract, cor).await,
            Err(_) => Err(Error::invalid("cor", "Choose one of your CORs.")),
        },
    };
    let back = format!("{}?contract={contract}", page_url(id));
    match done {
        Ok(()) if typed.answer == "decline" => Ok(flash::done(&back, "You declined; your customer sees why.")),
        Ok(()) => Ok(flash::done(&back, "Your answer is in.")),
        Err(Error::Invalid(errors)) => {
            let opened = notifications::open(&app, &person.actor, id).await?;
            let view = contractors_page(&app, &person, opened, Some(contract)).await?;
            forms::again(&RespondPage { errors: forms::errors(&errors), ..view })
        }
        // A reason that was written is shown on the page that says why it isn't stored.
        Err(error @ Error::Conflict(_)) if typed.note.trim().is_empty() => {
            Ok(flash::failed(&back, forms::notice(error)?))
        }
        Err(error) => Err(error),
    }
}
