//! Pushing CORs to Procore, step by step, as the wizard does: begin, choose the event, choose codes and contracts, look
//! at the plan, push, follow the result.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use domain::{
    CorId, DraftId, ProcoreId, ProjectId,
    cor::Breakdown,
    procore::{
        Side,
        push::{NewEvent, Scope},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::picked::AllOf;
use crate::{
    App,
    api::BASE,
    push::{
        self, Answer, EventChoice, LineChoices, push_draft::PushDraft, push_plan::PushPlan, push_result::PushResult,
    },
    serving::api::{
        bearer::Bearer,
        extract::{Body, Id, Parameters},
        problem::Problem,
        scalars::ProcoreIdOrNone,
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

/// What to push.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPush {
    project_id: Uuid,
    /// Which log the CORs are in: received ones become costs, sent ones revenue.
    side: Side,
    /// The CORs by id; or else `all_of`.
    #[schema(min_items = 1, max_items = 2000)]
    cors: Option<Vec<Uuid>>,
    /// All CORs under a filter, at most 2,000, instead of `cors`.
    all_of: Option<AllOf>,
}

/// The drafts that a selection became: one for each change event that its CORs are linked to, and one for the rest.
#[derive(Debug, Serialize, ToSchema)]
struct Begun {
    drafts: Vec<BegunDraft>,
    /// How many CORs of `all_of` can't be pushed now and were left out: on their way already, or a Draft or void with nothing of
    /// it in Procore.
    left_out: usize,
}

/// A draft that was begun.
#[derive(Debug, Serialize, ToSchema)]
struct BegunDraft {
    id: Uuid,
    /// The change event that its CORs are linked to; another can't be chosen.
    linked_event_id: Option<ProcoreId>,
    cors: Vec<Uuid>,
}

/// A change event of the project, or a new one: exactly one of both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChosenEvent {
    event_id: Option<ProcoreId>,
    new: Option<EventToMake>,
}

/// A change event to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EventToMake {
    #[schema(max_length = 255)]
    title: String,
    /// Left to Procore unless given.
    #[serde(default)]
    #[schema(max_length = 32)]
    number: String,
    #[serde(default)]
    #[schema(max_length = 10_000)]
    description: String,
    status_id: ProcoreId,
    /// `tbd` unless given.
    scope: Option<Scope>,
    type_id: Option<ProcoreId>,
    reason_id: Option<ProcoreId>,
}

/// The detail, budget codes and contracts. What is not named keeps its choice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChosenLines {
    detail: Breakdown,
    /// The commitment of received CORs, by the COR's id; of sent ones the prime contract for markup estimates, which is optional:
    /// with one set, Procore adds markup on top of the price, and to every other line of the change event. `null` takes a choice back.
    #[serde(default)]
    #[schema(required = false)]
    contracts: BTreeMap<Uuid, ProcoreIdOrNone>,
    /// Whether the lines that this push makes for received CORs say that no revenue is expected. In change events that are out
    /// of scope Procore may otherwise show the owner their cost as revenue.
    no_revenue_expected: Option<bool>,
    /// The budget code of lines, by their `key`.
    #[serde(default)]
    #[schema(required = false)]
    budget_codes: BTreeMap<String, ProcoreId>,
    /// One budget code for every line.
    budget_code_for_all: Option<ProcoreId>,
}

/// What becomes of lines that somebody removed in Procore, or that are locked there, by their `key`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answers {
    answers: BTreeMap<String, Answer>,
}

impl ChosenEvent {
    fn choice(self) -> Result<EventChoice, Problem> {
        match (self.event_id, self.new) {
            (Some(event), None) => Ok(EventChoice::Existing(event.get())),
            (None, Some(new)) => Ok(EventChoice::New(NewEvent {
                number: new.number.trim().to_owned(),
                title: new.title.trim().to_owned(),
                description: new.description.trim().to_owned(),
                status: new.status_id.get(),
                scope: new.scope.unwrap_or_default(),
                change_type: new.type_id.map(ProcoreId::get),
                change_reason: new.reason_id.map(ProcoreId::get),
                prime_contract: None,
            })),
            _ => Err(Problem::field("event_id", "Give either `event_id` or `new`.")),
        }
    }
}

/// Begins a push of CORs
#[utoipa::path(
    post,
    path = "/push-drafts",
    tag = "pushes",
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
    let (project, side) = (ProjectId(new.project_id), new.side);
    let (cors, left_out) = match (new.cors, new.all_of) {
        (Some(cors), None) => (cors.into_iter().map(CorId).collect(), 0),
        (None, Some(all_of)) => {
            let found = all_of.frozen(&app, &actor, project, side).await?;
            push::sort_out(&app, &actor, found).await?
        }
        _ => return Err(Problem::field("cors", "Give either `cors` or `all_of`.")),
    };
    let ids = push::begin(&app, &actor, project, side, cors).await?;
    let mut drafts = Vec::with_capacity(ids.len());
    for id in &ids {
        let body = push::open(&app, &actor, *id).await?.body;
        drafts.push(BegunDraft {
            id: id.0,
            linked_event_id: body.tied.map(ProcoreId::from),
            cors: body.cors.iter().map(|cor| cor.0).collect(),
        });
    }
    let location = drafts.first().map_or_else(|| BASE.to_owned(), |draft| format!("{BASE}/push-drafts/{}", draft.id));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(Begun { drafts, left_out })))
}

/// A draft with its choices and what is still missing
#[utoipa::path(
    get,
    path = "/push-drafts/{draft}",
    tag = "pushes",
    params(("draft" = Uuid, Path, description = "The draft's id")),
    responses((status = 200, body = PushDraft, description = "The draft"))
)]
async fn show(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<DraftId>) -> Result<Json<PushDraft>, Problem> {
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
) -> Result<Json<PushDraft>, Problem> {
    push::choose_event(&app, &actor, id, event.choice()?).await?;
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
) -> Result<Json<PushDraft>, Problem> {
    let choices = LineChoices {
        breakdown: chosen.detail,
        contracts: chosen
            .contracts
            .into_iter()
            .map(|(cor, contract)| (CorId(cor), contract.0.map(ProcoreId::get)))
            .collect(),
        no_revenue: chosen.no_revenue_expected,
        codes: chosen.budget_codes.into_iter().map(|(line, code)| (line, code.get())).collect(),
        code_for_all: chosen.budget_code_for_all.map(ProcoreId::get),
    };
    push::choose_known_lines(&app, &actor, id, choices).await?;
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
) -> Result<Json<PushDraft>, Problem> {
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
async fn plan(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<DraftId>) -> Result<Json<PushPlan>, Problem> {
    Ok(Json(push::review(&app, &actor, id).await?))
}

/// Which plan is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct WhichPlan {
    /// The `version` of the plan that was looked at: another one, made anew since, is refused with 409. Without it the last
    /// plan that was made is meant, whoever asked for it.
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
