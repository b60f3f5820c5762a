//! The status of a COR on its page: which ones it may be given, what is asked before one, and setting it.

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::post,
};
use axum_extra::extract::Form;
use domain::{
    CorId,
    cor::{Besides, Means, Status},
};
use serde::Deserialize;

use crate::{
    App, Error, FieldErrors,
    cor::{
        copy,
        pages::cor_page::{self, CorPage},
        read_cor::{self, CorDetail},
        set_status::{self, Approval, SetStatus},
    },
    serving::{
        flash, forms,
        session::SignedIn,
        views::{Choice, FormErrors},
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/cors/{cor}/status", post(set_status))
}

/// A status that is not set without a question.
#[derive(Debug)]
pub(crate) struct AskStatus {
    pub status: Status,
    /// What has to be said with it.
    pub besides: Besides,
    /// What follows from it, and who sees it.
    pub consequence: String,
    pub typed: StatusForm,
    pub errors: FormErrors,
}

impl CorPage<'_> {
    /// The statuses as the page offers them, and why some are greyed.
    pub fn statuses(&self) -> (Vec<Choice>, String) {
        let (cor, side) = (&self.detail.cor, self.detail.side);
        let mut note = String::new();
        let choice = |status: Status| {
            let refused = cor.status.may_become(status, side, cor.receiver_joined).err();
            let refused = refused.filter(|_| status != cor.status);
            if let Some(why) = refused {
                note = why.to_string();
            }
            let choice = Choice::new(status.code(), status.name());
            Choice { selected: status == cor.status, disabled: refused.is_some(), ..choice }
        };
        let choices = Status::ALL.into_iter().filter(|status| status.is_shared()).map(choice).collect();
        (choices, note)
    }
}

/// What is asked before a status that has to be said more about, or that ends the talk about a COR. The rest are set at once.
pub(crate) fn ask(page: &CorPage<'_>, status: Status) -> Option<AskStatus> {
    let (statuses, note) = page.statuses();
    page.set_status(&statuses, &note).url()?;
    question(page.detail, status, StatusForm::default())
}

/// The question of [`ask`], whether or not the reader may set the status.
pub(crate) fn question(detail: &CorDetail, status: Status, typed: StatusForm) -> Option<AskStatus> {
    let cor = &detail.cor;
    let besides = cor.status.may_become(status, detail.side, cor.receiver_joined).ok()?;
    if status == cor.status {
        return None;
    }
    let consequence = copy::consequence(detail, status, besides)?;
    Some(AskStatus { status, besides, consequence, typed, errors: FormErrors::default() })
}

/// A status as the page posts it.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct StatusForm {
    pub status: String,
    /// The revision that the form showed.
    pub revision: i64,
    /// The form asks before a status that [`ask`] has a question about.
    pub ask: String,
    pub reason: String,
    pub means: String,
    pub given_on: String,
    pub clock: String,
}

impl StatusForm {
    fn read(self, status: Status) -> SetStatus {
        let approval = Approval { means: Means::from_code(&self.means), on: self.given_on };
        SetStatus {
            status,
            revision: Some(self.revision),
            reason: self.reason,
            approval: Some(approval).filter(|approval| *approval != Approval::default()),
            clock: self.clock,
        }
    }
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
        if question(&detail, status, StatusForm::default()).is_some() {
            return Ok(Redirect::to(&format!("{url}?ask={}", status.code())).into_response());
        }
    }
    let error = match set_status::set(&app, &person.actor, id, typed.clone().read(status)).await {
        Ok(cor) => {
            let detail = read_cor::cor(&app, &person.actor, id).await?;
            return Ok(flash::done(&url, copy::status_set(&CorDetail { cor, ..detail })));
        }
        Err(error) => error,
    };
    // What was said with a status is not lost to somebody who was faster: it is asked again of the COR as it is now.
    let errors = match error {
        Error::Invalid(errors) => errors,
        other => FieldErrors::one("", forms::notice(other)?),
    };
    let detail = read_cor::cor(&app, &person.actor, id).await?;
    let mut page = cor_page::open(&app, &person, &detail).await?;
    if let Some(asked) = ask(&page, status) {
        page.ask = Some(AskStatus { typed, errors: errors.clone(), ..asked });
        return forms::again(&page);
    }
    Ok(flash::failed(&url, Error::Invalid(errors).sentence()))
}
