//! The frame around every page: navigation, who is signed in, where this is, notices.

/// The frame. Every page has one in its field `shell`.
#[derive(Debug, Clone, Default)]
pub struct Shell {
    /// The page's name, for the window's title.
    pub title: String,
    /// The navigation on the left.
    pub nav: Nav,
    /// The signed-in person's name.
    pub person: String,
    /// Role and office: "Project Manager, Portland office".
    pub role: String,
    /// The company the person works for.
    pub company: String,
    /// Where "Sign out" posts.
    pub sign_out_url: String,
    /// The way here, outermost first.
    pub crumbs: Vec<Crumb>,
    /// What just happened, shown once.
    pub flash: Option<Flash>,
}

/// The navigation.
#[derive(Debug, Clone, Default)]
pub struct Nav {
    /// Which entry this page belongs to.
    pub current: NavItem,
    /// The project that Log, Notifications and Contracts lead to; without one those three are not shown.
    pub project: Option<String>,
    /// Where "Projects" leads.
    pub projects_url: String,
    /// Where "COR Log" leads.
    pub log_url: String,
    /// How many CORs of this project need attention in Procore; 0 is not shown.
    pub log_count: u64,
    /// Where "Change Notifications" leads.
    pub notifications_url: String,
    /// How many notifications wait for an answer from this person's company; 0 is not shown.
    pub notifications_count: u64,
    /// Where "Reconciliation" leads.
    pub reconciliation_url: String,
    /// Where "Contracts" leads.
    pub contracts_url: String,
    /// Where "Project settings" leads.
    pub project_url: String,
    /// Where "Settings" leads; empty hides it (Field Users have none).
    pub settings_url: String,
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
    /// What of a project's log is in Procore and what is not.
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

/// One step of the way here.
#[derive(Debug, Clone, Default)]
pub struct Crumb {
    /// What it says.
    pub label: String,
    /// Where it leads; `None` for the page itself.
    pub url: Option<String>,
}

impl Crumb {
    /// A step that leads to `url`.
    pub fn link(label: impl Into<String>, url: impl Into<String>) -> Self {
        Self { label: label.into(), url: Some(url.into()) }
    }

    /// The page itself.
    pub fn here(label: impl Into<String>) -> Self {
        Self { label: label.into(), url: None }
    }
}

/// A notice above the page.
#[derive(Debug, Clone)]
pub struct Flash {
    /// Its colour and sign.
    pub kind: FlashKind,
    /// What happened and, where needed, what to do.
    pub text: String,
}

/// Kinds of notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlashKind {
    /// Done as asked.
    Good,
    /// Refused or failed.
    Bad,
    /// Good to know.
    Info,
}

impl FlashKind {
    /// The class of the colour.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Info => "info",
        }
    }
}

impl Nav {
    /// Whether the entry of this name is where the reader is.
    pub fn at(&self, name: &str) -> bool {
        let current = match self.current {
            NavItem::Projects => "projects",
            NavItem::Log => "log",
            NavItem::Notifications => "notifications",
            NavItem::Reconciliation => "reconciliation",
            NavItem::Contracts => "contracts",
            NavItem::Project => "project",
            NavItem::Settings => "settings",
            NavItem::Elsewhere => "",
        };
        current == name
    }
}
