//! A filter held against packed rows.

use std::collections::BTreeSet;

use domain::{CompanyId, ProjectId, text::fold};
use memchr::memmem::Finder;

use super::{
    blocks::{self, Packed},
    filter::LogFilter,
    procore_key, status_key,
};
use crate::{
    db::{StoreError, Val},
    repo::cor::placeholders,
    scope::CompanyTx,
};

/// A filter, ready to be held against packed rows. An empty set lets everything through.
pub(crate) struct Sieve {
    text: Option<Finder<'static>>,
    statuses: Vec<i64>,
    procore: Vec<i64>,
    counterparties: Vec<CompanyId>,
    event: Option<i64>,
    /// Change events with one of the statuses asked for.
    events: Option<BTreeSet<i64>>,
}

impl Sieve {
    pub fn lets_through(&self, row: &Packed<'_>) -> bool {
        fn any<T: PartialEq>(wanted: &[T], value: &T) -> bool {
            wanted.is_empty() || wanted.contains(value)
        }
        any(&self.statuses, &row.status)
            && any(&self.procore, &row.procore)
            && self.event.is_none_or(|event| row.event == event)
            && self.events.as_ref().is_none_or(|events| events.contains(&row.event))
            && any(&self.counterparties, &row.counterparty())
            && self.text.as_ref().is_none_or(|text| text.find(row.search.as_bytes()).is_some())
    }
}

impl CompanyTx<'_> {
    /// Shows `each` what `filter` finds in a log, in no order; the change events are the ones this company knows of
    /// `project`.
    pub(crate) fn sifted(
        &mut self,
        log: i64,
        project: ProjectId,
        filter: &LogFilter,
        each: impl FnMut(&Packed<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let sieve = self.sieve(project, filter)?;
        self.sifted_by(log, &sieve, each)
    }

    /// The same by a filter that is ready.
    pub(super) fn sifted_by(
        &mut self,
        log: i64,
        sieve: &Sieve,
        mut each: impl FnMut(&Packed<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let text = sieve.text.as_ref();
        blocks::for_each(self.tx, log, text, |row| if sieve.lets_through(row) { each(row) } else { Ok(()) })
    }

    /// `filter`, made ready.
    pub(super) fn sieve(&mut self, project: ProjectId, filter: &LogFilter) -> Result<Sieve, StoreError> {
        let text = fold(&filter.text);
        Ok(Sieve {
            text: (!text.is_empty()).then(|| Finder::new(&text).into_owned()),
            statuses: filter.statuses.iter().map(|status| status_key(*status)).collect(),
            procore: filter.procore.iter().map(|state| procore_key(*state)).collect(),
            counterparties: filter.counterparties.iter().copied().collect(),
            event: filter.event,
            events: self.events_of_statuses(project, &filter.event_statuses)?,
        })
    }

    fn events_of_statuses(
        &mut self,
        project: ProjectId,
        statuses: &BTreeSet<String>,
    ) -> Result<Option<BTreeSet<i64>>, StoreError> {
        if statuses.is_empty() {
            return Ok(None);
        }
        let sql = format!(
            "SELECT event_id FROM change_event WHERE project_id = $1 AND company_id = $2 AND status IN ({})",
            placeholders(3, statuses.len())
        );
        let mut params: Vec<Val> = vec![project.into(), self.company.into()];
        params.extend(statuses.iter().map(Val::from));
        Ok(Some(self.tx.query(&sql, &params, |row| row.get(0))?.into_iter().collect()))
    }
}
