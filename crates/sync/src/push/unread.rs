//! Why something in Procore could not be read for a push.

/// Why a reading failed.
pub(super) enum Unread {
    /// Nobody is signed in to read it.
    NotNow(NotNow),
    /// Procore refused, or did not answer.
    Failed(procore::Error),
}

/// Why an attempt cannot act as its person yet.
pub(super) enum NotNow {
    /// The person has to sign in.
    Park(String),
    /// Procore's login host is not answering.
    Unreached,
}
