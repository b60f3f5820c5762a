//! Step 4: progress, then what happened.

use askama::Template;

use super::WizardHead;
use crate::serving::views::{Link, Money, Shell, Text};

/// How a push, or a COR in it, stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ResultState {
    /// Queued.
    #[default]
    Waiting,
    /// On its way.
    Sending,
    /// The answer was lost; what Procore received is looked up later.
    Checking,
    /// Written as planned.
    Done,
    /// Its lines are gone, as was asked.
    Removed,
    /// Written but for locked lines.
    DoneWithGap,
    /// Procore said no.
    Refused,
    /// The event changed since the plan: the person decides again.
    ChangedInProcore,
    /// Waits until its person signs in to Procore again.
    SignInNeeded,
    /// Waits until its office works with Procore again.
    OfficeNeeded,
    /// Waits until somebody has it tried again.
    Stopped,
    /// Waits until somebody resumes it.
    Paused,
    /// Taken back before it was written.
    Cancelled,
}

impl ResultState {
    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Sending => "Sending",
            Self::Checking => "Checking",
            Self::Done => "In Procore",
            Self::Removed => "Removed",
            Self::DoneWithGap => "In Procore, with a gap",
            Self::Refused => "Refused",
            Self::ChangedInProcore => "Changed in Procore",
            Self::SignInNeeded => "Waiting for sign-in",
            Self::OfficeNeeded => "Waiting for the office",
            Self::Stopped => "Stopped",
            Self::Paused => "Paused",
            Self::Cancelled => "Cancelled",
        }
    }

    /// The pill's colour.
    pub fn class(self) -> &'static str {
        match self {
            Self::Waiting | Self::Paused | Self::Cancelled => "quiet",
            Self::Sending => "info",
            Self::Checking | Self::DoneWithGap => "warn",
            Self::Done | Self::Removed => "good",
            Self::Refused | Self::Stopped => "bad",
            Self::ChangedInProcore | Self::SignInNeeded | Self::OfficeNeeded => "procore",
        }
    }
}

/// Step 4: progress, then the result. While [`Self::running`], the page asks its own address again every second. A
/// [`Control`] posts its verb as `do` to [`Self::self_url`].
#[derive(Debug, Clone, Default, Template)]
#[template(path = "push/templates/result.html")]
pub struct ResultStep {
    /// The frame.
    pub shell: Shell,
    /// The header.
    pub head: WizardHead,
    /// This page.
    pub self_url: String,
    /// Something still happens.
    pub running: bool,
    /// "Pushing 3 CORs to CE 011" and then "3 CORs are in Procore"; of a removal "Removing 2 lines from CE 011".
    pub heading: String,
    /// How many are settled.
    pub settled: u64,
    /// How many there are.
    pub total: u64,
    /// "About 3 minutes more: …"; empty when nothing honest can be said.
    pub estimate: String,
    /// What was asked for and is done before the next request; empty when nothing was.
    pub asked_for: String,
    /// What may be done with a push that is not over.
    pub controls: Vec<Control>,
    /// One entry an event.
    pub events: Vec<ResultEvent>,
    /// Back to the log.
    pub log_url: String,
}

impl ResultStep {
    /// Whether it goes on without anybody.
    pub fn goes_on(&self) -> bool {
        self.running && self.controls.iter().any(|control| control.verb == "pause")
    }
}

/// Something that may be done with a push that is not over.
#[derive(Debug, Clone, Default)]
pub struct Control {
    /// What is posted.
    pub verb: &'static str,
    /// The button.
    pub label: &'static str,
    /// What it does, for the tooltip.
    pub title: &'static str,
    /// The one thing to do.
    pub primary: bool,
}

/// An event in step 4.
#[derive(Debug, Clone, Default)]
pub struct ResultEvent {
    /// "CE 011 · Level 3 coordination".
    pub label: String,
    /// Its page in Procore, once known.
    pub url: Option<String>,
    /// How the push stands.
    pub state: ResultState,
    /// What happened and what to do ("Procore did not answer. What it received is looked up at 14:32; nothing is doubled.").
    pub sentence: Text,
    /// What may be done while it is being looked for what Procore received. Posted as a [`Control`] of the page is.
    pub choices: Vec<Control>,
    /// Where in Procore to look before one chooses.
    pub elsewhere: Option<Link>,
    /// What to press: "Sign in to Procore", "Look at the new plan".
    pub remedy: Option<Link>,
    /// The remedy opens the Procore pop-up: its address, and a status address that answers `{"signed_in":true}` when it is over.
    pub popup: Option<(String, String)>,
    /// Its CORs.
    pub cors: Vec<ResultCor>,
    /// What Procore adds beside what was written; empty when nothing.
    pub markup: String,
}

/// A COR in step 4.
#[derive(Debug, Clone, Default)]
pub struct ResultCor {
    /// "COR 014.1".
    pub label: String,
    /// Its page.
    pub url: String,
    /// Its title.
    pub title: String,
    /// What was written, or removed.
    pub amount: Money,
    /// How it stands.
    pub state: ResultState,
    /// Why, and what to do; empty when all is well.
    pub sentence: String,
    /// What to press; `None` when nothing.
    pub remedy: Option<Link>,
}
