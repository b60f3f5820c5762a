//! What can go wrong between us and Procore, sorted by who acts next. Words for people here, details for the log.

use domain::role::Denied;
use store::StoreError;

use crate::vault::WrongKey;

/// Why nothing can be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Storage {
    /// The disk is full.
    #[error("the database's disk is full")]
    Full,
    /// The disk, or the database's file, may not be written.
    #[error("the database is read-only")]
    ReadOnly,
    /// The database cannot be reached.
    #[error("the database is not available")]
    Away,
    /// The connection broke while the change was being stored: it may be there.
    #[error("the connection broke while a change was being stored")]
    Unknown,
}

/// The error of everything that talks to Procore on our behalf.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The person may not do this; the sentence says who can.
    #[error("{0}")]
    Denied(#[from] Denied),
    /// The world moved on, or the state of things forbids it; the sentence says what to do.
    #[error("{0}")]
    Conflict(String),
    /// The person has to sign in to Procore (again) first; the sentence says why.
    #[error("{0}")]
    SignInToProcore(String),
    /// Procore refused; the sentence says why and what to do.
    #[error("{0}")]
    ProcoreRefused(String),
    /// Procore cannot be reached or asks to wait; trying later helps.
    #[error("{0}")]
    ProcoreUnavailable(String),
    /// The database can't store anything now. The operator makes room or brings it back.
    #[error("{0}: {1}")]
    Storage(Storage, String),
    /// A stored row can't be read. It stops only what it belongs to; the operator repairs it.
    #[error("a row can't be read: {0}")]
    Unreadable(String),
    /// The operator acts; people see only that something failed.
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    /// A mistake of ours or of the installation.
    pub fn internal(detail: impl std::fmt::Display) -> Self {
        Self::Internal(detail.to_string())
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy(_) => {
                Self::Conflict("Somebody else is changing this right now. Please try again.".to_owned())
            }
            StoreError::DiskFull(detail) => Self::Storage(Storage::Full, detail),
            StoreError::ReadOnly(detail) => Self::Storage(Storage::ReadOnly, detail),
            StoreError::Unavailable(detail) => Self::Storage(Storage::Away, detail),
            StoreError::OutcomeUnknown(detail) => Self::Storage(Storage::Unknown, detail),
            StoreError::Corrupt(detail) => Self::Unreadable(detail),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<WrongKey> for Error {
    fn from(error: WrongKey) -> Self {
        Self::Internal(error.to_string())
    }
}
