//! The COR Log: a page of rows, and count and totals of everything under the filter, all of one moment.

use axum::{Json, extract::State};
use domain::{
    CompanyId, ProcoreId, ProjectId,
    cor::Status,
    procore::{Side, push_state::ProcoreState},
};
use serde::Deserialize;
use store::repo::log::{LogFilter, PageWanted, Position, Sort, SortBy};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    App,
    log::{
        query::{PAGE, SEARCH, searchable},
        read_log::{self, Log},
    },
    serving::api::{
        bearer::Bearer,
        extract::{Id, Parameters, given},
        problem::{ApiResult, Problem},
    },
};

/// The most rows of a page.
const LARGEST_PAGE: usize = 200;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(log))
}

/// Filter, order and place.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LogParameters {
    /// Any of these statuses; repeat it for several.
    #[serde(default)]
    #[param(required = false)]
    status: Vec<Status>,
    /// Any of these companies at the other end, by id; repeat it for several.
    #[serde(default)]
    #[param(required = false)]
    counterparty: Vec<Uuid>,
    /// Text to be found in number, title, reference, counterparty or change event.
    #[param(max_length = 120)]
    q: Option<String>,
    /// Any of these places in Procore; repeat it for several. `not_in_procore` leaves out Draft and Void CORs, which can't be pushed,
    /// unless `status` asks for them.
    #[serde(default)]
    #[param(required = false)]
    procore_state: Vec<ProcoreState>,
    /// One change event, by Procore's id.
    #[serde(default, deserialize_with = "given")]
    event: Option<ProcoreId>,
    /// Change events of any of these statuses, by the name Procore shows; repeat it for several.
    #[serde(default)]
    #[param(required = false)]
    event_status: Vec<String>,
    /// The order; `submitted` unless given.
    #[serde(default, deserialize_with = "given")]
    sort: Option<SortBy>,
    /// `desc` unless given.
    #[serde(default, deserialize_with = "given")]
    dir: Option<Direction>,
    /// `next` of the page before, with the same order.
    #[serde(default, deserialize_with = "given")]
    cursor: Option<String>,
    /// Rows of the page; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<usize>,
}

/// The direction of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The smallest first.
    Asc,
    /// The greatest first.
    Desc,
}

/// A page of a project's COR Log, with count and totals of all that the filter finds
#[utoipa::path(
    get,
    path = "/projects/{project}/log/{side}",
    tag = "log",
    params(
        ("project" = Uuid, Path, description = "The project's id"),
        ("side" = Side, Path, description = "`sent` or `received`"),
        LogParameters,
    ),
    responses((status = 200, body = Log, description = "Rows and totals of one moment"))
)]
async fn log(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id((project, side)): Id<(ProjectId, Side)>,
    Parameters(query): Parameters<LogParameters>,
) -> ApiResult<Log> {
    Ok(Json(read_log::page(&app, &actor, project, side, query.wanted()?).await?))
}

impl LogParameters {
    fn wanted(self) -> Result<PageWanted, Problem> {
        let sort = Sort {
            by: self.sort.unwrap_or(Sort::default().by),
            descending: self.dir.is_none_or(|dir| dir == Direction::Desc),
        };
        let position = match self.cursor.as_deref() {
            None => Position::First,
            Some(text) => Position::After(read_log::cursor(sort, text).ok_or_else(|| {
                Problem::parameter(
                    "cursor",
                    "This cursor is not one of ours, or belongs to another order. Leave it out to begin at the first page.",
                )
            })?),
        };
        let rows = self.limit.unwrap_or(PAGE);
        if !(1..=LARGEST_PAGE).contains(&rows) {
            return Err(Problem::parameter("limit", format!("A page has 1 to {LARGEST_PAGE} rows.")));
        }
        let text = self.q.unwrap_or_default();
        if !searchable(&text) {
            return Err(Problem::parameter("q", format!("Search for at most {SEARCH} characters of text.")));
        }
        if self.event_status.iter().any(|status| status.contains('\0')) {
            return Err(Problem::parameter("event_status", "Leave out characters that aren’t text."));
        }
        let filter = LogFilter {
            text: text.trim().to_owned(),
            statuses: self.status.into_iter().collect(),
            counterparties: self.counterparty.into_iter().map(CompanyId).collect(),
            procore: self.procore_state.into_iter().collect(),
            event_statuses: self.event_status.into_iter().filter(|status| !status.is_empty()).collect(),
            event: self.event.map(ProcoreId::get),
        };
        Ok(PageWanted { filter, sort, position, rows })
    }
}
