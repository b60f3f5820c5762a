//! Accepting an invitation: a company takes the place of the placeholder that its counterparty entered.

use domain::{CompanyId, OfficeId, ProjectId, text::fold};
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
        self.renamed_counterparty(invitation.project, new.id, new.id, &new.name)?;
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
            "UPDATE cor SET receiver_id = $3 WHERE project_id = $1 AND receiver_id = $2",
            "UPDATE change_notification_response SET contractor_id = $3 WHERE contractor_id = $2 \
             AND notification_id IN (SELECT id FROM change_notification WHERE project_id = $1)",
        ] {
            self.exec(sql, &of_project)?;
        }
        self.hand_over_log(&of_project)?;
        let name = self.of(company).itself()?.name;
        self.renamed_counterparty(project, placeholder, company, &name)?;
        self.close_invitations(project, company, now)?;
        Ok(Ok(()))
    }

    /// The placeholder's received log becomes the company's, or joins the one it has. (project, placeholder, company)
    fn hand_over_log(&mut self, of_project: &[Val; 3]) -> Result<(), StoreError> {
        let log = "SELECT id FROM log WHERE project_id = $1 AND company_id = $2 AND side = 'received'";
        let id = |tx: &mut Self, company: &Val| {
            tx.one(log, &[of_project[0].clone(), company.clone()], |row| row.get::<i64>(0))
        };
        let Some(from) = id(self, &of_project[1])? else { return Ok(()) };
        let Some(to) = id(self, &of_project[2])? else {
            return self
                .exec_one("UPDATE log SET company_id = $2 WHERE id = $1", &[from.into(), of_project[2].clone()]);
        };
        let both: [Val; 2] = [from.into(), to.into()];
        self.exec("UPDATE log_row SET log_id = $2 WHERE log_id = $1", &both)?;
        self.exec(
            "INSERT INTO log_total (log_id, status, procore_state, currency, cors, amount) \
             SELECT l.id, t.status, t.procore_state, t.currency, t.cors, t.amount \
             FROM log_total t JOIN log l ON l.id = $2 WHERE t.log_id = $1 \
             ON CONFLICT (log_id, status, procore_state, currency) DO UPDATE \
             SET cors = log_total.cors + excluded.cors, amount = log_total.amount + excluded.amount",
            &both,
        )?;
        self.exec("DELETE FROM log_total WHERE log_id = $1", &[from.into()])?;
        self.exec_one("DELETE FROM log WHERE id = $1", &[from.into()])
    }

    /// Rows of others' logs name their counterparty: from now on by `name`. Found by the former name too, until the
    /// COR is next written.
    fn renamed_counterparty(
        &mut self,
        project: ProjectId,
        from: CompanyId,
        to: CompanyId,
        name: &str,
    ) -> Result<(), StoreError> {
        self.exec(
            "UPDATE log_row SET counterparty_id = $3, counterparty_key = $4, search = search || $5 \
             WHERE counterparty_id = $2 AND log_id IN (SELECT id FROM log WHERE project_id = $1)",
            &[project.into(), from.into(), to.into(), fold(name).into(), format!(" {}", fold(name)).into()],
        )?;
        Ok(())
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
