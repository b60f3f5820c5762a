//! Counts and sums of a log, told apart by status, Procore state and currency.

use std::collections::BTreeMap;

use domain::{
    Currency, Money, ProjectId,
    cor::Status,
    procore::{Side, push_state::ProcoreState},
};

use super::{
    LogKey,
    filter::{Conditions, LogFilter},
    procore_of, status_of,
};
use crate::{
    db::{StoreError, Val},
    dialect::Dialect,
    scope::CompanyTx,
};

/// So many CORs of so much, in one status, one state and one currency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Bucket {
    /// The status of its CORs.
    pub status: Status,
    /// Their state in Procore.
    pub procore: ProcoreState,
    /// Their currency.
    pub currency: Currency,
    /// How many.
    pub cors: i64,
    /// Their sum.
    pub amount: Money,
}

impl CompanyTx<'_> {
    /// The buckets of a log under a filter, **all** statuses and states of them: a page adds up the ones it asks for
    /// as totals, and the others as what a click on their filter would show. Kept totals answer where they can.
    pub fn log_buckets(
        &mut self,
        project: ProjectId,
        side: Side,
        filter: &LogFilter,
    ) -> Result<Vec<Bucket>, StoreError> {
        let log = LogKey { project, company: self.company, side };
        let (sql, params) = if filter.is_kept() { kept(log) } else { counted(self.tx.dialect(), log, filter) };
        let mut totals: BTreeMap<(i64, i64, Currency), (i64, Money)> = BTreeMap::new();
        self.tx.readable(&sql, &params, |row| {
            let total = totals.entry((row.get(0)?, row.get(1)?, row.get(2)?)).or_default();
            total.0 += row.get::<i64>(3)?;
            total.1 += row.get(4)?;
            Ok(())
        })?;
        let mut buckets = Vec::with_capacity(totals.len());
        for ((status, procore, currency), (cors, amount)) in totals {
            // A row that can't be read is told of on its page.
            let (Ok(status), Ok(procore)) = (status_of(status), procore_of(procore)) else { continue };
            buckets.push(Bucket { status, procore, currency, cors, amount });
        }
        buckets.sort();
        Ok(buckets)
    }
}

/// The statement that reads the kept totals of a log.
fn kept(log: LogKey) -> (String, Vec<Val>) {
    let sql = "SELECT status_key, procore_key, currency, cors, amount FROM log_total WHERE cors <> 0 AND log_id = \
               (SELECT id FROM log WHERE project_id = $1 AND company_id = $2 AND side = $3)";
    (sql.to_owned(), vec![log.project.into(), log.company.into(), log.side.into()])
}

/// The statement that counts and adds up what a filter finds, whatever its statuses and states.
pub(crate) fn counted(dialect: Dialect, log: LogKey, filter: &LogFilter) -> (String, Vec<Val>) {
    let Conditions { sql, params, .. } = Conditions::of(dialect, log, &filter.beside_buckets());
    let (sums, grouped) = dialect.added_up("r.total", "r.status_key, r.procore_key, r.currency");
    let sql = format!("SELECT r.status_key, r.procore_key, r.currency, {sums} FROM log_row r WHERE {sql}{grouped}");
    (sql, params)
}
