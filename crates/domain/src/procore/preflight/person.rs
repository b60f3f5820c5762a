//! Whether the person may do in Procore what the push does: signed in, app installed, tool turned on, permission.

use super::{
    ChangeEventPermission, Facts, Level, PreflightCheck, PreflightFinding, TargetEvent, Who, found, ok, unknown,
};

/// What a check says if an earlier one must pass first.
const FIRST: &str = "Can't be checked before that.";

pub(super) fn connection(facts: &Facts) -> PreflightFinding {
    match &facts.access {
        ChangeEventPermission::SignIn(why) => {
            let says = if why.is_empty() { "You are not signed in to Procore." } else { why };
            found(PreflightCheck::Connection, Level::Stop, says, "Sign in to Procore.", Who::You)
        }
        _ => ok(PreflightCheck::Connection, format!("Signed in as {}.", facts.login)),
    }
}

pub(super) fn app(facts: &Facts) -> PreflightFinding {
    match &facts.access {
        ChangeEventPermission::NoApp => found(
            PreflightCheck::App,
            Level::Stop,
            "Ledgerboard is not installed in this Procore account.",
            "Install it under Company Admin → App Management. Where that has no Install button, ask Procore to allow custom apps.",
            Who::AccountAdmin,
        ),
        ChangeEventPermission::SignIn(_) => unknown(PreflightCheck::App, FIRST),
        ChangeEventPermission::Unknown(why) => unknown(PreflightCheck::App, why),
        _ => ok(PreflightCheck::App, "Installed in the account."),
    }
}

pub(super) fn tool(facts: &Facts) -> PreflightFinding {
    match &facts.access {
        ChangeEventPermission::NoTool => found(
            PreflightCheck::Tool,
            Level::Stop,
            "The Procore project has no Change Events tool.",
            "Turn it on under Project Admin → Tool Settings.",
            Who::ProjectAdmin,
        ),
        ChangeEventPermission::NoProject => found(
            PreflightCheck::Tool,
            Level::Stop,
            "Procore doesn't show you this project.",
            "Add you to the project's directory.",
            Who::ProjectAdmin,
        ),
        ChangeEventPermission::SignIn(_) | ChangeEventPermission::NoApp => unknown(PreflightCheck::Tool, FIRST),
        ChangeEventPermission::Unknown(_) => unknown(PreflightCheck::Tool, "Procore could not be asked."),
        ChangeEventPermission::Level(_) => ok(PreflightCheck::Tool, "Turned on in the project."),
    }
}

pub(super) fn permission(access: &ChangeEventPermission, event: Option<&TargetEvent>) -> PreflightFinding {
    let ChangeEventPermission::Level(level) = access else {
        let says =
            if matches!(access, ChangeEventPermission::Unknown(_)) { "Procore could not be asked." } else { FIRST };
        return unknown(PreflightCheck::Permission, says);
    };
    let stop =
        |says: &str, remedy: &str| found(PreflightCheck::Permission, Level::Stop, says, remedy, Who::ProjectAdmin);
    let own = event.and_then(|event| event.own);
    match level.to_lowercase().replace(['_', '-'], " ").trim() {
        "admin" => ok(PreflightCheck::Permission, "Admin: you may create and edit any Change Event."),
        "standard" if event.is_none() => ok(PreflightCheck::Permission, "Standard: you may create a Change Event."),
        "standard" => match own {
            Some(true) => {
                ok(PreflightCheck::Permission, "Standard: you may edit this Change Event, which you created.")
            }
            Some(false) => stop(
                "With Standard permission you may edit only Change Events that you created; this one is somebody else's.",
                "Give you Admin permission on Change Events, or create a new event.",
            ),
            None => unknown(PreflightCheck::Permission, "Standard: you may edit Change Events that you created."),
        },
        "read only" => stop(
            "Your permission on Change Events is Read Only.",
            "Give you Standard permission to create events, or Admin to edit any.",
        ),
        "none" => stop(
            "You have no permission on Change Events in this project.",
            "Give you Standard permission to create events, or Admin to edit any.",
        ),
        _ => unknown(PreflightCheck::Permission, format!("Procore calls your permission “{level}”.")),
    }
}
