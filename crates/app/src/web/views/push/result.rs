//! Step 4: progress, then what happened.

use askama::Template;

use super::WizardHead;
use crate::web::views::{Deed, Link, Money, Shell, Text};

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
    /// Taken back before anything was sent.
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
            Self::DoneWithGap => "In Procore, with a gap",
            Self::Refused => "Refused",
            Self::ChangedInProcore => "Changed in Procore",
            Self::SignInNeeded => "Waiting for sign-in",
            Self::OfficeNeeded => "Waiting for the office",
            Self::Cancelled => "Cancelled",
        }
    }

    /// The pill's colour.
    pub fn class(self) -> &'static str {
        match self {
            Self::Waiting | Self::Cancelled => "quiet",
            Self::Sending => "info",
            Self::Checking | Self::DoneWithGap => "warn",
            Self::Done => "good",
            Self::Refused => "bad",
            Self::ChangedInProcore | Self::SignInNeeded | Self::OfficeNeeded => "procore",
        }
    }
}

/// Step 4: progress, then the result. While [`Self::running`], the page asks its own address again every second.
/// "Cancel" posts `do=cancel` to [`Self::cancel`].
#[derive(Debug, Clone, Default, Template)]
#[template(path = "push_result.html")]
pub struct ResultStep {
    /// The frame.
    pub shell: Shell,
    /// The header.
    pub head: WizardHead,
    /// This page.
    pub self_url: String,
    /// Something still happens.
    pub running: bool,
    /// "Pushing 3 CORs to CE 011" and then "3 CORs are in Procore".
    pub heading: String,
    /// How many are settled.
    pub settled: u64,
    /// How many there are.
    pub total: u64,
    /// Take back what was not sent yet.
    pub cancel: Deed,
    /// One entry an event.
    pub events: Vec<ResultEvent>,
    /// Back to the log.
    pub log_url: String,
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
    /// What to press: "Sign in to Procore", "Look at the new plan".
    pub remedy: Option<Link>,
    /// The remedy opens the Procore pop-up: its address, and a status address that answers `{"signed_in":true}` when it is over.
    pub popup: Option<(String, String)>,
    /// Its CORs.
    pub cors: Vec<ResultCor>,
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
    /// What was written.
    pub amount: Money,
    /// How it stands.
    pub state: ResultState,
    /// Why, and what to do; empty when all is well.
    pub sentence: String,
    /// What to press; `None` when nothing.
    pub remedy: Option<Link>,
}
