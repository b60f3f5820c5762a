//! The editor of a new or stored COR. It keeps what was typed through every error.

use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};
use axum_extra::extract::Form;
use domain::{CorId, ProjectId, procore::Side};
use serde::Deserialize;

use crate::{
    App, Error, FieldErrors,
    cor::{
        copy::{self, ADD_A_CONTRACT},
        input::CorInput,
        pages::{
            editor_page::{Edited, EditorPage},
            posted::Posted,
        },
        read_cor::{self, CorDetail},
        settled_price::SettledPrice,
        write::{self, EditCor},
    },
    log::pages::under_log,
    notifications,
    serving::{flash, forms, session::SignedIn, shell::shell},
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/projects/{project}/cors/new", get(blank).post(create))
        .route("/cors/{cor}/edit", get(open).post(save))
}

#[derive(Deserialize, Default)]
struct Answering {
    #[serde(default)]
    notification: String,
    #[serde(default)]
    contract: String,
}

async fn blank(
    State(app): State<App>,
    person: SignedIn,
    Path(project): Path<ProjectId>,
    Query(answering): Query<Answering>,
) -> Result<Response, Error> {
    if let Some(fields) = person.unsent_to(&format!("/projects/{project}/cors/new")) {
        return new_form(&app, &person, project, Posted::read(fields), None).await;
    }
    let mut typed = CorInput {
        contract: answering.contract.parse().ok(),
        answers: answering.notification.parse().ok(),
        ..CorInput::default()
    };
    if let Some(asked) = typed.answers {
        let asked = notifications::open(&app, &person.actor, asked).await?.notification;
        (typed.title, typed.customer_reference) = (asked.title, asked.reference);
    }
    new_form(&app, &person, project, Posted { typed, ..Posted::default() }, None).await
}

async fn new_form(
    app: &App,
    person: &SignedIn,
    project: ProjectId,
    mut posted: Posted,
    refused: Option<&FieldErrors>,
) -> Result<Response, Error> {
    let blank = &read_cor::blank(app, &person.actor, project).await?;
    if blank.contracts.is_empty() {
        return Err(Error::Conflict(ADD_A_CONTRACT.to_owned()));
    }
    if refused.is_none() && posted.typed.number.is_empty() {
        posted.typed.number = blank.next_number.to_string();
    }
    let none = FieldErrors::default();
    let shell = shell(app, person, under_log(&blank.project, Side::Sent, "New COR")).await?.filled();
    let page = EditorPage::new(shell, Edited::New(blank), &posted, refused.unwrap_or(&none));
    if refused.is_some() { forms::again(&page) } else { forms::page(&page) }
}

async fn create(
    State(app): State<App>,
    person: SignedIn,
    Path(project): Path<ProjectId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let posted = Posted::read(pairs);
    if posted.adds_to().is_some() {
        return new_form(&app, &person, project, posted, None).await;
    }
    let refused = match write::create(&app, &person.actor, project, posted.typed.clone()).await {
        Ok(cor) => return Ok(flash::done(&format!("/cors/{}", cor.id), copy::saved(&cor, posted.typed.send))),
        Err(error) => refused(error)?,
    };
    new_form(&app, &person, project, posted, Some(&refused)).await
}

/// Errors that the form shows again. Any other error is a page of its own.
fn refused(error: Error) -> Result<FieldErrors, Error> {
    match error {
        Error::Invalid(errors) => Ok(errors),
        // A colleague was faster: the form keeps what was typed.
        Error::Conflict(sentence) => Ok(FieldErrors::one("", sentence)),
        error => Err(error),
    }
}

async fn open(State(app): State<App>, person: SignedIn, Path(id): Path<CorId>) -> Result<Response, Error> {
    let detail = editable(&app, &person, id).await?;
    let stored = || Posted { typed: CorInput::from(&detail.cor), version: detail.cor.revision, ..Posted::default() };
    let posted = person.unsent_to(&format!("/cors/{id}/edit")).map_or_else(stored, Posted::read);
    forms::page(&edit_form(&app, &person, &detail, &posted, &FieldErrors::default()).await?)
}

/// A COR that the person may edit.
async fn editable(app: &App, person: &SignedIn, id: CorId) -> Result<CorDetail, Error> {
    let detail = read_cor::cor(app, &person.actor, id).await?;
    if detail.side != Side::Sent {
        return Err(Error::Conflict(copy::theirs(&detail.cor)));
    }
    person.actor.may_edit_cors(detail.project.standing())?;
    Ok(detail)
}

async fn edit_form<'a>(
    app: &App,
    person: &SignedIn,
    detail: &'a CorDetail,
    posted: &'a Posted,
    refused: &'a FieldErrors,
) -> Result<EditorPage<'a>, Error> {
    let cor = &detail.cor;
    let frame = under_log(&detail.project, detail.side, "Edit")
        .under(format!("COR {}", cor.number), format!("/cors/{}", cor.id));
    let page = EditorPage::new(shell(app, person, frame).await?.filled(), Edited::Stored(detail), posted, refused);
    Ok(EditorPage { settled: SettledPrice::of(app, detail, &posted.typed, posted.version), ..page })
}

async fn save(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<CorId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let posted = Posted::read(pairs);
    if posted.adds_to().is_some() {
        let detail = editable(&app, &person, id).await?;
        return forms::page(&edit_form(&app, &person, &detail, &posted, &FieldErrors::default()).await?);
    }
    let revision = posted.over.unwrap_or(posted.version);
    let input = EditCor { cor: id, revision, typed: posted.typed.clone(), without_price: posted.saves_the_rest() };
    let refused = match write::edit(&app, &person.actor, input).await {
        Ok(cor) => {
            let said = if posted.saves_the_rest() {
                copy::saved_without_price(&cor)
            } else {
                copy::saved(&cor, posted.typed.send)
            };
            return Ok(flash::done(&format!("/cors/{id}"), said));
        }
        Err(error) => refused(error)?,
    };
    let detail = editable(&app, &person, id).await?;
    let mut form = edit_form(&app, &person, &detail, &posted, &refused).await?;
    if form.settled.is_none() {
        // Only a version that the person has seen can be overwritten. A newer one is shown first.
        form.overtaken = detail.cor.revision != revision;
        form.version = if form.overtaken { form.version } else { revision };
    }
    forms::again(&form)
}
