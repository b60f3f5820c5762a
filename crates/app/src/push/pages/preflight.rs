//! The checklist on step 3, and in its place where no plan can be made.

use domain::{
    DraftId, ProjectId,
    procore::preflight::{Check, Finding, Level},
};
use jiff::Timestamp;

use super::{frame, head, log_url};
use crate::{
    App, Error,
    integration::pages::{
        project::currency_url,
        sign_in::{STATUS_URL, sign_in_urls},
    },
    push::{
        self, Opened,
        preflight::First,
        views::{Preflight, PreflightItem, PreflightStep, Step},
    },
    serving::{
        session::SignedIn,
        views::{Link, Text},
        words,
    },
};

/// Where a checklist stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    draft: DraftId,
    project: ProjectId,
    step: Step,
    now: Timestamp,
}

impl Place {
    /// On a step of a draft.
    pub(crate) fn of(app: &App, opened: &Opened, step: Step) -> Self {
        Self { draft: opened.draft.id, project: opened.project.id, step, now: app.now() }
    }
}

/// The checklist as a step shows it; `undecided` of the plan's lines wait for a person's word.
pub(crate) fn checklist(place: Place, findings: &[Finding], undecided: usize) -> Preflight {
    let many = |level: Level| findings.iter().filter(|finding| finding.level == level).count();
    let worst = findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok);
    let count = |n: usize, one: &str, many: &str| words::count(i64::try_from(n).unwrap_or(0), one, many);
    let summary = match worst {
        Level::Stop => count(many(Level::Stop), "thing stops this push", "things stop this push"),
        Level::Warn => count(many(Level::Warn), "thing to know before you push", "things to know before you push"),
        Level::Unknown => {
            format!("Ready to push; {} could not be made", count(many(Level::Unknown), "check", "checks"))
        }
        Level::Ok => "Ready to push".to_owned(),
    };
    let decisions = count(undecided, "decision is missing", "decisions are missing");
    let (summary, sign) = match worst {
        Level::Stop => (summary, worst),
        _ if undecided == 0 => (summary, worst),
        Level::Warn => (format!("{decisions}, {summary}"), worst),
        Level::Ok | Level::Unknown => (decisions, Level::Warn),
    };
    let items = findings.iter().map(|finding| item(place, finding)).collect();
    Preflight { summary, worst: sign.code(), open: worst >= Level::Warn, items }
}

/// The checklist of what can stop a push whatever its lines are, if something does.
pub(crate) fn early(place: Place, first: &First) -> Option<Preflight> {
    first.stops().then(|| checklist(place, &first.findings, 0))
}

const fn path(step: Step) -> &'static str {
    match step {
        Step::Event => "event",
        Step::Codes => "lines",
        Step::Review => "review",
        Step::Result => "result",
    }
}

fn item(Place { draft: id, project, step, now }: Place, finding: &Finding) -> PreflightItem {
    let (remedy, who) = finding.remedy.clone().unzip();
    let (sign_in, popup) = sign_in_urls(&format!("/push/{id}/{}", path(step)));
    let wrong = finding.level >= Level::Warn;
    let (link, popup) = match finding.check {
        Check::Connection if wrong => {
            (Some(Link::new("Sign in to Procore", sign_in)), Some((popup, STATUS_URL.to_owned())))
        }
        Check::Event if wrong && step != Step::Event => {
            (Some(Link::new("Choose the event", format!("/push/{id}/event"))), None)
        }
        Check::Currency if wrong => (Some(Link::new("Currency of the project", currency_url(project))), None),
        Check::Codes if wrong => (Some(Link::new("Lines and codes", format!("/push/{id}/lines"))), None),
        Check::Contract if finding.level == Level::Stop => {
            (Some(Link::new("Choose the contract", format!("/push/{id}/lines"))), None)
        }
        _ => (None, None),
    };
    PreflightItem {
        name: finding.check.name(),
        level: finding.level.code(),
        word: match finding.level {
            Level::Ok => "in order",
            Level::Unknown => "not known",
            Level::Warn => "take note",
            Level::Stop => "stops the push",
        },
        says: finding.says.clone(),
        as_of: finding.as_of.map(|at| Text::from("As of ").clock(at, now).and(".")).unwrap_or_default(),
        remedy: remedy.unwrap_or_default(),
        who: who.map(|who| who.name().to_owned()).unwrap_or_default(),
        link,
        popup,
    }
}

/// The checklist instead of a step, if pre-flight knows why there is none.
pub(crate) async fn in_place_of(
    app: &App,
    person: &SignedIn,
    id: DraftId,
    step: Step,
) -> Result<Option<PreflightStep>, Error> {
    let Some((opened, findings)) = push::stopped(app, &person.actor, id).await? else { return Ok(None) };
    Ok(Some(PreflightStep {
        shell: frame(app, person, &opened).await?,
        head: head(app, person, &opened, step).await?,
        back: match step {
            Step::Event => Link::new("Back to the log", log_url(&opened)),
            _ => Link::new("Back", format!("/push/{id}/lines")),
        },
        preflight: checklist(Place::of(app, &opened, step), &findings, 0),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_waits_for_a_decision_is_not_ready() {
        let found = |level| Finding { check: Check::Event, level, says: String::new(), remedy: None, as_of: None };
        let said = |levels: &[Level], undecided| {
            let findings: Vec<_> = levels.iter().copied().map(found).collect();
            let place = Place {
                draft: DraftId(uuid::Uuid::nil()),
                project: ProjectId(uuid::Uuid::nil()),
                step: Step::Review,
                now: Timestamp::UNIX_EPOCH,
            };
            let shown = checklist(place, &findings, undecided);
            (shown.summary, shown.worst)
        };
        assert_eq!(said(&[Level::Ok], 0), ("Ready to push".to_owned(), "ok"));
        assert_eq!(said(&[Level::Ok], 1), ("1 decision is missing".to_owned(), "warn"));
        let both = "2 decisions are missing, 1 thing to know before you push";
        assert_eq!(said(&[Level::Warn], 2), (both.to_owned(), "warn"));
        assert_eq!(said(&[Level::Stop], 1), ("1 thing stops this push".to_owned(), "stop"));
    }
}
