//! What was last read of a mapped Procore project beside its change events: statuses, budget codes, contracts, ….

use domain::ProjectId;
use jiff::Timestamp;

use crate::{CompanyTx, StoreError};

/// One kind of reference data as last read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceRow {
    /// Which kind; the caller's word.
    pub kind: String,
    /// JSON of the caller's shape.
    pub body: String,
    /// When it was read.
    pub fetched_at: Timestamp,
}

impl ReferenceRow {
    /// Whether it is known to be wrong by now, see [`CompanyTx::outdate_reference`].
    pub fn is_outdated(&self) -> bool {
        self.fetched_at == Timestamp::UNIX_EPOCH
    }
}

impl CompanyTx<'_> {
    /// All that is stored for a project.
    pub fn reference(&mut self, project: ProjectId) -> Result<Vec<ReferenceRow>, StoreError> {
        self.tx.readable(
            "SELECT kind, body, fetched_at FROM procore_reference WHERE company_id = $1 AND project_id = $2 \
             ORDER BY kind",
            &[self.company.into(), project.into()],
            |row| Ok(ReferenceRow { kind: row.get(0)?, body: row.get(1)?, fetched_at: row.get(2)? }),
        )
    }

    /// Marks one kind as outdated: Procore refused something of it. What was read stays until it is read again.
    pub fn outdate_reference(&mut self, project: ProjectId, kind: &str) -> Result<(), StoreError> {
        self.tx.exec(
            "UPDATE procore_reference SET fetched_at = $4 WHERE company_id = $1 AND project_id = $2 AND kind = $3",
            &[self.company.into(), project.into(), kind.into(), Timestamp::UNIX_EPOCH.into()],
        )?;
        Ok(())
    }

    /// Stores one kind as read now, if the project is still mapped to the Procore project it was read from. `false` if
    /// it is not.
    pub fn store_reference(
        &mut self,
        project: ProjectId,
        procore_project: i64,
        new: &ReferenceRow,
    ) -> Result<bool, StoreError> {
        let changed = self.tx.exec(
            "INSERT INTO procore_reference (project_id, company_id, kind, body, fetched_at) \
             SELECT m.project_id, m.company_id, $4, $5, $6 FROM mapping m \
             WHERE m.company_id = $1 AND m.project_id = $2 AND m.procore_project_id = $3 \
             ON CONFLICT (project_id, company_id, kind) DO UPDATE SET body = excluded.body, \
             fetched_at = excluded.fetched_at WHERE excluded.fetched_at >= procore_reference.fetched_at",
            &[
                self.company.into(),
                project.into(),
                procore_project.into(),
                (&new.kind).into(),
                (&new.body).into(),
                new.fetched_at.into(),
            ],
        )?;
        Ok(changed == 1)
    }
}
