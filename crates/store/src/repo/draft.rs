//! The wizard's stored draft.

use domain::{DraftId, PersonId, ProjectId, procore::Side};
use jiff::Timestamp;

use crate::{CompanyTx, Row, StoreError};

/// A draft. Its body is the wizard's own shape, as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its id.
    pub id: DraftId,
    /// The project it pushes from.
    pub project: ProjectId,
    /// Who began it.
    pub person: PersonId,
    /// Which log it was begun in.
    pub side: Side,
    /// Selection and choices.
    pub body: String,
    /// Counts changes; a change made on an older one is refused.
    pub revision: i64,
}

pub(super) const DRAFT: &str =
    "SELECT id, project_id, person_id, side, body, revision FROM push_draft WHERE company_id = $1";

pub(super) fn draft(row: &Row) -> Result<Draft, StoreError> {
    Ok(Draft {
        id: row.get(0)?,
        project: row.get(1)?,
        person: row.get(2)?,
        side: row.get(3)?,
        body: row.get(4)?,
        revision: row.get(5)?,
    })
}

impl CompanyTx<'_> {
    /// Forgets drafts of a person that became no push: those that were left alone since `since`, and all but the `most`
    /// of them that were touched last. Drafts that became a push stay and don't count.
    pub fn sweep_drafts(&mut self, person: PersonId, since: Timestamp, most: i64) -> Result<(), StoreError> {
        self.tx.exec(
            "DELETE FROM push_draft WHERE company_id = $1 AND person_id = $2 \
             AND NOT EXISTS (SELECT 1 FROM push WHERE push.draft_id = push_draft.id) \
             AND (updated_at <= $3 OR id NOT IN (SELECT id FROM push_draft WHERE company_id = $1 AND person_id = $2 \
               AND NOT EXISTS (SELECT 1 FROM push WHERE push.draft_id = push_draft.id) \
               ORDER BY updated_at DESC, id LIMIT $4))",
            &[self.company.into(), person.into(), since.into(), most.into()],
        )?;
        Ok(())
    }

    /// Stores a new draft.
    pub fn insert_draft(&mut self, draft: &Draft, now: Timestamp) -> Result<(), StoreError> {
        self.tx.exec_one(
            "INSERT INTO push_draft (id, company_id, project_id, person_id, side, body, revision, created_at, updated_at) \
             VALUES ($2, $1, $3, $4, $5, $6, $7, $8, $8)",
            &[
                self.company.into(),
                draft.id.into(),
                draft.project.into(),
                draft.person.into(),
                draft.side.into(),
                (&draft.body).into(),
                draft.revision.into(),
                now.into(),
            ],
        )
    }

    /// A draft of this company.
    pub fn draft(&mut self, id: DraftId) -> Result<Option<Draft>, StoreError> {
        self.tx.one(&format!("{DRAFT} AND id = $2"), &[self.company.into(), id.into()], draft)
    }

    /// The drafts of a person on one side of a project that became no push, those that were touched last first.
    pub fn unfinished_drafts(
        &mut self,
        person: PersonId,
        project: ProjectId,
        side: Side,
        most: i64,
    ) -> Result<Vec<Draft>, StoreError> {
        let sql = format!(
            "{DRAFT} AND person_id = $2 AND project_id = $3 AND side = $4 \
             AND NOT EXISTS (SELECT 1 FROM push WHERE push.draft_id = push_draft.id) \
             ORDER BY updated_at DESC, id LIMIT $5"
        );
        self.tx.query(&sql, &[self.company.into(), person.into(), project.into(), side.into(), most.into()], draft)
    }

    /// Forgets a draft that became no push. Whether there was one.
    pub fn discard_draft(&mut self, id: DraftId, person: PersonId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM push_draft WHERE company_id = $1 AND id = $2 AND person_id = $3 \
                   AND NOT EXISTS (SELECT 1 FROM push WHERE push.draft_id = push_draft.id)";
        Ok(self.tx.exec(sql, &[self.company.into(), id.into(), person.into()])? > 0)
    }

    /// Stores a changed draft: `draft.revision` is the one that was read. [`StoreError::Expected1Row`] if it moved on.
    pub fn update_draft(&mut self, draft: &Draft, now: Timestamp) -> Result<(), StoreError> {
        self.tx.exec_one(
            "UPDATE push_draft SET body = $4, revision = revision + 1, updated_at = $5 \
             WHERE company_id = $1 AND id = $2 AND revision = $3",
            &[self.company.into(), draft.id.into(), draft.revision.into(), (&draft.body).into(), now.into()],
        )
    }
}
