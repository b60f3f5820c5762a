//! Counts and sums of a log, told apart by status, Procore state and currency.

use domain::{
    Currency, Money, ProjectId,
    cor::Status,
    procore::{Side, push_state::ProcoreState},
};

use super::{
    filter::{Conditions, LogFilter},
    log_id, procore_of, status_of,
};
use crate::{
    db::{Row, StoreError},
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

fn bucket(row: &Row) -> Result<Bucket, StoreError> {
    Ok(Bucket {
        status: status_of(row.get(0)?)?,
        procore: procore_of(row.get(1)?)?,
        currency: row.get(2)?,
        cors: row.get(3)?,
        amount: row.get(4)?,
    })
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
        let Some(log) = log_id(self.tx, project, self.company, side)? else { return Ok(Vec::new()) };
        let mut buckets = if filter.is_kept() {
            let sql =
                "SELECT status_key, procore_key, currency, cors, amount FROM log_total WHERE log_id = $1 AND cors <> 0";
            self.tx.query(sql, &[log.into()], bucket)?
        } else {
            let (sql, conditions) = self.computed_buckets(log, project, filter);
            self.tx.query(&sql, &conditions.params, bucket)?
        };
        buckets.sort();
        Ok(buckets)
    }

    /// The statement that computes buckets from the rows.
    pub(crate) fn computed_buckets(&self, log: i64, project: ProjectId, filter: &LogFilter) -> (String, Conditions) {
        let mut conditions = Conditions::of_log(log);
        conditions.narrow(self.tx.dialect(), &filter.beside_buckets(), project, self.company);
        let sql = format!(
            "SELECT r.status_key, r.procore_key, r.currency, COUNT(*), CAST(SUM(r.total) AS BIGINT) FROM log_row r \
             WHERE {} GROUP BY {}, r.procore_key, r.currency",
            conditions.sql,
            self.tx.dialect().unindexed("r.status_key")
        );
        (sql, conditions)
    }
}
