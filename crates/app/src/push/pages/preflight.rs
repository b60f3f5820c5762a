//! The checklist on step 3, and in its place where no plan can be made.

use askama::Template;
use axum::response::Response;
use domain::{
    DraftId, ProjectId,
    procore::preflight::{Level, PreflightCheck, PreflightFinding},
    text::counted,
};
use jiff::Timestamp;

use super::{
    frame,
    head::{WizardHead, WizardStep},
    log_url,
};
use crate::{
    App, Error,
    integration::pages::{
        popup::{STATUS_URL, sign_in_urls},
        project::currency_url,
    },
    push::{self, OpenedDraft, preflight::First},
    serving::{
        forms,
        session::SignedIn,
        views::{PageLink, Shell, Text},
    },
};

/// Where a checklist stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnStep {
    pub draft: DraftId,
    pub project: ProjectId,
    pub step: WizardStep,
    pub now: Timestamp,
}

impl OnStep {
    /// On a step of a draft.
    pub(crate) fn of(app: &App, opened: &OpenedDraft, step: WizardStep) -> Self {
        Self { draft: opened.draft.id, project: opened.project.id, step, now: app.now() }
    }
}

/// The checklist as a step shows it.
#[derive(Debug, Clone)]
pub(crate) struct Checklist {
    pub place: OnStep,
    pub findings: Vec<PreflightFinding>,
    /// How many of the plan's lines wait for a person's word.
    pub undecided: usize,
}

impl Checklist {
    /// What can stop a push whatever its lines are, if something does.
    pub(crate) fn early(place: OnStep, first: &First) -> Option<Self> {
        first.stops().then_some(Self { place, findings: first.findings.clone(), undecided: 0 })
    }

    fn worst(&self) -> Level {
        self.findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok)
    }

    /// How it looks closed: a plan that waits for a decision is not ready.
    pub fn sign(&self) -> Level {
        if self.undecided > 0 { self.worst().max(Level::Warn) } else { self.worst() }
    }

    /// Whether somebody has to read it.
    pub fn is_open(&self) -> bool {
        self.worst() >= Level::Warn
    }

    /// All of it in a sentence.
    pub fn summary(&self) -> String {
        let worst = self.worst();
        let n = self.findings.iter().filter(|finding| finding.level == worst).count();
        let decisions = || counted(self.undecided, "decision is missing", "decisions are missing");
        match (worst, self.undecided) {
            (Level::Stop, _) => counted(n, "thing stops this push", "things stop this push"),
            (Level::Warn, undecided) => {
                let know = counted(n, "thing to know before you push", "things to know before you push");
                if undecided > 0 { format!("{}, {know}", decisions()) } else { know }
            }
            (_, 1..) => decisions(),
            (Level::Unknown, _) => format!("Ready to push; {} could not be made", counted(n, "check", "checks")),
            (Level::Ok, _) => "Ready to push".to_owned(),
        }
    }

    /// How a check came out, in words.
    pub fn word(finding: &PreflightFinding) -> &'static str {
        match finding.level {
            Level::Ok => "in order",
            Level::Unknown => "not known",
            Level::Warn => "take note",
            Level::Stop => "stops the push",
        }
    }

    /// When that was read.
    pub fn as_of(&self, finding: &PreflightFinding) -> Option<Text> {
        finding.as_of.map(|at| Text::from("As of ").clock(at, self.place.now).and("."))
    }

    /// Where the reader can mend it.
    pub fn link(&self, finding: &PreflightFinding) -> Option<PageLink> {
        let OnStep { draft, project, step, .. } = self.place;
        let on = |step: &str| format!("/push/{draft}/{step}");
        let (wrong, stops) = (finding.level >= Level::Warn, finding.level == Level::Stop);
        match finding.check {
            PreflightCheck::Connection if wrong => Some(PageLink::new("Sign in to Procore", self.sign_in().0)),
            PreflightCheck::Event if wrong && step != WizardStep::Event => {
                Some(PageLink::new("Choose the event", on("event")))
            }
            PreflightCheck::Currency if wrong => Some(PageLink::new("Currency of the project", currency_url(project))),
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
        sign_in_urls(&format!("/push/{}/{}", self.place.draft, self.place.step.path()))
    }
}

/// In place of a step that can't be shown: the plan, or the choice of an event.
#[derive(Debug, Template)]
#[template(path = "push/templates/stopped.html")]
pub(crate) struct StoppedPage {
    pub shell: Shell,
    pub head: WizardHead,
    pub back: PageLink,
    pub preflight: Checklist,
}

/// The checklist instead of a step, if pre-flight knows why there is none; else what kept the step from being shown.
pub(crate) async fn in_place_of(
    app: &App,
    person: &SignedIn,
    id: DraftId,
    step: WizardStep,
    error: Error,
) -> Result<Response, Error> {
    let Some((opened, findings)) = push::stopped(app, &person.actor, id).await? else { return Err(error) };
    forms::page(&StoppedPage {
        shell: frame(app, person, &opened).await?,
        head: WizardHead::of(app, person, &opened, step).await?,
        back: match step {
            WizardStep::Event => PageLink::new("Back to the log", log_url(&opened)),
            _ => PageLink::new("Back", format!("/push/{id}/lines")),
        },
        preflight: Checklist { place: OnStep::of(app, &opened, step), findings, undecided: 0 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_waits_for_a_decision_is_not_ready() {
        let found = |level| PreflightFinding {
            check: PreflightCheck::Event,
            level,
            says: String::new(),
            correction: None,
            as_of: None,
        };
        let said = |levels: &[Level], undecided| {
            let findings: Vec<_> = levels.iter().copied().map(found).collect();
            let place = OnStep {
                draft: DraftId(uuid::Uuid::nil()),
                project: ProjectId(uuid::Uuid::nil()),
                step: WizardStep::Review,
                now: Timestamp::UNIX_EPOCH,
            };
            let shown = Checklist { place, findings, undecided };
            (shown.summary(), shown.sign().code())
        };
        assert_eq!(said(&[Level::Ok], 0), ("Ready to push".to_owned(), "ok"));
        assert_eq!(said(&[Level::Ok], 1), ("1 decision is missing".to_owned(), "warn"));
        let both = "2 decisions are missing, 1 thing to know before you push";
        assert_eq!(said(&[Level::Warn], 2), (both.to_owned(), "warn"));
        assert_eq!(said(&[Level::Stop], 1), ("1 thing stops this push".to_owned(), "stop"));
    }
}
