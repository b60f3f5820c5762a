//! How old the lists are that the wizard chooses from, and reading them anew: behind the page, or when asked.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::{DraftId, ProjectId};
use serde::Deserialize;

use crate::{
    App, Error,
    actions::{change_events, push, reference},
    web::{
        forms,
        session::SignedIn,
        views::{Freshness, FreshnessFragment},
        words,
    },
};

#[derive(Deserialize)]
pub(super) struct At {
    /// The change events are on this step too.
    #[serde(default)]
    events: u8,
}

/// The line as a step draws it, from what is stored. Stale, it asks for itself again, and the lists are read meanwhile.
pub(super) async fn freshness(
    app: &App,
    person: &SignedIn,
    id: DraftId,
    project: ProjectId,
    events: bool,
) -> Result<Freshness, Error> {
    let (actor, now) = (&person.actor, app.now());
    let choices = reference::read_at(app, actor, project).await?;
    let mut text = choices.map_or_else(
        || "Choices were not read from Procore yet".to_owned(),
        |at| format!("Statuses, codes and contracts as of {}", words::ago(at, now)),
    );
    let mut stale = choices.is_some() && reference::is_stale(choices, now);
    if events && let Some(age) = change_events::age(app, actor, project).await? {
        stale |= age.stale;
        if let Some(at) = age.read_at {
            text = format!("Change events as of {}, {}", words::ago(at, now), lower(&text));
        }
    }
    let fragment_url = format!("/push/{id}/age?events={}", u8::from(events));
    Ok(Freshness { text, stale, fragment_url, changed: false })
}

fn lower(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_lowercase().chain(rest).collect()).unwrap_or_default()
}

/// Reads what is stale and answers with the line as it is then.
pub(super) async fn fragment(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<DraftId>,
    Query(at): Query<At>,
) -> Result<Response, Error> {
    let project = push::open(&app, &person.actor, id).await?.project.id;
    let read = read_stale(&app, &person, project, at.events == 1).await;
    let age = freshness(&app, &person, id, project, at.events == 1).await?;
    let age = match read {
        Ok(changed) => Freshness { stale: false, changed, ..age },
        Err(error) => {
            let text = format!("{}. {}", age.text, forms::notice(error)?);
            Freshness { stale: false, text, ..age }
        }
    };
    forms::page(&FreshnessFragment { age })
}

async fn read_stale(app: &App, person: &SignedIn, project: ProjectId, events: bool) -> Result<bool, Error> {
    let actor = &person.actor;
    let mut changed = reference::refresh_if_stale(app, actor, project).await?;
    if events {
        let before = change_events::list(app, actor, project).await?.events;
        change_events::refresh_if_stale(app, actor, project).await?;
        changed |= change_events::list(app, actor, project).await?.events != before;
    }
    Ok(changed)
}

/// Reads everything anew: the button.
pub(super) async fn refresh(app: &App, person: &SignedIn, project: ProjectId) -> Result<(), Error> {
    reference::refresh(app, &person.actor, project).await?;
    change_events::refresh(app, &person.actor, project).await
}
