//! Mapping a project to its Procore project.

use domain::{
    Currency, ProjectId,
    procore::currency::{KnownCurrency, is},
    role::Actor,
};
use store::{CompanyTx, repo::mapping::Mapping};

use super::{
    acting::visible_project,
    currency,
    project_mapping::{choices, look, named},
};
use crate::{App, Error, comparison, feed::own_entry};

/// What to do with CORs that are linked to change events of another Procore project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linked {
    /// Refuse the new mapping.
    Keep,
    /// Unlink them; their lines stay there.
    Unlink,
}

/// The Procore project to map to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapTo {
    /// Procore's id of the project.
    pub procore_project: i64,
    /// Its currency, as the actor states it.
    pub currency: Option<Currency>,
    /// Whether to refuse the mapping while the currency is unknown. Programs may state it later; pushing waits for it.
    pub asks_currency: bool,
    /// What to do with CORs that are linked elsewhere.
    pub linked: Linked,
}

impl MapTo {
    /// A Procore project, with the defaults for the rest.
    pub const fn project(procore_project: i64) -> Self {
        Self { procore_project, currency: None, asks_currency: false, linked: Linked::Keep }
    }

    /// The same, with a currency.
    pub const fn kept_in(self, currency: Currency) -> Self {
        Self { currency: Some(currency), ..self }
    }
}

/// Maps a project, or maps it to another Procore project.
pub async fn map(app: &App, actor: &Actor, project: ProjectId, to: MapTo) -> Result<(), Error> {
    actor.may_write()?;
    let page = look(app, actor, project).await?;
    actor.may_map_project(page.project.standing())?;
    let account = page.integration.ok_or_else(|| {
        Error::Conflict("This project's office is not connected to Procore. Connect it first.".to_owned())
    })?;
    let chosen = choices(app, actor, account.procore_company_id).await?;
    let chosen = chosen.choices.into_iter().find(|p| p.id == to.procore_project);
    let chosen = chosen.ok_or_else(|| Error::invalid("project", "Choose a Procore project from the list."))?;
    let place = (account.procore_company_id, chosen.id);
    let kept_in = currency::named_beside(app, actor, place, &chosen.currency).await?;
    let was = page.mapping.as_ref().map(|was| (was.procore_company_id, was.procore_project_id));
    if was == Some(place) {
        let ours = to.currency.unwrap_or(page.project.currency);
        currency::events_anew(app, actor, project, ours).await?;
    }
    let known = if was == Some(place) { page.known } else { KnownCurrency::default() };
    is_known(&to, kept_in.code(), &known)?;
    let new = Mapping {
        project,
        procore_company_id: account.procore_company_id,
        procore_project_id: chosen.id,
        procore_project: chosen.name,
        procore_number: chosen.number,
        mapped_by: actor.person,
        mapped_by_name: actor.name.clone(),
        mapped_at: app.now(),
    };
    let text = format!("mapped the project to {} in Procore", named(&new));
    let entry = own_entry(app, actor, project, text);
    let (shared, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            // Read again in the transaction that writes: it may have changed while we asked Procore.
            let standing = visible_project(&mut us, &actor, project)?.standing();
            actor.may_map_project(standing)?;
            if us.integration(standing.office)?.is_none_or(|i| i.procore_company_id != new.procore_company_id) {
                return Err(Error::Conflict(
                    "Somebody connected the office to another Procore account meanwhile. Choose again.".to_owned(),
                ));
            }
            let before = us.mapping(project)?;
            let same = before.as_ref().is_some_and(|b| {
                (b.procore_company_id, b.procore_project_id) == (new.procore_company_id, new.procore_project_id)
            });
            let links = us.links_in_project(project)?;
            let elsewhere = us.linked_elsewhere(project, new.procore_company_id, new.procore_project_id)?;
            if !same && links > 0 && (before.is_some() || elsewhere) {
                if to.linked == Linked::Keep {
                    return Err(Error::invalid("unlink", stays(links)));
                }
                nothing_under_way(&mut us, project)?;
                comparison::unlink_all(&shared, &mut us, &actor, project)?;
            }
            us.set_mapping(&new)?;
            if !same {
                us.record(&entry)?;
            }
            kept_in.keep(&mut us, project)?;
            if let Some(currency) = to.currency {
                currency::stated(&shared, &mut us, &actor, project, currency)?;
            }
            Ok(())
        })
        .await
}

/// Checks the stated currency against the one that Procore names, and whether one is needed.
fn is_known(to: &MapTo, named: &str, known: &KnownCurrency) -> Result<(), Error> {
    match to.currency {
        Some(stated) if !named.is_empty() && !is(named, stated) => Err(currency::contradicted(named)),
        None if to.asks_currency && named.is_empty() && known.named.is_empty() && known.stated.is_none() => {
            Err(Error::invalid(
                "currency",
                "Procore doesn't show this project's currency. Choose it here: amounts are never converted.",
            ))
        }
        _ => Ok(()),
    }
}

/// Removes a mapping. Links stay: if the same Procore project is mapped again, everything continues.
pub async fn unmap(app: &App, actor: &Actor, project: ProjectId) -> Result<(), Error> {
    actor.may_write()?;
    let entry = own_entry(app, actor, project, "removed the project's mapping to Procore");
    let actor = actor.clone();
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let standing = visible_project(&mut us, &actor, project)?.standing();
            actor.may_map_project(standing)?;
            nothing_under_way(&mut us, project)?;
            if !us.remove_mapping(project)? {
                return Err(Error::NotFound);
            }
            us.record(&entry)?;
            Ok(())
        })
        .await
}

fn nothing_under_way(us: &mut CompanyTx<'_>, project: ProjectId) -> Result<(), Error> {
    match us.pushes_under_way(project)? {
        0 => Ok(()),
        _ => {
            Err(Error::Conflict("A push is running in this project. Change the mapping after it finishes.".to_owned()))
        }
    }
}

fn stays(linked: i64) -> String {
    let cors = if linked == 1 { "1 COR is".to_owned() } else { format!("{linked} CORs are") };
    format!(
        "{cors} linked to Change Events of the Procore project mapped before. Keep that mapping, or agree to unlink \
         them."
    )
}
