//! Pushing CORs to Procore, step by step, as the wizard does: begin, choose the event, choose codes and contracts, look
//! at the plan, push, follow the result.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use domain::DraftId;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    api::BASE,
    push::{
        self, Answer, ChosenEvent, ChosenLines,
        begin_selected::{Begun, NewPush},
        push_draft::PushDraft,
        push_plan::PushPlan,
        push_result::PushResult,
    },
    serving::api::{
        bearer::Bearer,
        extract::{Body, Id, Parameters, given},
        once::OnceKey,
        problem::{ApiResult, Problem},
    },
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(begin))
        .routes(routes!(show))
        .routes(routes!(choose_event))
        .routes(routes!(choose_lines))
        .routes(routes!(answer))
        .routes(routes!(plan))
        .routes(routes!(confirm))
}

/// What becomes of lines that somebody removed in Procore, or that are locked there, by their `key`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answers {
    answers: BTreeMap<String, Answer>,
}

/// Begins a push of CORs
#[utoipa::path(
    post,
    path = "/push-drafts",
    tag = "pushes",
    params(OnceKey),
    request_body = NewPush,
    responses((
        status = 201,
        body = Begun,
        description = "The drafts; what is not linked yet comes first",
        headers(("Location" = String, description = "The first draft"))
    ))
)]
async fn begin(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Body(new): Body<NewPush>,
) -> Result<impl IntoResponse, Problem> {
    let begun = push::begin_asked(&app, &actor, new).await?;
    let location =
        begun.drafts.first().map_or_else(|| BASE.to_owned(), |draft| format!("{BASE}/push-drafts/{}", draft.id));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(begun)))
}

/// A draft with its choices and what is still missing
#[utoipa::path(
    get,
    path = "/push-drafts/{draft}",
    tag = "pushes",
    params(("draft" = Uuid, Path, description = "The draft's id")),
    responses((status = 200, body = PushDraft, description = "The draft"))
)]
async fn show(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<DraftId>) -> ApiResult<PushDraft> {
    Ok(Json(push::push_draft(&app, &actor, id).await?))
}

/// Chooses the change event
#[utoipa::path(
    put,
    path = "/push-drafts/{draft}/event",
    tag = "pushes",
    params(("draft" = Uuid, Path, description = "The draft's id")),
    request_body = ChosenEvent,
    responses((status = 200, body = PushDraft, description = "The draft as it is now"))
)]
async fn choose_event(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<DraftId>,
    Body(event): Body<ChosenEvent>,
) -> ApiResult<PushDraft> {
    push::choose_event(&app, &actor, id, event).await?;
    Ok(Json(push::push_draft(&app, &actor, id).await?))
}

/// Chooses the detail, budget codes and contracts
#[utoipa::path(
    put,
    path = "/push-drafts/{draft}/lines",
    tag = "pushes",
    params(("draft" = Uuid, Path, description = "The draft's id")),
    request_body = ChosenLines,
    responses((status = 200, body = PushDraft, description = "The draft as it is now, with what is still missing"))
)]
async fn choose_lines(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<DraftId>,
    Body(chosen): Body<ChosenLines>,
) -> ApiResult<PushDraft> {
    push::choose_known_lines(&app, &actor, id, chosen).await?;
    Ok(Json(push::push_draft(&app, &actor, id).await?))
}

/// Says what becomes of lines that somebody removed in Procore
#[utoipa::path(
    put,
    path = "/push-drafts/{draft}/answers",
    tag = "pushes",
    params(("draft" = Uuid, Path, description = "The draft's id")),
    request_body = Answers,
    responses((status = 200, body = PushDraft, description = "The draft as it is now; look at its plan again"))
)]
async fn answer(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<DraftId>,
    Body(given): Body<Answers>,
) -> ApiResult<PushDraft> {
    push::answer(&app, &actor, id, given.answers).await?;
    Ok(Json(push::push_draft(&app, &actor, id).await?))
}

/// Plans every line that will be written, and writes nothing
///
/// The change event is read from Procore as it is now. The plan is kept with the draft: what is pushed is what was planned.
#[utoipa::path(
    post,
    path = "/push-drafts/{draft}/plan",
    tag = "pushes",
    params(("draft" = Uuid, Path, description = "The draft's id")),
    responses((status = 200, body = PushPlan, description = "Line by line, with three totals"))
)]
async fn plan(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<DraftId>) -> ApiResult<PushPlan> {
    Ok(Json(push::review(&app, &actor, id).await?))
}

/// Which plan is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct WhichPlan {
    /// The `version` of the plan that was looked at: another one, made anew since, is refused with 409. Without it the last
    /// plan that was made is meant, whoever asked for it.
    #[serde(default, deserialize_with = "given")]
    plan: Option<String>,
}

/// Confirms the plan; it is carried out once, however often this is called
#[utoipa::path(
    post,
    path = "/push-drafts/{draft}/push",
    tag = "pushes",
    params(("draft" = Uuid, Path, description = "The draft's id"), WhichPlan),
    responses((
        status = 202,
        body = PushResult,
        description = "It will be carried out; follow its result",
        headers(("Location" = String, description = "The result"))
    ))
)]
async fn confirm(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<DraftId>,
    Parameters(which): Parameters<WhichPlan>,
) -> Result<impl IntoResponse, Problem> {
    push::confirm(&app, &actor, id, which.plan).await?;
    let push = push::push_result(&app, &actor, id).await?;
    let location = format!("{BASE}/push-drafts/{id}/result");
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(push)))
}
