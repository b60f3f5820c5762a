//! Errors, sorted by who acts next: sentences for people, details for the log.

use std::collections::BTreeMap;

use domain::{cor::StatusRefused, role::Denied};
use store::StoreError;

pub use sync::error::Storage;

/// The sentence about a stored row that can't be read any more.
pub const UNREADABLE: &str = "Stored data that this needs is damaged and can't be read. Everything else still works. Ask your \
    administrator to repair it: `ledgerboard doctor` names it.";

/// Sentences beside the fields they are about; the empty name stands for the form as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors(pub BTreeMap<String, String>);

impl FieldErrors {
    /// One sentence about one field.
    pub fn one(field: &str, sentence: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, sentence);
        errors
    }

    /// Adds a sentence; the first about a field stays.
    pub fn add(&mut self, field: &str, sentence: impl Into<String>) {
        self.0.entry(field.to_owned()).or_insert_with(|| sentence.into());
    }

    /// Nothing was refused.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sentence about `field`.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }

    /// All sentences, those about a form as a whole first.
    pub fn sentences(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }

    /// The sentence about `field`, or nothing.
    pub fn get(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    /// `Ok` when there is none.
    pub fn check(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self)) }
    }
}

/// The error of every action.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The person may not; the sentence says who can.
    #[error("{0}")]
    Denied(#[from] Denied),
    /// It does not exist, or belongs to somebody else.
    #[error("This doesn't exist, or you can't see it.")]
    NotFound,
    /// Some fields need to be corrected.
    #[error("Some fields need your attention.")]
    Invalid(FieldErrors),
    /// Something changed meanwhile, or the current state forbids it; the sentence says what to do.
    #[error("{0}")]
    Conflict(String),
    /// Too often or too many at once: nothing was done; trying again in some seconds helps.
    #[error("{sentence}")]
    SlowDown {
        /// What to do.
        sentence: String,
        /// When to come back.
        seconds: i64,
    },
    /// The person has to sign in to Procore (again) first; the sentence says why.
    #[error("{0}")]
    SignInToProcore(String),
    /// Procore refused; the sentence says why and what to do.
    #[error("{0}")]
    ProcoreRefused(String),
    /// Procore cannot be reached or asks to wait; trying later helps.
    #[error("{0}")]
    ProcoreUnavailable(String),
    /// The database can't store anything now. The operator must act; until then the person keeps what they typed.
    #[error("{0}: {1}")]
    Storage(Storage, String),
    /// A stored row can't be read any more. It stops only what it belongs to; the operator repairs it.
    #[error("a row can't be read: {0}")]
    Unreadable(String),
    /// The operator must act; the person sees only that something failed.
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    /// A mistake of ours or of the installation.
    pub fn internal(detail: impl std::fmt::Display) -> Self {
        Self::Internal(detail.to_string())
    }

    /// One sentence about one field.
    pub fn invalid(field: &str, sentence: impl Into<String>) -> Self {
        Self::Invalid(FieldErrors::one(field, sentence))
    }

    /// The sentence for a person, without internals.
    pub fn sentence(&self) -> String {
        match self {
            Self::Internal(_) => "Something went wrong on our side. We logged it; please try again.".to_owned(),
            Self::Storage(why, _) => not_stored(*why).to_owned(),
            Self::Unreadable(_) => UNREADABLE.to_owned(),
            Self::Invalid(fields) => match fields.0.values().next() {
                Some(first) if fields.0.len() == 1 => first.clone(),
                _ => self.to_string(),
            },
            other => other.to_string(),
        }
    }
}

impl From<sync::Error> for Error {
    fn from(error: sync::Error) -> Self {
        use sync::Error as E;
        match error {
            E::Denied(denied) => Self::Denied(denied),
            E::Conflict(sentence) => Self::Conflict(sentence),
            E::SignInToProcore(why) => Self::SignInToProcore(why),
            E::ProcoreRefused(why) => Self::ProcoreRefused(why),
            E::ProcoreUnavailable(why) => Self::ProcoreUnavailable(why),
            E::Storage(why, detail) => Self::Storage(why, detail),
            E::Unreadable(detail) => Self::Unreadable(detail),
            E::Internal(detail) => Self::Internal(detail),
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        sync::Error::from(error).into()
    }
}

impl From<StatusRefused> for Error {
    fn from(refused: StatusRefused) -> Self {
        match refused {
            StatusRefused::NotTheirs(denied) => Self::Denied(denied),
            StatusRefused::NotNow(why) => Self::Conflict(why.to_owned()),
        }
    }
}

/// The sentence for a person about a failure to store.
const fn not_stored(why: Storage) -> &'static str {
    match why {
        Storage::Full => {
            "This server's disk is full, so this was not saved. Earlier data is safe. Tell your administrator, and try \
             again once there is room."
        }
        Storage::ReadOnly => {
            "This server's disk is read-only at the moment, so this was not saved. Earlier data is safe. Tell your \
             administrator, then try again."
        }
        Storage::Away => {
            "The database can't be reached at the moment, so this was not saved. Earlier data is safe. Try again in a \
             minute; if that doesn't help, tell your administrator."
        }
        Storage::Unknown => {
            "The connection to the database broke during saving: this may or may not have been saved. Check before \
             you try again."
        }
    }
}

impl From<crate::vault::WrongKey> for Error {
    fn from(error: crate::vault::WrongKey) -> Self {
        sync::Error::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync::{Error as E, connection::told};

    /// Sentences from the crates below reach a person unchanged; details for the operator never do.
    #[test]
    fn an_error_of_sync_says_the_same_here() {
        let words = "Do this first.".to_owned();
        let denied = Denied("Ask the owner.");
        for below in [
            E::Denied(denied),
            E::Conflict(words.clone()),
            E::SignInToProcore(words.clone()),
            E::ProcoreRefused(words.clone()),
            E::ProcoreUnavailable(words),
        ] {
            let (said, kind) = (below.to_string(), format!("{below:?}"));
            let here = Error::from(below);
            assert_eq!((here.sentence(), format!("{here:?}")), (said, kind));
        }
        for (below, sentence) in [
            (told(procore::Error::Misused("invalid_client".into())), "Something went wrong on our side"),
            (E::Unreadable("a row".into()), "`ledgerboard doctor` names it"),
            (E::Storage(Storage::Full, "disk I/O".into()), "This server's disk is full"),
        ] {
            let kind = format!("{below:?}");
            let here = Error::from(below);
            assert!(here.sentence().contains(sentence), "{here:?}");
            assert_eq!(format!("{here:?}"), kind);
        }
    }
}
