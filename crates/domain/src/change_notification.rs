//! A customer asks several contractors for a price; each answers with a COR or declines.

/// How far one contractor's answer is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Response {
    /// Asked, nothing yet.
    Waiting,
    /// Answered with a COR.
    Answered,
    /// Declined with a note.
    Declined,
}

impl Response {
    /// All responses.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Answered, Self::Declined];

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
        Self::ALL.into_iter().find(|r| r.code() == code)
    }
}
