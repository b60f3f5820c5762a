//! What can be chosen in Procore for a mapped project: change events, statuses, budget codes, contracts.

use axum::{Json, extract::State};
use domain::{
    ProcoreId, ProjectId,
    procore::{Amount, Side},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::repo::change_event::EventRow;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App, Error,
    integration::{
        change_events,
        reference::{self, Unseen},
    },
    serving::api::{
        bearer::Bearer,
        extract::{Asked, Id},
        problem::Problem,
    },
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show)).routes(routes!(events))
}

/// Whether Procore is asked.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Refresh {
    /// Reads it from Procore now, as the caller; otherwise it is answered as last read.
    #[serde(default)]
    #[param(required = false)]
    refresh: bool,
}

/// What can be chosen for change events of a project and their lines.
#[derive(Debug, Serialize, ToSchema)]
struct Reference {
    statuses: Vec<EventStatus>,
    types: Vec<Choice>,
    reasons: Vec<Choice>,
    budget_codes: Vec<BudgetCode>,
    /// What received CORs are paid from.
    commitments: Vec<ProcoreContract>,
    /// What sent CORs are paid from.
    prime_contracts: Vec<ProcoreContract>,
    /// What Procore lists and could not be read. It can't be chosen.
    unread: Vec<Unread>,
    /// When the budget codes were read from Procore.
    budget_codes_read_at: Timestamp,
    /// What Procore shows nothing of: it may not be there, or the caller may not see it. In words, with whom to ask.
    unseen: Vec<String>,
    /// When the oldest part of it was read from Procore.
    read_at: Timestamp,
}

/// A status that change events may have.
#[derive(Debug, Serialize, ToSchema)]
struct EventStatus {
    id: ProcoreId,
    /// The account's own word.
    name: String,
    /// What it means to Procore: `open`, `pending`, `closed`, `void`.
    mapped_to: String,
    /// Whether new change events get it in Procore.
    default: bool,
}

/// A type or a reason.
#[derive(Debug, Serialize, ToSchema)]
struct Choice {
    id: ProcoreId,
    name: String,
}

/// A budget code.
#[derive(Debug, Serialize, ToSchema)]
struct BudgetCode {
    id: ProcoreId,
    /// As people know it: `23-2113.L`.
    code: String,
    description: String,
}

/// A commitment or a prime contract.
#[derive(Debug, Serialize, ToSchema)]
struct ProcoreContract {
    id: ProcoreId,
    number: String,
    title: String,
    /// `Draft`, `Approved`, …
    status: String,
    /// The vendor of a commitment; empty where there is none, or Procore doesn't show its name.
    vendor: String,
}

/// A record that could not be read.
#[derive(Debug, Serialize, ToSchema)]
struct Unread {
    /// The list it stands in: `statuses`, `types`, `reasons`, `budget_codes`, `commitments`, `prime_contracts`.
    list: &'static str,
    /// Which it is, and why, in a sentence.
    why: String,
}

/// The change events of a mapped project.
#[derive(Debug, Serialize, ToSchema)]
struct ChangeEvents {
    /// The newest number first.
    events: Vec<ChangeEvent>,
    /// Records that could not be read and bear no id, each in a sentence.
    unread: Vec<String>,
    /// When the list was read from Procore.
    read_at: Option<Timestamp>,
}

/// A change event.
#[derive(Debug, Serialize, ToSchema)]
struct ChangeEvent {
    id: ProcoreId,
    number: String,
    title: String,
    /// By the name Procore shows.
    status: String,
    /// What the name means to Procore: `open`, `pending`, `closed`, `void`.
    mapped_to: String,
    /// The estimated cost of its lines.
    cost: Amount,
    /// The estimated revenue of its lines, but for what follows their cost.
    revenue: Amount,
    /// The revenue of lines that nobody priced and that Procore shows the owner at their cost; it is not in `revenue`.
    revenue_that_follows_cost: Amount,
    /// What Procore adds to the revenue as markup, by the prime contract below; it is not in `revenue`.
    markup: Amount,
    /// Its prime contract for markup estimates.
    prime_contract_id: Option<ProcoreId>,
    /// Why it could not be read the last time: nothing can be pushed into it until it can.
    could_not_be_read: Option<String>,
    /// How many lines it has.
    lines: i64,
    /// How many of them have a cost that Procore doesn't let anybody change or remove.
    cost_locked_lines: i64,
    /// The same of their revenue.
    revenue_locked_lines: i64,
}

