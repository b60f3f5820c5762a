//! What the pages need to say how CORs of a project stand in Procore.

use std::collections::BTreeMap;

use domain::{CorId, PushId, procore::push_state::ProcoreState};
use store::{
    CompanyTx,
    repo::{mapping::Mapping, project::Project, push::UnderWay},
};
use sync::connection::live_mapping;

use crate::{App, Error};

/// The Procore project of a project, and the pushes that some of its CORs are in.
#[derive(Debug, Clone, Default)]
pub struct ProcoreTies {
    /// Where it is.
    pub mapping: Option<Mapping>,
    /// Its change events in Procore's web interface; empty where it is not mapped.
    pub events_url: String,
    /// The project's office is connected to the account of the mapping.
    pub connected: bool,
    /// The push that each COR is in.
    pub under_way: BTreeMap<CorId, UnderWay>,
    /// The push in which Procore refused each COR.
    pub refused: BTreeMap<CorId, PushId>,
}

impl ProcoreTies {
    /// Reads it for CORs in these states.
    pub(crate) fn read(
        app: &App,
        us: &mut CompanyTx<'_>,
        project: &Project,
        cors: impl IntoIterator<Item = (CorId, ProcoreState)>,
    ) -> Result<Self, Error> {
        let (mut busy, mut refused) = (Vec::new(), Vec::new());
        for (cor, state) in cors {
            match state {
                ProcoreState::Refused => refused.push(cor),
                state if state.is_busy() => busy.push(cor),
                _ => {}
            }
        }
        let refused = if refused.is_empty() { BTreeMap::new() } else { us.links_of(&refused)? };
        let mapping = us.mapping(project.id)?;
        Ok(Self {
            events_url: mapping
                .as_ref()
                .map(|m| app.project_in_procore(m.procore_company_id, m.procore_project_id))
                .unwrap_or_default(),
            mapping,
            connected: live_mapping(us, project.id, project.standing()).is_ok(),
            refused: refused.into_iter().filter_map(|(cor, link)| Some((cor, link.push?))).collect(),
            under_way: us.pushes_holding(&busy)?,
        })
    }

    /// A change event in Procore's web interface; empty where the project is not mapped.
    pub fn event_url(&self, event: i64) -> String {
        if self.events_url.is_empty() { String::new() } else { format!("{}/{event}", self.events_url) }
    }
}
