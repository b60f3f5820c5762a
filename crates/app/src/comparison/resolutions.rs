//! What a person may decide about a COR and its lines in Procore, and why not.

use domain::{
    LineItemId,
    procore::{Side, comparison::Finding, push_state::ProcoreState},
    role::Actor,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Unlinked,
    known::{LinkedCor, NotTaken},
};

/// What can be done about a COR that Procore holds otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// The lines that are too many are removed.
    RemoveSurplus,
    /// The COR is pushed again.
    Overwrite,
    /// What Procore has is taken over, or accepted.
    Accept,
    /// Nobody is alerted again until it changes.
    Leave,
    /// The link ends, and the lines stay.
    Unlink,
    /// The link ends, and the lines are removed.
    UnlinkAndRemove,
    /// The lines are removed, and the COR is pushed to another change event.
    Move,
}

/// A resolution that is open to the reader, or why it isn't.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OfferedResolution {
    /// Which one.
    pub resolution: Resolution,
    /// What it is called here.
    pub label: &'static str,
    /// What it does; may be empty where it can't be done.
    pub text: String,
    /// Why it can't be done now, or not by the reader; null when it can.
    pub why_not: Option<String>,
}

/// Allowed, or why not.
type Allowed = Result<(), String>;

/// What may be decided now: nothing while a push is under way.
pub(super) fn resolutions(linked: &LinkedCor, actor: &Actor) -> Vec<OfferedResolution> {
    if linked.link.state.is_busy() {
        return Vec::new();
    }
    let may = || actor.may_push(linked.project.standing()).map_err(|denied| denied.to_string());
    let (tied, gone, out) = (linked.link.event.is_some(), linked.is_gone(), linked.is_out().is_some());
    let stopped = linked.link.state == ProcoreState::ChangedInProcore;
    let settleable = !out && (stopped || linked.open().iter().any(Finding::may_stay));
    let in_currency = |allowed: Allowed| match &linked.currency {
        Err(trouble) if !out => allowed.and_then(|()| Err(trouble.with_remedy())),
        _ => allowed,
    };
    let offered = |resolution, allowed: Allowed| OfferedResolution {
        why_not: allowed.err(),
        ..OfferedResolution::of(resolution, linked.side, linked.into(), out)
    };
    let mut all = Vec::new();
    if !linked.surplus().is_empty() {
        all.push(offered(Resolution::RemoveSurplus, may()));
    }
    all.push(offered(Resolution::Overwrite, in_currency(may())));
    if settleable && !gone {
        let (text, allowed) = accepting(linked, actor, may());
        all.push(OfferedResolution { text, ..offered(Resolution::Accept, in_currency(allowed)) });
    }
    if settleable {
        all.push(offered(Resolution::Leave, may()));
    }
    if tied {
        let unlinked = may().and_then(|()| linked.stays_linked().map_or(Ok(()), Err));
        all.push(offered(Resolution::Unlink, unlinked));
    }
    if tied && !gone {
        all.push(offered(Resolution::UnlinkAndRemove, may()));
    }
    if tied && !gone && !out {
        all.push(offered(Resolution::Move, in_currency(may())));
    }
    all
}

impl OfferedResolution {
    /// A resolution that is open to the reader. Where its `lines` are after unlinking, and whether the COR is `out` of Procore's
    /// forecast, decide what it is called. What accepting does depends on more: its text is empty.
    pub(super) fn of(resolution: Resolution, side: Side, lines: Unlinked, out: bool) -> Self {
        let (label, text) = match resolution {
            Resolution::RemoveSurplus => {
                ("Remove the surplus", "Removes the lines marked “too many” from Procore. What was pushed stays.")
            }
            Resolution::Overwrite if out => ("Remove its lines", "Review every line before it is removed."),
            Resolution::Overwrite => ("Overwrite Procore", "Review every line before it is sent."),
            Resolution::Accept if side == Side::Sent => ("Use Procore’s amounts", ""),
            Resolution::Accept => ("Accept Procore’s amounts", ""),
            Resolution::Leave => {
                ("Leave it as it is", "Changes nothing, here or in Procore. The log alerts you if it changes again.")
            }
            Resolution::Unlink => unlinking(lines),
            Resolution::UnlinkAndRemove => {
                ("Unlink and remove", "Shows the lines first, then removes them in Procore and ends the link.")
            }
            Resolution::Move => (
                "Move to another Change Event",
                "Removes the lines first; then you push the COR to the other Change Event. In between the log shows it as \
                 missing. It is never in Procore twice.",
            ),
        };
        Self { resolution, label, text: text.to_owned(), why_not: None }
    }
}

/// What unlinking is called, and what it does.
const fn unlinking(lines: Unlinked) -> (&'static str, &'static str) {
    match lines {
        Unlinked::NotKnown => (
            "Unlink",
            "Procore doesn’t show the Change Event, and doesn’t list it as deleted either. If it was deleted for good, nothing of \
             the COR is there. If it is only hidden from you, its lines stay in Procore, and we stop tracking them. \
             Pushed to another Change Event, the COR counts twice until somebody removes them.",
        ),
        Unlinked::LinesWent => (
            "Unlink",
            "The lines were deleted with the Change Event and don’t count. You can push the COR to another Change Event, where it \
             counts once. If somebody restores this one in Procore, its lines count again until they are removed.",
        ),
        Unlinked::LinesStay => (
            "Unlink, keep the lines",
            "The lines stay in Procore, and we stop tracking them. If you push the COR to another Change Event, it counts twice \
             until somebody removes them. You can’t push it to this one before that.",
        ),
    }
}

/// What accepting does, and whether the actor may.
fn accepting(linked: &LinkedCor, actor: &Actor, may: Allowed) -> (String, Allowed) {
    if let Err(trouble) = &linked.currency {
        // An amount of another currency is not named as one of ours.
        return (String::new(), Err(trouble.with_remedy()));
    }
    let has = linked.link.pushed_amount;
    if !has.is_readable() {
        return (String::new(), Err(NotTaken::Unreadable.to_string()));
    }
    match linked.side {
        Side::Sent => {
            if let Some(settled) = linked.settled() {
                return (settled.to_owned(), Err(settled.to_owned()));
            }
            let may_edit = actor.may_edit_cors(linked.project.standing()).map_err(|denied| denied.to_string());
            (becoming(linked), may.and(may_edit))
        }
        Side::Received => {
            let (sender, total) = (&linked.cor.sender.name, linked.cor.total());
            let text =
                format!("{sender} wrote this COR, so it stays at {total}. We record that you accept {has} in Procore.");
            (text, may)
        }
    }
}

/// What a COR becomes that takes over what Procore has; what of it was never pushed stays.
fn becoming(linked: &LinkedCor) -> String {
    let price = match linked.taken_over(|| LineItemId(uuid::Uuid::nil())) {
        Ok(price) => price,
        Err(why) => return why.to_string(),
    };
    let (before, after) = (linked.cor.total(), price.total());
    let rest = if linked.link.pushed_amount == after {
        ""
    } else {
        " Changes that were not pushed yet stay, and still need a push."
    };
    format!("The COR changes from {before} to {after}, as a new version that the receiver sees.{rest}")
}
