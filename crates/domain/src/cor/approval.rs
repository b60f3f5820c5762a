//! Who may set which status. The receiver approves, and takes an approval back. Until somebody signs in for the receiver,
//! the sender records the approval, with how and when it was given.

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::Status;
use crate::{procore::Side, role::Denied};

/// How an approval was given to a sender who records it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Means {
    /// A signed document.
    Signed,
    /// A letter or an e-mail.
    Mail,
    /// By word of mouth.
    Verbal,
}

impl Means {
    /// All of them, the most binding first.
    pub const ALL: [Self; 3] = [Self::Signed, Self::Mail, Self::Verbal];

    /// The words on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signed => "Signed document",
            Self::Mail => "Mail or e-mail",
            Self::Verbal => "Verbal",
        }
    }

    /// The word in the database, the API and forms.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Mail => "mail",
            Self::Verbal => "verbal",
        }
    }

    /// The means of a [`Means::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|means| means.code() == code)
    }
}

/// An approval that the sender recorded, because nobody signed in for the receiver.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = RecordedApproval)]
pub struct Recorded {
    /// How it was given.
    pub means: Means,
    /// When it was given.
    pub on: Date,
}

/// What a person has to give with a status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Besides {
    /// Nothing.
    Nothing,
    /// Why: an approval is taken back.
    Reason,
    /// How and when the approval was given, which the sender records.
    Record,
}

/// Why a status is not set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StatusRefused {
    /// It is the other company's to set.
    #[error(transparent)]
    NotTheirs(#[from] Denied),
    /// It can't follow the status that the COR has.
    #[error("{0}")]
    NotNow(&'static str),
}

/// A COR that was sent can't become a Draft again.
pub const NO_WAY_BACK: &str =
    "This COR was sent, so the other company has it. It can't become a draft again; set it to Void instead.";
const STILL_A_DRAFT: &str = "This COR is still a draft. Send it first.";
const NOT_THEIRS_TO_APPROVE: Denied = Denied("Only the company that receives this COR can approve it.");
const NOT_THEIRS_TO_TAKE_BACK: Denied = Denied(
    "This COR is approved. Only the company that receives it can take that back: ask them to return it with Revise and \
     Resubmit.",
);

impl Status {
    /// Whether it says that the work may go ahead: the customer's approved total counts it.
    pub const fn is_approved(self) -> bool {
        matches!(self, Self::ApprovedToProceed | Self::ApprovedCoIssued)
    }

    /// Whether the company on side `by` may give a COR of this status another one, and what it has to give with it. A Draft is
    /// sent first, and no COR becomes a Draft again.
    pub fn may_become(self, to: Self, by: Side, receiver_joined: bool) -> Result<Besides, StatusRefused> {
        let records = by == Side::Sent && !receiver_joined;
        match (self, to) {
            (_, Self::Draft) => Err(StatusRefused::NotNow(NO_WAY_BACK)),
            (Self::Draft, Self::InReview | Self::Placeholder) => Ok(Besides::Nothing),
            (Self::Draft, _) => Err(StatusRefused::NotNow(STILL_A_DRAFT)),
            (from, _) if from.is_approved() && by == Side::Sent && !records => Err(NOT_THEIRS_TO_TAKE_BACK.into()),
            (_, to) if to.is_approved() && records => Ok(Besides::Record),
            (_, to) if to.is_approved() && by == Side::Sent => Err(NOT_THEIRS_TO_APPROVE.into()),
            (from, to) if from.is_approved() && !to.is_approved() => Ok(Besides::Reason),
            _ => Ok(Besides::Nothing),
        }
    }

    /// Why the price of a COR in this status is locked, if it is. An approved COR has to be returned before its price can
    /// change.
    pub const fn settles_price(self, receiver_joined: bool) -> Option<&'static str> {
        if !self.is_approved() {
            return None;
        }
        Some(if receiver_joined {
            "This COR is approved, so its price stays as it is. Ask the company that receives it to return it with Revise \
             and Resubmit; then you can change it."
        } else {
            "This COR is approved, so its price stays as it is. Set it to Revise and Resubmit first, with the reason."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{ApprovedCoIssued, ApprovedToProceed, Draft, InReview, Placeholder, ReviseAndResubmit, Void};

    const OPEN: [Status; 4] = [Placeholder, InReview, ReviseAndResubmit, Void];
    const APPROVED: [Status; 2] = [ApprovedToProceed, ApprovedCoIssued];

    #[test]
    fn once_the_receiver_is_here_approving_and_taking_back_are_theirs() {
        for approved in APPROVED {
            for open in OPEN {
                assert_eq!(open.may_become(approved, Side::Sent, true), Err(NOT_THEIRS_TO_APPROVE.into()));
                assert_eq!(open.may_become(approved, Side::Received, true), Ok(Besides::Nothing));
                assert_eq!(approved.may_become(open, Side::Sent, true), Err(NOT_THEIRS_TO_TAKE_BACK.into()));
                assert_eq!(approved.may_become(open, Side::Received, true), Ok(Besides::Reason));
            }
            for other in APPROVED.into_iter().filter(|other| *other != approved) {
                assert_eq!(approved.may_become(other, Side::Sent, true), Err(NOT_THEIRS_TO_TAKE_BACK.into()));
                assert_eq!(approved.may_become(other, Side::Received, true), Ok(Besides::Nothing));
            }
        }
    }

    #[test]
    fn before_that_the_sender_records_what_it_was_told() {
        for approved in APPROVED {
            for open in OPEN {
                assert_eq!(open.may_become(approved, Side::Sent, false), Ok(Besides::Record));
                assert_eq!(approved.may_become(open, Side::Sent, false), Ok(Besides::Reason));
            }
        }
        assert_eq!(ApprovedToProceed.may_become(ApprovedCoIssued, Side::Sent, false), Ok(Besides::Record));
    }

    #[test]
    fn a_draft_is_sent_first_and_nothing_becomes_one_again() {
        for (by, joined) in [(Side::Sent, true), (Side::Sent, false), (Side::Received, true)] {
            for status in Status::ALL {
                assert_eq!(status.may_become(Draft, by, joined), Err(StatusRefused::NotNow(NO_WAY_BACK)));
                let first = Draft.may_become(status, by, joined).is_ok();
                assert_eq!(first, matches!(status, InReview | Placeholder), "{status:?}");
            }
            for (from, to) in OPEN.into_iter().flat_map(|from| OPEN.map(|to| (from, to))) {
                assert_eq!(from.may_become(to, by, joined), Ok(Besides::Nothing), "{from:?} {to:?}");
            }
        }
    }

    #[test]
    fn the_price_of_what_is_approved_is_settled() {
        for status in Status::ALL {
            for joined in [true, false] {
                assert_eq!(status.settles_price(joined).is_some(), APPROVED.contains(&status), "{status:?}");
            }
        }
    }
}
