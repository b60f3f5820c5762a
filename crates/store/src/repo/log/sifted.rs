//! One page of a log under a filter that no index answers.

use std::collections::BTreeSet;

use domain::{CorId, ProjectId};

use super::{
    blocks::Packed,
    page::{Key, PageWanted, SortBy},
};
use crate::{db::StoreError, scope::CompanyTx};

impl CompanyTx<'_> {
    /// The CORs of a page and the one after it: everything the filter finds is met once, and the first ones are kept.
    pub(crate) fn sifted_page(
        &mut self,
        log: i64,
        project: ProjectId,
        wanted: &PageWanted,
    ) -> Result<Vec<CorId>, StoreError> {
        let (by, descends, cursor) = (wanted.sort.by, wanted.descends(), wanted.position.cursor());
        let mut first: BTreeSet<(Key, CorId)> = BTreeSet::new();
        self.sifted(log, project, &wanted.filter, |row| {
            let place = (key(row, by), row.cor());
            let comes_after = |other: &(Key, CorId)| if descends { place < *other } else { place > *other };
            if cursor.is_some_and(|cursor| !comes_after(&(cursor.key.clone(), cursor.cor))) {
                return Ok(());
            }
            if first.len() > wanted.rows {
                let last = if descends { first.first() } else { first.last() };
                if last.is_some_and(comes_after) {
                    return Ok(());
                }
                if descends {
                    first.pop_first()
                } else {
                    first.pop_last()
                };
            }
            first.insert(place);
            Ok(())
        })?;
        Ok(first.into_iter().map(|(_, cor)| cor).collect())
    }
}

/// What a row sorts by: the same as in the column of the database.
fn key(row: &Packed<'_>, by: SortBy) -> Key {
    match by {
        SortBy::Number => Key::Text(row.number_key.to_owned()),
        SortBy::Title => Key::Text(row.line(1).to_owned()),
        SortBy::Reference => Key::Text(row.line(2).to_owned()),
        SortBy::Counterparty => Key::Text(row.line(3).to_owned()),
        SortBy::Status => Key::Int(row.status),
        SortBy::Total => Key::Int(row.total().in_minor()),
        SortBy::Submitted => Key::Int(row.submitted_key),
        SortBy::Procore => Key::Int(row.procore),
        SortBy::Event => Key::Int(row.event),
    }
}
