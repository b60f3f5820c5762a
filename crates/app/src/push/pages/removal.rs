//! The result of a removal: lines that are taken out of Procore, asked for beside the COR and not in the wizard.

use domain::procore::{
    push::Purpose,
    push_state::{CorOutcome, PushState},
};

use super::{frame_of, label};
use crate::{
    App, Error,
    push::{
        result::Standing,
        views::{Step, WizardHead},
    },
    serving::{session::SignedIn, views::Shell, words},
};

/// Whether the push takes lines away, so that its page speaks of a removal.
pub(crate) fn is_meant(standing: &Standing) -> bool {
    standing.push.order.purpose.removes()
}

pub(crate) async fn frame(app: &App, person: &SignedIn, standing: &Standing) -> Result<Shell, Error> {
    frame_of(app, person, &standing.project, standing.push.order.plan.side, "Remove lines from Procore").await
}

/// The header, without the wizard's steps.
pub(crate) fn head(standing: &Standing, close_url: String) -> WizardHead {
    let cor = standing.push.order.plan.cors.first().map_or_else(|| "a COR".to_owned(), |cor| label(&cor.number));
    let heading = match standing.push.order.purpose {
        Purpose::Unlink => format!("Unlink {cor} and remove its lines"),
        Purpose::Move => format!("Move {cor}: remove its lines first"),
        Purpose::RemoveSurplus | Purpose::Write => format!("Remove the surplus of {cor}"),
    };
    WizardHead { heading, step: Step::Result, stepless: true, close_url, ..WizardHead::default() }
}

pub(crate) fn heading(standing: &Standing, running: bool) -> String {
    let lines = standing.push.order.plan.cors.iter().map(|cor| cor.lines.len()).sum::<usize>();
    let count = words::count(i64::try_from(lines).unwrap_or(0), "line", "lines");
    let event = standing.push.order.target.name();
    if standing.push.state == PushState::Cancelled {
        return "The removal was cancelled".into();
    }
    if running {
        return format!("Removing {count} from {event}");
    }
    let done = standing.cors.values().all(|cor| cor.outcome == CorOutcome::Written);
    match (done, lines) {
        (false, _) => format!("Nothing was removed from {event}"),
        (true, 1) => format!("{count} was removed from {event}"),
        (true, _) => format!("{count} were removed from {event}"),
    }
}

/// What follows once the lines are gone.
pub(crate) fn then(standing: &Standing) -> &'static str {
    match standing.push.order.purpose {
        Purpose::Move => "Now push it to the Change Event where it belongs.",
        Purpose::Unlink => "It is not linked to the Change Event any more.",
        Purpose::RemoveSurplus | Purpose::Write => "",
    }
}
