//! A customer asks several contractors for a price; each answers with a COR or declines.

use serde::{Deserialize, Serialize};

/// How far one contractor's answer is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// Asked, nothing yet.
    Waiting,
    /// Answered with a COR.
    Answered,
    /// Declined with a note.
    Declined,
}

impl Response {
    /// The word in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Answered => "answered",
            Self::Declined => "declined",
        }
    }

    /// The name on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Answered => "Responded",
            Self::Declined => "Declined",
        }
    }

    /// The response of a [`Response::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Waiting, Self::Answered, Self::Declined].into_iter().find(|r| r.code() == code)
    }
}
