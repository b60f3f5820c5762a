//! The status of a COR.

use domain::cor::{Recorded, Status};
use jiff::Timestamp;

use super::{cor::Cor, log::keep, standing};
use crate::{CompanyTx, StoreError};

/// A status to give, with what is said about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewStatus {
    /// The status.
    pub status: Status,
    /// Why; may be empty.
    pub reason: String,
    /// The sender records the approval.
    pub recorded: Option<Recorded>,
}

impl From<Status> for NewStatus {
    fn from(status: Status) -> Self {
        Self { status, reason: String::new(), recorded: None }
    }
}

impl CompanyTx<'_> {
    /// Sets the status, as either side may, and answers the COR as it is now. The first status that asks for a review
    /// submits it. Voided, or taken back from that, it asks for something else in Procore, and its links say so in both logs.
    /// [`StoreError::Expected1Row`] when it changed since `before` was read.
    pub fn set_cor_status(&mut self, before: &Cor, to: impl Into<NewStatus>, at: Timestamp) -> Result<Cor, StoreError> {
        let NewStatus { status, reason, recorded } = to.into();
        let submitted = match status {
            Status::Draft | Status::Placeholder => before.submitted_at,
            _ => before.submitted_at.or(Some(at)),
        };
        // A Draft was never there, so that sending it changes nothing.
        let turned =
            before.status != Status::Draft && before.status.belongs_in_procore() != status.belongs_in_procore();
        let priced = if turned { before.revision + 1 } else { before.priced };
        self.tx.exec_one(
            "UPDATE cor SET status = $4, submitted_at = $5, revision = revision + 1, updated_at = $6, status_reason = $7, \
             recorded_means = $8, recorded_on = $9, priced = $10 WHERE id = $1 AND (sender_id = $2 OR (receiver_id = $2 AND status <> 'draft')) AND revision = $3",
            &[
                before.id.into(),
                self.company.into(),
                before.revision.into(),
                status.into(),
                submitted.into(),
                at.into(),
                reason.into(),
                recorded.map(|recorded| recorded.means).into(),
                recorded.map(|recorded| recorded.on).into(),
                priced.into(),
            ],
        )?;
        let after = self.cor(before.id)?.ok_or(StoreError::Expected1Row { changed: 0 })?;
        keep::follow(self.tx, std::slice::from_ref(&after))?;
        if turned {
            standing::follow_status(self.tx, &after)?;
        }
        Ok(after)
    }
}
