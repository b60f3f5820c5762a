//! CORs: read, begun, edited, sent, given a status.

pub mod show;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use domain::{
    ChangeNotificationId, ContractId, CorId, ProjectId,
    cor::{Means, Section, Status},
    role::Actor,
};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    App, Error,
    api::BASE,
    cor::{
        api::show::Cor,
        form::{CorTyped, LineTyped, TotalSaid},
        read_cor,
        set_status::{self, SetStatus},
        write::{self, CreateCor, EditCor},
    },
    serving::api::{
        bearer::Bearer,
        extract::{Body, Id},
        problem::Problem,
        words::Plain,
    },
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(show, edit, delete))
        .routes(routes!(send))
        .routes(routes!(set_status))
}

/// A COR to begin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCor)]
struct CorBody {
    /// The contract it changes: one under which the company sends CORs.
    contract_id: Uuid,
    /// The next one of the project unless given.
    number: Option<String>,
    #[schema(max_length = 200)]
    title: String,
    #[serde(default)]
    #[schema(max_length = 10_000)]
    description: String,
    #[serde(default)]
    #[schema(max_length = 120)]
    customer_reference: String,
    #[serde(default)]
    #[schema(max_items = 500)]
    lines: Vec<NewLine>,
    /// A total over what the lines add up to; the difference becomes a line *Rounding* in Procore.
    total: Option<Plain>,
    /// Sends it at once instead of keeping it as a draft.
    #[serde(default)]
    send: bool,
    /// The Change Notification that it answers.
    change_notification_id: Option<Uuid>,
}

/// A line: a quantity at a rate, or an amount.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewLine {
    /// The id of a line that stays; without it, or with an unknown one, the line is new. Procore's line follows the id.
    id: Option<Uuid>,
    section: Section,
    #[schema(max_length = 120)]
    description: String,
    /// Up to four decimals.
    quantity: Option<Plain>,
    #[schema(max_length = 120)]
    unit: Option<String>,
    /// Up to four decimals.
    rate: Option<Plain>,
    /// Computed when there are a quantity and a rate; one that says something else beside them is refused.
    amount: Option<Plain>,
}

/// What changes of a COR. What is left out stays as it is.
#[expect(clippy::option_option, reason = "absent, null and a total are three cases")]
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CorChange {
    /// The revision that was read; another change since then is not overwritten.
    revision: i64,
    number: Option<String>,
    #[schema(max_length = 200)]
    title: Option<String>,
    #[schema(max_length = 10_000)]
    description: Option<String>,
    #[schema(max_length = 120)]
    customer_reference: Option<String>,
    /// All lines, in their order; those left out are removed.
    #[schema(max_items = 500)]
    lines: Option<Vec<NewLine>>,
    /// Null takes the sum of the lines. Where a typed total stands and `lines` change what they add up to, it has to be given:
    /// the same again to keep it, or null.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Plain>)]
    total: Option<Option<Plain>>,
    /// Sends a draft at once.
    #[serde(default)]
    send: bool,
}

/// A status to set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewStatus)]
struct StatusBody {
    status: Status,
    /// The revision that was read; required to approve. Without it another status is set whatever changed since.
    revision: Option<i64>,
    /// Why; required where an approval is taken back. The other company reads it.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    reason: String,
    /// How and when the approval was given; required from a sender whose receiver has not joined yet, and from nobody else.
    approval: Option<Approval>,
}

/// An approval that the sender records.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Approval {
    means: Means,
    /// The day on which it was given.
    #[schema(format = Date, examples("2026-11-03"))]
    on: String,
}

/// Tells null from absent.
#[expect(clippy::option_option, reason = "absent, null and a total are three cases")]
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<Plain>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl NewLine {
    fn typed(self) -> LineTyped {
        LineTyped {
            id: self.id.map_or_else(String::new, |id| id.to_string()),
            section: self.section.code().to_owned(),
            description: self.description,
            quantity: typed(self.quantity),
            unit: self.unit.unwrap_or_default(),
            rate: typed(self.rate),
            amount: typed(self.amount),
        }
    }
}

/// As a person would have typed it: what is plain is clear.
fn typed(number: Option<Plain>) -> String {
    number.map_or_else(String::new, |Plain(number)| number.to_string())
}

fn lines(sent: Vec<NewLine>) -> Vec<LineTyped> {
    sent.into_iter().map(NewLine::typed).collect()
}

/// A COR with its lines, its place in Procore and its story
#[utoipa::path(
    get,
    path = "/cors/{cor}",
    tag = "cors",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    responses((status = 200, body = Cor, description = "The COR"))
)]
async fn show(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<CorId>) -> Result<Json<Cor>, Problem> {
    seen(&app, &actor, id).await
}

