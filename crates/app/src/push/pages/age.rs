//! How old the lists are that the wizard chooses from.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::{DraftId, ProjectId};
use serde::Deserialize;

use crate::{
    App, Error,
    integration::{change_events, reference},
    push::{self, lists},
    serving::{forms, session::SignedIn, views::Text},
};

/// How old the lists are that a step chooses from. "Refresh" posts the step's form with `do=refresh`, so that nothing
/// entered is lost; `do=show` draws it again from what was read behind the page.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "push/templates/age.html")]
pub(crate) struct Freshness {
    /// "Budget codes as of 14:02"; "Change Events as of 14:02, statuses and types as of 13:40".
    pub text: Text,
    /// They are old: the page asks for this line again once loaded, and they are read meanwhile.
    pub stale: bool,
    pub fragment_url: String,
    /// What was read behind the page differs from what the page shows.
    pub changed: bool,
}

#[derive(Deserialize)]
pub(crate) struct AgeOf {
    /// The change events are on this step too.
    #[serde(default)]
    events: u8,
}

/// The line as a step draws it, from what is stored. Stale, it asks for itself again, and the lists are read meanwhile.
pub(crate) async fn freshness(
    app: &App,
    person: &SignedIn,
    id: DraftId,
    project: ProjectId,
    events: bool,
) -> Result<Freshness, Error> {
    let (actor, now) = (&person.actor, app.now());
    let ages = reference::ages(app, actor, project).await?;
    let mut stale = ages.is_some_and(|ages| reference::is_stale(Some(ages.oldest), now));
    let as_of = |what: &str, at| Text::from(what).and(" as of ").clock(at, now);
    let text = match (events, ages) {
        (_, None) => Text::from("Choices were not read from Procore yet"),
        // What lines are coded with; contracts are read again with the plan.
        (false, Some(ages)) => as_of("Budget codes", ages.codes),
        (true, Some(ages)) => {
            let age = change_events::age(app, actor, project).await?;
            stale |= age.is_some_and(|age| age.stale);
            let listed = age.and_then(|age| age.read_at).map(|at| as_of("Change Events", at).and(", statuses"));
            listed.unwrap_or_else(|| Text::from("Statuses")).and(" and types as of ").clock(ages.oldest, now)
        }
    };
    let fragment_url = format!("/push/{id}/age?events={}", u8::from(events));
    Ok(Freshness { text, stale, fragment_url, changed: false })
}

/// Reads what is stale and answers with the line as it is then.
pub(crate) async fn fragment(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<DraftId>,
    Query(at): Query<AgeOf>,
) -> Result<Response, Error> {
    let project = push::open(&app, &person.actor, id).await?.project.id;
    let read = lists::read_stale(&app, &person.actor, project, at.events == 1).await;
    let age = freshness(&app, &person, id, project, at.events == 1).await?;
    let age = match read {
        Ok(changed) => Freshness { stale: false, changed, ..age },
        Err(error) => {
            let text = age.text.clone().and(". ").and(&forms::notice(error)?);
            Freshness { stale: false, text, ..age }
        }
    };
    forms::page(&age)
}
