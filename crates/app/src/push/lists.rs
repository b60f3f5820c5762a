//! The lists that the wizard chooses from: reading them anew, behind the page or when asked.

use domain::{ProjectId, role::Actor};

use crate::{
    App, Error,
    integration::{change_events, reference},
};

/// Waits for the change events if they were never read; what was read before is shown at once. Where Procore is not answering,
/// the list stays as it is, and the wizard says how old it is.
pub(crate) async fn wait_for_events(app: &App, actor: &Actor, project: ProjectId) -> Result<(), Error> {
    if change_events::age(app, actor, project).await?.is_none_or(|age| age.read_at.is_some()) {
        return Ok(());
    }
    match change_events::refresh(app, actor, project).await {
        Err(Error::ProcoreUnavailable(_)) => Ok(()),
        other => other,
    }
}

/// Reads what is stale, with the change events if they are on the step too. Answers whether any choice changed.
pub(crate) async fn read_stale(app: &App, actor: &Actor, project: ProjectId, events: bool) -> Result<bool, Error> {
    let mut changed = reference::refresh_if_stale(app, actor, project).await?;
    if events {
        let before = change_events::list(app, actor, project).await?.events;
        change_events::refresh_if_stale(app, actor, project).await?;
        changed |= change_events::list(app, actor, project).await?.events != before;
    }
    Ok(changed)
}

/// Reads everything anew.
pub(crate) async fn read_anew(app: &App, actor: &Actor, project: ProjectId) -> Result<(), Error> {
    reference::refresh(app, actor, project).await?;
    change_events::refresh(app, actor, project).await
}
