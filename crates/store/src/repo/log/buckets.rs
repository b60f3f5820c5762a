//! Counts and sums of a log, told apart by status, Procore state and currency.

use std::collections::BTreeMap;

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
    db::{Row, StoreError, Val},
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
        if filter.is_kept() {
            let sql =
                "SELECT status_key, procore_key, currency, cors, amount FROM log_total WHERE log_id = $1 AND cors <> 0";
            let mut buckets = self.tx.query(sql, &[log.into()], bucket)?;
            buckets.sort();
            return Ok(buckets);
        }
        let beside = filter.beside_buckets();
        let mut totals: BTreeMap<(i64, i64, Currency), (i64, Money)> = BTreeMap::new();
        let mut add = |status, procore, currency, amount: Money| {
            let total = totals.entry((status, procore, currency)).or_default();
            total.0 += 1;
            total.1 += amount;
        };
        if beside.is_indexed() {
            let (sql, params) = of_event(log, &beside);
            self.tx.query(&sql, &params, |row| {
                add(row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
                Ok(())
            })?;
        } else {
            self.sifted(log, project, &beside, |row| {
                add(row.status, row.procore, row.currency()?, row.total());
                Ok(())
            })?;
        }
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

/// The statement that reads the rows of one change event.
pub(crate) fn of_event(log: i64, filter: &LogFilter) -> (String, Vec<Val>) {
    let mut conditions = Conditions::of_log(log);
    conditions.narrow(filter);
    let sql =
        format!("SELECT r.status_key, r.procore_key, r.currency, r.total FROM log_row r WHERE {}", conditions.sql);
    (sql, conditions.params)
}
