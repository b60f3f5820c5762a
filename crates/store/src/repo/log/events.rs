//! The Procore side of a log: states and change events of its rows, and what its filters can offer.

use std::collections::BTreeMap;

use domain::{
    CompanyId, ProjectId,
    procore::{Side, push_state::ProcoreState},
};

use super::{InProcore, keep, procore_key};
use crate::{db::StoreError, scope::CompanyTx};

impl CompanyTx<'_> {
    /// Sets what this company's log says of CORs in Procore. [`StoreError::Expected1Row`] when one of them is not in a log
    /// of this company.
    pub fn show_in_log(&mut self, cors: &[InProcore<'_>]) -> Result<(), StoreError> {
        keep::set_procore(self.tx, self.company, cors)
    }

    /// Tells this company's logs of a project the number of a change event as just read, so that text finds its CORs.
    pub fn number_change_event(&mut self, project: ProjectId, event: i64, number: &str) -> Result<(), StoreError> {
        keep::number_event(self.tx, project, self.company, event, number)
    }

    /// How many CORs of a project need somebody to act for their Procore side, on both sides of the log.
    pub fn log_alerts(&mut self, project: ProjectId) -> Result<i64, StoreError> {
        let keys: Vec<String> = ProcoreState::alerts().map(|state| procore_key(state).to_string()).collect();
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(t.cors), 0) AS BIGINT) FROM log l JOIN log_total t ON t.log_id = l.id \
             WHERE l.company_id = $1 AND l.project_id = $2 AND t.procore_key IN ({})",
            keys.join(", ")
        );
        let alerts = self.tx.one(&sql, &[self.company.into(), project.into()], |row| row.get(0))?;
        Ok(alerts.unwrap_or(0))
    }

    /// How many CORs of a log are tied to each change event.
    pub fn log_events(&mut self, project: ProjectId, side: Side) -> Result<BTreeMap<i64, i64>, StoreError> {
        let sql = "SELECT event_id, cors FROM log_event WHERE cors > 0 AND log_id = \
                   (SELECT id FROM log WHERE project_id = $1 AND company_id = $2 AND side = $3)";
        let params = [project.into(), self.company.into(), side.into()];
        Ok(self.tx.query(sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect())
    }

    /// The companies at the other end of this company's contracts of a project, by name: whom a log can be filtered by.
    pub fn log_counterparties(
        &mut self,
        project: ProjectId,
        side: Side,
    ) -> Result<Vec<(CompanyId, String)>, StoreError> {
        let (ours, theirs) = match side {
            Side::Sent => ("contractor_id", "customer_id"),
            Side::Received => ("customer_id", "contractor_id"),
        };
        let sql = format!(
            "SELECT DISTINCT o.id, o.name, o.name_key FROM contract k JOIN company o ON o.id = k.{theirs} \
             WHERE k.project_id = $1 AND k.{ours} = $2 ORDER BY o.name_key, o.id"
        );
        self.tx.query(&sql, &[project.into(), self.company.into()], |row| Ok((row.get(0)?, row.get(1)?)))
    }
}
