//! Projects: the list, a new one, and a project's settings with its tabs.

use askama::Template;

use crate::serving::views::{Choice, Deed, FormErrors, Link, Pill, Shell, Text};

/// The projects this person may see.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "projects/templates/list.html")]
pub struct ProjectList {
    /// The frame.
    pub shell: Shell,
    /// "New project".
    pub new_project: Deed,
    /// The projects.
    pub projects: Vec<ProjectCard>,
}

/// A project in the list.
#[derive(Debug, Clone, Default)]
pub struct ProjectCard {
    /// Its title.
    pub title: String,
    /// Its COR Log.
    pub url: String,
    /// "job 24-118"; empty when this company gave none.
    pub job: String,
    /// "Portland office · customer Providence Harbor Health System".
    pub about: String,
    /// "60 CORs".
    pub cors: String,
    /// How it stands with Procore: "Mapped", "Not mapped", "3 updates needed".
    pub procore: Pill,
}

/// A new project, or a project's details. Posts `title`, `address`, `office`, `job`, `currency`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "projects/templates/form.html")]
pub struct ProjectForm {
    /// The frame.
    pub shell: Shell,
    /// The tabs of an existing project; `None` for a new one.
    pub tabs: Option<ProjectTabs>,
    /// "New project" or the project's title.
    pub heading: String,
    /// Where the form posts; empty shows the values without a form.
    pub action_url: String,
    /// Why it cannot be changed; empty when it can.
    pub read_only: String,
    /// The project's title.
    pub title: String,
    /// Where it is built.
    pub address: String,
    /// This company's offices.
    pub offices: Vec<Choice>,
    /// This company's own job number, which only it sees.
    pub job: String,
    /// Currencies.
    pub currencies: Vec<Choice>,
    /// What was refused.
    pub errors: FormErrors,
    /// "Create project" or "Save".
    pub submit: String,
    /// Where Cancel leads.
    pub cancel_url: String,
}

/// The tabs of Advanced Settings.
#[derive(Debug, Clone, Default)]
pub struct ProjectTabs {
    /// Which one is open: `details`, `people`, `contracts`, `procore`.
    pub current: &'static str,
    /// Details.
    pub details_url: String,
    /// People.
    pub people_url: String,
    /// Contracts.
    pub contracts_url: String,
    /// Procore.
    pub procore_url: String,
}

impl ProjectTabs {
    /// The tabs as (key, name, address).
    pub fn all(&self) -> [(&str, &str, &str); 4] {
        [
            ("details", "Details", &self.details_url),
            ("people", "People", &self.people_url),
            ("contracts", "Contracts", &self.contracts_url),
            ("procore", "Procore", &self.procore_url),
        ]
    }
}

/// Who of this company works on the project. Adding posts `person` to the deed's address; removing posts to the row's.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "projects/templates/people.html")]
pub struct ProjectPeople {
    /// The frame.
    pub shell: Shell,
    /// The project's title.
    pub heading: String,
    /// The tabs.
    pub tabs: ProjectTabs,
    /// Who is on it.
    pub people: Vec<ProjectPerson>,
    /// Where "Add" posts.
    pub add: Deed,
    /// Who could be added.
    pub candidates: Vec<Choice>,
}

/// A person on the project.
#[derive(Debug, Clone, Default)]
pub struct ProjectPerson {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// "Project Manager".
    pub role: String,
    /// Where "Remove" posts; `MayNot` for those who see every project anyway.
    pub remove: Deed,
}

/// How the project stands with Procore.
#[derive(Debug, Clone)]
pub enum MappingState {
    /// The office is not connected to Procore.
    NotConnected {
        /// Who can connect it and where ("Only an Account Owner or an Admin of the Portland office connects it.").
        sentence: String,
        /// The office's integrations, for those who may.
        link: Option<Link>,
    },
    /// This person has no live Procore login: opens the pop-up.
    SignIn {
        /// Starts the sign-in in this window.
        url: String,
        /// Starts it in the pop-up.
        popup_url: String,
        /// Answers `{"signed_in":true}` once it is over.
        status_url: String,
    },
    /// Choose the Procore project: posts `procore_project` to `action_url`.
    Choose {
        /// Where the form posts.
        action_url: String,
        /// "24-118 · Harbor Point Medical Office"; the value is Procore's id.
        projects: Vec<Choice>,
        /// What it may be kept in: posts `currency`.
        currencies: Vec<Choice>,
        /// Below it.
        currency_hint: String,
        /// It can't be left open.
        currency_required: bool,
        /// Back without a change; `None` for a first mapping.
        cancel_url: Option<String>,
        /// What another project means for linked CORs, and the words beside the box that posts `unlink`.
        warning: Option<(String, String)>,
    },
    /// Mapped.
    Mapped {
        /// "24-118 · Harbor Point Medical Office".
        project: String,
        /// Its page in Procore.
        url: String,
        /// The account.
        account: String,
        /// What it is kept in.
        currency: MappedCurrency,
        /// "Dana Whitfield, Nov 3, 2026".
        by: Text,
        /// "14 CORs are linked to 5 Change Events"; empty when none is, and then no warning is shown.
        links: String,
        /// "Read 4 min ago, and again every 15 minutes"; empty while nothing is linked.
        watched: String,
        /// Why changes in Procore go unnoticed at present; empty when they don't.
        trouble: String,
        /// Edit: leads to the choice.
        edit: Deed,
        /// Where "Remove mapping" posts.
        remove: Deed,
    },
}

/// The currency that a mapped Procore project is kept in.
#[derive(Debug, Clone, Default)]
pub struct MappedCurrency {
    /// "USD, stated by Dana Whitfield, Nov 3, 2026".
    pub known: Text,
    /// Why nothing can be pushed because of it; empty when it is in order.
    pub trouble: String,
    /// Where a person states it: posts `currency`. Only where something is to be mended and the reader may.
    pub ask: Option<String>,
    /// The currencies to choose from.
    pub currencies: Vec<Choice>,
}

impl Default for MappingState {
    fn default() -> Self {
        Self::NotConnected { sentence: String::new(), link: None }
    }
}

/// A project's Advanced Settings → Procore.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "integration/templates/project.html")]
pub struct ProjectProcore {
    /// The frame.
    pub shell: Shell,
    /// The project's title.
    pub heading: String,
    /// The tabs.
    pub tabs: ProjectTabs,
    /// How it stands.
    pub state: MappingState,
    /// Why this person may not change it; empty when they may.
    pub read_only: String,
    /// What was refused, or what Procore said, with what to do.
    pub errors: FormErrors,
}
