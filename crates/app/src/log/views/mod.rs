//! What other rooms show of the log as well.

pub mod cell;

use askama::Template;

use crate::serving::views::PageLink;

/// How old our picture of Procore's change events is.
#[derive(Debug, Clone, Default)]
pub struct EventsAge {
    /// "Change events as of 3 min ago".
    pub text: String,
    /// The page to state or correct the project's currency in Procore; nothing while it is known.
    pub currency: Option<PageLink>,
    /// Where "refresh" posts.
    pub refresh_url: String,
    /// They are older than five minutes: the page asks [`Self::fragment_url`] once loaded.
    pub stale: bool,
    /// Answers with the rendered [`EventsAge`] after a refresh, for htmx.
    pub fragment_url: String,
}

/// The age line alone, as the log's page asks for it after a refresh.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "integration/templates/age.html")]
pub struct EventsAgeFragment {
    /// What it says.
    pub age: EventsAge,
}
