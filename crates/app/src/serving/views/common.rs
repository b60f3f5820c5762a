//! Small pieces that many pages share.

use std::fmt;

use super::Text;

/// An amount, formatted: `12,600.00`, `(12,600.00)` when negative, `—` when there is none. Currency stands in a heading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Money(String);

impl Money {
    /// The class that colours a negative amount.
    pub fn tone(&self) -> &'static str {
        if self.0.contains('(') { "neg" } else { "" }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "—" } else { &self.0 })
    }
}

impl From<&str> for Money {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Money {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// The colour of a pill; the word in it says the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to do, nothing won.
    #[default]
    Quiet,
    /// Under way, ours.
    Info,
    /// As it should be.
    Good,
    /// Someone should look.
    Warn,
    /// Refused or broken.
    Bad,
    /// About Procore.
    Procore,
    /// Over and done with, to nobody's gain.
    Void,
}

impl Tone {
    /// The class of the colour.
    pub fn class(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Info => "info",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Procore => "procore",
            Self::Void => "void",
        }
    }
}

/// A coloured word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pill {
    /// Its colour.
    pub tone: Tone,
    /// Its word.
    pub text: Text,
}

impl Pill {
    /// A pill of `tone` that says `text`.
    pub fn new(tone: Tone, text: impl Into<Text>) -> Self {
        Self { tone, text: text.into() }
    }
}

/// Words that lead somewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

impl Link {
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
    /// Shown, and can't be chosen; why stands in the label or beside the field.
    pub disabled: bool,
}

impl Choice {
    /// An entry that is not chosen and has no second line.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new(), selected: false, disabled: false }
    }

    /// What Procore lists and could not be read.
    pub fn unread(sentence: impl Into<String>) -> Self {
        Self { disabled: true, ..Self::new("", sentence) }
    }

    /// The same entry, chosen.
    pub fn chosen(self) -> Self {
        self.chosen_if(true)
    }

    /// The same entry, chosen if this is so.
    pub fn chosen_if(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }
}

/// Something a person may do here, or why they may not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Deed {
    /// Allowed: where the link leads or the form posts.
    May(String),
    /// Shown greyed with the reason and who can ("Only an Account Owner or an Admin of this office connects Procore.").
    MayNot(String),
    /// Makes no sense here, so it is not shown.
    #[default]
    Absent,
}

impl Deed {
    /// Where it leads, when allowed.
    pub fn url(&self) -> Option<&str> {
        if let Self::May(url) = self { Some(url) } else { None }
    }

    /// Why not, when refused.
    pub fn reason(&self) -> Option<&str> {
        if let Self::MayNot(reason) = self { Some(reason) } else { None }
    }
}

/// The tabs of a page that is one of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tabs {
    /// The key of the open one.
    pub current: &'static str,
    /// Key, name and address of each.
    pub all: Vec<(&'static str, &'static str, String)>,
}
