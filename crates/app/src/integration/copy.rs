//! What the integration says: the state of an office's connection and of a project's mapping, and the results of actions.

use domain::{procore::currency::CurrencyTrouble, role::Actor, text::counted};
use jiff::Timestamp;
use store::repo::{integration::Integration, mapping::Mapping, watch::Watch};
use sync::connection::tokens::SignInHealth;

use super::{
    change_events::Age,
    connect::{Disconnected, OfficeIntegration},
    project_mapping::ProjectMapping,
};
use crate::words::{Pill, Tone, ago};

/// An office was connected.
pub const CONNECTED: &str = "This office is connected to Procore.";
/// A project was mapped.
pub const MAPPED: &str = "This project is mapped to Procore.";
/// A mapping was removed.
pub const UNMAPPED: &str = "Mapping removed. Nothing changed in Procore.";
/// The Procore project's currency was stated.
pub const CURRENCY_SAVED: &str = "Currency saved.";
/// No currency was chosen.
pub const CHOOSE_CURRENCY: &str = "Choose the currency that the Procore project is kept in.";
/// A project's office has no account to choose a project from.
pub const OFFICE_NOT_CONNECTED: &str = "The project's office is not connected to Procore.";

const UNREACHABLE: &str = "Procore can't reach this instance, so we read changes on a schedule.";
const DAMAGED_WEBHOOK: &str =
    "The stored data of a webhook is damaged, so we read changes on a schedule. Ask your administrator to repair it.";
const UNNOTICED: &str =
    "We can't see changes in Procore: stored data of this project is damaged. Ask your administrator to repair it.";

/// A sign-in to Procore worked.
pub fn signed_in(user: &str) -> String {
    format!("You are signed in to Procore as {user}.")
}

/// A connection was checked; Procore showed this many projects.
pub fn checked(projects: usize) -> String {
    let projects = counted(projects, "project", "projects");
    format!("The connection works: Procore shows you {projects}.")
}

/// A person ended an account's pause, and this many pushes run again.
pub fn pause_ended(pushes: usize) -> String {
    let tried = match pushes {
        0 => String::new(),
        n => format!(" {} running now.", counted(n, "push is", "pushes are")),
    };
    format!("The pause is over.{tried} If Procore asks for another pause, you see it here.")
}

impl Disconnected {
    /// An office was disconnected.
    pub fn says(self) -> String {
        let held = match self.parked {
            0 => String::new(),
            1 => " 1 push waits until the office is connected again.".to_owned(),
            n => format!(" {n} pushes wait until the office is connected again."),
        };
        let unconfirmed = match self.ended - self.revoked {
            0 => "",
            _ => " Procore did not confirm the end of every sign-in; unused ones expire there.",
        };
        format!("This office is disconnected from Procore.{held}{unconfirmed}")
    }
}

impl OfficeIntegration {
    /// The state of the connecting person's sign-in, and what to do.
    pub fn health(&self, integration: &Integration, now: Timestamp) -> (Pill, String) {
        match &self.connector {
            SignInHealth::Live { refreshed_at, .. } => {
                (Pill::new(Tone::Good, "Healthy"), format!("renewed {}", ago(*refreshed_at, now)))
            }
            SignInHealth::Lost { why, .. } => (Pill::new(Tone::Warn, "Sign-in needed"), why.clone()),
            SignInHealth::None => {
                let name = &integration.connected_by_name;
                let note = format!(
                    "{name} is no longer signed in to Procore. The next person who selects Check connection takes over."
                );
                (Pill::new(Tone::Warn, "Sign-in needed"), note)
            }
        }
    }

