//! Asking Procore as a person: their sign-in, the account's budget of requests, and Procore's errors in words.

mod asking;
pub mod budget;
pub mod tokens;

use domain::{ProjectId, role::Standing};
use store::{CompanyTx, repo::mapping::Mapping};

pub use asking::{Acting, asking, behind_people, reading, session, told};

use crate::Error;

/// Nobody has mapped the project.
const NOT_MAPPED: &str =
    "This project is not mapped to a Procore project yet. Map it under project settings → Procore.";
/// The office was never connected, or was disconnected.
const NOT_CONNECTED: &str = "The office of this project is not connected to Procore. The Account Owner or an Admin of \
    the office connects it under Settings → Offices → Office Integrations.";

/// Where a project's CORs go in Procore, if its office is still connected to that account; the sentence says what to
/// do otherwise.
pub fn live_mapping(us: &mut CompanyTx<'_>, project: ProjectId, standing: Standing) -> Result<Mapping, Error> {
    let mapping = us.mapping(project)?.ok_or_else(|| Error::Conflict(NOT_MAPPED.to_owned()))?;
    let connected = us.integration(standing.office)?;
    if connected.is_some_and(|account| account.procore_company_id == mapping.procore_company_id) {
        Ok(mapping)
    } else {
        Err(Error::Conflict(NOT_CONNECTED.to_owned()))
    }
}
