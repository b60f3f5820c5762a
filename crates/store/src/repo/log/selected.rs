//! What of a log a person picked: some rows, or all of a filter but some.

use std::collections::{BTreeMap, BTreeSet};

use domain::{CorId, Currency, Money, ProjectId, procore::Side};

use super::{
    filter::{Conditions, LogFilter},
    log_id,
};
use crate::{
    db::{StoreError, Val},
    repo::cor::placeholders,
    scope::CompanyTx,
};

/// What of a log a person picked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Picked {
    /// These rows.
    These(BTreeSet<CorId>),
    /// Whatever the filter shows, but not these.
    AllBut(LogFilter, BTreeSet<CorId>),
}

/// The same, counted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Selected {
    /// Which CORs, by number; no more than were asked for.
    pub ids: Vec<CorId>,
    /// How many there are, also beyond that limit.
    pub cors: i64,
    /// What they add up to.
    pub sums: BTreeMap<Currency, Money>,
}

impl CompanyTx<'_> {
    /// What was picked of a log, as it is now: at most `limit` ids, and count and sums of all of it. Ids that are not in
    /// this company's log are left out.
    pub fn log_selected(
        &mut self,
        project: ProjectId,
        side: Side,
        picked: &Picked,
        limit: usize,
    ) -> Result<Selected, StoreError> {
        let Some(log) = log_id(self.tx, project, self.company, side)? else { return Ok(Selected::default()) };
        let mut rows = match picked {
            Picked::These(ids) => self.rows_of(log, ids)?,
            Picked::AllBut(filter, except) => {
                let mut rows = Vec::new();
                self.sifted(log, project, filter, |row| {
                    if !except.contains(&row.cor()) {
                        rows.push(PickedRow {
                            cor: row.cor(),
                            number_key: row.number_key.to_owned(),
                            currency: row.currency()?,
                            total: row.total(),
                        });
                    }
                    Ok(())
                })?;
                rows
            }
        };
        rows.sort_by(|a, b| (&a.number_key, a.cor).cmp(&(&b.number_key, b.cor)));
        let mut sums = BTreeMap::new();
        for row in &rows {
            *sums.entry(row.currency).or_insert(Money::ZERO) += row.total;
        }
        let cors = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        Ok(Selected { ids: rows.iter().take(limit).map(|row| row.cor).collect(), cors, sums })
    }

    fn rows_of(&mut self, log: i64, ids: &BTreeSet<CorId>) -> Result<Vec<PickedRow>, StoreError> {
        let ids: Vec<CorId> = ids.iter().copied().collect();
        let mut rows = Vec::with_capacity(ids.len());
        for some in ids.chunks(500) {
            let mut conditions = Conditions::of_log(log);
            conditions.sql.push_str(&format!(" AND r.cor_id IN ({})", placeholders(2, some.len())));
            conditions.params.extend(some.iter().map(|id| Val::from(*id)));
            rows.append(&mut self.picked_rows(&conditions)?);
        }
        Ok(rows)
    }

    fn picked_rows(&mut self, conditions: &Conditions) -> Result<Vec<PickedRow>, StoreError> {
        let sql = format!("SELECT r.cor_id, r.number_key, r.currency, r.total FROM log_row r WHERE {}", conditions.sql);
        self.tx.query(&sql, &conditions.params, |row| {
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
