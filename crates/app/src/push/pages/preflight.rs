//! The checklist on step 3, and in its place where no plan can be made.

use askama::Template;
use axum::response::Response;
use domain::{
    DraftId, ProjectId,
    procore::preflight::{Level, PreflightCheck, PreflightFinding},
};
use jiff::Timestamp;

use super::{
    frame,
    head::{WizardHead, WizardStep},
};
use crate::{
    App, Error, FieldErrors,
    integration::pages::{
        popup::{STATUS_URL, sign_in_urls},
        project::currency_url,
    },
    push::{
        self, OpenedDraft,
        copy::{self, checklist},
        preflight::First,
    },
    serving::{
        forms,
        session::SignedIn,
        views::{PageLink, Shell, Text},
    },
};

/// The checklist as a step shows it.
#[derive(Debug, Clone)]
pub(crate) struct Checklist {
    pub draft: DraftId,
    pub project: ProjectId,
    pub step: WizardStep,
    pub now: Timestamp,
    pub findings: Vec<PreflightFinding>,
    /// How many of the plan's lines wait for a person's word.
    pub undecided: usize,
}

impl Checklist {
    /// On a step of a draft.
    pub(crate) fn of(app: &App, opened: &OpenedDraft, step: WizardStep, findings: &[PreflightFinding]) -> Self {
        let (draft, project, findings) = (opened.draft.id, opened.project.id, findings.to_vec());
        Self { draft, project, step, now: app.now(), findings, undecided: 0 }
    }

    /// What can stop a push whatever its lines are, if something does.
    pub(crate) fn early(app: &App, opened: &OpenedDraft, step: WizardStep, first: &First) -> Option<Self> {
        first.stops().then(|| Self::of(app, opened, step, &first.findings))
    }

    /// How it looks closed.
    pub fn sign(&self) -> Level {
        checklist::sign(&self.findings, self.undecided)
    }

    /// Whether somebody has to read it.
    pub fn is_open(&self) -> bool {
        checklist::worst(&self.findings) >= Level::Warn
    }

    /// All of it in a sentence.
    pub fn summary(&self) -> String {
        checklist::summary(&self.findings, self.undecided)
    }

    /// How a check came out, in words.
    pub fn word(finding: &PreflightFinding) -> &'static str {
        checklist::outcome(finding.level)
    }

    /// When that was read.
    pub fn as_of(&self, finding: &PreflightFinding) -> Option<Text> {
        finding.as_of.map(|at| checklist::as_of(at, self.now))
    }

    /// Where the reader can mend it.
    pub fn link(&self, finding: &PreflightFinding) -> Option<PageLink> {
        let on = |step: &str| format!("/push/{}/{step}", self.draft);
        let (wrong, stops) = (finding.level >= Level::Warn, finding.level == Level::Stop);
        match finding.check {
            PreflightCheck::Connection if wrong => Some(PageLink::new("Sign in to Procore", self.sign_in().0)),
            PreflightCheck::Event if wrong && self.step != WizardStep::Event => {
                Some(PageLink::new("Choose the event", on("event")))
            }
            PreflightCheck::Currency if wrong => {
                Some(PageLink::new("Currency of the project", currency_url(self.project)))
            }
            PreflightCheck::Codes if wrong => Some(PageLink::new("Lines and codes", on("lines"))),
            PreflightCheck::Contract if stops => Some(PageLink::new("Choose the contract", on("lines"))),
            _ => None,
        }
    }

    /// For the link that opens the Procore pop-up: the pop-up's address, and the one that says when it is over.
    pub fn popup(&self, finding: &PreflightFinding) -> Option<(String, &'static str)> {
        (finding.check == PreflightCheck::Connection && finding.level >= Level::Warn)
            .then(|| (self.sign_in().1, STATUS_URL))
    }

    fn sign_in(&self) -> (String, String) {
        sign_in_urls(&format!("/push/{}/{}", self.draft, self.step.path()))
    }
}

/// In place of a step that can't be shown: the plan, or the choice of an event.
#[derive(Debug, Template)]
#[template(path = "push/templates/stopped.html")]
pub(crate) struct StoppedPage {
    pub shell: Shell,
    pub head: WizardHead,
    pub back: PageLink,
    /// What was checked; none where Procore can't be reached.
    pub preflight: Option<Checklist>,
    /// Where to try again.
    pub again: Option<String>,
}

/// The step stays and says why, where Procore can't be reached: nothing of it is lost, and it is tried again there.
async fn away(
    app: &App,
    person: &SignedIn,
    opened: &OpenedDraft,
    step: WizardStep,
    why: String,
) -> Result<Response, Error> {
    let head = WizardHead::of(app, person, opened, step).await?;
    forms::page(&StoppedPage {
        shell: frame(app, person, opened).await?,
        head: WizardHead { errors: FieldErrors::one("", why), ..head },
        back: back(opened, step),
        preflight: None,
        again: Some(format!("/push/{}/{}", opened.draft.id, step.path())),
    })
}

/// Where *Back* leads from a step that can't be shown.
fn back(opened: &OpenedDraft, step: WizardStep) -> PageLink {
    match step {
        WizardStep::Event => super::back(opened),
        _ => PageLink::new("Back", format!("/push/{}/lines", opened.draft.id)),
    }
}

/// A step, or why it can't be shown now, in its place.
pub(crate) async fn or_why(
    app: &App,
    person: &SignedIn,
    id: DraftId,
    step: WizardStep,
    drawn: Result<Response, Error>,
) -> Result<Response, Error> {
    match drawn {
        Err(error @ (Error::SignInToProcore(_) | Error::ProcoreRefused(_) | Error::ProcoreUnavailable(_))) => {
            in_place_of(app, person, id, step, error).await
        }
        drawn => drawn,
    }
}

/// The checklist, if pre-flight knows what Procore says no to; else what it said.
async fn in_place_of(
    app: &App,
    person: &SignedIn,
    id: DraftId,
    step: WizardStep,
    error: Error,
) -> Result<Response, Error> {
    let known = match &error {
        Error::ProcoreUnavailable(_) => None,
        // What can't be asked now is not known.
        _ => push::stopped(app, &person.actor, id).await.ok().flatten(),
    };
    let Some((opened, findings)) = known else {
        let opened = push::open(app, &person.actor, id).await?;
        return away(app, person, &opened, step, error.sentence()).await;
    };
    forms::page(&StoppedPage {
        shell: frame(app, person, &opened).await?,
        head: WizardHead::of(app, person, &opened, step).await?,
        back: back(&opened, step),
        preflight: Some(Checklist::of(app, &opened, step, &findings)),
        again: None,
    })
}
