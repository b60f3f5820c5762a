//! A COR beside its lines in Procore, and what can be decided about a difference.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use domain::{
    CorId, Currency, Money, ProcoreId,
    procore::{Amount, currency::CurrencyTrouble, footing, push::Purpose, push_state::ProcoreState},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    App,
    api::BASE,
    comparison::{self, Drift, RemovalShown},
    error::UNREADABLE,
    serving::api::{
        bearer::Bearer,
        extract::{Body, Id},
        problem::Problem,
        words::AddedByProcore,
    },
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(read))
        .routes(routes!(leave))
        .routes(routes!(accept))
        .routes(routes!(unlink))
        .routes(routes!(plan_removal))
        .routes(routes!(remove))
}

/// A COR's lines from three sides, as last read from Procore.
#[derive(Debug, Serialize, ToSchema)]
struct Comparison {
    state: ProcoreState,
    currency: Currency,
    /// Why what Procore has can't be compared with the COR, and what mends it: its amounts are in another currency, or in one that
    /// nobody knows. Null when it can.
    not_compared: Option<String>,
    /// What identifies this view; a decision names it, and one about an older view is refused.
    version: String,
    /// Null until Procore was read after the last push.
    read_at: Option<Timestamp>,
    /// What waits for a decision, the worst first.
    open: Vec<Found>,
    /// What a person left as it is.
    left_alone: Vec<Found>,
    /// The change event when the COR was last pushed; null when that is not known.
    event_then: Option<EventThen>,
    /// The change event as last read.
    event_now: Option<EventThen>,
    /// What Procore adds to the revenue of the whole change event, as last read: no line's, and no difference. Null where the
    /// event was never read, or is gone.
    added_by_procore: Option<AddedByProcore>,
    lines: Vec<ComparedLine>,
}

/// A difference.
#[derive(Debug, Serialize, ToSchema)]
struct Found {
    /// The state of the log that it calls for.
    state: ProcoreState,
    text: String,
}

/// The change event at a moment.
#[derive(Debug, Serialize, ToSchema)]
struct EventThen {
    /// The company's own word; of an event that is gone, the one that it had last.
    status: String,
    /// Deleted, or not shown any more.
    gone: bool,
    prime_contract_id: Option<ProcoreId>,
    /// Number and title of that contract; null where no list that was read names it.
    prime_contract: Option<String>,
}

/// A line from three sides; null where a side doesn't have it, or its amount can't be read.
#[derive(Debug, Serialize, ToSchema)]
struct ComparedLine {
    text: String,
    line_id: Option<ProcoreId>,
    #[schema(nullable = false)]
    pushed: Option<Amount>,
    ours: Option<Money>,
    #[schema(nullable = false)]
    procore: Option<Amount>,
    found: Vec<Found>,
}

/// A decision about what was shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Decision {
    version: String,
    /// Kept in the activity, where a received COR's difference is accepted.
    #[serde(default)]
    #[schema(max_length = 200)]
    note: String,
}

/// Why lines are removed.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Why {
    /// Copies that no push accounts for.
    RemoveSurplus,
    /// All lines of the COR, and its link ends.
    Unlink,
    /// The same; afterwards the COR is pushed to another change event.
    Move,
}

/// A removal to be shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RemovalAsked {
    purpose: Why,
}

/// What would be removed.
#[derive(Debug, Serialize, ToSchema)]
struct RemovalPlan {
    purpose: Why,
    event_id: ProcoreId,
    lines: Vec<LineToGo>,
    total: Amount,
    /// What `total` holds besides the lines' amounts, since each is rounded to the cent and Procore holds fractions of it.
    rounding: Money,
    /// Names the plan; it is confirmed by it.
    digest: String,
    /// Why it can't be carried out; else empty.
    hindrance: String,
}

/// A line that goes.
#[derive(Debug, Serialize, ToSchema)]
struct LineToGo {
    line_id: Option<ProcoreId>,
    description: String,
    amount: Amount,
}

/// A removal as it was shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RemovalConfirmed {
    purpose: Why,
    digest: String,
}

/// The push that carries it out: it is followed and steered under `/pushes/{push_id}`.
#[derive(Debug, Serialize, ToSchema)]
struct RemovalBegun {
    push_id: Uuid,
}

impl From<Why> for Purpose {
    fn from(why: Why) -> Self {
        match why {
            Why::RemoveSurplus => Self::RemoveSurplus,
            Why::Unlink => Self::Unlink,
            Why::Move => Self::Move,
        }
    }
}

fn found(finding: &domain::procore::drift::Finding) -> Found {
    Found { state: finding.state(), text: finding.sentence() }
}