    /// How we learn of changes in Procore.
    pub fn updates(&self, now: Timestamp) -> (Pill, String) {
        let Some(hooks) = &self.hooks else {
            return (Pill::new(Tone::Quiet, "On a schedule"), UNREACHABLE.to_owned());
        };
        if hooks.set_aside > 0 {
            return (Pill::new(Tone::Warn, "Webhooks need help"), DAMAGED_WEBHOOK.to_owned());
        }
        if !hooks.trouble.is_empty() {
            return (Pill::new(Tone::Warn, "Webhooks need help"), hooks.trouble.clone());
        }
        let last = match hooks.delivered_at {
            Some(at) => format!("Received {}", ago(at, now)),
            None => "Nothing received yet".to_owned(),
        };
        let failing = match hooks.failing {
            0 => String::new(),
            n => format!("; {} failed", counted(n, "delivery", "deliveries")),
        };
        match (hooks.live, hooks.wanted) {
            (0, 0) => (Pill::new(Tone::Quiet, "No project mapped"), String::new()),
            (0, _) => (Pill::new(Tone::Quiet, "Being set up"), String::new()),
            (1, 0) => (Pill::new(Tone::Good, "Webhook for 1 project"), format!("{last}{failing}.")),
            (n, 0) => (Pill::new(Tone::Good, format!("Webhooks for {n} projects")), format!("{last}{failing}.")),
            (n, more) => {
                let pill = Pill::new(Tone::Quiet, format!("Webhooks for {n} of {} projects", n + more));
                (pill, format!("{last}{failing}."))
            }
        }
    }

    /// The consequences of disconnecting.
    pub fn disconnect_warning(&self, integration: &Integration, actor: &Actor) -> String {
        let facts = self.facts;
        let held = match facts.waiting {
            0 => String::new(),
            n => format!(
                "{} on hold until the office is connected again. ",
                counted(n, "waiting push is", "waiting pushes are")
            ),
        };
        let kept = match facts.links {
            0 => String::new(),
            1 => "We keep the link of 1 COR. ".to_owned(),
            n => format!("We keep the links of {n} CORs. "),
        };
        let own = if actor.person == integration.connected_by { ", maybe yours too" } else { "" };
        format!("{held}{kept}Nothing changes in Procore. Sign-ins to Procore that no other office uses end{own}.")
    }
}

impl ProjectMapping {
    /// The hint beside the choice of the Procore project's currency.
    pub fn currency_hint(&self) -> String {
        let stated = self.currency.stated.as_ref().map(|stated| stated.currency.code());
        match (stated, &self.mapping) {
            (Some(code), Some(_)) => {
                format!("{code} was stated. Choose again only for another project, or to change it.")
            }
            (Some(code), None) => format!(
                "{code} was stated for the project mapped here before. Choose the currency of the new one; amounts are never \
                 converted."
            ),
            (None, _) => "Procore often doesn’t show it. Amounts are never converted.".to_owned(),
        }
    }

    /// The warning about linked CORs when another Procore project is chosen, and the label of the consent.
    pub fn leaving(&self) -> Option<(String, String)> {
        let links = self.links;
        let there = match &self.mapping {
            Some(mapping) => titled(&mapping.procore_number, &mapping.procore_project),
            None => "the project this one was mapped to".to_owned(),
        };
        (links > 0).then(|| {
            (
                format!(
                    "{} linked to Change Events of {there}. If you choose another project, we unlink them: their lines stay \
                     in Procore and we stop tracking them. Pushing the CORs again would count the cost twice until \
                     somebody removes the old lines.",
                    counted(links, "COR is", "CORs are")
                ),
                format!("Unlink {}, keep the lines", counted(links, "COR", "CORs")),
            )
        })
    }

    /// The account that the project is mapped in.
    pub fn account(&self, mapping: &Mapping) -> String {
        match &self.integration {
            Some(account) if account.procore_company_id == mapping.procore_company_id => {
                account.procore_company.clone()
            }
            _ => format!("Account {}; the office is not connected to it now", mapping.procore_company_id),
        }
    }
}

/// Why we can't see changes in Procore.
pub fn unnoticed(watch: &Watch) -> &str {
    if watch.set_aside { UNNOTICED } else { &watch.trouble }
}

impl Age {
    /// How old the change events are.
    pub fn says(&self, now: Timestamp) -> String {
        match self.read_at {
            Some(read_at) => format!("Change events as of {}", ago(read_at, now)),
            None => "Change events not read yet".to_owned(),
        }
    }
}

/// The alert in the log about the Procore project's currency.
pub const fn currency_alert(trouble: &CurrencyTrouble) -> &'static str {
    match trouble {
        CurrencyTrouble::Unknown => "Set Procore’s currency",
        CurrencyTrouble::Contradiction { .. } | CurrencyTrouble::Differs { .. } => "Other currency in Procore",
    }
}

/// "24-118 · Harbor Point Medical Office".
pub fn titled(number: &str, name: &str) -> String {
    if number.is_empty() { name.to_owned() } else { format!("{number} · {name}") }
}
