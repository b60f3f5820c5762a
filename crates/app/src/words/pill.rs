//! Colored words.

use domain::cor::Status;

use super::Text;

/// The color of a pill; its word says the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to do.
    #[default]
    Quiet,
    /// In progress.
    Info,
    /// In order.
    Good,
    /// Someone should look.
    Warn,
    /// Refused or broken.
    Bad,
    /// About Procore.
    Procore,
    /// Void.
    Void,
}

impl Tone {
    /// The class of the color.
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

/// A colored word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pill {
    /// Its color.
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

/// A COR's status.
pub fn status(status: Status) -> Pill {
    let tone = match status {
        Status::Draft | Status::Placeholder => Tone::Quiet,
        Status::InReview => Tone::Warn,
        Status::ReviseAndResubmit => Tone::Bad,
        Status::ApprovedToProceed => Tone::Info,
        Status::ApprovedCoIssued => Tone::Good,
        Status::Void => Tone::Void,
    };
    Pill::new(tone, status.name())
}
