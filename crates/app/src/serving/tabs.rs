//! Addresses and tabs of settings.

use domain::{
    OfficeId, ProjectId,
    role::{Actor, Role},
};
use store::repo::project::Project;

use super::{
    session::SignedIn,
    shell::{Page, Shell},
    views::{NavItem, Tabs},
};
use crate::Error;

/// An office's settings.
pub fn office_url(office: OfficeId) -> String {
    format!("/settings/offices/{office}")
}

/// A project's settings.
pub fn project_url(project: ProjectId) -> String {
    format!("/projects/{project}/settings")
}

/// The tabs of Settings.
pub fn settings(current: &'static str, shell: &Shell) -> Tabs {
    let mut all = vec![("offices", "Offices"), ("people", "People"), ("tokens", "API tokens")];
    if shell.nav.as_ref().is_some_and(|nav| nav.sees_security) {
        all.push(("security", "Security events"));
    }
    Tabs { current, all: all.into_iter().map(|(key, name)| (key, name, format!("/settings/{key}"))).collect() }
}

/// The tabs of an office.
pub fn office(actor: &Actor, office: OfficeId, current: &'static str) -> Tabs {
    let base = office_url(office);
    let mut all = vec![("integrations", "Office Integrations", format!("{base}/integrations"))];
    if actor.may_reconcile_office(office).is_ok() {
        all.push(("reconciliation", "Reconciliation", format!("/offices/{office}/reconciliation")));
    }
    all.insert(0, ("details", "Details", base));
    Tabs { current, all }
}

/// The tabs of a project's settings.
pub fn project(project: ProjectId, current: &'static str) -> Tabs {
    let base = project_url(project);
    let mut all: Vec<_> = [("people", "People"), ("contracts", "Contracts"), ("procore", "Procore")]
        .into_iter()
        .map(|(key, name)| (key, name, format!("{base}/{key}")))
        .collect();
    all.insert(0, ("details", "Details", base));
    Tabs { current, all }
}

/// A page of Settings; Field Users have none.
pub fn settings_page(person: &SignedIn, title: &str) -> Result<Page, Error> {
    if person.actor.role == Role::FieldUser {
        return Err(Error::NotFound);
    }
    Ok(Page::new(title, NavItem::Settings))
}

/// The title of a project's first tab.
pub const PROJECT_SETTINGS: &str = "Project settings";

/// A page of a project's settings: the same way leads to every tab.
pub fn project_page(project: &Project, title: &str, at: NavItem) -> Page {
    let page = Page::in_project(title, at, project.id, &project.name);
    if title == PROJECT_SETTINGS { page } else { page.under(PROJECT_SETTINGS, project_url(project.id)) }
}
