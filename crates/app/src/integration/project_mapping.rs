//! A project's place in Procore as it is known, and the Procore projects that it can be mapped to.

use domain::{
    ProcoreId, ProjectId,
    procore::currency::{CurrencyTrouble, KnownCurrency},
    role::Actor,
};
use procore::model;
use serde::Serialize;
use store::repo::{
    currency::ProcoreCurrency, integration::Integration, mapping::Mapping, project::Project, watch::Watch,
};
use sync::connection::{
    reading,
    tokens::{self, SignInHealth},
};
use utoipa::ToSchema;

use super::acting::{Offered, greyed, unread, visible_project};
use crate::{App, Error};

/// A project in Procore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProcoreProject {
    #[serde(with = "domain::ids::as_procore_id")]
    #[schema(value_type = ProcoreId)]
    pub id: i64,
    /// Its number; may be empty.
    pub number: String,
    pub name: String,
    /// ISO 4217, if the list names it; else empty.
    pub currency: String,
}

/// A project's place in Procore, as known without asking there.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProjectMapping {
    #[serde(skip)]
    pub project: Project,
    /// The Procore account that the project's office is connected to.
    #[serde(rename = "account")]
    pub integration: Option<Integration>,
    /// The Procore project it is mapped to.
    pub mapping: Option<Mapping>,
    /// The currency according to Procore's settings and people.
    #[serde(skip)]
    pub currency: ProcoreCurrency,
    /// The same, with the currencies that its change events name.
    #[serde(skip)]
    pub known: KnownCurrency,
    /// The actor's sign-in.
    #[serde(skip)]
    pub own: SignInHealth,
    /// CORs that are linked to change events there. To map another project, the actor must agree to unlink them.
    #[serde(rename = "linked_cors")]
    pub links: i64,
    /// How we watch Procore for changes; `None` while no COR is linked.
    #[serde(skip)]
    pub watch: Option<Watch>,
    /// Why the actor may not change it; empty if they may.
    #[serde(skip)]
    pub denied: String,
}

impl ProjectMapping {
    /// Why its currency prevents pushing, if it does.
    pub fn currency_trouble(&self) -> Option<CurrencyTrouble> {
        self.mapping.as_ref()?;
        self.known.agrees_with(self.project.currency).err()
    }
}

/// The mapping of a project and what it depends on.
pub async fn look(app: &App, actor: &Actor, project: ProjectId) -> Result<ProjectMapping, Error> {
    let reader = actor.clone();
    let page = app
        .store
        .read(move |tx| {
            let mut us = tx.of(reader.company);
            let project = visible_project(&mut us, &reader, project)?;
            let integration = us.integration(project.office.id)?;
            Ok::<_, Error>(ProjectMapping {
                mapping: us.mapping(project.id)?,
                currency: us.procore_currency(project.id)?,
                known: us.known_currency(project.id)?,
                links: us.links_in_project(project.id)?,
                watch: us.watch(project.id)?,
                denied: greyed(reader.may_map_project(project.standing())),
                own: SignInHealth::None,
                integration,
                project,
            })
        })
        .await?;
    Ok(ProjectMapping { own: tokens::health(app, actor.company, actor.person).await?, ..page })
}

/// The projects of the account that the actor can see, by number.
pub async fn choices(app: &App, actor: &Actor, account: i64) -> Result<Offered<ProcoreProject>, Error> {
    let id = model::CompanyId(account);
    let all = reading(app, actor, Some(account), move |session| async move { session.projects(id).await }).await?.value;
    let mut choices: Vec<_> = all
        .records
        .into_iter()
        .filter(|project| project.active)
        .map(|project| ProcoreProject {
            id: project.id.0,
            number: project.project_number,
            name: project.name,
            currency: project.currency.unwrap_or_default(),
        })
        .collect();
    choices.sort_by_cached_key(|p| (domain::text::natural_key(&p.number), p.name.to_lowercase(), p.id));
    Ok(Offered { choices, unread: all.odd.iter().map(unread).collect() })
}

/// A Procore project's number and name.
pub fn named(mapping: &Mapping) -> String {
    if mapping.procore_number.is_empty() {
        mapping.procore_project.clone()
    } else {
        format!("{} {}", mapping.procore_number, mapping.procore_project)
    }
}
