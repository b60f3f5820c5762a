//! The frame around a page, filled for the person who reads it.

use domain::{ProjectId, role::Role};
use store::repo::project::Project;

use super::{
    session::SignedIn,
    views::{Crumb, Nav, NavItem, Shell},
};
use crate::{App, Error};

/// What a page says about itself.
#[derive(Debug, Clone, Default)]
pub struct Page {
    title: String,
    at: NavItem,
    project: Option<ProjectId>,
    crumbs: Vec<Crumb>,
}

impl Page {
    /// A page called `title` that belongs to an entry of the navigation.
    pub fn new(title: impl Into<String>, at: NavItem) -> Self {
        Self { title: title.into(), at, ..Self::default() }
    }

    /// The same page with the title that is known only now.
    pub fn called(self, title: &str) -> Self {
        Self { title: title.to_owned(), ..self }
    }

    /// The project it belongs to: the navigation then leads into that project.
    pub fn of(mut self, project: ProjectId) -> Self {
        self.project = Some(project);
        self
    }

    /// A step of the way here, outermost first.
    pub fn under(mut self, label: impl Into<String>, url: impl Into<String>) -> Self {
        self.crumbs.push(Crumb::link(label, url));
        self
    }
}

/// The frame for `page`. Reads the project's name and counts in one unit.
///
/// The way here ends with the page's own title; a page with no step above it shows no way at all.
pub async fn shell(app: &App, person: &SignedIn, page: Page) -> Result<Shell, Error> {
    let actor = person.actor.clone();
    let project = match page.project {
        None => None,
        Some(id) => {
            app.store
                .read(move |tx| {
                    let mut tx = tx.of(actor.company);
                    let Some(project) = tx.project(id, actor.person)? else { return Ok::<_, Error>(None) };
                    if !actor.sees_project(project.standing()) {
                        return Ok(None);
                    }
                    let waiting = tx.notifications_waiting(id)?;
                    let alerts = if actor.may_see_log().is_ok() { tx.log_alerts(id)? } else { 0 };
                    Ok(Some((project, waiting, alerts)))
                })
                .await?
        }
    };
    let mut crumbs = page.crumbs;
    if !crumbs.is_empty() {
        crumbs.push(Crumb::here(&page.title));
    }
    Ok(Shell {
        title: page.title,
        nav: nav(person, page.at, project.as_ref()),
        person: person.actor.name.clone(),
        role: match person.office_name.as_str() {
            "" => person.actor.role.name().to_owned(),
            office => format!("{}, {office}", person.actor.role.name()),
        },
        company: person.company_name.clone(),
        sign_out_url: "/sign-out".to_owned(),
        crumbs,
        flash: person.flash.clone(),
    })
}

fn nav(person: &SignedIn, current: NavItem, project: Option<&(Project, i64, i64)>) -> Nav {
    let sees_log = person.actor.may_see_log().is_ok();
    let mut nav = Nav {
        current,
        projects_url: "/projects".to_owned(),
        settings_url: if person.actor.role == Role::FieldUser { String::new() } else { "/settings".to_owned() },
        ..Nav::default()
    };
    if let Some((project, waiting, alerts)) = project {
        nav.project = Some(project.name.clone());
        nav.project_url = format!("/projects/{}/settings", project.id);
        if sees_log {
            nav.log_url = format!("/projects/{}", project.id);
            nav.log_count = u64::try_from(*alerts).unwrap_or(0);
            nav.notifications_url = format!("/change-notifications?project={}", project.id);
            nav.notifications_count = u64::try_from(*waiting).unwrap_or(0);
            nav.reconciliation_url = format!("/projects/{}/reconciliation", project.id);
            nav.contracts_url = format!("/projects/{}/settings/contracts", project.id);
        }
    }
    nav
}
