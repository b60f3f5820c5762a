//! What can be chosen in Procore for a mapped project: change events, statuses, budget codes, contracts.

use axum::{Json, extract::State};
use domain::ProjectId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App, Error,
    integration::{
        change_events::{self, EventList},
        reference::{self, ReferenceData},
    },
    serving::api::{
        bearer::Bearer,
        extract::{Id, Parameters},
        problem::ApiResult,
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
    /// Read from Procore now, as the caller; otherwise the last reading is returned.
    #[serde(default)]
    #[param(required = false)]
    refresh: bool,
}

/// What can be chosen, and which lists may be incomplete.
#[derive(Debug, Serialize, ToSchema)]
struct Choosable {
    #[serde(flatten)]
    data: ReferenceData,
    /// The lists that Procore shows as empty: they may be empty, or hidden from the caller. In words, with whom to ask.
    unseen: Vec<String>,
}

/// Statuses, types, reasons, budget codes and contracts to choose from
///
/// Lists older than an hour, or never read, are read from Procore as the caller; if Procore doesn't answer, the last reading is
/// returned.
#[utoipa::path(
    get,
    path = "/projects/{project}/procore/reference",
    tag = "procore",
    params(("project" = Uuid, Path, description = "The project's id"), Refresh),
    responses((status = 200, body = Choosable, description = "What can be chosen"))
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(project): Id<ProjectId>,
    Parameters(asked): Parameters<Refresh>,
) -> ApiResult<Choosable> {
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
    Ok(Json(Choosable { unseen: data.all_unseen(), data }))
}

/// The project's change events
///
/// A list older than five minutes is read from Procore as the caller; if Procore doesn't answer, the last reading is returned.
#[utoipa::path(
    get,
    path = "/projects/{project}/procore/change-events",
    tag = "procore",
    params(("project" = Uuid, Path, description = "The project's id"), Refresh),
    responses((status = 200, body = EventList, description = "The newest number first"))
)]
async fn events(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(project): Id<ProjectId>,
    Parameters(asked): Parameters<Refresh>,
) -> ApiResult<EventList> {
    if asked.refresh {
        actor.may_write().map_err(Error::from)?;
        change_events::refresh(&app, &actor, project).await?;
    } else {
        match change_events::refresh_if_stale(&app, &actor, project).await {
            Ok(()) | Err(Error::ProcoreUnavailable(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Json(change_events::list(&app, &actor, project).await?))
}
