//! The checklist before a push.

use askama::Template;

use super::WizardHead;
use crate::serving::views::{Link, Shell, Text};

/// What was looked at before a push.
#[derive(Debug, Clone, Default)]
pub struct Preflight {
    /// "Ready to push: 7 checks" or "2 things stop this push".
    pub summary: String,
    /// The worst of it, as a class: `ok`, `unknown`, `warn`, `stop`.
    pub worst: &'static str,
    /// Shown in full at once: somebody has to read it.
    pub open: bool,
    /// One entry a check.
    pub items: Vec<PreflightItem>,
}

/// A check.
#[derive(Debug, Clone, Default)]
pub struct PreflightItem {
    /// "Your permission".
    pub name: &'static str,
    /// How it came out, as a class: `ok`, `unknown`, `warn`, `stop`.
    pub level: &'static str,
    /// The same in a word.
    pub word: &'static str,
    /// What is the case.
    pub says: String,
    /// "As of 14:02."; empty for what was read just now.
    pub as_of: Text,
    /// What mends it; empty when nothing is wrong.
    pub remedy: String,
    /// Who can; empty when nothing is wrong.
    pub who: String,
    /// Where the reader can do it.
    pub link: Option<Link>,
    /// The link opens the Procore pop-up: its address, and the one that says when it is over.
    pub popup: Option<(String, String)>,
}

/// In place of a step that can't be shown: the plan, or the choice of an event.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "push/templates/stopped.html")]
pub struct PreflightStep {
    /// The frame.
    pub shell: Shell,
    /// The header.
    pub head: WizardHead,
    /// Where Back leads.
    pub back: Link,
    /// Why.
    pub preflight: Preflight,
}
