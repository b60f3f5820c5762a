//! Entries of a project's activity, made before the unit of work that writes them: a unit may run twice.

use domain::{
    ActivityId, ProjectId,
    activity::{Audience, Entry, EntryKind},
    role::Actor,
};

use crate::App;

/// An entry about a project, now, that the actor's company alone reads.
pub(crate) fn own_entry(app: &App, actor: &Actor, project: ProjectId, text: impl Into<String>) -> Entry {
    let at = app.now();
    Entry {
        id: ActivityId::fresh(at, app.entropy.as_ref()),
        project,
        cor: None,
        audience: Audience::Only(actor.company),
        actor: Some(actor.person),
        actor_name: actor.name.clone(),
        at,
        kind: EntryKind::Project,
        text: text.into(),
    }
}
