//! Step 4: progress, then what happened; the same of a removal, which is asked for beside the COR and not in the wizard.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::OfficeId;
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::{
    cor_url, field, fields, frame, frame_of,
    head::{WizardHead, WizardStep},
    log_of, result_url,
};
use crate::{
    App, Error,
    integration::pages::popup::{STATUS_URL, sign_in_urls},
    push::{
        self, Control, Remedy, Which,
        copy::choices,
        push_result::{OutcomeOfCor, PushResult, PushedCor, Stands},
    },
    serving::{
        filters, flash, forms,
        session::SignedIn,
        views::{PageLink, Shell, Text},
    },
};

/// Step 4. While it runs, the page asks its own address again every second. A [`Control`] posts its verb as `do`.
#[derive(Debug, Template)]
#[template(path = "push/templates/result.html")]
pub(crate) struct ResultPage<'a> {
    pub shell: Shell,
    pub head: WizardHead,
    pub push: &'a PushResult,
    pub self_url: String,
    /// Where it was begun.
    pub back: PageLink,
    pub now: Timestamp,
}

/// By a push's draft, or by its own id.
pub(crate) async fn show<Id>(State(app): State<App>, person: SignedIn, Path(id): Path<Id>) -> Result<Response, Error>
where
    Id: Into<Which> + DeserializeOwned + Send,
{
    let which = id.into();
    let standing = push::standing(&app, &person.actor, which).await?;
    let (project, side) = (&standing.project, standing.push.order.plan.side);
    let (push, log) = (standing.told(&app), PageLink::new(choices::BACK_TO_LOG, log_of(project, side)));
    let (shell, head) = match &standing.opened {
        Some(opened) => {
            (frame(&app, &person, opened).await?, WizardHead::of(&app, &person, opened, WizardStep::Result).await?)
        }
        None => (
            frame_of(&app, &person, project, side, "Remove lines from Procore").await?,
            head_of_removal(&push, log.clone()),
        ),
    };
    let asked = standing.opened.as_ref().is_some_and(|opened| opened.body.notification.is_some());
    let back = if asked { head.back.clone() } else { log };
    forms::page(&ResultPage { shell, head, push: &push, self_url: result_url(which), back, now: app.now() })
}

/// The header of a removal, without the wizard's steps.
pub(crate) fn head_of_removal(push: &PushResult, back: PageLink) -> WizardHead {
    WizardHead { heading: push.removal_title(), step: WizardStep::Result, back, ..WizardHead::default() }
}

/// Pauses, resumes, cancels, tries again, looks now, says that it is not there.
pub(crate) async fn act<Id>(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<Id>,
    body: String,
) -> Result<Response, Error>
where
    Id: Into<Which> + DeserializeOwned + Send,
{
    let (which, fields) = (id.into(), fields(&body));
    let control = Control::from_code(field(&fields, "do")).ok_or(Error::NotFound)?;
    let back = result_url(which);
    match control.carry_out(&app, &person.actor, which).await {
        Ok(()) => Ok(Redirect::to(&back).into_response()),
        Err(error) => Ok(flash::failed(&back, forms::notice(error)?)),
    }
}

impl ResultPage<'_> {
    fn says(&self) -> Text {
        self.push.says(self.now)
    }

    fn estimate(&self) -> Option<String> {
        self.push.estimate(self.now)
    }

    fn settled(&self) -> usize {
        self.push.cors.iter().filter(|cor| cor.outcome != OutcomeOfCor::Pending).count()
    }

    /// Whether it goes on without anybody.
    fn goes_on(&self) -> bool {
        self.push.controls().contains(&Control::Pause)
    }

    /// What to press.
    fn remedy(&self) -> Option<PageLink> {
        let on_office =
            |label, id: &OfficeId| Some(PageLink::new(label, format!("/settings/offices/{id}/integrations")));
        match self.push.remedy.as_ref()? {
            Remedy::SignIn => Some(PageLink::new("Sign in to Procore", sign_in_urls(&self.self_url).0)),
            Remedy::ConnectOffice { office, may: Ok(()) } => on_office("Connect the office", office),
            Remedy::CheckConnection { office, may: Ok(()) } => on_office("Check the connection", office),
            Remedy::EndWait { office, may: Ok(()) } => on_office("See the pause", office),
            _ => None,
        }
    }

    /// For a remedy that opens the Procore pop-up: the pop-up's address, and the one that says when it is over.
    fn popup(&self) -> Option<(String, &'static str)> {
        (self.push.remedy == Some(Remedy::SignIn)).then(|| (sign_in_urls(&self.self_url).1, STATUS_URL))
    }
}

impl PushedCor {
    /// What was written, or removed.
    fn amount(&self) -> domain::procore::Amount {
        if self.goes { self.previous } else { self.planned }
    }

    fn url(&self) -> String {
        cor_url(self.cor_id)
    }
}

impl Stands {
    /// The pill's color.
    fn class(self) -> &'static str {
        match self {
            Self::Waiting | Self::Paused | Self::Cancelled => "quiet",
            Self::Sending => "info",
            Self::Checking | Self::InProcoreWithGap => "warn",
            Self::InProcore | Self::Removed => "good",
            Self::Refused | Self::Stopped => "bad",
            Self::Changed | Self::SignInNeeded | Self::OfficeNeeded => "procore",
        }
    }
}
