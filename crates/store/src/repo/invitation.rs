//! Accepting an invitation: a company takes the place of the placeholder that its counterparty entered.

use domain::{CompanyId, OfficeId, ProjectId};
use jiff::Timestamp;

use super::{company::NewCompany, contract::Invitation};
use crate::{StoreError, Tx, Val};

/// Why a company cannot take the placeholder's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CannotConnect {
    /// It would be its own counterparty.
    OwnInvitation,
}

impl Tx {
    /// A new company takes the placeholder's place by becoming it: contracts and CORs stay as they are.
    pub fn accept_as_new_company(
        &mut self,
        invitation: &Invitation,
        new: &NewCompany,
        job_number: &str,
    ) -> Result<(), StoreError> {
        self.claim_company(new)?;
        super::log::keep::hand_over(self, invitation.project, new.id, new.id)?;
        self.of(new.id).join_project(invitation.project, new.office, job_number, new.now)?;
        self.of(new.id).assign(invitation.project, new.owner.id)?;
        self.close_invitations(invitation.project, new.id, new.now)
    }

    /// A company that is here already takes the placeholder's place on this project: its contracts, the CORs it
    /// received, their log and its answers to Change Notifications become the company's.
    pub fn accept_as_company(
        &mut self,
        invitation: &Invitation,
        company: CompanyId,
        office: OfficeId,
        job_number: &str,
        now: Timestamp,
    ) -> Result<Result<(), CannotConnect>, StoreError> {
        let (project, placeholder) = (invitation.project, invitation.invited.id);
        let with_itself = self.query(
            "SELECT 1 FROM contract WHERE project_id = $1 AND ((customer_id = $2 AND contractor_id = $3) \
             OR (customer_id = $3 AND contractor_id = $2))",
            &[project.into(), placeholder.into(), company.into()],
            |_| Ok(()),
        )?;
        if !with_itself.is_empty() {
            return Ok(Err(CannotConnect::OwnInvitation));
        }
        self.of(company).join_project(project, office, job_number, now)?;
        let of_project: [Val; 3] = [project.into(), placeholder.into(), company.into()];
        for sql in [
            "UPDATE contract SET customer_id = $3 WHERE project_id = $1 AND customer_id = $2",
            "UPDATE contract SET contractor_id = $3 WHERE project_id = $1 AND contractor_id = $2",
            "UPDATE change_notification_response SET contractor_id = $3 WHERE contractor_id = $2 \
             AND notification_id IN (SELECT id FROM change_notification WHERE project_id = $1)",
        ] {
            self.exec(sql, &of_project)?;
        }
        super::log::keep::hand_over(self, project, placeholder, company)?;
        self.close_invitations(project, company, now)?;
        Ok(Ok(()))
    }

    /// Every contract of the project that names the company now has both parties here.
    fn close_invitations(&mut self, project: ProjectId, company: CompanyId, now: Timestamp) -> Result<(), StoreError> {
        self.exec(
            "UPDATE contract SET invite_hash = NULL, accepted_at = $3 WHERE project_id = $1 \
             AND (customer_id = $2 OR contractor_id = $2) AND invited_by <> $2 AND accepted_at IS NULL",
            &[project.into(), company.into(), now.into()],
        )?;
        Ok(())
    }
}