impl Comparison {
    fn of(seen: &Drift) -> Self {
        let event = |facts: &domain::procore::drift::EventFacts| EventThen {
            status: facts.status.clone(),
            gone: facts.gone,
            prime_contract_id: facts.prime_contract.map(ProcoreId::from),
            prime_contract: facts.prime_contract.and_then(|id| seen.names.contract(id)).map(str::to_owned),
        };
        let (then, now) = seen.event_facts();
        let unreadable = seen.unreadable.then(|| Found { state: seen.link.state, text: UNREADABLE.to_owned() });
        let line = |row: &comparison::Row| ComparedLine {
            text: row.text.clone(),
            line_id: row.there.as_ref().map(|line| ProcoreId::from(line.id)),
            pushed: row.pushed.as_ref().map(|values| values.amount),
            ours: row.ours,
            procore: row.there.as_ref().map(|line| line.values.amount),
            found: row.findings.iter().map(found).collect(),
        };
        Self {
            state: seen.link.state,
            currency: seen.cor.currency,
            not_compared: seen.currency.as_ref().err().map(CurrencyTrouble::with_remedy),
            version: seen.version(),
            read_at: seen.observation.as_ref().and_then(|o| o.seen_at),
            open: seen.open().iter().map(found).chain(unreadable).collect(),
            left_alone: seen.observation.iter().flat_map(|o| &o.left_alone).map(found).collect(),
            event_then: then.map(event),
            event_now: now.map(event),
            added_by_procore: seen
                .added_by_procore()
                .map(|(markup, following)| AddedByProcore { markup, revenue_that_follows_cost: following }),
            lines: seen.rows.iter().map(line).collect(),
        }
    }
}

/// Compares a COR with its lines in Procore, as last read
#[utoipa::path(
    get,
    path = "/cors/{cor}/procore",
    tag = "procore",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    responses((status = 200, body = Comparison, description = "Last pushed, ours now, Procore now"))
)]
async fn show(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<CorId>) -> Result<Json<Comparison>, Problem> {
    Ok(Json(Comparison::of(&comparison::look(&app, &actor, id).await?)))
}

/// Reads the change event now, and compares
#[utoipa::path(
    post,
    path = "/cors/{cor}/procore/read",
    tag = "procore",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    responses((status = 200, body = Comparison, description = "Last pushed, ours now, Procore now"))
)]
async fn read(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<CorId>) -> Result<Json<Comparison>, Problem> {
    Ok(Json(Comparison::of(&comparison::read_now(&app, &actor, id).await?)))
}

/// Leaves a difference as it is until it changes again
#[utoipa::path(
    post,
    path = "/cors/{cor}/procore/leave",
    tag = "procore",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    request_body = Decision,
    responses((status = 200, body = Comparison, description = "As it stands now"))
)]
async fn leave(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<CorId>,
    Body(decision): Body<Decision>,
) -> Result<Json<Comparison>, Problem> {
    comparison::leave(&app, &actor, id, &decision.version).await?;
    Ok(Json(Comparison::of(&comparison::look(&app, &actor, id).await?)))
}

/// Takes over what Procore has: a new version of a sent COR, a note on a received one
#[utoipa::path(
    post,
    path = "/cors/{cor}/procore/accept",
    tag = "procore",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    request_body = Decision,
    responses((status = 200, body = Comparison, description = "As it stands now"))
)]
async fn accept(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<CorId>,
    Body(decision): Body<Decision>,
) -> Result<Json<Comparison>, Problem> {
    comparison::accept(&app, &actor, id, &decision.version, &decision.note).await?;
    Ok(Json(Comparison::of(&comparison::look(&app, &actor, id).await?)))
}

/// Ends the link; the lines stay in Procore
#[utoipa::path(
    post,
    path = "/cors/{cor}/procore/unlink",
    tag = "procore",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    request_body = Decision,
    responses((status = 204, description = "It is not linked any more"))
)]
async fn unlink(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<CorId>,
    Body(decision): Body<Decision>,
) -> Result<StatusCode, Problem> {
    comparison::unlink(&app, &actor, id, &decision.version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads the change event now and shows which lines would be removed; nothing is written
#[utoipa::path(
    post,
    path = "/cors/{cor}/procore/removal-plan",
    tag = "procore",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    request_body = RemovalAsked,
    responses((status = 200, body = RemovalPlan, description = "What would go"))
)]
async fn plan_removal(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<CorId>,
    Body(asked): Body<RemovalAsked>,
) -> Result<Json<RemovalPlan>, Problem> {
    let shown = comparison::plan(&app, &actor, id, asked.purpose.into()).await?;
    Ok(Json(removal(asked.purpose, &shown)))
}

fn removal(purpose: Why, shown: &RemovalShown) -> RemovalPlan {
    let lines = || shown.plan.cors.iter().flat_map(|cor| &cor.lines);
    let amounts = || lines().map(domain::procore::push_plan::PlanLine::previous);
    RemovalPlan {
        purpose,
        event_id: ProcoreId::from(shown.event.id.0),
        lines: lines()
            .map(|line| LineToGo {
                line_id: line.line.map(ProcoreId::from),
                description: line.before.as_ref().map(|values| values.description.clone()).unwrap_or_default(),
                amount: line.previous(),
            })
            .collect(),
        total: amounts().sum(),
        rounding: footing::rounding(amounts(), amounts().sum()),
        digest: shown.digest(),
        hindrance: shown.hindrance().unwrap_or_default(),
    }
}

/// Removes lines in Procore as they were shown, exactly once; the worker carries it out
#[utoipa::path(
    post,
    path = "/cors/{cor}/procore/removal",
    tag = "procore",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    request_body = RemovalConfirmed,
    responses((
        status = 202,
        body = RemovalBegun,
        description = "It is being removed; follow its push",
        headers(("Location" = String, description = "The push"))
    ))
)]
async fn remove(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<CorId>,
    Body(confirmed): Body<RemovalConfirmed>,
) -> Result<impl IntoResponse, Problem> {
    let push = comparison::remove(&app, &actor, id, confirmed.purpose.into(), &confirmed.digest).await?;
    let location = format!("{BASE}/pushes/{push}");
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(RemovalBegun { push_id: push.0 })))
}
