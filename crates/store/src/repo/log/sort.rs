//! The order of a log.

/// The column a log is sorted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum SortBy {
    /// COR number, as people read numbers.
    Number,
    /// Title, folded.
    Title,
    /// The other company's name, folded.
    Counterparty,
    /// The customer's reference, folded.
    Reference,
    /// The life of a COR.
    Status,
    /// The amount requested.
    Total,
    /// When it was submitted; not submitted sorts as the oldest.
    Submitted,
    /// The state in Procore.
    Procore,
    /// The change event, the oldest first; none sorts first.
    Event,
}

impl SortBy {
    /// All columns.
    pub const ALL: [Self; 9] = [
        Self::Number,
        Self::Title,
        Self::Counterparty,
        Self::Reference,
        Self::Status,
        Self::Total,
        Self::Submitted,
        Self::Procore,
        Self::Event,
    ];

    /// The word in URLs and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Title => "title",
            Self::Counterparty => "counterparty",
            Self::Reference => "reference",
            Self::Status => "status",
            Self::Total => "total",
            Self::Submitted => "submitted",
            Self::Procore => "procore",
            Self::Event => "event",
        }
    }

    /// The column of a [`SortBy::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.code() == code)
    }

    pub(super) const fn column(self) -> &'static str {
        match self {
            Self::Number => "number_key",
            Self::Title => "title_key",
            Self::Counterparty => "counterparty_key",
            Self::Reference => "reference_key",
            Self::Status => "status_key",
            Self::Total => "total",
            Self::Submitted => "submitted_key",
            Self::Procore => "procore_key",
            Self::Event => "event_id",
        }
    }

    pub(super) const fn is_text(self) -> bool {
        matches!(self, Self::Number | Self::Title | Self::Counterparty | Self::Reference)
    }
}

domain::words_in_json! {
    /// The column a log is sorted by.
    SortBy, "SortBy";
}

/// An order of a log. Equal rows are told apart by the COR's id, in the same direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// The greatest first.
    pub descending: bool,
}

impl Default for Sort {
    /// What was submitted last comes first.
    fn default() -> Self {
        Self { by: SortBy::Submitted, descending: true }
    }
}
