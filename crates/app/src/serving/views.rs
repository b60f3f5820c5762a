//! What pages are made of beside their room's own records: words, pills, choices, tabs, and actions with their reasons.
//!
//! A page borrows what its room read, and holds beside it only what nothing else knows: [`Shell`], drop-downs as
//! [`Choice`]s, and an action that a person may not take as an [`ActionLink`] with the reason. Forms are plain `method=post`.

pub use super::shell::{NavItem, Shell};
pub use crate::{
    FieldErrors as FormErrors,
    words::{Pill, Text, Tone},
};

/// A link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageLink {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

impl PageLink {
    /// A link that says `label` and leads to `url`.
    pub fn new(label: impl Into<String>, url: impl Into<String>) -> Self {
        Self { label: label.into(), url: url.into() }
    }
}

/// One entry of a drop-down, of radio buttons or of tick boxes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The value a form posts.
    pub value: String,
    /// What the person reads.
    pub label: String,
    /// A second line in small print; empty when there is none.
    pub hint: String,
    /// Chosen now.
    pub selected: bool,
    /// Shown but not selectable; the label or the text beside the field says why.
    pub disabled: bool,
}

impl Choice {
    /// An entry that is not chosen and has no second line.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new(), selected: false, disabled: false }
    }

    /// An entry that is chosen if its value is the one that was `posted`.
    pub fn of(value: &(impl ToString + ?Sized), label: impl Into<String>, posted: &str) -> Self {
        let value = value.to_string();
        Self { selected: value == posted, ..Self::new(value, label) }
    }

    /// A record of Procore's that could not be read.
    pub fn unread(sentence: impl Into<String>) -> Self {
        Self { disabled: true, ..Self::new("", sentence) }
    }

    /// The same entry, chosen.
    pub fn chosen(self) -> Self {
        self.chosen_if(true)
    }

    /// The same entry, chosen if `selected`.
    pub fn chosen_if(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }
}

/// An action on a page, or why the person may not take it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ActionLink {
    /// Allowed: where the link leads or the form posts.
    May(String),
    /// Shown grayed out, with the reason and who can ("Only an Account Owner or an Admin of this office connects Procore.").
    MayNot(String),
    /// Not shown here.
    #[default]
    Absent,
}

impl ActionLink {
    /// Where it leads, when allowed.
    pub fn url(&self) -> Option<&str> {
        if let Self::May(url) = self { Some(url) } else { None }
    }

    /// Why not, when refused.
    pub fn reason(&self) -> Option<&str> {
        if let Self::MayNot(reason) = self { Some(reason) } else { None }
    }
}

/// The tabs above a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tabs {
    /// The key of the open one.
    pub current: &'static str,
    /// Key, name and address of each.
    pub all: Vec<(&'static str, &'static str, String)>,
}
