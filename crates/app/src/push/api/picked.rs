//! Which CORs a push takes: named ones, or all under a filter of the log but some.

use domain::{
    CompanyId, CorId, ProcoreId, ProjectId,
    cor::Status,
    procore::{Side, push_state::ProcoreState},
    role::Actor,
};
use serde::Deserialize;
use store::repo::log::{LogFilter, Picked};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App,
    log::{
        query::{SEARCH, searchable},
        selection::{self, Selection},
    },
    serving::api::problem::Problem,
};

/// All CORs that the log shows under a filter, on all its pages, but some. What it holds when the push begins is frozen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AllOf {
    /// Any of these statuses.
    #[serde(default)]
    #[schema(required = false)]
    status: Vec<Status>,
    /// Any of these companies at the other end.
    #[serde(default)]
    #[schema(required = false)]
    counterparty: Vec<Uuid>,
    /// Text to be found in number, title, reference, counterparty or change event.
    #[serde(default)]
    #[schema(required = false, max_length = 120)]
    q: String,
    /// Any of these places in Procore.
    #[serde(default)]
    #[schema(required = false)]
    procore_state: Vec<ProcoreState>,
    /// One change event.
    event: Option<ProcoreId>,
    /// Change events of any of these statuses, by the name Procore shows.
    #[serde(default)]
    #[schema(required = false)]
    event_status: Vec<String>,
    /// Not these, although the filter finds them.
    #[serde(default)]
    #[schema(required = false)]
    except: Vec<Uuid>,
}

impl AllOf {
    fn picked(self) -> Result<Picked, Problem> {
        if !searchable(&self.q) {
            return Err(Problem::field("all_of/q", format!("Search for at most {SEARCH} characters of text.")));
        }
        if self.event_status.iter().any(|status| status.contains('\0')) {
            return Err(Problem::field("all_of/event_status", "Leave out characters that aren’t text."));
        }
        let filter = LogFilter {
            text: self.q.trim().to_owned(),
            statuses: self.status.into_iter().collect(),
            counterparties: self.counterparty.into_iter().map(CompanyId).collect(),
            procore: self.procore_state.into_iter().collect(),
            event_statuses: self.event_status.into_iter().filter(|status| !status.is_empty()).collect(),
            event: self.event.map(ProcoreId::get),
        };
        Ok(Picked::AllBut(filter, self.except.into_iter().map(CorId).collect()))
    }

    /// The CORs it stands for now.
    pub async fn frozen(self, app: &App, actor: &Actor, project: ProjectId, side: Side) -> Result<Vec<CorId>, Problem> {
        let selection = Selection { project, side, picked: self.picked()? };
        Ok(selection::resolve(app, actor, selection).await?.in_one_currency()?)
    }
}
