//! Which projects a person sees, and the lists in Procore that they choose from.

use domain::{
    ProjectId,
    role::{Actor, Denied},
};
use procore::model;
use store::{
    CompanyTx,
    repo::{mapping::Mapping, project::Project},
};
use sync::connection::live_mapping;

use crate::{App, Error};

/// A project that the actor sees, or *not found*.
pub fn visible_project(us: &mut CompanyTx<'_>, actor: &Actor, id: ProjectId) -> Result<Project, Error> {
    let project = us.project(id, actor.person)?.ok_or(Error::NotFound)?;
    if actor.sees_project(project.standing()) { Ok(project) } else { Err(Error::NotFound) }
}

/// The mapping of a project, for readers of its log.
pub async fn mapping_to_read(app: &App, actor: &Actor, project: ProjectId) -> Result<Mapping, Error> {
    actor.may_see_log()?;
    let actor = actor.clone();
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let standing = visible_project(&mut us, &actor, project)?.standing();
            Ok(live_mapping(&mut us, project, standing)?)
        })
        .await
}

/// [`Denied`] as the sentence on a grayed-out control; empty if allowed.
pub fn greyed(permission: Result<(), Denied>) -> String {
    permission.err().map(|denied| denied.to_string()).unwrap_or_default()
}

/// The choices in a list of Procore's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered<T> {
    /// What can be chosen.
    pub choices: Vec<T>,
    /// Records that could not be read, a sentence each.
    pub unread: Vec<String>,
}

/// The sentence about a record that could not be read.
pub fn unread(odd: &model::Odd) -> String {
    match odd.name.as_str() {
        "" => format!("A record could not be read: {}", odd.why),
        name => format!("{name} could not be read: {}", odd.why),
    }
}