async fn seen(app: &App, actor: &Actor, id: CorId) -> Result<Json<Cor>, Problem> {
    Ok(Json(read_cor::cor(app, actor, id).await?.into()))
}

/// Begins a COR, as a draft or sent at once
#[utoipa::path(
    post,
    path = "/projects/{project}/cors",
    tag = "cors",
    params(("project" = Uuid, Path, description = "The project's id")),
    request_body = CorBody,
    responses((status = 201, body = Cor, description = "The COR", headers(("Location" = String, description = "Where it is"))))
)]
async fn create(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(project): Id<ProjectId>,
    Body(new): Body<CorBody>,
) -> Result<impl IntoResponse, Problem> {
    let input = CreateCor {
        project,
        contract: ContractId(new.contract_id),
        typed: CorTyped {
            number: new.number.unwrap_or_default(),
            title: new.title,
            description: new.description,
            customer_reference: new.customer_reference,
            total: typed(new.total),
            said: TotalSaid::Given,
            lines: lines(new.lines),
        },
        send: new.send,
        answers: new.change_notification_id.map(ChangeNotificationId),
    };
    let made = write::create(&app, &actor, input).await?;
    let location = format!("{BASE}/cors/{}", made.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], seen(&app, &actor, made.id).await?))
}

/// Changes a COR that the company sent
#[utoipa::path(
    patch,
    path = "/cors/{cor}",
    tag = "cors",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    request_body = CorChange,
    responses((status = 200, body = Cor, description = "The COR as it is now"))
)]
async fn edit(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<CorId>,
    Body(change): Body<CorChange>,
) -> Result<Json<Cor>, Problem> {
    let before = read_cor::cor(&app, &actor, id).await?.cor;
    // What is left out is filled in from the revision that the caller read, or not at all.
    if before.revision != change.revision {
        return Err(Error::Conflict(format!("This COR is at revision {} now. Read it again.", before.revision)).into());
    }
    let now = CorTyped::from(&before);
    let typed = CorTyped {
        number: change.number.unwrap_or(now.number),
        title: change.title.unwrap_or(now.title),
        description: change.description.unwrap_or(now.description),
        customer_reference: change.customer_reference.unwrap_or(now.customer_reference),
        said: if change.total.is_some() { TotalSaid::Given } else { TotalSaid::Nothing },
        total: change.total.map_or(now.total, typed),
        lines: change.lines.map_or(now.lines, lines),
    };
    let input = EditCor { cor: id, revision: change.revision, typed, send: change.send, without_price: false };
    write::edit(&app, &actor, input).await?;
    seen(&app, &actor, id).await
}

/// Throws a draft away
#[utoipa::path(
    delete,
    path = "/cors/{cor}",
    tag = "cors",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    responses((status = 204, description = "It is gone"))
)]
async fn delete(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<CorId>) -> Result<StatusCode, Problem> {
    write::delete_draft(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a draft: it becomes In Review, and the other company sees it
#[utoipa::path(
    post,
    path = "/cors/{cor}/send",
    tag = "cors",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    responses((status = 200, body = Cor, description = "The COR as it is now"))
)]
async fn send(State(app): State<App>, Bearer(actor): Bearer, Id(id): Id<CorId>) -> Result<Json<Cor>, Problem> {
    set_status::send(&app, &actor, id).await?;
    seen(&app, &actor, id).await
}

/// Sets the status, from either side
///
/// Once the receiving company has joined, *approved_to_proceed*, *approved_co_issued* and taking them back are the receiver's;
/// taking one back needs a `reason`. Before that the sender records an `approval`.
#[utoipa::path(
    put,
    path = "/cors/{cor}/status",
    tag = "cors",
    params(("cor" = Uuid, Path, description = "The COR's id")),
    request_body = StatusBody,
    responses((status = 200, body = Cor, description = "The COR as it is now"))
)]
async fn set_status(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(cor): Id<CorId>,
    Body(new): Body<StatusBody>,
) -> Result<Json<Cor>, Problem> {
    let (means, given_on) = new.approval.map(|approval| (approval.means.code().to_owned(), approval.on)).unzip();
    let input = SetStatus {
        reason: new.reason,
        means: means.unwrap_or_default(),
        given_on: given_on.unwrap_or_default(),
        clock: String::new(),
        ..SetStatus::plain(cor, new.revision, new.status)
    };
    set_status::set(&app, &actor, input).await?;
    seen(&app, &actor, cor).await
}
