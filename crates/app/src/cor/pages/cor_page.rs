//! A COR's page: its content, its status, its place in Procore and its activity.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::{
    CorId,
    cor::{Besides, Means, Pricing, Status, rate_with_cents},
    procore::{Side, push_state::ProcoreState},
    role::Actor,
};
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    App, Error,
    cor::{
        copy,
        pages::status::{self, AskStatus, StatusForm},
        read_cor::{self, CorDetail},
        set_status, write,
    },
    log::pages::{
        cell::{ProcoreCell, Reader},
        log_url, push_action, under_log,
    },
    push, record,
    serving::{
        filters, flash, forms,
        session::SignedIn,
        shell::shell,
        views::{ActionLink, Choice, Shell},
        words,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/cors/{cor}", get(page))
        .route("/cors/{cor}/status", post(set_status))
        .route("/cors/{cor}/send", post(send))
        .route("/cors/{cor}/delete", post(delete))
}

/// A COR with its lines, its place in Procore and what happened to it.
#[derive(Template)]
#[template(path = "cor/templates/cor.html")]
pub(crate) struct CorPage<'a> {
    pub shell: Shell,
    pub detail: &'a CorDetail,
    /// The reader.
    pub actor: &'a Actor,
    /// A status that was chosen and has to be confirmed.
    pub ask: Option<AskStatus>,
    pub now: Timestamp,
}

impl CorPage<'_> {
    fn edits(&self, verb: &str) -> ActionLink {
        let may_edit = self.actor.may_edit_cors(self.detail.project.standing());
        words::action(may_edit, format!("/cors/{}/{verb}", self.detail.cor.id))
    }

    fn is_draft(&self) -> bool {
        self.detail.cor.status == Status::Draft
    }

    fn statuses(&self) -> (Vec<Choice>, String) {
        status::offered(self.detail)
    }

    /// What is asked before this status, if the reader may set it.
    fn question(&self, status: Status) -> Option<AskStatus> {
        let (statuses, note) = self.statuses();
        self.set_status(&statuses, &note).url()?;
        status::question(self.detail, status, StatusForm::default())
    }

    /// Where the status posts (`status`, `revision` and `ask`), or why this person may not.
    fn set_status(&self, statuses: &[Choice], note: &str) -> ActionLink {
        let left = statuses.iter().any(|choice| !choice.disabled && !choice.selected);
        match self.edits("status") {
            _ if self.is_draft() => ActionLink::Absent,
            ActionLink::May(_) if !left => ActionLink::MayNot(note.to_owned()),
            may => may,
        }
    }

    fn edit(&self) -> ActionLink {
        if self.detail.side == Side::Sent { self.edits("edit") } else { ActionLink::Absent }
    }

    fn send(&self) -> ActionLink {
        if self.is_draft() { self.edits("send") } else { ActionLink::Absent }
    }

    fn delete(&self) -> ActionLink {
        match self.edits("delete") {
            ActionLink::May(url) if self.is_draft() => ActionLink::May(url),
            _ => ActionLink::Absent,
        }
    }

    fn push(&self) -> ActionLink {
        let detail = self.detail;
        let action = push_action(self.actor, &detail.project, detail.side, detail.in_procore.mapping.is_some());
        match push::pushable(&detail.cor, detail.link.as_ref()) {
            Err(why) if action.url().is_some() => ActionLink::MayNot(why.sentence()),
            _ => action,
        }
    }

    fn cell(&self) -> ProcoreCell {
        let detail = self.detail;
        let may_push = self.actor.may_push(detail.project.standing()).is_ok();
        let reader = Reader { project: &detail.in_procore, may_push, now: self.now };
        let mut cell = reader.cell(detail.cor.id, &detail.procore.standing);
        cell.state = cell.state.filter(|state| !self.is_draft() || *state != ProcoreState::NotInProcore);
        if let (Some(shown), Some(event)) = (&mut cell.event, &detail.procore.standing.event)
            && !event.number.is_empty()
        {
            shown.label = format!("CE {} {}", event.number, event.title);
        }
        cell
    }
}

#[derive(Deserialize)]
struct Asking {
    /// The status that was chosen and has to be confirmed.
    #[serde(default)]
    ask: String,
}

async fn page(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<CorId>,
    Query(asking): Query<Asking>,
) -> Result<Response, Error> {
    let detail = read_cor::cor(&app, &person.actor, id).await?;
    let mut page = open(&app, &person, &detail).await?;
    page.ask = Status::from_code(&asking.ask).and_then(|status| page.question(status));
    forms::page(&page)
}

/// The page of a COR, nothing asked.
async fn open<'a>(app: &App, person: &'a SignedIn, detail: &'a CorDetail) -> Result<CorPage<'a>, Error> {
    let frame = under_log(&detail.project, detail.side, format!("COR {}", detail.cor.number));
    let shell = shell(app, person, frame).await?;
    Ok(CorPage { shell, detail, actor: &person.actor, ask: None, now: app.now() })
}

async fn set_status(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<CorId>,
    Form(typed): Form<StatusForm>,
) -> Result<Response, Error> {
    let status = Status::from_code(&typed.status).ok_or_else(|| Error::invalid("status", "Choose a status."))?;
    let url = format!("/cors/{id}");
    if !typed.ask.is_empty() {
        let detail = read_cor::cor(&app, &person.actor, id).await?;
        if status::question(&detail, status, StatusForm::default()).is_some() {
            return Ok(Redirect::to(&format!("{url}?ask={}", status.code())).into_response());
        }
    }
    // If somebody else was faster, the page asks again about the COR as it is now, with the reason that was typed.
    let errors = match set_status::set(&app, &person.actor, id, typed.clone().read(status)).await {
        Ok(cor) => {
            let detail = read_cor::cor(&app, &person.actor, id).await?;
            return Ok(flash::done(&url, copy::status_set(&CorDetail { cor, ..detail })));
        }
        Err(error) => forms::refused_or_told(error)?,
    };
    let detail = read_cor::cor(&app, &person.actor, id).await?;
    let mut page = open(&app, &person, &detail).await?;
    if let Some(asked) = page.question(status) {
        page.ask = Some(AskStatus { typed, errors: errors.clone(), ..asked });
        return forms::again(&page);
    }
    Ok(flash::failed(&url, Error::Invalid(errors).sentence()))
}

async fn send(State(app): State<App>, person: SignedIn, Path(id): Path<CorId>) -> Result<Response, Error> {
    let sent = set_status::send(&app, &person.actor, id).await;
    forms::done_or_failed(sent.map(|cor| copy::sent_to(&cor)), &format!("/cors/{id}"))
}

async fn delete(State(app): State<App>, person: SignedIn, Path(id): Path<CorId>) -> Result<Response, Error> {
    match write::delete_draft(&app, &person.actor, id).await {
        Ok(project) => Ok(flash::done(&log_url(project, Side::Sent, ""), copy::DELETED)),
        Err(error) => Ok(flash::failed(&format!("/cors/{id}"), forms::notice(error)?)),
    }
}
