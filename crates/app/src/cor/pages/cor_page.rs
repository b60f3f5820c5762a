//! A COR's page: its content, its status, its place in Procore and its activity.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::{get, post},
};
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
        pages::status::{self, AskStatus},
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

    /// Where the status posts (`status`, `revision` and `ask`), or why this person may not.
    pub fn set_status(&self, statuses: &[Choice], note: &str) -> ActionLink {
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
    page.ask = Status::from_code(&asking.ask).and_then(|status| status::ask(&page, status));
    forms::page(&page)
}

/// The page of a COR, nothing asked.
pub(crate) async fn open<'a>(app: &App, person: &'a SignedIn, detail: &'a CorDetail) -> Result<CorPage<'a>, Error> {
    let frame = under_log(&detail.project, detail.side, format!("COR {}", detail.cor.number));
    let shell = shell(app, person, frame).await?;
    Ok(CorPage { shell, detail, actor: &person.actor, ask: None, now: app.now() })
}

async fn send(State(app): State<App>, person: SignedIn, Path(id): Path<CorId>) -> Result<Response, Error> {
    let url = format!("/cors/{id}");
    match set_status::send(&app, &person.actor, id).await {
        Ok(cor) => Ok(flash::done(&url, copy::sent_to(&cor))),
        Err(error) => Ok(flash::failed(&url, forms::notice(error)?)),
    }
}

async fn delete(State(app): State<App>, person: SignedIn, Path(id): Path<CorId>) -> Result<Response, Error> {
    match write::delete_draft(&app, &person.actor, id).await {
        Ok(project) => Ok(flash::done(&log_url(project, Side::Sent, ""), copy::DELETED)),
        Err(error) => Ok(flash::failed(&format!("/cors/{id}"), forms::notice(error)?)),
    }
}
