//! Why something in Procore could not be read for a push.

/// Why the event could not be read.
pub(super) enum Unread {
    /// There is nobody to read it as.
    NotNow(NotNow),
    /// Procore said no, or nothing.
    Failed(procore::Error),
}

/// Why a pass cannot act as its person yet.
pub(super) enum NotNow {
    /// The person has to sign in.
    Park(String),
    /// Procore's login host is not answering.
    Unreached,
}
