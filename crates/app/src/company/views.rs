//! The company's settings: offices, their integrations, people, API tokens.

use askama::Template;

use crate::serving::views::{Choice, Deed, FormErrors, Link, Pill, Shell, Text};

/// The tabs of Settings.
#[derive(Debug, Clone, Default)]
pub struct SettingsTabs {
    /// Which one is open: `offices`, `people`, `tokens`.
    pub current: &'static str,
    /// Offices.
    pub offices_url: String,
    /// People.
    pub people_url: String,
    /// API tokens.
    pub tokens_url: String,
}

impl SettingsTabs {
    /// The tabs as (key, name, address).
    pub fn all(&self) -> [(&str, &str, &str); 3] {
        [
            ("offices", "Offices", &self.offices_url),
            ("people", "People", &self.people_url),
            ("tokens", "API tokens", &self.tokens_url),
        ]
    }
}

/// The offices. Adding posts `name`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "company/templates/offices.html")]
pub struct OfficeList {
    /// The frame.
    pub shell: Shell,
    /// The company's name, the heading.
    pub heading: String,
    /// The tabs.
    pub tabs: SettingsTabs,
    /// The offices.
    pub offices: Vec<OfficeRow>,
    /// Where "Add office" posts.
    pub add: Deed,
    /// What was refused.
    pub errors: FormErrors,
}

/// An office in the list.
#[derive(Debug, Clone, Default)]
pub struct OfficeRow {
    /// Its name.
    pub name: String,
    /// Its page.
    pub url: String,
    /// "9 projects, 6 people".
    pub about: String,
    /// "Procore connected", "Procore off", "Sign-in needed".
    pub procore: Pill,
}

/// The tabs of an office.
#[derive(Debug, Clone, Default)]
pub struct OfficeTabs {
    /// Which one is open: `details` or `integrations`.
    pub current: &'static str,
    /// Details.
    pub details_url: String,
    /// Office Integrations.
    pub integrations_url: String,
    /// The office's reconciliation; empty for those who may not see it.
    pub reconciliation_url: String,
}

impl OfficeTabs {
    /// The tabs as (key, name, address).
    pub fn all(&self) -> Vec<(&str, &str, &str)> {
        let mut tabs = vec![
            ("details", "Details", self.details_url.as_str()),
            ("integrations", "Office Integrations", &self.integrations_url),
        ];
        if !self.reconciliation_url.is_empty() {
            tabs.push(("reconciliation", "Reconciliation", &self.reconciliation_url));
        }
        tabs
    }
}

/// An office's details. Posts `name`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "company/templates/office.html")]
pub struct OfficePage {
    /// The frame.
    pub shell: Shell,
    /// "Portland office".
    pub heading: String,
    /// The tabs.
    pub tabs: OfficeTabs,
    /// Where the form posts, or why not.
    pub save: Deed,
    /// Its name.
    pub name: String,
    /// Who is its Admin.
    pub admins: String,
    /// Its projects.
    pub projects: Vec<Link>,
    /// The number and hash of the last entry of the company's record; nothing before the first.
    pub head: Option<(String, String)>,
    /// Where the record is taken out as comma-separated values, or why not.
    pub record_csv: Deed,
    /// And as JSON, one object a line.
    pub record_jsonl: Deed,
    /// What was refused.
    pub errors: FormErrors,
}

/// How an office stands with Procore.
#[derive(Debug, Clone, Default)]
pub enum IntegrationState {
    /// Off. "Enable" posts to the deed's address.
    #[default]
    Off,
    /// Enabled, nobody signed in yet.
    SignIn {
        /// Starts the sign-in in this window.
        url: String,
        /// Starts it in the pop-up.
        popup_url: String,
        /// Answers `{"signed_in":true}` once it is over.
        status_url: String,
    },
    /// Signed in: choose the account; posts `account` to `action_url`.
    ChooseAccount {
        /// Where the form posts.
        action_url: String,
        /// "r.calloway@whitfieldsons.example".
        login: String,
        /// Name and id; the value is the id.
        accounts: Vec<Choice>,
    },
    /// Connected.
    Connected(Box<Connection>),
}

/// A connected office.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// "Whitfield & Sons Construction (598134325)".
    pub account: String,
    /// "Ruth Calloway as r.calloway@…".
    pub by: String,
    /// "Nov 3, 2026".
    pub since: Text,
    /// "Healthy", "Ends in 3 days", "Sign-in needed".
    pub health: Pill,
    /// "refreshed 12 minutes ago", or what to do.
    pub health_note: String,
    /// "7 of 9".
    pub mapped: String,
    /// Whether Procore tells of changes: "Webhooks for 7 projects", "On a schedule".
    pub told: Pill,
    /// "Last told 3 minutes ago", or what to do.
    pub told_note: String,
    /// "5,388 until 14:32 UTC"; empty when not known yet.
    pub rate: Text,
    /// How many pushes wait; empty when none does.
    pub waiting: String,
    /// "Until 14:32", while Procore is left alone because it asked for that or its limit is used up.
    pub paused: Option<Text>,
    /// Where "Go on now" posts.
    pub go_on: Deed,
    /// A new sign-in: (this window, pop-up, status address); `None` when not needed.
    pub sign_in: Option<(String, String, String)>,
    /// Where "Check connection" posts.
    pub check: Deed,
    /// Where "Disconnect" posts.
    pub disconnect: Deed,
    /// What disconnecting means here ("2 waiting pushes are parked. Links to 14 CORs are kept.").
    pub disconnect_warning: String,
}

