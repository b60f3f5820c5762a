//! The frame around every page: navigation, who is signed in, where this is, notices.

use domain::{
    ProjectId,
    role::{Actor, Role},
};

use super::{flash::Flash, session::SignedIn, unsent::Unsent, views::PageLink};
use crate::{App, Error, vault};

/// What a page says about itself.
#[derive(Debug, Clone, Default)]
pub struct Page {
    title: String,
    at: NavItem,
    project: Option<ProjectId>,
    crumbs: Vec<PageLink>,
}

impl Page {
    /// A page called `title` that belongs to an entry of the navigation.
    pub fn new(title: impl Into<String>, at: NavItem) -> Self {
        Self { title: title.into(), at, ..Self::default() }
    }

    /// A page of a project, opened from the list of projects.
    pub fn in_project(title: impl Into<String>, at: NavItem, project: ProjectId, name: &str) -> Self {
        let page = Self { project: Some(project), ..Self::new(title, at) };
        page.under("Projects", "/projects").under(name, format!("/projects/{project}"))
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
        self.crumbs.push(PageLink::new(label, url));
        self
    }
}

/// The frame. Every page has one in its field `shell`.
#[derive(Debug, Clone, Default)]
pub struct Shell {
    /// The page's name.
    pub title: String,
    /// Where the navigation leads; without one it is not drawn.
    pub nav: Option<Nav>,
    /// The signed-in person's name.
    pub person: String,
    /// Role and office: "Project Manager, Portland office".
    pub role: String,
    /// The company the person works for.
    pub company: String,
    /// The pages above this one, outermost first.
    pub crumbs: Vec<PageLink>,
    /// What just happened, shown once.
    pub flash: Option<Flash>,
    /// What was sent from this page when the session had ended.
    pub unsent: Option<Unsent>,
    /// The own text of the page's form that makes something; see [`super::once`].
    pub once: String,
}

impl Shell {
    /// The page puts what was sent before into its form itself.
    pub(crate) fn filled(mut self) -> Self {
        if let Some(unsent) = &mut self.unsent {
            unsent.filled = true;
        }
        self
    }
}

/// The navigation.
#[derive(Debug, Clone, Default)]
pub struct Nav {
    /// Which entry this page belongs to.
    pub at: NavItem,
    /// The project that the page belongs to.
    pub project: Option<NavProject>,
    /// Whether the person sees logs.
    pub sees_log: bool,
    /// Whether the person has Settings; Field Users have none.
    pub has_settings: bool,
    /// Whether the person sees security events.
    pub sees_security: bool,
}

/// A project in the navigation.
#[derive(Debug, Clone)]
pub struct NavProject {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// How many of its CORs need attention in Procore; 0 is not shown.
    pub alerts: i64,
    /// How many notifications wait for this company's answer; 0 is not shown.
    pub notifications: i64,
}

/// The entries of the navigation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NavItem {
    /// The list of projects.
    #[default]
    Projects,
    /// A project's COR Log, and everything opened from it.
    Log,
    /// A project's Change Notifications.
    Notifications,
    /// How a project's log compares with Procore.
    Reconciliation,
    /// A project's contracts.
    Contracts,
    /// A project's own settings.
    Project,
    /// The company's settings.
    Settings,
    /// None of them.
    Elsewhere,
}

/// The frame for `page`. Reads the project's name and counts in one unit.
pub async fn shell(app: &App, person: &SignedIn, page: Page) -> Result<Shell, Error> {
    let actor = &person.actor;
    let project = match page.project {
        Some(project) => nav_project(app, actor.clone(), project).await?,
        None => None,
    };
    Ok(Shell {
        title: page.title,
        nav: Some(Nav {
            at: page.at,
            project,
            sees_log: actor.may_see_log().is_ok(),
            has_settings: actor.role != Role::FieldUser,
            sees_security: actor.may_see_security().is_ok(),
        }),
        person: actor.name.clone(),
        role: match person.office_name.as_str() {
            "" => actor.role.name().to_owned(),
            office => format!("{}, {office}", actor.role.name()),
        },
        company: person.company_name.clone(),
        crumbs: page.crumbs,
        flash: person.flash.clone(),
        unsent: person.unsent.clone(),
        once: vault::fresh(&*app.entropy),
    })
}

async fn nav_project(app: &App, actor: Actor, id: ProjectId) -> Result<Option<NavProject>, Error> {
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let project = us.project(id, actor.person)?.filter(|project| actor.sees_project(project.standing()));
            let Some(project) = project else { return Ok(None) };
            let notifications = us.notifications_waiting(id)?;
            let alerts = if actor.may_see_log().is_ok() { us.log_alerts(id)? } else { 0 };
            Ok(Some(NavProject { id, name: project.name, alerts, notifications }))
        })
        .await
}
