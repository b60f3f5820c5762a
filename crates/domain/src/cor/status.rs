//! The status of a COR, and the money bucket of the log that it puts the amount in.

use jiff::Timestamp;

/// Where a COR stands between the two companies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Status {
    /// Being written; the sender's alone.
    Draft,
    /// Known to come, not yet for review.
    Placeholder,
    /// Submitted, the customer is looking at it.
    InReview,
    /// The customer asks for a new revision.
    ReviseAndResubmit,
    /// Go ahead, not billable yet.
    ApprovedToProceed,
    /// A formal change order was received; billable.
    ApprovedCoIssued,
    /// Not approved.
    Void,
}

impl Status {
    /// All statuses in the order of the totals strip.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Placeholder,
        Self::InReview,
        Self::ReviseAndResubmit,
        Self::ApprovedToProceed,
        Self::ApprovedCoIssued,
        Self::Void,
    ];

    /// The name on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Placeholder => "Placeholder",
            Self::InReview => "In Review",
            Self::ReviseAndResubmit => "Revise and Resubmit",
            Self::ApprovedToProceed => "Approved to Proceed",
            Self::ApprovedCoIssued => "Approved CO Issued",
            Self::Void => "Void",
        }
    }

    /// The word in the database, URLs and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Placeholder => "placeholder",
            Self::InReview => "in_review",
            Self::ReviseAndResubmit => "revise_and_resubmit",
            Self::ApprovedToProceed => "approved_to_proceed",
            Self::ApprovedCoIssued => "approved_co_issued",
            Self::Void => "void",
        }
    }

    /// The status of a [`Status::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// Whether the receiver sees it.
    pub const fn is_shared(self) -> bool {
        !matches!(self, Self::Draft)
    }

    /// Whether a COR in this status should be in Procore. The lines of any other COR are removed there.
    pub const fn belongs_in_procore(self) -> bool {
        !matches!(self, Self::Draft | Self::Void)
    }

    /// Why a COR in this status can't be pushed to Procore, if so. `there` says whether Procore has lines of it, which a push
    /// then removes.
    pub const fn keeps_out_of_procore(self, there: bool) -> Option<&'static str> {
        match self {
            Self::Draft if !there => Some("A Draft can't be pushed. Send it first."),
            Self::Void if !there => Some("A Void COR can't be newly pushed."),
            _ => None,
        }
    }

    /// Whole days since a COR was submitted; nothing while nobody has to act.
    pub fn days_since(self, submitted_at: Option<Timestamp>, now: Timestamp) -> Option<i64> {
        let waits = matches!(self, Self::InReview | Self::ReviseAndResubmit | Self::ApprovedToProceed);
        let at = submitted_at.filter(|_| waits)?;
        Some((now.duration_since(at).as_hours() / 24).max(0))
    }
}