/// An office's integrations.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "integration/templates/office.html")]
pub struct OfficeIntegrations {
    /// The frame.
    pub shell: Shell,
    /// "Portland office".
    pub heading: String,
    /// The tabs.
    pub tabs: OfficeTabs,
    /// How it stands.
    pub state: IntegrationState,
    /// Where the switch posts when it turns on, or why this person may not.
    pub enable: Deed,
    /// Where the switch posts when it turns off before an account is chosen.
    pub disable: Deed,
    /// What was refused, or what Procore said, with what to do.
    pub errors: FormErrors,
}

/// The people. Adding posts `name`, `email`, `role` (`account_owner`, `admin`, `project_manager`, `field_user`), `office` and `project`
/// (repeated).
#[derive(Debug, Clone, Default, Template)]
#[template(path = "company/templates/people.html")]
pub struct PeopleList {
    /// The frame.
    pub shell: Shell,
    /// The company's name, the heading.
    pub heading: String,
    /// The tabs.
    pub tabs: SettingsTabs,
    /// The people.
    pub people: Vec<PersonRow>,
    /// Where "Add person" posts.
    pub add: Deed,
    /// Who was just added, and the temporary password, shown this once.
    pub made: Option<(String, String)>,
    /// The name as typed.
    pub name: String,
    /// The address as typed.
    pub email: String,
    /// The roles this person may give.
    pub roles: Vec<Choice>,
    /// The offices.
    pub offices: Vec<Choice>,
    /// The projects.
    pub projects: Vec<Choice>,
    /// What was refused.
    pub errors: FormErrors,
}

/// A person in the list.
#[derive(Debug, Clone, Default)]
pub struct PersonRow {
    /// The name.
    pub name: String,
    /// The person's page.
    pub url: String,
    /// The address.
    pub email: String,
    /// The role.
    pub role: String,
    /// The office.
    pub office: String,
    /// "All of the office" or "2 projects".
    pub projects: String,
    /// "Active" or since when they can't sign in.
    pub state: Pill,
}

/// One person. Posts `name`, `role`, `office` and `project` (repeated).
#[derive(Debug, Clone, Default, Template)]
#[template(path = "company/templates/person.html")]
pub struct PersonPage {
    /// The frame.
    pub shell: Shell,
    /// The person's name.
    pub heading: String,
    /// The address they sign in with.
    pub email: String,
    /// Where the form posts.
    pub action_url: String,
    /// The name as typed.
    pub name: String,
    /// The roles this reader may give.
    pub roles: Vec<Choice>,
    /// The offices.
    pub offices: Vec<Choice>,
    /// The projects.
    pub projects: Vec<Choice>,
    /// Since when they can't sign in; empty when they can.
    pub disabled: Text,
    /// A new temporary password, shown this once.
    pub made: Option<String>,
    /// Where "Disable" posts.
    pub disable: Deed,
    /// Where "Let in again" posts.
    pub enable: Deed,
    /// Where "Make a temporary password" posts.
    pub password: Deed,
    /// What was refused.
    pub errors: FormErrors,
}

/// API tokens. Making one posts `name`, `days` and, where it only reads, `reads_only`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "account/templates/tokens.html")]
pub struct TokenList {
    /// The frame.
    pub shell: Shell,
    /// The company's name, the heading.
    pub heading: String,
    /// The tabs.
    pub tabs: SettingsTabs,
    /// The tokens of this person.
    pub tokens: Vec<TokenRow>,
    /// Where "Make a token" posts.
    pub add: Deed,
    /// The token just made, shown this once.
    pub made: Option<String>,
    /// What was typed for the next one.
    pub name: String,
    /// How long it may work.
    pub lives: Vec<Choice>,
    /// Whether it is to read only.
    pub reads_only: bool,
    /// What was refused.
    pub errors: FormErrors,
}

/// A token in the list.
#[derive(Debug, Clone, Default)]
pub struct TokenRow {
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub made: Text,
    /// "Reads only"; empty for one that may do everything.
    pub scope: &'static str,
    /// When it was last used; empty when never.
    pub used: Text,
    /// When it ends.
    pub ends: Text,
    /// "in 9 days", where that is soon; empty otherwise.
    pub soon: String,
    /// Where "Revoke" posts; absent once it was revoked.
    pub revoke: Deed,
    /// "Revoked Nov 5, 2026", "Ended Nov 5, 2026"; empty while it works.
    pub over: Text,
}
