//! What of a log a person picked: some rows, or all of a filter but some.

use std::collections::{BTreeMap, BTreeSet};

use domain::{CorId, Currency, Money, ProjectId, procore::Side};

use super::{
    LogKey,
    filter::{Conditions, LogFilter},
};
use crate::{db::StoreError, many, scope::CompanyTx};

/// What of a log a person picked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Picked {
    /// These rows.
    These(BTreeSet<CorId>),
    /// Whatever the filter shows, but not these.
    AllBut(LogFilter, BTreeSet<CorId>),
}

/// What was picked, as it is now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Selected {
    /// Which CORs, by number.
    pub ids: Vec<CorId>,
    /// What they add up to.
    pub sums: BTreeMap<Currency, Money>,
}

impl CompanyTx<'_> {
    /// What was picked of a log, as it is now; nothing if that is more than `limit` CORs. Ids that are not in this
    /// company's log are left out.
    pub fn log_selected(
        &mut self,
        project: ProjectId,
        side: Side,
        picked: &Picked,
        limit: usize,
    ) -> Result<Option<Selected>, StoreError> {
        let log = LogKey { project, company: self.company, side };
        let mut rows = match picked {
            Picked::These(ids) => self.among(log, ids)?,
            Picked::AllBut(filter, except) => {
                // So many that one too many is noticed, whichever of them are left out.
                let part = format!(" LIMIT {}", limit + except.len() + 1);
                let mut rows = self.picked_rows(&Conditions::of(self.tx.dialect(), log, filter), &part)?;
                rows.retain(|row| !except.contains(&row.cor));
                rows
            }
        };
        if rows.len() > limit {
            return Ok(None);
        }
        rows.sort_by(|a, b| (&a.number_key, a.cor).cmp(&(&b.number_key, b.cor)));
        let mut sums = BTreeMap::new();
        for row in &rows {
            *sums.entry(row.currency).or_insert(Money::ZERO) += row.total;
        }
        Ok(Some(Selected { ids: rows.iter().map(|row| row.cor).collect(), sums }))
    }

    /// Those CORs that are in the log.
    fn among(&mut self, log: LogKey, ids: &BTreeSet<CorId>) -> Result<Vec<PickedRow>, StoreError> {
        let ids: Vec<CorId> = ids.iter().copied().collect();
        let mut rows = Vec::with_capacity(ids.len());
        for some in many::chunks(&ids) {
            let mut conditions = Conditions::of(self.tx.dialect(), log, &LogFilter::default());
            conditions.any("r.cor_id", some);
            rows.append(&mut self.picked_rows(&conditions, "")?);
        }
        Ok(rows)
    }

    fn picked_rows(&mut self, conditions: &Conditions, part: &str) -> Result<Vec<PickedRow>, StoreError> {
        let columns = "r.cor_id, r.number_key, r.currency, r.total";
        let sql = format!("SELECT {columns} FROM log_row r WHERE {}{part}", conditions.sql);
        self.tx.readable(&sql, &conditions.params, |row| {
            Ok(PickedRow { cor: row.get(0)?, number_key: row.get(1)?, currency: row.get(2)?, total: row.get(3)? })
        })
    }
}

struct PickedRow {
    cor: CorId,
    number_key: String,
    currency: Currency,
    total: Money,
}