impl From<reference::ReferenceData> for Reference {
    fn from(data: reference::ReferenceData) -> Self {
        let choice = |choice: reference::Choice| Choice { id: ProcoreId::from(choice.id), name: choice.name };
        let contract = |c: reference::Contract| ProcoreContract {
            id: ProcoreId::from(c.id),
            number: c.number,
            title: c.title,
            status: c.status,
            vendor: c.vendor_name,
        };
        let status = |s: reference::Status| EventStatus {
            id: ProcoreId::from(s.id),
            name: s.name,
            mapped_to: s.mapped_to,
            default: s.default,
        };
        let code = |c: reference::BudgetCode| BudgetCode {
            id: ProcoreId::from(c.id),
            code: c.code,
            description: c.description,
        };
        let unread = |(kind, why): (reference::Kind, String)| Unread { list: kind.code(), why };
        let mut unseen: Vec<String> = Vec::new();
        for sentence in
            [Side::Received, Side::Sent].into_iter().flat_map(|side| data.unseen(side)).map(Unseen::sentence)
        {
            if !unseen.contains(&sentence) {
                unseen.push(sentence);
            }
        }
        Self {
            unseen,
            statuses: data.statuses.into_iter().map(status).collect(),
            types: data.types.into_iter().map(choice).collect(),
            reasons: data.reasons.into_iter().map(choice).collect(),
            budget_codes: data.budget_codes.into_iter().map(code).collect(),
            commitments: data.commitments.into_iter().map(contract).collect(),
            prime_contracts: data.prime_contracts.into_iter().map(contract).collect(),
            unread: data.unread.into_iter().map(unread).collect(),
            budget_codes_read_at: data.codes_read_at,
            read_at: data.fetched_at,
        }
    }
}

impl From<EventRow> for ChangeEvent {
    fn from(row: EventRow) -> Self {
        Self {
            id: ProcoreId::from(row.event_id),
            number: row.number,
            title: row.title,
            status: row.status,
            mapped_to: row.mapped_status,
            cost: row.cost,
            revenue: row.revenue,
            revenue_that_follows_cost: row.following,
            markup: row.markup,
            prime_contract_id: row.prime_contract_id.map(ProcoreId::from),
            could_not_be_read: Some(row.trouble).filter(|why| !why.is_empty()),
            lines: row.lines,
            cost_locked_lines: row.cost_locked,
            revenue_locked_lines: row.revenue_locked,
        }
    }
}

/// Statuses, types, reasons, budget codes and contracts to choose from
///
/// What is older than an hour, or was never read, is read from Procore as the caller; if Procore is not answering, it comes as last
/// read.
#[utoipa::path(
    get,
    path = "/projects/{project}/procore/reference",
    tag = "procore",
    params(("project" = Uuid, Path, description = "The project's id"), Refresh),
    responses((status = 200, body = Reference, description = "What can be chosen"))
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(project): Id<ProjectId>,
    Asked(asked): Asked<Refresh>,
) -> Result<Json<Reference>, Problem> {
    let data = if asked.refresh {
        actor.may_write().map_err(Error::from)?;
        reference::refresh(&app, &actor, project).await?
    } else {
        match reference::refresh_if_stale(&app, &actor, project).await {
            Ok(_) | Err(Error::ProcoreUnavailable(_)) => {}
            Err(error) => return Err(error.into()),
        }
        reference::get(&app, &actor, project).await?
    };
    Ok(Json(data.into()))
}

/// The project's change events
///
/// A list older than five minutes is read from Procore as the caller; if Procore is not answering, it comes as last read.
#[utoipa::path(
    get,
    path = "/projects/{project}/procore/change-events",
    tag = "procore",
    params(("project" = Uuid, Path, description = "The project's id"), Refresh),
    responses((status = 200, body = ChangeEvents, description = "The newest number first"))
)]
async fn events(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(project): Id<ProjectId>,
    Asked(asked): Asked<Refresh>,
) -> Result<Json<ChangeEvents>, Problem> {
    if asked.refresh {
        actor.may_write().map_err(Error::from)?;
        change_events::refresh(&app, &actor, project).await?;
    } else {
        match change_events::refresh_if_stale(&app, &actor, project).await {
            Ok(()) | Err(Error::ProcoreUnavailable(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let list = change_events::list(&app, &actor, project).await?;
    let events = list.events.into_iter().map(ChangeEvent::from).collect();
    Ok(Json(ChangeEvents { events, unread: list.nameless, read_at: list.read_at }))
}
