//! Change Notifications: a customer asks contractors for a price, and they answer with a COR.

use askama::Template;

use crate::{
    log::views::cell::ProcoreCell,
    serving::views::{Choice, Deed, FormErrors, Money, Pill, Shell, Text},
};

/// The notifications of a project.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "notifications/templates/list.html")]
pub struct NotificationList {
    /// The frame.
    pub shell: Shell,
    /// Sent (as customer) is shown; otherwise Received.
    pub sent: bool,
    /// The sent ones.
    pub sent_url: String,
    /// The received ones.
    pub received_url: String,
    /// "New Change Notification".
    pub add: Deed,
    /// The notifications.
    pub rows: Vec<NotificationRow>,
}

/// A notification in the list.
#[derive(Debug, Clone, Default)]
pub struct NotificationRow {
    /// "CN 4".
    pub number: String,
    /// Its page.
    pub url: String,
    /// Its title.
    pub title: String,
    /// The customer's reference.
    pub reference: String,
    /// "Nov 3".
    pub sent: Text,
    /// "Nov 17".
    pub due: String,
    /// The due day is over and an answer is missing.
    pub overdue: bool,
    /// Sent: "2 of 3"; received: the customer's name.
    pub responded: String,
    /// Received: how this company answered; sent: "Open", "All answered".
    pub state: Pill,
}

/// A new notification. Posts `title`, `description`, `due` (a date), `reference`, `contract` (repeated).
#[derive(Debug, Clone, Default, Template)]
#[template(path = "notifications/templates/form.html")]
pub struct NotificationForm {
    /// The frame.
    pub shell: Shell,
    /// Where the form posts.
    pub action_url: String,
    /// Where Cancel leads.
    pub cancel_url: String,
    /// Its title.
    pub title: String,
    /// Its description.
    pub description: String,
    /// The day a price is due: `2026-11-17`.
    pub due: String,
    /// The customer's reference.
    pub reference: String,
    /// The connected contractors, one entry a contract.
    pub contracts: Vec<Choice>,
    /// Said when there is none ("No contractor has accepted an invitation yet.").
    pub nobody: String,
    /// What was refused.
    pub errors: FormErrors,
}

/// A notification as its customer sees it, with the answers. Pushing posts `cor` (repeated) to [`Self::push`].
#[derive(Debug, Clone, Default, Template)]
#[template(path = "notifications/templates/notification.html")]
pub struct NotificationPage {
    /// The frame.
    pub shell: Shell,
    /// "CN 4 · Added card readers".
    pub heading: String,
    /// The details as (name, value).
    pub details: Vec<(String, Text)>,
    /// What is asked for.
    pub description: String,
    /// "2 of 3 contractors responded".
    pub responded: String,
    /// The answers, one a contract.
    pub responses: Vec<ResponseRow>,
    /// Where +PROCORE posts.
    pub push: Deed,
}

/// A contractor's answer.
#[derive(Debug, Clone, Default)]
pub struct ResponseRow {
    /// The contractor and the contract.
    pub contractor: String,
    /// "Responded", "Declined", "No answer yet".
    pub state: Pill,
    /// "Nov 5, 09:12"; empty without an answer.
    pub when: Text,
    /// The reason of a decline; empty otherwise.
    pub note: String,
    /// The CORs that answer.
    pub cors: Vec<ResponseCor>,
}

/// A COR that answers.
#[derive(Debug, Clone, Default)]
pub struct ResponseCor {
    /// Its id, as the selection posts it.
    pub id: String,
    /// "COR 033".
    pub label: String,
    /// Its page.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its status.
    pub status: Pill,
    /// What is requested.
    pub amount: Money,
    /// How it stands in Procore.
    pub procore: ProcoreCell,
    /// Chosen already (the only one).
    pub selected: bool,
}

/// A notification as a contractor sees it. Answering posts `answer` (`choose` with `cor`, `decline` with `note`) to
/// [`Self::respond`]; "Create a COR" is a link.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "notifications/templates/respond.html")]
pub struct RespondPage {
    /// The frame.
    pub shell: Shell,
    /// "CN 4 · Added card readers".
    pub heading: String,
    /// The details as (name, value).
    pub details: Vec<(String, Text)>,
    /// What is asked for.
    pub description: String,
    /// The answer given; `None` while there is none.
    pub answered: Option<ResponseRow>,
    /// Where the answer posts, or why not.
    pub respond: Deed,
    /// Why it can't be declined; empty when it can.
    pub no_decline: &'static str,
    /// The editor with the notification filled in.
    pub create_url: String,
    /// This company's CORs that could answer.
    pub cors: Vec<Choice>,
    /// What was refused.
    pub errors: FormErrors,
}
